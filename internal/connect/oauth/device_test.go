package oauth_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

var polls = []struct {
	name   string
	device string // the first answer, besides the codes
	polls  []reply
	slept  []int
	class  source.Class // "" if it ends with a token
	text   string
}{
	{"no interval", ``, []reply{json(200, token)}, []int{5}, "", ""},
	{"an interval", `,"interval":7`, []reply{json(400, pending), json(200, token)}, []int{7, 7}, "", ""},
	{"an interval in a string", `,"interval":"2"`, []reply{json(200, token)}, []int{2}, "", ""},
	{"an interval of nothing", `,"interval":0`, []reply{json(200, token)}, []int{5}, "", ""},
	{"an interval that is negative", `,"interval":-1`, []reply{json(200, token)}, []int{5}, "", ""},
	{"an interval that is huge", `,"interval":1e300`, []reply{json(200, token)}, []int{5}, "", ""},
	{"slow down for good", ``, []reply{json(400, `{"error":"slow_down"}`), json(400, pending), json(400, `{"error":"slow_down"}`), json(200, token)}, []int{5, 10, 10, 15}, "", ""},
	{"slow down by more", ``, []reply{json(200, `{"error":"slow_down","interval":20}`), json(200, token)}, []int{5, 20}, "", ""},
	{"slow down by less", `,"interval":20`, []reply{json(200, `{"error":"slow_down","interval":1}`), json(200, token)}, []int{20, 25}, "", ""},
	{"an error with 200, as GitHub's", ``, []reply{json(200, pending), json(200, token)}, []int{5, 5}, "", ""},
	{"an error with 428, as Google's", ``, []reply{json(428, pending), json(200, token)}, []int{5, 5}, "", ""},
	{"pages of a proxy", ``, []reply{html, html, json(400, pending), json(200, token)}, []int{5, 10, 20, 5}, "", ""},
	{"503 in JSON", ``, []reply{json(503, `{"error":"temporarily_unavailable"}`), json(200, token)}, []int{5, 10}, "", ""},
	{"429", ``, []reply{{429, "", nil}, json(200, token)}, []int{5, 10}, "", ""},
	{"connections that end", ``, []reply{{0, "", nil}, json(200, token)}, []int{5, 10}, "", ""},
	{"denied", ``, []reply{json(400, `{"error":"access_denied"}`)}, []int{5}, source.Denied, "access_denied"},
	{"denied with 403, as Google's", ``, []reply{json(403, `{"error":"access_denied"}`)}, []int{5}, source.Denied, "access_denied"},
	{"denied at Entra", ``, []reply{json(400, `{"error":"authorization_declined"}`)}, []int{5}, source.Denied, "authorization_declined"},
	{"expired", ``, []reply{json(400, `{"error":"expired_token"}`)}, []int{5}, source.NeedsLogin, "expired_token"},
	{"expired at GitHub", ``, []reply{json(200, `{"error":"token_expired"}`)}, []int{5}, source.NeedsLogin, "token_expired"},
	{"expired by our clock", `,"expires_in":12`, []reply{json(400, pending)}, []int{5, 5}, source.NeedsLogin, "code expired"},
	{"never there", `,"expires_in":100`, []reply{html}, []int{5, 10, 20, 40}, source.NeedsLogin, "code expired"},
	{"something else", ``, []reply{json(400, `{"error":"device_flow_disabled","error_description":"Device Flow must be explicitly enabled"}`)}, []int{5}, source.Other, "device_flow_disabled: Device Flow must be"},
	{"a page with 200", ``, []reply{{200, "<html>", http.Header{"Content-Type": {"text/html"}}}}, []int{5}, source.Other, "not a token"},
	{"nothing with 200", ``, []reply{json(200, `{}`)}, []int{5}, source.Other, "not a token"},
	{"no end", ``, []reply{json(200, strings.Repeat(" ", 1<<21)+token)}, []int{5}, source.Other, "not a token"},
	{"elsewhere", ``, []reply{{302, "", http.Header{"Location": {"/else"}}}}, []int{5}, source.Other, "302"},
}

// What a server can answer while the user has not entered a code, and how long we wait each time, in
// seconds.
func TestDevicePolling(t *testing.T) {
	for _, c := range polls {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.replies["/device"] = []reply{json(200, `{"device_code":"fake-device-code","user_code":"ABCD-1234","verification_uri":"`+f.URL+`/page"`+c.device+`}`)}
			f.replies["/token"] = c.polls
			w := newWorld(t, func(source.Event) string { return "" })
			answer, err := w.obtain(source.Login, f.ref(source.Definition{"flow": "device"}))
			if c.class != "" {
				want(t, err, c.class, c.text)
			} else if err != nil || answer.Values["TOKEN"] != "fake-access-token" {
				t.Fatal(answer, err)
			}
			var slept []int
			for _, d := range w.slept {
				slept = append(slept, int(d/time.Second))
			}
			if !slices.Equal(slept, c.slept) {
				t.Errorf("slept %v, want %v", slept, c.slept)
			}
			if len(w.events) != 1 || w.events[0].Code != "ABCD-1234" || w.events[0].URL != f.URL+"/page" {
				t.Errorf("%+v", w.events)
			}
			for _, r := range f.asked() {
				if r.Header.Get("Accept") != "application/json" { // GitHub answers with a form otherwise
					t.Errorf("%s accepts %q", r.URL.Path, r.Header.Get("Accept"))
				}
			}
			if slices.Contains(f.paths(), "/else") {
				t.Error("it followed the server elsewhere")
			}
		})
	}
}

// A first answer that can't be shown to the user is refused before they see it.
func TestDeviceCode(t *testing.T) {
	for _, c := range []struct {
		name string
		r    reply
		text string
	}{
		{"a page elsewhere", json(200, `{"device_code":"d","user_code":"AB","verification_uri":"https://evil.example/device"}`), "does not name"},
		{"a page that is none", json(200, `{"device_code":"d","user_code":"AB","verification_uri":"javascript:alert(1)"}`), "does not name"},
		{"no page", json(200, `{"device_code":"d","user_code":"AB"}`), "does not name"},
		{"an escape in the code", json(200, `{"device_code":"d","user_code":"\u001b[2J","verification_uri":"https://evil.example"}`), "can't be shown"},
		{"a sentence in the code", json(200, `{"device_code":"d","user_code":"call 555 1234","verification_uri":"https://evil.example"}`), "can't be shown"},
		{"no code", json(200, `{"device_code":"d"}`), "can't be shown"},
		{"HTML", reply{200, "<html>", nil}, "not a device code"},
		{"an error with 200", json(200, `{"error":"unauthorized_client"}`), "unauthorized_client"},
		{"an error", json(400, `{"error":"invalid_scope","error_description":"no\u001b[31m such scope"}`), `invalid_scope: no\x1b[31m such scope`},
		{"no end", json(200, strings.Repeat(" ", 1<<21)), "1 MiB"},
		{"elsewhere", reply{307, "", http.Header{"Location": {"/else"}}}, "307"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.replies["/device"] = []reply{c.r}
			w := newWorld(t, nil)
			_, err := w.obtain(source.Login, f.ref(source.Definition{"flow": "device"}))
			want(t, err, source.Other, c.text)
			if !slices.Equal(f.paths(), []string{"/device"}) {
				t.Errorf("asked %q", f.paths())
			}
		})
	}
}

// Google's answer has another name for the page, and a client's secret is wanted.
func TestDeviceOfGoogle(t *testing.T) {
	f := newFake(t)
	f.replies["/device"] = []reply{json(200, `{"device_code":"fake-device-code","user_code":"ABCD-EFGH","verification_url":"`+f.URL+`/page","expires_in":"60"}`)}
	f.replies["/token"] = []reply{json(200, token)}
	w := newWorld(t, func(source.Event) string { return "" })
	start := w.now
	ref := f.ref(source.Definition{"flow": "device", "scopes": []string{"a", "b"}, "audience": "https://api.example.com"})
	if _, err := w.obtain(source.Login, ref); err != nil {
		t.Fatal(err)
	}
	if e := w.events[0]; e.URL != f.URL+"/page" || !e.Expires.Equal(start.Add(time.Minute)) || e.Source != "TOKEN" {
		t.Errorf("%+v", e)
	}
	if got := f.asked()[0].PostForm; got.Get("scope") != "a b" || got.Get("audience") != "https://api.example.com" || got.Get("client_id") != "tool" {
		t.Errorf("%v", got)
	}
}
