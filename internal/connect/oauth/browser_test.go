package oauth_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

func testBrowser(t *testing.T, s *server) {
	b := newBrowser(t)
	answer := s.login(t, b)
	if !s.works(t, answer.Values["TOKEN"]) || answer.Subject != "alice" || len(answer.Values) != 1 {
		t.Errorf("%+v", answer)
	}
	if left := time.Until(answer.Expires); left < 50*time.Minute || left > time.Hour {
		t.Errorf("it expires in %v", left)
	}
	q := b.last.Query()
	if host, port, _ := net.SplitHostPort(b.last.Host); host != "127.0.0.1" || port == "0" || q.Get("iss") != s.issuer || !q.Has("code") {
		t.Errorf("the browser ended at %v", b.last)
	}
	if _, err := net.Dial("tcp", b.last.Host); err == nil {
		t.Error("the listener is still there")
	}
}

func testIDToken(t *testing.T, s *server) {
	b := newBrowser(t)
	w := newWorld(t, func(e source.Event) string { _, page := b.open(e.URL); b.login(page); return "" })
	ref := s.ref()
	ref.Definition["use"] = "id_token"
	answer, err := w.obtain(source.Get, ref)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(answer.Values["TOKEN"], ".") != 2 || time.Until(answer.Expires) < 50*time.Minute {
		t.Errorf("%+v", answer)
	}
}

func testDenied(t *testing.T, s *server) {
	b := newBrowser(t)
	var last string
	w := newWorld(t, func(e source.Event) string {
		_, page := b.open(e.URL)
		m := abort.FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("no way out of\n%s", page)
		}
		to, err := b.last.Parse(m[1])
		if err != nil {
			t.Fatal(err)
		}
		_, last = b.open(to.String())
		return ""
	})
	_, err := w.obtain(source.Login, s.ref())
	want(t, err, source.Denied, "access_denied")
	if !strings.Contains(last, "access_denied") {
		t.Errorf("the browser ends with %s", last)
	}
}

// A redirect that is not of this login, as another page or program can send, does not end it.
func testOtherTab(t *testing.T, s *server) {
	b := newBrowser(t)
	w := newWorld(t, func(e source.Event) string {
		u, err := url.Parse(e.URL)
		if err != nil {
			t.Fatal(err)
		}
		redirect, state := u.Query().Get("redirect_uri"), u.Query().Get("state")
		for _, query := range []string{
			"state=wrong&code=stolen&iss=" + s.issuer,
			"code=stolen&iss=" + s.issuer,
			"state=wrong&error=access_denied&iss=" + s.issuer,
			"state=" + state + "&code=stolen&iss=https://evil.example",
			"state=" + state + "&code=stolen", // the metadata promises iss
			"state=" + state + "&code=stolen&error=x&iss=" + s.issuer,
			"state=" + state + "&code=stolen&code=other&iss=" + s.issuer,
		} {
			if status, _ := newBrowser(t).open(redirect + "?" + query); status != http.StatusBadRequest {
				t.Errorf("%s: status %d", query, status)
			}
		}
		_, page := b.open(e.URL)
		b.login(page)
		return ""
	})
	if _, err := w.obtain(source.Login, s.ref()); err != nil {
		t.Error(err)
	}
}

// Without a browser that can come back, the user copies where it was sent.
func testCopied(t *testing.T, s *server) {
	var page string
	copied := func(change func(string) string) func(e source.Event) string {
		return func(e source.Event) string {
			if e.Event == "browser" {
				page = e.URL
				return ""
			}
			b := newBrowser(t)
			follow := b.CheckRedirect
			b.CheckRedirect = func(r *http.Request, via []*http.Request) error {
				if r.URL.Path == "/callback" {
					b.last = r.URL
					return http.ErrUseLastResponse
				}
				return follow(r, via)
			}
			_, first := b.open(page)
			_, second := b.submit(first, url.Values{"login": {"alice"}, "password": {"fake"}})
			m := action.FindStringSubmatch(second)
			resp, err := b.PostForm(s.issuer+strings.TrimPrefix(m[1], s.issuer), url.Values{"prompt": {"consent"}})
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			return change(resp.Header.Get("Location"))
		}
	}
	w := newWorld(t, copied(func(u string) string { return " " + u + "\n" }))
	w.Browser = "none"
	answer, err := w.obtain(source.Login, s.ref())
	if err != nil || !s.works(t, answer.Values["TOKEN"]) {
		t.Fatal(answer, err)
	}
	if w.events[1].Event != "ask" || w.events[1].What != "redirect" {
		t.Errorf("%+v", w.events)
	}
	for _, wrong := range []func(string) string{
		func(u string) string { return strings.Replace(u, "state=", "state=x", 1) },
		func(u string) string { return strings.Replace(u, "127.0.0.1", "evil.example", 1) },
		func(string) string { return "" },
	} {
		w := newWorld(t, copied(wrong))
		w.Browser = "none"
		_, err := w.obtain(source.Login, s.ref())
		want(t, err, source.Other, "not the address")
	}
}
