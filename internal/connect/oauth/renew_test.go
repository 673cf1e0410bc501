package oauth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/source"
)

// A renewal is one request, with the refresh token of the session, and keeps the token that is good then.
func TestRefreshAnswers(t *testing.T) {
	kept := func(f *fake) []byte {
		return fmt.Appendf(nil, `{"server":{"authorization_endpoint":"%[1]s/authorize","token_endpoint":"%[1]s/token","device_authorization_endpoint":"%[1]s/device","revocation_endpoint":"%[1]s/revoke"},"redirect_uri":"http://127.0.0.1:9/callback","access_token":"fake-old-access","refresh_token":"fake-old+refresh"}`, f.URL)
	}
	for _, c := range []struct {
		name  string
		r     reply
		want  string // in the new session
		class source.Class
		text  string
	}{
		{"rotation", json(200, `{"access_token":"fake-access-token","refresh_token":"fake-new-refresh"}`), "fake-new-refresh", "", ""},
		{"none", json(200, token), "fake-old+refresh", "", ""},
		{"over", json(400, `{"error":"invalid_grant"}`), "", source.NeedsLogin, "invalid_grant"},
		{"over at GitHub", json(200, `{"error":"bad_refresh_token"}`), "", source.NeedsLogin, "bad_refresh_token"},
		{"the client", json(401, `{"error":"invalid_client","error_description":"with fake-old+refresh and fake-old%2Brefresh"}`), "", source.Other, "with [secret] and [secret]"},
		{"a proxy", html, "", source.Unavailable, "502"},
		{"not there", reply{0, "", nil}, "", source.Unavailable, "can't reach"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.replies["/token"] = []reply{c.r}
			w := newWorld(t, nil)
			ref := f.ref(nil)
			ref.Session = kept(f)
			answer, err := w.obtain(source.Get, ref)
			if c.class != "" {
				want(t, err, c.class, c.text)
			} else if err != nil || !strings.Contains(string(answer.Session), `"refresh_token":"`+c.want+`"`) || answer.Values["TOKEN"] != "fake-access-token" {
				t.Errorf("%s %v", answer.Session, err)
			}
			got := f.asked()[0].PostForm
			if len(f.asked()) != 1 || got.Get("refresh_token") != "fake-old+refresh" || got.Get("redirect_uri") != "http://127.0.0.1:9/callback" || got.Has("scope") {
				t.Errorf("%q %v", f.paths(), got)
			}
		})
	}
}

// What is kept for one server is sent to no other.
func TestSessionOfAnother(t *testing.T) {
	f, evil := newFake(t), newFake(t)
	for _, c := range []struct {
		name, session, text string
		class               source.Class
		definition          source.Definition
	}{
		{"URLs", `{"server":{"token_endpoint":"E/token","revocation_endpoint":"E/revoke"},"refresh_token":"fake-refresh"}`, "another server", source.NeedsLogin, f.ref(nil).Definition},
		{"an issuer", `{"server":{"issuer":"E","token_endpoint":"E/token","revocation_endpoint":"E/revoke"},"refresh_token":"fake-refresh"}`, "another server", source.NeedsLogin, source.Definition{"client_id": "tool", "issuer": f.URL}},
		{"endpoints of another issuer", `{"server":{"issuer":"F","token_endpoint":"E/token","revocation_endpoint":"E/revoke"},"refresh_token":"fake-refresh"}`, "hosts does not list it", source.Other, source.Definition{"client_id": "tool", "issuer": f.URL}},
		{"a preset", `{"server":{"token_endpoint":"E/token","revocation_endpoint":"E/revoke"},"refresh_token":"fake-refresh"}`, "another server", source.NeedsLogin, source.Definition{"client_id": "tool", "provider": "github"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			for _, op := range []source.Op{source.Get, source.Refresh, source.Revoke} {
				ref := &source.Ref{Definition: c.definition, Session: []byte(strings.NewReplacer("E", evil.URL, "F", f.URL).Replace(c.session))}
				_, err := w.obtain(op, ref)
				want(t, err, c.class, c.text)
			}
		})
	}
	if len(evil.asked()) > 0 {
		t.Errorf("it was asked %q", evil.paths())
	}
}

func TestRevocation(t *testing.T) {
	for _, c := range []struct {
		name    string
		refresh string
		replies []reply
		revoked bool
		asked   int
		class   source.Class
	}{
		{"both", "fake-refresh", []reply{{200, "", nil}}, true, 2, ""},
		{"GitLab's answer", "fake-refresh", []reply{json(200, "{}")}, true, 2, ""},
		{"an access token alone", "", []reply{{200, "", nil}}, true, 1, ""},
		{"no access tokens", "fake-refresh", []reply{{200, "", nil}, json(400, `{"error":"unsupported_token_type"}`)}, true, 2, ""},
		{"no access tokens, and nothing else", "", []reply{json(400, `{"error":"unsupported_token_type"}`)}, false, 1, source.Other},
		{"no refresh tokens", "fake-refresh", []reply{json(400, `{"error":"unsupported_token_type"}`)}, false, 1, source.Other},
		{"later", "fake-refresh", []reply{{503, "", http.Header{"Retry-After": {"9"}}}}, false, 3, source.Unavailable},
		{"not there", "fake-refresh", []reply{{0, "", nil}}, false, 3, source.Unavailable},
		{"not there for a while", "fake-refresh", []reply{{0, "", nil}, {200, "", nil}}, true, 3, ""},
		{"no session", "-", nil, false, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.replies["/revoke"] = c.replies
			w := newWorld(t, nil)
			ref := f.ref(nil)
			if c.refresh != "-" {
				ref.Session = fmt.Appendf(nil, `{"server":{"authorization_endpoint":"%[1]s/authorize","token_endpoint":"%[1]s/token","device_authorization_endpoint":"%[1]s/device","revocation_endpoint":"%[1]s/revoke"},"access_token":"fake-access","refresh_token":"%[2]s"}`, f.URL, c.refresh)
			}
			answer, err := w.obtain(source.Revoke, ref)
			if c.class != "" {
				want(t, err, c.class, "")
			} else if err != nil || answer.Revoked != c.revoked {
				t.Errorf("%+v %v", answer, err)
			}
			if len(f.asked()) != c.asked {
				t.Errorf("asked %q", f.paths())
			}
			if c.asked == 2 && (f.asked()[0].PostForm.Get("token") != "fake-refresh" || f.asked()[1].PostForm.Get("token_type_hint") != "access_token") {
				t.Error("the access token went first")
			}
		})
	}
}

// What is safe to repeat is repeated; a refresh token, which the server may have taken, is not.
func TestAgain(t *testing.T) {
	f := newFake(t)
	f.replies["/token"] = []reply{html, {0, "", nil}, json(200, token)}
	ref := f.ref(source.Definition{"flow": "client_credentials", "client_secret": "SECRET"})
	ref.Secrets["client_secret"] = "fake-secret"
	w := newWorld(t, nil)
	if _, err := w.obtain(source.Get, ref); err != nil || len(f.asked()) != 3 {
		t.Errorf("asked %q, %v", f.paths(), err)
	}
}
