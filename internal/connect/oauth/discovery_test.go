package oauth_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/source"
)

// metadata is that of a fake, with its address for U.
func (f *fake) metadata(more string) reply {
	return json(200, strings.ReplaceAll(`{"authorization_endpoint":"U/authorize","token_endpoint":"U/token"`+more+`}`, "U", f.URL))
}

const openID, plain = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"

var discoveries = []struct {
	name, path string // of the issuer
	replies    func(f *fake) map[string][]reply
	hosts      []string
	asked      []string
	class      source.Class
	text       string
}{
	{"OpenID Connect", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {f.metadata(`,"issuer":"U"`)}}
	}, nil, []string{openID, "/token"}, "", ""},
	{"OAuth", "", func(f *fake) map[string][]reply {
		return map[string][]reply{plain: {f.metadata(`,"issuer":"U"`)}}
	}, nil, []string{openID, plain, "/token"}, "", ""},
	{"a path", "/realm", func(f *fake) map[string][]reply {
		return map[string][]reply{plain + "/realm": {f.metadata(`,"issuer":"U/realm"`)}}
	}, nil, []string{"/realm" + openID, plain + "/realm", "/token"}, "", ""},
	{"a path with a slash", "/realm/", func(f *fake) map[string][]reply {
		return map[string][]reply{"/realm" + openID: {f.metadata(`,"issuer":"U/realm/"`)}}
	}, nil, []string{"/realm" + openID, "/token"}, "", ""},
	{"an error in JSON", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {json(404, `{"error":"not_found"}`)}, plain: {f.metadata(`,"issuer":"U"`)}}
	}, nil, []string{openID, plain, "/token"}, "", ""},
	{"a page for everything", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {{200, "<html>", nil}}, plain: {f.metadata(`,"issuer":"U"`)}}
	}, nil, []string{openID, plain, "/token"}, "", ""},
	{"nothing", "", func(f *fake) map[string][]reply { return nil }, nil, []string{openID, plain}, source.Other, "publishes no OAuth metadata"},
	{"a proxy", "", func(f *fake) map[string][]reply { return map[string][]reply{openID: {html}} }, nil, []string{openID, openID, openID}, source.Unavailable, "502"},
	{"a proxy for a while", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {html, html, f.metadata(`,"issuer":"U"`)}}
	}, nil, []string{openID, openID, openID, "/token"}, "", ""},
	{"the end", "", func(f *fake) map[string][]reply { return map[string][]reply{openID: {{0, "", nil}}} }, nil, nil, source.Unavailable, "can't reach"},
	{"no end", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {json(200, strings.Repeat(" ", 1<<21))}}
	}, nil, []string{openID}, source.Other, "1 MiB"},
	{"elsewhere", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {{302, "", http.Header{"Location": {"https://evil.example" + openID}}}}}
	}, nil, []string{openID, plain}, source.Other, "publishes no OAuth metadata"},
	{"another issuer", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {f.metadata(`,"issuer":"https://id.example.com"`)}}
	}, nil, []string{openID}, source.Other, "another issuer"},
	{"nearly the same issuer", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {f.metadata(`,"issuer":"U/"`)}}
	}, nil, []string{openID}, source.Other, "another issuer"},
	{"no issuer", "", func(f *fake) map[string][]reply { return map[string][]reply{openID: {f.metadata("")}} }, nil, []string{openID}, source.Other, "another issuer"},
	{"tokens elsewhere", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {json(200, `{"issuer":"`+f.URL+`","authorization_endpoint":"`+f.URL+`/authorize","token_endpoint":"https://evil.example/token"}`)}}
	}, nil, []string{openID}, source.Other, "hosts does not list it"},
	{"device codes elsewhere", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {f.metadata(`,"issuer":"U","device_authorization_endpoint":"https://evil.example/device"`)}}
	}, nil, []string{openID}, source.Other, "hosts does not list it"},
	{"no https", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {f.metadata(`,"issuer":"U","revocation_endpoint":"http://example.com/r"`)}}
	}, nil, []string{openID}, source.Other, "is not https"},
	{"parameters of a login", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {json(200, `{"issuer":"`+f.URL+`","authorization_endpoint":"`+f.URL+`/authorize?client_id=evil","token_endpoint":"`+f.URL+`/token"}`)}}
	}, nil, []string{openID}, source.Other, "has a query"},
	{"a host that is listed", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {f.metadata(`,"issuer":"U","revocation_endpoint":"https://revoke.example.com/r"`)}}
	}, []string{"revoke.example.com"}, []string{openID, "/token"}, "", ""},
	{"PKCE in the clear alone", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {f.metadata(`,"issuer":"U","code_challenge_methods_supported":["plain"]`)}}
	}, nil, []string{openID}, source.Other, "S256"},
	{"no token endpoint", "", func(f *fake) map[string][]reply {
		return map[string][]reply{openID: {json(200, `{"issuer":"`+f.URL+`"}`)}}
	}, nil, []string{openID}, source.Other, "no token endpoint"},
}

// A server is asked at both well-known paths, and believed only about itself.
func TestDiscovery(t *testing.T) {
	for _, c := range discoveries {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.replies = c.replies(f)
			if f.replies == nil {
				f.replies = map[string][]reply{}
			}
			f.replies["/token"] = []reply{json(200, token)}
			ref := &source.Ref{Definition: source.Definition{"client_id": "tool", "issuer": f.URL + c.path}}
			if c.hosts != nil {
				ref.Definition["hosts"] = c.hosts
			}
			w := newWorld(t, come(t, "&code=fake-code"))
			w.HTTP.Transport = here{t, f.Listener.Addr().String()}
			_, err := w.obtain(source.Login, ref)
			if c.class != "" {
				want(t, err, c.class, c.text)
				if len(w.events) > 0 {
					t.Errorf("the user is shown %+v", w.events)
				}
			} else if err != nil {
				t.Error(err)
			}
			if c.asked != nil && !slices.Equal(f.paths(), c.asked) {
				t.Errorf("asked %q, want %q", f.paths(), c.asked)
			}
		})
	}
}

// here fails a test that contacts another server.
type here struct {
	t    *testing.T
	host string
}

func (h here) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != h.host {
		h.t.Errorf("it asks %s", r.URL)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Which way to log in is the definition's to say, then the user's, then what the server has.
func TestFlow(t *testing.T) {
	for _, c := range []struct {
		name       string
		definition source.Definition
		without    string // an endpoint that the server lacks
		browser    string
		want       string // the first event, or none
	}{
		{"usual", source.Definition{}, "", "", "browser"},
		{"auto", source.Definition{"flow": "auto"}, "", "", "browser"},
		{"the user wants a code", source.Definition{}, "", "device", "device"},
		{"the user wants a code, the definition does not", source.Definition{"flow": "browser"}, "", "device", ""},
		{"the user wants a code, the server has none", source.Definition{}, "device_authorization_endpoint", "device", ""},
		{"the server has codes alone", source.Definition{}, "authorization_endpoint", "", "device"},
		{"the definition says codes", source.Definition{"flow": "device"}, "", "", "device"},
		{"no browser comes back", source.Definition{}, "", "none", "browser"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.replies["/device"] = []reply{json(200, `{"device_code":"d","user_code":"AB","verification_uri":"`+f.URL+`/page"}`)}
			f.replies["/token"] = []reply{json(400, `{"error":"access_denied"}`)}
			w := newWorld(t, nil)
			w.Browser = c.browser
			var events []string
			w.Event = func(e source.Event) (string, error) {
				events = append(events, e.Event)
				if e.Event == "browser" && c.browser != "none" {
					come(t, "&error=access_denied")(e)
				}
				return "", nil
			}
			ref := f.ref(c.definition)
			delete(ref.Definition, c.without)
			if _, err := w.obtain(source.Get, ref); err == nil || strings.Join(events, "") != c.want && !strings.HasPrefix(strings.Join(events, ""), c.want+"ask") {
				t.Errorf("%v, events %q", err, events)
			}
		})
	}
	t.Run("nobody is there", func(t *testing.T) {
		f := newFake(t)
		w := newWorld(t, nil)
		w.Interactive = false
		for _, op := range []source.Op{source.Get, source.Refresh, source.Login} {
			_, err := w.obtain(op, f.ref(nil))
			want(t, err, source.NeedsLogin, "needs a login")
		}
		if len(f.asked()) > 0 {
			t.Errorf("the server was asked %q", f.paths())
		}
	})
}

// A client's secret goes where the server wants it, and into nothing else.
func TestClientSecret(t *testing.T) {
	for _, c := range []struct {
		methods  string
		inHeader bool
	}{
		{`["client_secret_post","client_secret_basic"]`, false},
		{`["client_secret_basic","private_key_jwt"]`, true},
		{`["none"]`, false},
	} {
		f := newFake(t)
		f.replies["/.well-known/openid-configuration"] = []reply{f.metadata(`,"issuer":"U","device_authorization_endpoint":"U/device","token_endpoint_auth_methods_supported":` + c.methods)}
		f.replies["/device"] = []reply{json(200, `{"device_code":"d","user_code":"AB","verification_uri":"`+f.URL+`/page"}`)}
		f.replies["/token"] = []reply{json(401, `{"error":"invalid_client","error_description":"fake&secret is wrong"}`)}
		w := newWorld(t, func(source.Event) string { return "" })
		_, err := w.obtain(source.Login, &source.Ref{
			Definition: source.Definition{"client_id": "tool", "client_secret": "SECRET", "issuer": f.URL, "flow": "device"},
			Secrets:    map[string]string{"client_secret": "fake&secret"},
		})
		want(t, err, source.Other, "invalid_client: [secret] is wrong")
		for _, r := range f.asked()[1:] {
			id, secret, inHeader := r.BasicAuth()
			if !inHeader {
				id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
			} else {
				secret = strings.ReplaceAll(secret, "%26", "&") // RFC 6749, 2.3.1
			}
			if inHeader != c.inHeader || id != "tool" || secret != "fake&secret" || inHeader && r.PostForm.Has("client_secret") {
				t.Errorf("%s: %s gets %q, %q, in the header: %v", c.methods, r.URL.Path, id, secret, inHeader)
			}
		}
	}
}
