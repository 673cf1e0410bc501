package oauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

// reply is what a fake answers: JSON, unless it says otherwise. Status 0 ends the connection.
type reply struct {
	status int
	body   string
	header http.Header
}

func json(status int, body string) reply { return reply{status: status, body: body} }

// fake is a server that answers what it is told to, and keeps what it was asked.
type fake struct {
	*httptest.Server
	replies map[string][]reply // by path; the last is repeated
	mu      sync.Mutex
	got     []*http.Request // with their forms
}

func newFake(t *testing.T) *fake {
	f := &fake{replies: map[string][]reply{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	next, ok := f.next(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if next.status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	for key, values := range next.header {
		w.Header()[key] = values
	}
	w.WriteHeader(next.status)
	fmt.Fprint(w, next.body)
}

// ref is a source whose endpoints are all of the fake's.
func (f *fake) ref(more source.Definition) *source.Ref {
	d := source.Definition{
		"client_id": "tool", "authorization_endpoint": f.URL + "/authorize", "token_endpoint": f.URL + "/token",
		"device_authorization_endpoint": f.URL + "/device", "revocation_endpoint": f.URL + "/revoke",
	}
	for key, value := range more {
		d[key] = value
	}
	return &source.Ref{Kind: "oauth", Definition: d, Secrets: map[string]string{}}
}

func (f *fake) next(r *http.Request) (reply, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = append(f.got, r)
	list := f.replies[r.URL.Path]
	if len(list) == 0 {
		return reply{}, false
	}
	if len(list) > 1 {
		f.replies[r.URL.Path] = list[1:]
	}
	return list[0], true
}

func (f *fake) asked() []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.got)
}

// paths are those that were asked for.
func (f *fake) paths() (list []string) {
	for _, r := range f.asked() {
		list = append(list, r.URL.Path)
	}
	return list
}

const (
	token   = `{"access_token":"fake-access-token","token_type":"bearer","expires_in":3600}`
	pending = `{"error":"authorization_pending"}`
)

var html = reply{502, "<html>Bad Gateway", http.Header{"Content-Type": {"text/html"}}}

// come makes the browser come back at once, with what the server adds to the query.
func come(t *testing.T, query string) func(source.Event) string {
	return func(e source.Event) string {
		u, err := url.Parse(e.URL)
		if err != nil {
			t.Fatal(err)
		}
		newBrowser(t).open(u.Query().Get("redirect_uri") + "?state=" + url.QueryEscape(u.Query().Get("state")) + query)
		return ""
	}
}

// A code is sent once, whatever comes of it, with the verifier that belongs to the challenge.
func TestExchange(t *testing.T) {
	for _, c := range []struct {
		name  string
		r     reply
		class source.Class
		text  string
	}{
		{"good", json(200, token), "", ""},
		{"a form, as GitHub's", reply{200, "access_token=fake-access-token&expires_in=3600&token_type=bearer", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}, "", ""},
		{"spent", json(400, `{"error":"invalid_grant","error_description":"code fake-code was used"}`), source.Other, "invalid_grant: code [secret] was used"},
		{"an error with 200", json(200, `{"error":"bad_verification_code"}`), source.Other, "bad_verification_code"},
		{"a proxy", html, source.Unavailable, "502"},
		{"the end", reply{0, "", nil}, source.Unavailable, "can't reach 127.0.0.1"},
		{"elsewhere", reply{307, "", http.Header{"Location": {"/else"}}}, source.Other, "307"},
		{"a token of two lines", json(200, `{"access_token":"a\nb"}`), source.Other, "characters"},
		{"a token in an error", json(400, `{"access_token":"fake-access-token","x":`), source.Other, "status 400"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.replies["/token"] = []reply{c.r}
			w := newWorld(t, come(t, "&code=fake-code"))
			start := w.now
			answer, err := w.obtain(source.Login, f.ref(nil))
			if c.class != "" {
				want(t, err, c.class, c.text)
			} else if err != nil || answer.Values["TOKEN"] != "fake-access-token" || !answer.Expires.Equal(start.Add(time.Hour)) {
				t.Fatal(answer, err)
			}
			if err != nil && (strings.Contains(err.Message, "fake-code") || strings.Contains(err.Message, "fake-access-token")) {
				t.Errorf("it says %q", err.Message)
			}
			if !slices.Equal(f.paths(), []string{"/token"}) {
				t.Fatalf("asked %q", f.paths())
			}
			page, perr := url.Parse(w.events[0].URL)
			if perr != nil {
				t.Fatal(perr)
			}
			got, q := f.asked()[0].PostForm, page.Query()
			if got.Get("redirect_uri") != q.Get("redirect_uri") || got.Get("code") != "fake-code" || got.Get("client_id") != "tool" ||
				got.Has("client_secret") || f.asked()[0].Header.Get("Authorization") != "" ||
				q.Get("code_challenge") != sum(got.Get("code_verifier")) || q.Get("code_challenge_method") != "S256" || len(q.Get("state")) < 43 {
				t.Errorf("%v\n%v", got, q)
			}
		})
	}
}

func sum(verifier string) string {
	h := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(h[:])
}
