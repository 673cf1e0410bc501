package connect_test

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

const (
	loginRequests   = "/client/register /token /federation/credentials"
	roleRequests    = "/federation/credentials"
	refreshRequests = "/token /federation/credentials"
)

func noUser(t *testing.T) func(source.Event) string {
	return func(e source.Event) string {
		t.Fatalf("the user is bothered with %+v", e)
		return ""
	}
}

// One login in a browser serves until its token is over, then a refresh token does, each of which is used
// once; then there is a new login. The end is said to the server.
func TestSSO(t *testing.T) {
	m := newMachine(t)
	s := newSSO(t, m)
	browser := func(e source.Event) string {
		if e.Event != "browser" || e.Source != "dev" {
			t.Errorf("event %+v", e)
		}
		if status, _ := s.Browse(e.URL, nil); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		return ""
	}
	a, events := get(t, m, source.Get, s.ref(t, nil, "region", "us-west-2"), browser)
	want := values("AWS_REGION", "us-west-2", "AWS_DEFAULT_REGION", "us-west-2")
	if a.Error != nil || !reflect.DeepEqual(a.Values, want) || !a.Expires.Equal(start.Add(time.Hour)) || a.Subject != "role ReadOnly in account 123456789012" || len(events) != 1 {
		t.Fatalf("%+v %v, %+v", a, a.Error, events)
	}
	for _, step := range []struct {
		name     string
		after    time.Duration
		requests string
		user     func(source.Event) string
	}{
		{"while the token is good", 2 * time.Hour, roleRequests, noUser(t)},
		{"without a person", time.Hour, roleRequests, nil},
		{"after the token", 8 * time.Hour, refreshRequests, nil},
		{"after the next token", 9 * time.Hour, refreshRequests, noUser(t)},
		{"after the registration", 91 * 24 * time.Hour, loginRequests, browser},
	} {
		s.Took()
		m.clock.now = m.clock.now.Add(step.after)
		session := a.Session
		if a, _ = get(t, m, source.Get, s.ref(t, session), step.user); a.Error != nil || len(a.Values) != 4 || a.Session == nil {
			t.Fatalf("%s: %+v %v", step.name, a, a.Error)
		}
		if got := s.Took(); got != step.requests {
			t.Errorf("%s: %s", step.name, got)
		}
	}
	session := a.Session
	if a, _ = get(t, m, source.Revoke, s.ref(t, session), nil); a.Error != nil || !a.Revoked || len(s.Tokens) != 0 || s.Took() != "/logout" {
		t.Errorf("%+v %v", a, a.Error)
	}
	if a, _ = get(t, m, source.Revoke, s.ref(t, session), nil); a.Error != nil || !a.Revoked {
		t.Errorf("what is over: %+v %v", a, a.Error)
	}
	if a, _ = get(t, m, source.Revoke, s.ref(t, nil), nil); a.Error != nil || a.Revoked {
		t.Errorf("nothing: %+v %v", a, a.Error)
	}
}

// What the user must do is an error where there is no user, without a request.
func TestSSONeedsLogin(t *testing.T) {
	m := newMachine(t)
	s := newSSO(t, m)
	for _, op := range []source.Op{source.Get, source.Refresh, source.Login} {
		a, events := get(t, m, op, s.ref(t, nil), nil)
		if a.Error == nil || a.Error.Class != source.NeedsLogin || a.Error.Message != "needs a login at "+source.Host(s.URL) || len(events) != 0 || s.Took() != "" {
			t.Errorf("%s: %v", op, a.Error)
		}
	}
	if a, _ := get(t, m, source.Refresh, s.ref(t, []byte(`"junk"`)), noUser(t)); a.Error == nil || a.Error.Class != source.NeedsLogin {
		t.Errorf("%v", a.Error)
	}
}

func kept(access, refresh string, expires time.Time) []byte {
	return fmt.Appendf(nil, `{"access_token":%q,"expires":%q,"refresh_token":%q,"client_id":"client-1","client_secret":"client-secret-1","client_ends":"2027-01-01T00:00:00Z"}`,
		access, expires.Format(time.RFC3339), refresh)
}

// A token that the server does not take leads to one other way after the other, each of them once.
func TestSSODead(t *testing.T) {
	m := newMachine(t)
	s := newSSO(t, m)
	user := func(e source.Event) string { s.Browse(e.URL, nil); return "" }
	a, events := get(t, m, source.Get, s.ref(t, kept("dead", "dead", start.Add(time.Hour))), user)
	if want := "/federation/credentials /token " + loginRequests; a.Error != nil || len(events) != 1 || s.Took() != want {
		t.Errorf("%v %v", a.Error, events)
	}
	s.Before["/federation/credentials"] = page(401, "", `{"message":"no"}`)
	a, events = get(t, m, source.Get, s.ref(t, kept("dead", s.Refresh, start.Add(time.Hour))), user)
	if got, want := s.Took(), "/federation/credentials "+refreshRequests+" "+loginRequests; a.Error == nil || a.Error.Class != source.NeedsLogin || len(events) != 1 || got != want {
		t.Errorf("%v %v %s", a.Error, events, got)
	}
}

// A refresh token that was used is over. Its successor is not lost with what fails after it.
func TestSSORotated(t *testing.T) {
	m := newMachine(t)
	s := newSSO(t, m)
	s.Refresh = "refresh-0"
	for status, class := range map[int]source.Class{403: source.Denied, 404: source.NotFound, 429: source.Unavailable, 503: source.Unavailable} {
		s.Before["/federation/credentials"] = page(status, "", `{"message":"no"}`)
		old := s.Refresh
		a, _ := get(t, m, source.Get, s.ref(t, kept("over", old, start)), nil)
		if a.Error == nil || a.Error.Class != class || a.Values != nil || old == s.Refresh || !strings.Contains(string(a.Session), s.Refresh) {
			t.Errorf("%d: %+v %v", status, a, a.Error)
		}
		for _, secret := range []string{old, s.Refresh, "client-secret-1"} {
			if strings.Contains(a.Error.Message, secret) {
				t.Errorf("%d: %s", status, a.Error.Message)
			}
		}
	}
	// A renewal that gets no answer is not tried again: the token may be spent.
	s.Before["/token"] = drop
	s.Took()
	a, _ := get(t, m, source.Get, s.ref(t, kept("over", s.Refresh, start)), noUser(t))
	if a.Error == nil || a.Error.Class != source.Unavailable || s.Took() != "/token" {
		t.Errorf("%v", a.Error)
	}
}

// Several sources of one start URL need one login.
func TestSSOShared(t *testing.T) {
	m := newMachine(t)
	s := newSSO(t, m)
	r := &source.Request{V: 1, Op: source.Login, Interactive: true, Refs: map[string]*source.Ref{"a": s.ref(t, nil), "b": s.ref(t, nil), "c": s.ref(t, nil)}}
	answers, events := talk(t, m, r, func(e source.Event) string { s.Browse(e.URL, nil); return "" })
	for name, a := range answers {
		if a.Error != nil || !strings.Contains(string(a.Session), "refresh-1") {
			t.Errorf("%s: %v", name, a.Error)
		}
	}
	if len(answers) != 3 || len(events) != 1 || s.Logins != 1 {
		t.Errorf("%d answers, %d events, %d logins", len(answers), len(events), s.Logins)
	}
}

// A login of several sources is renewed once, even if there is no answer: its refresh token may be spent.
func TestSSOSharedRefresh(t *testing.T) {
	m := newMachine(t)
	s := newSSO(t, m)
	s.Refresh = "refresh-0"
	for name, test := range map[string]struct {
		before func(http.ResponseWriter) bool
		class  source.Class
	}{"no answer": {drop, source.Unavailable}, "refused": {page(400, "X-Amzn-Errortype: InvalidGrantException", "{}"), source.NeedsLogin}} {
		s.Before["/token"] = test.before
		login := kept("over", s.Refresh, start)
		r := &source.Request{V: 1, Op: source.Get, Refs: map[string]*source.Ref{"a": s.ref(t, login), "b": s.ref(t, login)}}
		answers, _ := talk(t, m, r, nil)
		for _, a := range answers {
			if a.Error == nil || a.Error.Class != test.class {
				t.Errorf("%s: %v", name, a.Error)
			}
		}
		if got := s.Took(); len(answers) != 2 || got != "/token" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Without a person there is little time for all sources together. What was obtained until then is not lost with
// those that are slow.
func TestSSOSlow(t *testing.T) {
	m := newMachine(t)
	m.Alone = 500 * time.Millisecond
	s := newSSO(t, m)
	s.Refresh = "refresh-0"
	over := make(chan struct{}) // the server answers only when the test is over
	t.Cleanup(func() { close(over) })
	s.Before["/federation/credentials"] = func(http.ResponseWriter) bool { <-over; panic(http.ErrAbortHandler) }
	login := kept("over", s.Refresh, start)
	r := &source.Request{V: 1, Op: source.Get, Refs: map[string]*source.Ref{"a": s.ref(t, login), "b": s.ref(t, login)}}
	answers, _ := talk(t, m, r, nil)
	for name, a := range answers {
		if a.Error == nil || a.Error.Class != source.Unavailable {
			t.Errorf("%s: %v", name, a.Error)
		}
	}
	if a := answers["a"]; len(answers) != 2 || !strings.Contains(string(a.Session), "refresh-1") {
		t.Errorf("%d answers, session %s", len(answers), a.Session)
	}
}

// A token that aws sso login made is used, and neither kept nor ended.
func TestSSOFromCLI(t *testing.T) {
	m := newMachine(t)
	s := newSSO(t, m)
	s.Tokens["theirs"] = true
	sum := sha1.Sum([]byte("my-session")) // as the command line names it, after the [sso-session my-session] of its configuration
	file := filepath.Join(m.Home, ".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(start, region, expires string) string {
		text := fmt.Sprintf(`{"startUrl":%q,"region":%q,"accessToken":"theirs","expiresAt":%q,"clientId":"x","refreshToken":"theirs-too"}`, start, region, expires)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return text
	}
	// What else is in the cache: a registration, an older login, and what is no login at all.
	for name, text := range map[string]string{
		"0.json": `{"clientId":"x","clientSecret":"not-real","expiresAt":"2027-01-01T00:00:00Z"}`,
		"1.json": fmt.Sprintf(`{"startUrl":"%s/start","region":"eu-central-1","accessToken":"older","expiresAt":"2026-11-27T09:20:00Z"}`, s.URL),
		"2.json": "{", "3.txt": "x",
	} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for start, good := range map[string]string{"/start": "2026-11-27T10:00:00Z", "/start/#": "2026-11-27T10:00:00UTC"} {
		text := write(s.URL+start, "eu-central-1", good)
		a, _ := get(t, m, source.Get, s.ref(t, nil), noUser(t))
		if a.Error != nil || a.Session != nil || s.Took() != roleRequests {
			t.Errorf("%+v %v", a, a.Error)
		}
		if after, _ := os.ReadFile(file); string(after) != text {
			t.Errorf("the file has changed: %s", after)
		}
	}
	for _, c := range [][3]string{
		{s.URL + "/start", "eu-central-1", "2026-11-27T09:30:30Z"},
		{s.URL + "/start", "eu-central-1", "soon"},
		{s.URL + "/other", "eu-central-1", "2026-11-27T10:00:00Z"},
		{s.URL + "/start", "us-east-1", "2026-11-27T10:00:00Z"},
	} {
		write(c[0], c[1], c[2])
		if a, _ := get(t, m, source.Get, s.ref(t, nil), nil); a.Error == nil || a.Error.Class != source.NeedsLogin || s.Took() != "" {
			t.Errorf("%v: %v", c, a.Error)
		}
	}
}
