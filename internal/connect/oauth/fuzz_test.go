package oauth

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// FuzzIDToken: an ID token that is taken is of the issuer and for the client that were asked for, and an error has
// nothing of it.
func FuzzIDToken(f *testing.F) {
	token := func(claims string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".x"
	}
	for _, s := range []string{
		`{"iss":"https://i.example","aud":"c","exp":1,"sub":"x"}`, `{"iss":"https://i.example","aud":["b","c"],"exp":1e3,"email":"a@b.c"}`, `{"iss":"https://j.example","aud":"c","exp":1}`,
		`{"iss":"https://i.example","aud":"c"}`, `{"aud":[],"exp":1}`, `{"aud":1}`, `{}`, ``, `{"ISS":"https://i.example","Aud":"c","exp":1}{`,
	} {
		f.Add(token(s), "https://i.example", "c")
	}
	f.Add("a.b", "", "c")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, text, issuer, client string) {
		c, err := readIDToken(text, issuer, client)
		if err != nil {
			if c.subject() != "" || len(text) > 40 && strings.Contains(err.Error(), text) {
				t.Errorf("%+v, %v", c, err)
			}
			return
		}
		if issuer != "" && c.Issuer != issuer || !slices.Contains(c.Audience, client) || c.Expires <= 0 || strings.Count(text, ".") != 2 || len(c.subject()) > 256 {
			t.Errorf("%+v is taken", c)
		}
	})
}

// FuzzEndpoints: a server is never sent what is another's, whatever its metadata says: each endpoint that is allowed
// has the issuer's origin or is on the user's list.
func FuzzEndpoints(f *testing.F) {
	for _, s := range []string{"https://i.example/token", "https://i.example:443/token", "https://evil.example/", "https://i.example@evil.example/", "https://i.example\\@evil.example/", "http://i.example/", "HTTPS://I.EXAMPLE/t", "https://i.example:8443/", "https://i.example/?a=b", "https://i.example#x", "//i.example", "https://i.example./", "https://i.exam\u212ale/", "https://listed.example/x"} {
		f.Add(s)
	}
	d := source.Definition{"issuer": "https://i.example/tenant", "client_id": "c", "hosts": []string{"listed.example"}}
	f.Fuzz(func(t *testing.T, endpoint string) {
		c := &call{d: d}
		s := &server{Endpoints: source.Endpoints{Issuer: "https://i.example/tenant", Token: endpoint}}
		if err := c.stillAllowed(s); err != nil {
			return
		}
		rest, ok := strings.CutPrefix(strings.ToLower(endpoint), "https://")
		host, _, _ := strings.Cut(rest, "/")
		host = strings.TrimSuffix(strings.TrimSuffix(host, ":443"), ":")
		if endpoint != "" && (!ok || host != "i.example" && host != "listed.example" || strings.ContainsAny(endpoint, "?#\\ ")) {
			t.Errorf("%q is allowed", endpoint)
		}
		if endpoint != "" && !remote.IsToken(endpoint) {
			t.Errorf("%q is a URL", endpoint)
		}
	})
}
