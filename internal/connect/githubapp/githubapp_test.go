package githubapp_test

import (
	"bytes"
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
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect/githubapp"
	"github.com/credfile/credfile/internal/connect/jwt/jwttest"
	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

var now = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)

// github plays GitHub's API: it takes a proof as GitHub does.
type github struct {
	*httptest.Server
	key    *rsa.PublicKey
	body   string // of the last request
	ended  []string
	status int // of what is answered instead, unless it is 0
	answer string
}

func (g *github) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case g.status != 0:
		w.Header().Set("Location", g.URL+"/else")
		w.WriteHeader(g.status)
		io.WriteString(w, strings.ReplaceAll(g.answer, "PROOF", bearer))
	case r.Method == "DELETE" && r.URL.Path == "/api/v3/installation/token":
		g.ended = append(g.ended, bearer)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == "POST" && r.URL.Path == "/api/v3/app/installations/77/access_tokens" && g.proved(bearer) == nil && r.Header.Get("User-Agent") == "credfile":
		g.body = string(text)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"token":"ghs_fake","expires_at":%q}`, now.Add(time.Hour).Format(time.RFC3339))
	default:
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"message":"Bad credentials: %v"}`, g.proved(bearer))
	}
}

func (g *github) proved(token string) error {
	var claims struct {
		Iss      string
		Iat, Exp int64
	}
	if err := jwttest.Verify(g.key, token, &claims); err != nil {
		return err
	}
	iat, exp := time.Unix(claims.Iat, 0), time.Unix(claims.Exp, 0)
	if claims.Iss != "Iv23fake" || iat.After(now) || !exp.After(now) || exp.Sub(now) > 10*time.Minute {
		return fmt.Errorf("claims %+v", claims)
	}
	return nil
}

func start(t *testing.T) (*github, *source.Ref, *rsa.PrivateKey) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	g := &github{key: &key.PublicKey}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	pkcs1 := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return g, &source.Ref{
		Kind:       "github-app",
		Definition: source.Definition{"app_id": "Iv23fake", "installation_id": "77", "private_key": "KEY", "api_url": g.URL + "/api/v3/"},
		Secrets:    map[string]string{"private_key": string(pkcs1)},
	}, key
}

func obtain(op source.Op, ref *source.Ref) (*source.Answer, error) {
	w := &remote.World{Now: func() time.Time { return now }, Sleep: func(context.Context, time.Duration) error { return nil }, HTTP: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	return githubapp.Obtain(context.Background(), w, op, "GITHUB_TOKEN", ref)
}

func TestToken(t *testing.T) {
	g, ref, key := start(t)
	answer, err := obtain(source.Get, ref)
	if err != nil || answer.Values["GITHUB_TOKEN"] != "ghs_fake" || !answer.Expires.Equal(now.Add(time.Hour)) || len(answer.Values) != 1 {
		t.Fatal(answer, err)
	}
	if g.body != "{}" {
		t.Errorf("asked for %s", g.body)
	}
	ref.Definition["permissions"], ref.Definition["repositories"] = []string{"contents:read", "issues:write"}, []string{"tool"}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	ref.Secrets["private_key"] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	if _, err := obtain(source.Refresh, ref); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.NewDecoder(bytes.NewBufferString(g.body)).Decode(&got); err != nil || fmt.Sprint(got) != "map[permissions:map[contents:read issues:write] repositories:[tool]]" {
		t.Errorf("asked for %v", got)
	}
	ref.Session = answer.Session
	if answer, err := obtain(source.Revoke, ref); err != nil || !answer.Revoked || fmt.Sprint(g.ended) != "[ghs_fake]" {
		t.Errorf("%+v %v %v", answer, err, g.ended)
	}
	ref.Session = nil
	if answer, err := obtain(source.Revoke, ref); err != nil || answer.Revoked {
		t.Errorf("%+v %v", answer, err)
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
			_, other, _ := start(t)
			ref.Secrets = other.Secrets
		}, source.Denied, "Bad credentials"},
		{"no key", 0, "", func(ref *source.Ref) { ref.Secrets["private_key"] = "fake" }, source.Other, "the credential KEY is not an RSA private key in PEM"},
		{"another kind of key", 0, "", func(ref *source.Ref) {
			ref.Secrets["private_key"] = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n"
		}, source.Other, "is not an RSA private key"},
		{"an address elsewhere", 0, "", func(ref *source.Ref) { ref.Definition["api_url"] = "http://github.example.com" }, source.Other, "api_url is not https"},
		{"no installation", 404, `{"message":"Not Found"}`, nil, source.NotFound, "Not Found"},
		{"a permission", 422, `{"message":"The permissions requested are not granted\u001b[2J"}`, nil, source.Other, `not granted\x1b[2J`},
		{"an echo", 401, `{"message":"no PROOF"}`, nil, source.Denied, "no [secret]"},
		{"a proxy", 502, "<html>", nil, source.Unavailable, "502"},
		{"elsewhere", 307, "", nil, source.Other, "307"},
		{"nothing", 201, "{}", nil, source.Other, "not a token"},
		{"two lines", 201, `{"token":"a\nb","expires_at":"2026-05-04T04:02:01Z"}`, nil, source.Other, "not a token"},
		{"no end", 201, strings.Repeat(" ", 1<<21), nil, source.Other, "1 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, ref, _ := start(t)
			g.status, g.answer = c.status, c.answer
			if c.change != nil {
				c.change(ref)
			}
			_, err := obtain(source.Get, ref)
			if e := new(source.Error); !errors.As(err, &e) || e.Class != c.class || !strings.Contains(e.Message, c.text) {
				t.Errorf("%+v", err)
			}
		})
	}
}
