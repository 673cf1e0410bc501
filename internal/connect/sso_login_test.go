package connect_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

// A login by a device code waits as it is told to.
func TestSSODevice(t *testing.T) {
	for _, c := range []struct {
		name   string
		device []string
		class  source.Class
		want   string
		waits  []time.Duration
	}{
		{"entered", nil, "", "", []time.Duration{time.Second}},
		{"pending", []string{"AuthorizationPendingException", "AuthorizationPendingException"}, "", "", []time.Duration{time.Second, time.Second, time.Second}},
		{"slow", []string{"SlowDownException", "AuthorizationPendingException"}, "", "", []time.Duration{time.Second, 6 * time.Second, 6 * time.Second}},
		{"a proxy", []string{"HTML"}, "", "", []time.Duration{time.Second, 2 * time.Second}},
		{"denied", []string{"AccessDeniedException"}, source.Denied, "answered access_denied", nil},
		{"expired", []string{"ExpiredTokenException"}, source.NeedsLogin, "answered expired_token", nil},
		{"never entered", slices.Repeat([]string{"AuthorizationPendingException"}, 700), source.NeedsLogin, "the code expired before it was entered", nil},
		{"another error", []string{"InvalidGrantException"}, source.Other, "answered invalid_grant", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			m.Browser = "device"
			s := newSSO(t, m)
			s.Device = c.device
			a, events := get(t, m, source.Login, s.ref(t, nil), func(source.Event) string { return "" })
			if want := (source.Event{Event: "device", Source: "dev", URL: s.Page, Code: "ABCD-EFGH", Expires: start.Add(10 * time.Minute)}); len(events) != 1 || events[0] != want {
				t.Errorf("events %+v", events)
			}
			if c.want == "" && (a.Error != nil || !slices.Equal(m.clock.slept, c.waits)) || c.want != "" && (a.Error == nil || a.Error.Class != c.class || !strings.Contains(a.Error.Message, c.want)) {
				t.Errorf("%v; waited %v", a.Error, m.clock.slept)
			}
		})
	}
}

// The user sees pages only of hosts that were agreed to, and codes that can't act on a terminal.
func TestSSOPages(t *testing.T) {
	for _, c := range []struct{ name, answer, want string }{
		{"another host", `{"deviceCode":"d","userCode":"A","verificationUri":"https://evil.example.com/start"}`, "at a page that this source does not name"},
		{"http", `{"deviceCode":"d","userCode":"A","verificationUri":"http://evil.example.com"}`, "at a page that this source does not name"},
		{"a program", `{"deviceCode":"d","userCode":"A","verificationUri":"file:///bin/sh"}`, "at a page that this source does not name"},
		{"escapes in the fragment", `{"deviceCode":"d","userCode":"A","verificationUri":"PAGE#\u001b[2J"}`, "at a page that this source does not name"},
		{"a long one", `{"deviceCode":"d","userCode":"A","verificationUri":"PAGE#` + strings.Repeat("x", 2048) + `"}`, "at a page that this source does not name"},
		{"escapes in the code", `{"deviceCode":"d","userCode":"A\u001b]0;x","verificationUri":"PAGE"}`, "gave a code that can't be shown"},
		{"a long code", `{"deviceCode":"d","userCode":"` + strings.Repeat("A", 33) + `","verificationUri":"PAGE"}`, "gave a code that can't be shown"},
		{"no code", `{"userCode":"A","verificationUri":"PAGE"}`, "gave an answer that is not a device code"},
		{"HTML", `<html>`, "gave an answer that is not JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			m.Browser = "device"
			s := newSSO(t, m)
			s.Before["/device_authorization"] = page(200, "", strings.ReplaceAll(c.answer, "PAGE", s.URL+"/start"))
			a, _ := get(t, m, source.Login, s.ref(t, nil), noUser(t))
			if a.Error == nil || a.Error.Class != source.Other || !strings.Contains(a.Error.Message, c.want) {
				t.Errorf("%v", a.Error)
			}
		})
	}
}

// Only what belongs to the login ends it: not another tab, another page or a code without its state.
func TestSSOCallback(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(q url.Values)
		class  source.Class // of a login that this ends
		status int
		want   string
	}{
		{"another state", func(q url.Values) { q.Set("state", "x") }, "", 400, "does not belong to the login"},
		{"no state", func(q url.Values) { q.Del("state") }, "", 400, "does not belong to the login"},
		{"two codes", func(q url.Values) { q.Add("code", "x") }, "", 400, "does not belong to the login"},
		{"a code and an error", func(q url.Values) { q.Set("error", "x") }, "", 400, "does not belong to the login"},
		{"denial", func(q url.Values) {
			q.Del("code")
			q.Set("error", "access_denied")
			q.Set("error_description", "<script>no</script>")
		}, source.Denied, 200, "&lt;script&gt;"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			s := newSSO(t, m)
			a, _ := get(t, m, source.Login, s.ref(t, nil), func(e source.Event) string {
				if status, body := s.Browse(e.URL, c.change); status != c.status || !strings.Contains(body, c.want) {
					t.Errorf("%d %s", status, body)
				}
				if c.class == "" {
					resp, err := http.Get(strings.Replace(s.Redirect, "/oauth/callback", "/favicon.ico", 1))
					if err != nil || resp.StatusCode != http.StatusNotFound {
						t.Errorf("another page: %v", err)
					}
					s.Browse(e.URL, nil)
				}
				return ""
			})
			if c.class == "" && a.Error != nil || c.class != "" && (a.Error == nil || a.Error.Class != c.class) {
				t.Errorf("%v", a.Error)
			}
		})
	}
}

// Without a browser on this machine, the user copies the address at which the browser ended.
func TestSSOPasted(t *testing.T) {
	m := newMachine(t)
	m.Browser = "none"
	s := newSSO(t, m)
	for _, c := range []struct {
		name, want string
		paste      func(redirect, state string) string
	}{
		{"the address", "", func(redirect, state string) string { return redirect + "?code=code-1&state=" + state }},
		{"another port", "this is not the address that the login ends at", func(_, state string) string {
			return "http://127.0.0.1:1/oauth/callback?code=code-1&state=" + state
		}},
		{"another state", "this is not the address that the login ends at", func(redirect, _ string) string { return redirect + "?code=code-1&state=x" }},
	} {
		var q url.Values
		a, events := get(t, m, source.Login, s.ref(t, nil), func(e source.Event) string {
			if e.Event == "browser" {
				u, _ := url.Parse(e.URL)
				q = u.Query()
				s.Lock()
				s.Redirect, s.Verifier = q.Get("redirect_uri"), q.Get("code_challenge")
				s.Unlock()
				return ""
			}
			return c.paste(q.Get("redirect_uri"), q.Get("state"))
		})
		if len(events) != 2 || events[1] != (source.Event{Event: "ask", Source: "dev", What: "redirect"}) || c.want == "" && a.Error != nil || c.want != "" && (a.Error == nil || !strings.HasPrefix(a.Error.Message, c.want)) {
			t.Errorf("%s: %v, %+v", c.name, a.Error, events)
		}
	}
}
