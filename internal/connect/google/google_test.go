package google_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect/google"
	"github.com/credfile/credfile/internal/connect/jwt/jwttest"
	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

var now = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)

// server plays Google's token endpoint.
type server struct {
	*httptest.Server
	key    *rsa.PublicKey
	asked  int
	status int // of what is answered instead, unless it is 0
	answer string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked++
	var claims struct {
		Iss, Scope, Aud string
		Iat, Exp        int64
	}
	err := jwttest.Verify(s.key, r.PostFormValue("assertion"), &claims)
	w.Header().Set("Content-Type", "application/json")
	switch {
	case s.status != 0:
		w.Header().Set("Location", s.URL+"/else")
		w.WriteHeader(s.status)
		io.WriteString(w, strings.ReplaceAll(s.answer, "PROOF", r.PostFormValue("assertion")))
	case err != nil || r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":"invalid_grant","error_description":"Invalid JWT Signature."}`)
	case claims.Iss != "tool@project.iam.gserviceaccount.com" || claims.Scope != "scope-a scope-b" || claims.Aud != s.URL+"/token" || claims.Iat != now.Unix() || claims.Exp != now.Unix()+3600:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"%+v"}`, claims)
	default:
		io.WriteString(w, `{"access_token":"ya29.fake","expires_in":3599,"token_type":"Bearer"}`)
	}
}

func start(t *testing.T) (*server, *source.Ref) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{key: &key.PublicKey}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "tool@project.iam.gserviceaccount.com", "private_key_id": "fake-id",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})), "token_uri": "https://evil.example/token",
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, &source.Ref{
		Kind:       "google",
		Definition: source.Definition{"key": "KEY", "scopes": []string{"scope-a", "scope-b"}, "endpoint": s.URL + "/token"},
		Secrets:    map[string]string{"key": string(text)},
	}
}

// hosts notes where requests go.
type hosts struct{ list []string }

func (h *hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	h.list = append(h.list, r.URL.String())
	if r.URL.Hostname() != "127.0.0.1" {
		return nil, errors.New("no network")
	}
	return http.DefaultTransport.RoundTrip(r)
}

func obtain(op source.Op, ref *source.Ref) (*source.Answer, []string, error) {
	h := &hosts{}
	w := &remote.World{Now: func() time.Time { return now }, Sleep: func(context.Context, time.Duration) error { return nil }, HTTP: &http.Client{Transport: h, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	answer, err := google.Obtain(context.Background(), w, op, "TOKEN", ref)
	return answer, h.list, err
}

func TestToken(t *testing.T) {
	s, ref := start(t)
	answer, _, err := obtain(source.Get, ref)
	if err != nil || answer.Values["TOKEN"] != "ya29.fake" || !answer.Expires.Equal(now.Add(3599*time.Second)) || answer.Subject != "tool@project.iam.gserviceaccount.com" {
		t.Fatal(answer, err)
	}
	if answer, _, err := obtain(source.Revoke, ref); err != nil || answer.Revoked || s.asked != 1 {
		t.Errorf("%+v %v, asked %d times", answer, err, s.asked)
	}
}

// A server that is restarted is asked again, and one that stays away is not asked for long.
func TestAgain(t *testing.T) {
	for status, want := range map[int]int{503: 3, 400: 1} {
		s, ref := start(t)
		s.status = status
		if _, asked, err := obtain(source.Get, ref); err == nil || len(asked) != want {
			t.Errorf("%d: asked %d times, %v", status, len(asked), err)
		}
	}
}

// A proof of the key goes to Google, whatever the key's JSON says.
func TestEndpoint(t *testing.T) {
	_, ref := start(t)
	delete(ref.Definition, "endpoint")
	_, asked, err := obtain(source.Get, ref)
	if fmt.Sprint(slices.Compact(asked)) != "[https://oauth2.googleapis.com/token]" {
		t.Errorf("asked %q, %v", asked, err)
	}
	ref.Definition["endpoint"] = "https://evil.example/token"
	if _, asked, err := obtain(source.Get, ref); err == nil || len(asked) > 0 {
		t.Errorf("asked %q, %v", asked, err)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		answer string
		change func(ref *source.Ref)
		class  source.Class
		text   string
	}{
		{"another key", 0, "", func(ref *source.Ref) {
			_, other := start(t)
			ref.Secrets = other.Secrets
		}, source.Other, "invalid_grant: Invalid JWT Signature."},
		{"no JSON", 0, "", func(ref *source.Ref) { ref.Secrets["key"] = "fake-secret" }, source.Other, "the credential KEY is not the JSON key"},
		{"JSON of a user", 0, "", func(ref *source.Ref) { ref.Secrets["key"] = `{"type":"authorized_user","client_email":"x"}` }, source.Other, "is not the JSON key"},
		{"no key in it", 0, "", func(ref *source.Ref) { ref.Secrets["key"] = `{"type":"service_account","client_email":"x"}` }, source.Other, "is not an RSA private key"},
		{"an echo", 400, `{"error":"invalid_grant","error_description":"PROOF\u0007"}`, nil, source.Other, `invalid_grant: [secret]\a`},
		{"an error with 200", 200, `{"error":"access_denied"}`, nil, source.Denied, "access_denied"},
		{"a proxy", 503, "<html>", nil, source.Unavailable, "503"},
		{"elsewhere", 307, "", nil, source.Other, "307"},
		{"nothing", 200, "{}", nil, source.Other, "not a token"},
		{"no expiry", 200, `{"access_token":"a"}`, nil, source.Other, "not a token"},
		{"two lines", 200, `{"access_token":"a\nb","expires_in":1}`, nil, source.Other, "not a token"},
		{"no end", 200, strings.Repeat(" ", 1<<21), nil, source.Other, "1 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, ref := start(t)
			s.status, s.answer = c.status, c.answer
			if c.change != nil {
				c.change(ref)
			}
			_, _, err := obtain(source.Get, ref)
			if e := new(source.Error); !errors.As(err, &e) || e.Class != c.class || !strings.Contains(e.Message, c.text) {
				t.Errorf("%+v", err)
			}
		})
	}
}
