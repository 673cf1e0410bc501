package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect/oauth"
	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// world is one whose clock only moves by sleeping.
type world struct {
	remote.World
	t      *testing.T
	now    time.Time
	slept  []time.Duration
	events []source.Event
	asleep func() // runs in each sleep
}

func newWorld(t *testing.T, event func(e source.Event) string) *world {
	w := &world{t: t, now: time.Now()}
	w.World = remote.World{
		HTTP:        &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Now:         func() time.Time { return w.now },
		Interactive: true,
		Sleep: func(ctx context.Context, d time.Duration) error {
			w.slept, w.now = append(w.slept, d), w.now.Add(d)
			if len(w.slept) > 100 {
				t.Error("it does not end")
				return errors.New("it does not end")
			}
			if w.asleep != nil {
				w.asleep()
			}
			return ctx.Err()
		},
		Event: func(e source.Event) (string, error) {
			w.events = append(w.events, e)
			if event == nil {
				t.Errorf("event %+v", e)
				return "", errors.New("nobody is here")
			}
			return event(e), nil
		},
	}
	return w
}

// obtain returns the answer, or the error that the caller would get. All that is secret here begins with
// fake, and neither errors nor events have any of it.
func (w *world) obtain(op source.Op, ref *source.Ref) (*source.Answer, *source.Error) {
	answer, err := oauth.Obtain(context.Background(), &w.World, op, "TOKEN", ref)
	var e *source.Error
	if err != nil && !errors.As(err, &e) {
		e = &source.Error{Class: "none", Message: err.Error()}
	}
	if said := fmt.Sprintf("%v %+v", err, w.events); strings.Contains(said, "fake") {
		w.t.Errorf("it says %s", said)
	}
	return answer, e
}

func want(t *testing.T, err *source.Error, class source.Class, text string) {
	t.Helper()
	if err == nil || err.Class != class || !strings.Contains(err.Message, text) {
		t.Errorf("error %+v, want class %s and %q", err, class, text)
	}
}

// browser is a person's.
type browser struct {
	t *testing.T
	*http.Client
	last *url.URL // where it was sent at the end
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, Client: &http.Client{Jar: jar}}
	b.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		b.last = r.URL
		if len(via) > 20 {
			return errors.New("too many redirects")
		}
		return nil
	}
	return b
}

func (b *browser) open(address string) (status int, page string) {
	b.t.Helper()
	return b.read(b.Get(address))
}

func (b *browser) read(resp *http.Response, err error) (status int, page string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	b.last = resp.Request.URL
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

var (
	action = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	abort  = regexp.MustCompile(`href="([^"]+/abort)"`)
)

// submit sends the form of a page.
func (b *browser) submit(page string, fields url.Values) (status int, next string) {
	b.t.Helper()
	m := action.FindStringSubmatch(page)
	if m == nil {
		b.t.Fatalf("no form in %s:\n%s", b.last, page)
	}
	to, err := b.last.Parse(m[1])
	if err != nil {
		b.t.Fatal(err)
	}
	for _, h := range hidden.FindAllStringSubmatch(page, -1) {
		if !fields.Has(h[1]) {
			fields.Set(h[1], h[2])
		}
	}
	return b.read(b.PostForm(to.String(), fields))
}

// login goes through the pages of the server, from the login page that it is on.
func (b *browser) login(page string) (status int, last string) {
	b.t.Helper()
	_, page = b.submit(page, url.Values{"login": {"alice"}, "password": {"fake"}})
	return b.submit(page, url.Values{})
}
