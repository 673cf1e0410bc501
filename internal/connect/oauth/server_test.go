package oauth_test

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

// server is npm's oidc-provider.
type server struct {
	issuer string
	in     io.Writer
	out    *bufio.Reader
}

// startServer installs and starts it. It ends with the test.
func startServer(t *testing.T) *server {
	for _, tool := range []string{"npm", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs " + tool)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/server")); err != nil {
		t.Fatal(err)
	}
	install := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--fetch-retries=1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("needs a registry that npm can install oidc-provider from: %v\n%s", err, out)
	}
	node := exec.Command("node", "op.mjs")
	node.Dir = dir
	in, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); node.Wait() })
	s := &server{in: in, out: bufio.NewReader(out)}
	line, err := s.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	s.issuer = strings.TrimSpace(line)
	return s
}

// move moves the server's clock.
func (s *server) move(t *testing.T, seconds string) {
	if _, err := io.WriteString(s.in, seconds+"\n"); err != nil {
		t.Error(err)
	}
	if _, err := s.out.ReadString('\n'); err != nil {
		t.Error(err)
	}
}

func (s *server) ref() *source.Ref {
	return &source.Ref{Kind: "oauth", Definition: source.Definition{"issuer": s.issuer, "client_id": "native", "scopes": []string{"openid"}}}
}

// login logs in by a browser that comes back before the command that opens it returns.
func (s *server) login(t *testing.T, b *browser) *source.Answer {
	t.Helper()
	w := newWorld(t, func(e source.Event) string {
		_, page := b.open(e.URL)
		b.login(page)
		return ""
	})
	answer, err := w.obtain(source.Login, s.ref())
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// works reports whether the server takes a token.
func (s *server) works(t *testing.T, token string) bool {
	r, err := http.NewRequest("GET", s.issuer+"/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func TestOIDCProvider(t *testing.T) {
	s := startServer(t)
	for _, c := range []struct {
		name string
		test func(t *testing.T, s *server)
	}{
		{"browser", testBrowser},
		{"ID token", testIDToken},
		{"browser, denied", testDenied},
		{"another tab", testOtherTab},
		{"copied redirect", testCopied},
		{"refresh", testRefresh},
		{"revoke", testRevoke},
		{"client credentials", testClientCredentials},
		{"device", testDevice},
		{"device, denied", testDeviceDenied},
		{"device, expired", testDeviceExpired}, // moves the clock, so it is the last
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, s) })
	}
}

func testRefresh(t *testing.T, s *server) {
	ref := s.ref()
	first := s.login(t, newBrowser(t))
	ref.Session = first.Session
	w := newWorld(t, nil)
	w.Interactive = false
	second, err := w.obtain(source.Get, ref)
	if err != nil {
		t.Fatal(err)
	}
	if second.Values["TOKEN"] == first.Values["TOKEN"] || !s.works(t, second.Values["TOKEN"]) || string(second.Session) == string(first.Session) {
		t.Errorf("%+v", second)
	}
	ref.Session = second.Session
	third, err := w.obtain(source.Refresh, ref)
	if err != nil {
		t.Fatal(err)
	}
	// A refresh token that was used before is in two hands, and ends both.
	for _, kept := range []*source.Answer{first, third} {
		ref.Session = kept.Session
		_, err = w.obtain(source.Refresh, ref)
		want(t, err, source.NeedsLogin, "invalid_grant")
	}
	ref.Session = nil
	_, err = w.obtain(source.Get, ref)
	want(t, err, source.NeedsLogin, "needs a login")
}

func testRevoke(t *testing.T, s *server) {
	ref := s.ref()
	answer := s.login(t, newBrowser(t))
	ref.Session = answer.Session
	w := newWorld(t, nil)
	ended, err := w.obtain(source.Revoke, ref)
	if err != nil || !ended.Revoked {
		t.Fatal(ended, err)
	}
	if s.works(t, answer.Values["TOKEN"]) {
		t.Error("the token still works")
	}
	_, err = w.obtain(source.Refresh, ref)
	want(t, err, source.NeedsLogin, "invalid_grant")
}

func testClientCredentials(t *testing.T, s *server) {
	ref := &source.Ref{Secrets: map[string]string{"client_secret": "fake-client-secret"},
		Definition: source.Definition{"issuer": s.issuer, "client_id": "service", "client_secret": "SECRET", "flow": "client_credentials"}}
	w := newWorld(t, nil)
	w.Interactive = false
	for _, op := range []source.Op{source.Get, source.Refresh, source.Login} {
		answer, err := w.obtain(op, ref)
		if err != nil {
			t.Fatal(err)
		}
		if left := time.Until(answer.Expires); answer.Values["TOKEN"] == "" || left > 10*time.Minute || left < 5*time.Minute {
			t.Errorf("%+v", answer)
		}
	}
	ref.Secrets["client_secret"] = "fake-but-wrong"
	_, err := w.obtain(source.Get, ref)
	want(t, err, source.Other, "invalid_client")
}

// device logs in by a code, which the user enters in the first sleep.
func (s *server) device(t *testing.T, enter func(b *browser, e source.Event)) (*world, *source.Answer, *source.Error) {
	var shown source.Event
	w := newWorld(t, func(e source.Event) string { shown = e; return "" })
	w.asleep = func() {
		if len(w.slept) == 2 { // the first question is too early
			enter(newBrowser(t), shown)
		}
	}
	ref := s.ref()
	ref.Definition["flow"] = "device"
	answer, err := w.obtain(source.Get, ref)
	if len(w.events) != 1 || shown.Event != "device" || strings.Contains(shown.URL, shown.Code) || time.Until(shown.Expires) > 10*time.Minute {
		t.Errorf("%+v", w.events)
	}
	return w, answer, err
}

func testDevice(t *testing.T, s *server) {
	w, answer, err := s.device(t, func(b *browser, e source.Event) {
		_, page := b.open(e.URL)
		_, page = b.submit(page, url.Values{"user_code": {e.Code}})
		_, page = b.submit(page, url.Values{})
		b.login(page)
	})
	if err != nil || !s.works(t, answer.Values["TOKEN"]) || answer.Subject != "alice" {
		t.Fatal(answer, err)
	}
	if len(w.slept) != 2 || w.slept[0] != 5*time.Second { // it sends no interval
		t.Errorf("%v", w.slept)
	}
}

func testDeviceDenied(t *testing.T, s *server) {
	_, _, err := s.device(t, func(b *browser, e source.Event) {
		_, page := b.open(e.URL)
		_, page = b.submit(page, url.Values{"user_code": {e.Code}})
		b.submit(page, url.Values{"abort": {"yes"}})
	})
	want(t, err, source.Denied, "access_denied")
}

func testDeviceExpired(t *testing.T, s *server) {
	_, _, err := s.device(t, func(*browser, source.Event) { s.move(t, "700") })
	want(t, err, source.NeedsLogin, "expired_token")
}
