package session

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/vaultfile"
)

// person says yes to everything.
type person struct{ shown []string }

func (p *person) Agree(*Node) error { return nil }

func (p *person) Event(n *Node, e source.Event) (string, error) {
	p.shown = append(p.shown, n.Name+" "+e.Event)
	return "123456", nil
}

// A program asks for the sources that it was asked for, and not without end.
func TestOtherEvents(t *testing.T) {
	s := newScene(t)
	s.define("A", "demo", format.Definition{"hosts": []string{"login.example.org"}})
	s.define("B", "demo", format.Definition{"hosts": []string{"other.example.org"}})
	s.agree("A")
	for _, test := range []struct {
		event source.Event
		n     int
		want  string
	}{
		{source.Event{Event: "browser", Source: "A", URL: "https://login.example.org/"}, 1, ""},
		{source.Event{Event: "browser", Source: "B", URL: "https://other.example.org/"}, 1, ErrPerson.Error()},
		{source.Event{Event: "browser", Source: "A", URL: "https://login.example.org/"}, 17, "asks for too much"},
	} {
		who := &person{}
		s.Person = who
		s.Run = func(_ string, r *source.Request, event func(source.Event) (string, error), _ <-chan struct{}) (*source.Response, error) {
			for range test.n {
				if _, err := event(test.event); err != nil {
					return nil, err
				}
			}
			return s.gives(time.Hour, "one")(r)
		}
		_, err := s.Obtain(s.plan(), []string{"A"}, Options{Anew: true})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.event, err, test.want)
		}
		if len(who.shown) > maxEvents || test.event.Source == "B" && len(who.shown) > 0 {
			t.Errorf("%+v: shown %q", test.event, who.shown)
		}
	}
}

// What may be renewed is, before a person is asked for anything: a Ctrl-C then loses no refresh token.
func TestRenewedFirst(t *testing.T) {
	s := newScene(t)
	s.Person = &person{}
	for _, name := range []string{"A", "B", "C"} {
		s.define(name, "x", format.Definition{})
	}
	s.obtained("A", Options{})
	s.obtained("B", Options{})
	s.now = s.now.Add(2 * time.Hour)
	s.asked = nil
	s.give = func(r *source.Request) (*source.Response, error) {
		if r.Interactive {
			return nil, &source.Error{Class: source.NeedsLogin, Message: "stopped"}
		}
		return &source.Response{V: 1, Answers: map[string]*source.Answer{
			"A": {Values: map[string]string{"A": "new"}, Session: []byte(`"next"`)},
			"B": {Error: &source.Error{Class: source.NeedsLogin, Message: "refused"}},
		}}, nil
	}
	if _, err := s.Obtain(s.plan(), []string{"A", "B", "C"}, Options{}); err == nil || !slices.Equal(s.asked, []string{"A B", "B C"}) {
		t.Errorf("%v, asked %q", err, s.asked)
	}
	kept, err := s.Kept(s.plan())
	if err != nil || kept["A"] == nil || kept["A"].Values["A"] != "new" || string(kept["A"].Source) != `"next"` {
		t.Errorf("%v, %v", kept["A"], err)
	}
}

// What one source of a start gave is kept, whatever failed beside it.
func TestKeptBesideFailure(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	s.define("B", "x", format.Definition{})
	s.give = func(r *source.Request) (*source.Response, error) {
		return &source.Response{V: 1, Answers: map[string]*source.Answer{
			"A": {Error: &source.Error{Class: source.Denied, Message: "said no"}}, "B": {Values: map[string]string{"B": "new"}},
		}}, nil
	}
	if _, err := s.Obtain(s.plan(), []string{"A", "B"}, Options{}); err == nil {
		t.Error("no error")
	}
	if kept, err := s.Kept(s.plan()); err != nil || kept["B"] == nil {
		t.Errorf("%v, %v", kept, err)
	}
}

// A person's first Ctrl-C ends a login, and the second a renewal, whose refresh token may be spent.
func TestHold(t *testing.T) {
	for _, test := range []struct {
		about           string
		terminal, asked bool
		signals         int
		stopped         bool
	}{
		{"a login", true, true, 1, true},
		{"a login, twice", true, true, 2, true},
		{"a renewal", true, false, 1, false},
		{"a renewal, twice", true, false, 2, true},
		{"nobody there", false, false, 2, false},
	} {
		w := &work{m: &Manager{}}
		if test.terminal {
			w.m.Person = &person{}
		}
		h := hold(w.patience(test.asked))
		for range test.signals {
			h.take(os.Interrupt)
		}
		select {
		case <-h.stop:
			if !test.stopped {
				t.Errorf("%s: stopped", test.about)
			}
		default:
			if test.stopped {
				t.Errorf("%s: goes on", test.about)
			}
		}
		if h.or(nil) == nil {
			t.Errorf("%s: something is shown after a signal", test.about)
		}
		h.release()
	}
}

// Without a directory that can be written, what a person agrees to and what is obtained last for the command.
func TestUnwritable(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	state := s.State
	s.Person, s.State = &person{}, "/dev/null/state"
	if got := s.obtained("A", Options{}); got != "one" {
		t.Error(got)
	}
	s.Person, s.State = nil, state
	s.agree("A")
	give := s.give
	s.give = func(r *source.Request) (*source.Response, error) {
		response, err := give(r)
		response.Answers["A"].Session = []byte(`"not-real-refresh"`)
		return response, err
	}
	if got := s.obtained("A", Options{}); got != "one" {
		t.Error(got)
	}
	locks, _ := filepath.Glob(filepath.Join(state, "sessions", "*.lock"))
	for _, lock := range locks {
		if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil {
			t.Fatal(err)
		}
	}
	s.now = s.now.Add(2 * time.Hour)
	s.give = func(r *source.Request) (*source.Response, error) {
		if r.Refs["A"].Session != nil {
			t.Error("a refresh token is spent, and the new one can't be kept")
		}
		return give(r)
	}
	if got := s.obtained("A", Options{}); got != "one" || len(locks) != 1 {
		t.Errorf("%q, %d locks", got, len(locks))
	}
}

// A chain is too long however it is reached.
func TestLongChain(t *testing.T) {
	s := newScene(t)
	names := []string{"A", "B", "C", "D", "E"}
	for i, name := range names {
		d := format.Definition{"role_arn": "arn:aws:iam::123456789012:role/deploy"}
		if i > 0 {
			d["from"] = names[i-1]
		}
		if _, err := s.p.SetSource(vaultfile.Source{Name: name, Kind: "aws", Definition: d}); err != nil {
			t.Fatal(err)
		}
	}
	plan := s.plan()
	for i, name := range names {
		if _, err := plan.Node(name); (err == nil) != (i < maxLevels) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// decliner agrees to nothing.
type decliner struct{ person }

var errDeclined = errors.New("no")

func (*decliner) Agree(*Node) error { return errDeclined }

// What a person does not agree to is not started, and not remembered as agreed to.
func TestDeclined(t *testing.T) {
	s := newScene(t)
	s.define("A", "demo", format.Definition{})
	if _, err := s.p.SetSource(vaultfile.Source{Name: "A", Kind: "demo", Definition: format.Definition{"url": "https://other.example.org"}}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []Person{&decliner{}, &decliner{}, nil} {
		s.Person = p
		want := errDeclined
		if p == nil {
			want = ErrNotAgreed
		}
		if _, err := s.Obtain(s.plan(), []string{"A"}, Options{}); !errors.Is(err, want) || len(s.asked) > 0 {
			t.Errorf("%v, %d starts", err, len(s.asked))
		}
	}
}

// A page that is not of the source's own hosts is not shown, nor is any to nobody.
func TestWrongPage(t *testing.T) {
	s := newScene(t)
	s.define("A", "demo", format.Definition{"hosts": []string{"login.example.org"}})
	for url, interactive := range map[string]bool{"https://evil.example.org/": true, "https://login.example.org/": false} {
		who := &person{}
		w := &work{m: s.Manager, plan: s.plan()}
		w.m.Person = who
		r := &source.Request{Interactive: interactive, Refs: map[string]*source.Ref{"A": {}}}
		if _, err := w.events(r, &holding{})(source.Event{Event: "browser", Source: "A", URL: url}); err == nil || len(who.shown) > 0 {
			t.Errorf("%s: %v, shown %q", url, err, who.shown)
		}
	}
}
