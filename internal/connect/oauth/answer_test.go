package oauth_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

// An ID token is passed on only if it is for this client. What was given for the future is kept anyway.
func TestIDTokens(t *testing.T) {
	jwt := func(claims string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	}
	for _, c := range []struct{ name, id, subject, text string }{
		{"good", jwt(`{"iss":"U","aud":"tool","exp":2000000000,"sub":"1","email":"alice@example.com"}`), "alice@example.com", ""},
		{"several audiences", jwt(`{"iss":"U","aud":["api","tool"],"exp":2000000000,"sub":"1","preferred_username":"alice"}`), "alice", ""},
		{"another client", jwt(`{"iss":"U","aud":"other","exp":2000000000,"sub":"1"}`), "", "not meant for this client"},
		{"no audience", jwt(`{"iss":"U","exp":2000000000,"sub":"1"}`), "", "not meant for this client"},
		{"another issuer", jwt(`{"iss":"https://evil.example","aud":"tool","exp":2000000000,"sub":"1"}`), "", "not meant for this client"},
		{"no expiry", jwt(`{"iss":"U","aud":"tool","sub":"1"}`), "", "not meant for this client"},
		{"no JWT", "fake", "", "not a JWT"},
		{"no claims", "a.b!.c", "", "not a JWT"},
		{"none", "", "", "no ID token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.replies["/.well-known/openid-configuration"] = []reply{f.metadata(`,"issuer":"U"`)}
			id := c.id
			if p := strings.Split(id, "."); len(p) == 3 {
				if claims, err := base64.RawURLEncoding.DecodeString(p[1]); err == nil {
					id = jwt(strings.ReplaceAll(string(claims), `"U"`, `"`+f.URL+`"`))
				}
			}
			f.replies["/token"] = []reply{json(200, `{"access_token":"fake-access-token","refresh_token":"fake-refresh","id_token":"`+id+`"}`)}
			ref := &source.Ref{Definition: source.Definition{"client_id": "tool", "issuer": f.URL, "scopes": []string{"openid"}}}
			w := newWorld(t, come(t, "&code=fake-code"))
			// Whoever wants the access token gets it, whatever the ID token is like.
			if answer, err := w.obtain(source.Login, ref); err != nil || answer.Values["TOKEN"] != "fake-access-token" || answer.Subject != c.subject {
				t.Errorf("%+v %v", answer, err)
			}
			ref.Definition["use"] = "id_token"
			answer, err := w.obtain(source.Login, ref)
			if c.text != "" {
				want(t, err, source.Other, c.text)
			} else if err != nil || answer.Values["TOKEN"] != id || !answer.Expires.Equal(time.Unix(2000000000, 0)) {
				t.Errorf("%+v %v", answer, err)
			}
			if answer == nil || !strings.Contains(string(answer.Session), "fake-refresh") || err != nil && len(answer.Values) > 0 {
				t.Errorf("%+v", answer)
			}
		})
	}
}

// Presets send the user and the requests to the provider, and nowhere else.
func TestPresetLogins(t *testing.T) {
	for _, c := range []struct {
		name, provider, secret, browser string
		page                            string // that the browser opens, without what is random
		asked                           string
	}{
		{"GitHub", "github", "fake-secret", "", "https://github.com/login/oauth/authorize?client_id=tool&response_type=code", ""},
		{"GitHub without a secret", "github", "", "", "", "https://github.com/login/device/code"},
		{"GitLab", "gitlab", "", "", "https://gitlab.com/oauth/authorize?client_id=tool&response_type=code", ""},
		{"GitLab by a code", "gitlab", "", "device", "", "https://gitlab.com/oauth/authorize_device"},
		{"Google", "google", "fake-secret", "", "https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&client_id=tool&prompt=consent&response_type=code", ""},
		{"Google by a code", "google", "fake-secret", "device", "", "https://oauth2.googleapis.com/device/code"},
		{"Entra", "entra", "", "", "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize?client_id=tool&response_type=code", ""},
		{"Entra by a code", "entra", "", "device", "", "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/devicecode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			var page, asked string
			w.Browser = c.browser
			w.HTTP = &http.Client{Transport: noNetwork(func(u string) { asked = u })}
			w.Event = func(e source.Event) (string, error) {
				u, err := url.Parse(e.URL)
				if err != nil {
					t.Fatal(err)
				}
				q := u.Query()
				for _, random := range []string{"state", "redirect_uri", "code_challenge", "code_challenge_method"} {
					if !q.Has(random) {
						t.Errorf("no %s in %s", random, e.URL)
					}
					q.Del(random)
				}
				u.RawQuery = q.Encode()
				page = u.String()
				return "", errors.New("the user goes away")
			}
			ref := &source.Ref{Definition: source.Definition{"client_id": "tool", "provider": c.provider}, Secrets: map[string]string{"client_secret": c.secret}}
			if c.secret != "" {
				ref.Definition["client_secret"] = "SECRET"
			}
			if c.provider == "entra" {
				ref.Definition["tenant"] = "contoso.example"
			}
			if _, err := w.obtain(source.Login, ref); err == nil || page != c.page || asked != c.asked {
				t.Errorf("%v, page %q, asked %q", err, page, asked)
			}
		})
	}
}

// noNetwork notes what is asked for, and answers nothing.
type noNetwork func(u string)

func (n noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	n(r.URL.String())
	return nil, errors.New("no network")
}

// A port that was registered is used, or nothing.
func TestCallbackPort(t *testing.T) {
	busy, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	port := busy.Addr().(*net.TCPAddr).Port
	f := newFake(t)
	_, failed := newWorld(t, nil).obtain(source.Login, f.ref(source.Definition{"callback_port": int64(port)}))
	want(t, failed, source.Other, fmt.Sprintf("port %d is in use", port))
}
