package session

import (
	"errors"
	"os"
	"path/filepath"
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

// While a refresh token may be spent, a person's Ctrl-C waits for the answer, until something is shown.
func TestHold(t *testing.T) {
	for _, test := range []struct {
		about          string
		person, spends bool
		shown          bool
		signals        int
		stopped        bool
	}{
		{"a first login", true, false, false, 1, true},
		{"a renewal", true, true, false, 1, false},
		{"a renewal, twice", true, true, false, 2, true},
		{"a renewal that asks", true, true, true, 1, true},
		{"nobody there", false, true, false, 2, false},
	} {
		h := hold(test.person, test.spends)
		if test.shown && h.show() != nil {
			t.Errorf("%s: interrupted", test.about)
		}
		for range test.signals {
			h.take(os.Interrupt, test.person)
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
		if h.show() == nil {
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
