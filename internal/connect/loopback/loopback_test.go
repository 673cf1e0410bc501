package loopback_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/connect/loopback"
)

var wanted = loopback.Want{State: "fake-state", Issuer: "https://id.example.com", NeedIssuer: true}

const good = "?state=fake-state&code=fake-code&iss=https://id.example.com"

func listen(t *testing.T) *loopback.Listener {
	t.Helper()
	l, err := loopback.Listen(0, wanted)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func ask(t *testing.T, method, address, host string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// Nobody has to wait for a redirect when it comes, and only the first counts.
func TestFirst(t *testing.T) {
	l := listen(t)
	if u, err := url.Parse(l.RedirectURI()); err != nil || u.Hostname() != "127.0.0.1" || u.Port() == "0" || u.Path != "/callback" {
		t.Errorf("%s", l.RedirectURI())
	}
	resp, page := ask(t, "GET", l.RedirectURI()+good, "")
	if resp.StatusCode != 200 || strings.Contains(page, "fake-code") || strings.Contains(page, "<script") {
		t.Errorf("%d\n%s", resp.StatusCode, page)
	}
	for header, value := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"} {
		if resp.Header.Get(header) != value {
			t.Errorf("%s: %q", header, resp.Header.Get(header))
		}
	}
	if resp, _ := ask(t, "GET", l.RedirectURI()+strings.Replace(good, "fake-code", "other", 1), ""); resp.StatusCode != 400 {
		t.Errorf("the second has status %d", resp.StatusCode)
	}
	if code, err := l.Wait(context.Background()); code != "fake-code" || err != nil {
		t.Error(code, err)
	}
}

// What others send changes nothing.
func TestOthers(t *testing.T) {
	l := listen(t)
	base := strings.TrimSuffix(l.RedirectURI(), "/callback")
	for _, c := range []struct {
		method, address, host string
		status                int
	}{
		{"GET", base + "/favicon.ico", "", 404},
		{"GET", base + "/callback/" + good, "", 404},
		{"POST", l.RedirectURI() + good, "", 404},
		{"HEAD", l.RedirectURI() + good, "", 404},
		{"GET", l.RedirectURI() + good, "evil.example", 404}, // DNS rebinding
		{"GET", l.RedirectURI() + good, "localhost:" + base[strings.LastIndex(base, ":")+1:], 404},
		{"GET", l.RedirectURI(), "", 400},
		{"GET", l.RedirectURI() + "?state=fake-statf&code=x&iss=https://id.example.com", "", 400},
		{"GET", l.RedirectURI() + "?state=fake-state&code=x&iss=https://evil.example", "", 400},
		{"GET", l.RedirectURI() + "?state=fake-state&code=x", "", 400},
		{"GET", l.RedirectURI() + "?state=fake-state&iss=https://id.example.com", "", 400},
		{"GET", l.RedirectURI() + good + "&state=fake-state", "", 400},
		{"GET", l.RedirectURI() + good + "&error=access_denied", "", 400},
		{"GET", l.RedirectURI() + good + "&x=%zz", "", 400},
	} {
		if resp, _ := ask(t, c.method, c.address, c.host); resp.StatusCode != c.status {
			t.Errorf("%s %s for %q: status %d, want %d", c.method, c.address, c.host, resp.StatusCode, c.status)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if code, err := l.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", code, err)
	}
}

func TestRefused(t *testing.T) {
	l := listen(t)
	_, page := ask(t, "GET", l.RedirectURI()+"?state=fake-state&iss=https://id.example.com&error=access_denied&error_description=%3Cscript%3Eno", "")
	if !strings.Contains(page, "access_denied &lt;script&gt;no") {
		t.Error(page)
	}
	_, err := l.Wait(context.Background())
	if refused := new(loopback.Refused); !errors.As(err, &refused) || refused.Code != "access_denied" || refused.Description != "<script>no" {
		t.Error(err)
	}
}

func TestPort(t *testing.T) {
	busy, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	if _, err := loopback.Listen(busy.Addr().(*net.TCPAddr).Port, wanted); !errors.Is(err, loopback.ErrListen) || !strings.Contains(err.Error(), "port ") {
		t.Error(err)
	}
}

// A redirect that the user copied is checked as one that came.
func TestCopied(t *testing.T) {
	const own = "http://127.0.0.1:4711/callback"
	if code, err := wanted.Code(own, " "+own+good+"\n"); code != "fake-code" || err != nil {
		t.Error(code, err)
	}
	for _, address := range []string{"", "fake-code", "http://127.0.0.1:4712/callback" + good, "https://127.0.0.1:4711/callback" + good, own + "/x" + good,
		"http://user@127.0.0.1:4711/callback%" + good, own, own + "?state=x&code=fake-code&iss=https://id.example.com"} {
		if code, err := wanted.Code(own, address); !errors.Is(err, loopback.ErrRedirect) || strings.Contains(err.Error(), "fake-code") {
			t.Errorf("%s: %q, %v", address, code, err)
		}
	}
}
