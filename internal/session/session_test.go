package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/vaultfile"
)

// scene is a machine with a profile, and a program that gives what the test says.
type scene struct {
	*Manager
	t     *testing.T
	p     *vaultfile.Profile
	now   time.Time
	give  func(r *source.Request) (*source.Response, error)
	asked []string // for each start: the sources
	told  []string

	mu sync.Mutex
}

func newScene(t *testing.T) *scene {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	p, err := vaultfile.New().Add("default", []vaultfile.Recipient{{Name: "alice", Writer: true, String: id.Recipient().String()}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{t: t, p: p, now: time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)}
	s.Manager = &Manager{State: filepath.Join(t.TempDir(), "state"), Config: filepath.Join(t.TempDir(), "config"), Now: func() time.Time { return s.now }, Tell: s}
	s.Run = func(_ string, r *source.Request, _ func(source.Event) (string, error), _ <-chan struct{}) (*source.Response, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, strings.Join(sortedKeys(r.Refs), " "))
		return s.give(r)
	}
	s.give = s.gives(time.Hour, "one")
	return s
}

func (s *scene) StillValid(n *Node, why error, until time.Time) {
	s.told = append(s.told, n.Name+" still valid")
}
func (s *scene) NotKept(n *Node, why error) { s.told = append(s.told, n.Name+" not kept") }

// gives answers with a value for each source, and a session that the program wants back.
func (s *scene) gives(valid time.Duration, value string) func(r *source.Request) (*source.Response, error) {
	return func(r *source.Request) (*source.Response, error) {
		answers := map[string]*source.Answer{}
		for name := range r.Refs {
			answers[name] = &source.Answer{Values: map[string]string{name: value}, Expires: s.now.Add(valid), Session: json.RawMessage(`{"refresh":"not-real"}`)}
		}
		return &source.Response{V: 1, Answers: answers}, nil
	}
}

func (s *scene) fails(class source.Class) func(r *source.Request) (*source.Response, error) {
	return func(r *source.Request) (*source.Response, error) {
		answers := map[string]*source.Answer{}
		for name := range r.Refs {
			answers[name] = &source.Answer{Error: &source.Error{Class: class, Message: "said no"}}
		}
		return &source.Response{V: 1, Answers: answers}, nil
	}
}

func (s *scene) define(name, kind string, d format.Definition) {
	s.t.Helper()
	if _, err := s.p.SetSource(vaultfile.Source{Name: name, Kind: kind, Definition: d}); err != nil {
		s.t.Fatal(err)
	}
	s.agree(name)
}

func (s *scene) plan() *Plan {
	s.t.Helper()
	plan, err := NewPlan(s.p)
	if err != nil {
		s.t.Fatal(err)
	}
	return plan
}

func (s *scene) agree(name string) {
	s.t.Helper()
	plan := s.plan()
	n, err := plan.Node(name)
	if err == nil {
		err = s.Agree(plan, n)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// obtained returns what a source gives under its own name, or the error.
func (s *scene) obtained(name string, o Options) string {
	given, err := s.Obtain(s.plan(), []string{name}, o)
	if err != nil {
		return err.Error()
	}
	return given[name].Values[name]
}

func (s *scene) set(name, value string) {
	s.t.Helper()
	if _, err := s.p.Set(name, []byte(value)); err != nil {
		s.t.Fatal(err)
	}
}

// files returns everything that is on the disk.
func (s *scene) files() (all []byte) {
	for _, dir := range []string{s.State, s.Config} {
		filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err == nil && info.Mode().IsRegular() {
				b, _ := os.ReadFile(path)
				all = append(all, b...)
				if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
					s.t.Errorf("%s has mode %o", path, info.Mode().Perm())
				}
			}
			return nil
		})
	}
	return all
}

func TestKept(t *testing.T) {
	s := newScene(t)
	s.set("KEY", "not-real-secret")
	s.define("A", "x", format.Definition{"secrets": []string{"KEY"}})
	want := func(what, value string, starts int) {
		t.Helper()
		if got := s.obtained("A", Options{}); got != value || len(s.asked) != starts {
			t.Errorf("%s: %q after %d starts, want %q after %d", what, got, len(s.asked), value, starts)
		}
	}
	want("at first", "one", 1)
	s.give = s.gives(time.Hour, "two")
	want("again", "one", 1)
	for _, secret := range []string{"not-real", "one", "not-real-secret"} {
		if bytes.Contains(s.files(), []byte(secret)) {
			t.Errorf("%q is on the disk in clear", secret)
		}
	}
	s.now = s.now.Add(53 * time.Minute)
	want("with seven minutes left", "one", 1)
	s.now = s.now.Add(time.Minute + time.Second)
	want("with less than a tenth", "two", 2)

	s.now = s.now.Add(40 * time.Minute)
	s.give = s.gives(time.Hour, "three")
	if got := s.obtained("A", Options{MinValid: 15 * time.Minute}); got != "two" {
		t.Errorf("at least 15 minutes, of 20: %q", got)
	}
	if got := s.obtained("A", Options{MinValid: 30 * time.Minute}); got != "three" {
		t.Errorf("at least 30 minutes, of 20: %q", got)
	}
	s.give = s.gives(time.Hour, "four")
	if got := s.obtained("A", Options{Anew: true}); got != "four" {
		t.Errorf("anew: %q", got)
	}
}

// What the program gave comes back to it, and to no program of another definition or with another secret (row 8g).
func TestVoid(t *testing.T) {
	s := newScene(t)
	s.set("KEY", "first")
	s.define("A", "x", format.Definition{"secrets": []string{"KEY"}})
	s.obtained("A", Options{})
	var session string
	look := func(r *source.Request) (*source.Response, error) {
		session = string(r.Refs["A"].Session)
		return s.gives(time.Hour, "new")(r)
	}
	s.give = look
	s.now = s.now.Add(2 * time.Hour)
	if s.obtained("A", Options{}); session != `{"refresh":"not-real"}` {
		t.Errorf("the session that came back: %q", session)
	}
	for what, change := range map[string]func(){
		"a changed secret": func() { s.set("KEY", "second") },
		"a changed definition": func() {
			s.define("A", "x", format.Definition{"secrets": []string{"KEY"}, "url": "https://evil.example.org"})
		},
		"another kind": func() { s.define("A", "y", format.Definition{"secrets": []string{"KEY"}}) },
		"new keys": func() {
			if err := s.p.Rotate(); err != nil {
				t.Fatal(err)
			}
		},
		"another machine": func() { os.WriteFile(filepath.Join(s.Config, "machine.secret"), bytes.Repeat([]byte{1}, 32), 0o600) },
	} {
		s.obtained("A", Options{})
		change()
		session, s.asked = "unasked", nil
		if got := s.obtained("A", Options{}); got != "new" || session != "" || len(s.asked) != 1 {
			t.Errorf("%s: %q, session %q, %d starts", what, got, session, len(s.asked))
		}
	}
}

func TestConsent(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	change := func(d format.Definition) {
		if _, err := s.p.SetSource(vaultfile.Source{Name: "A", Kind: "x", Definition: d}); err != nil {
			t.Fatal(err)
		}
	}
	change(format.Definition{"url": "https://evil.example.org"})
	_, err := s.Obtain(s.plan(), []string{"A"}, Options{})
	if !errors.Is(err, ErrNotAgreed) || len(s.asked) > 0 {
		t.Errorf("changed by somebody: %v, %d starts", err, len(s.asked))
	}
	n, err := s.plan().Node("A")
	if err != nil {
		t.Fatal(err)
	}
	s.Pins = "B:00,A:" + n.Digest.String()
	if got := s.obtained("A", Options{}); got != "one" {
		t.Errorf("agreed to in the environment: %q", got)
	}
	change(format.Definition{"url": "https://worse.example.org"})
	if _, err = s.Obtain(s.plan(), []string{"A"}, Options{}); !errors.Is(err, ErrNotAgreed) {
		t.Errorf("changed after that: %v", err)
	}
	// What was agreed to once is not agreed to again, if something else was meanwhile.
	change(format.Definition{})
	s.agree("A")
	change(format.Definition{"url": "https://evil.example.org"})
	s.agree("A")
	s.Pins = ""
	change(format.Definition{})
	if _, err = s.Obtain(s.plan(), []string{"A"}, Options{}); !errors.Is(err, ErrNotAgreed) {
		t.Errorf("an earlier definition: %v", err)
	}
}

func TestFailures(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	s.obtained("A", Options{})
	s.now = s.now.Add(57 * time.Minute)
	s.give = s.fails(source.Unavailable)
	if got := s.obtained("A", Options{}); got != "one" || !slices.Equal(s.told, []string{"A still valid"}) {
		t.Errorf("unavailable, three minutes left: %q, told %q", got, s.told)
	}
	s.now = s.now.Add(4 * time.Minute)
	if got := s.obtained("A", Options{}); got != "source A: said no" {
		t.Errorf("unavailable, nothing left: %q", got)
	}
	// A refresh token that the server refused is not sent again.
	s.give = s.fails(source.NeedsLogin)
	s.obtained("A", Options{})
	var session string
	s.give = func(r *source.Request) (*source.Response, error) {
		session = string(r.Refs["A"].Session)
		return s.gives(time.Hour, "new")(r)
	}
	if got := s.obtained("A", Options{}); got != "new" || session != "" {
		t.Errorf("after a refused refresh: %q, session %q", got, session)
	}
	for what, answer := range map[string]*source.Answer{
		"nothing":               {},
		"another variable":      {Values: map[string]string{"PATH": "/tmp"}},
		"more than it may give": {Values: map[string]string{"A": "1", "LD_PRELOAD": "x"}},
		"something expired":     {Values: map[string]string{"A": "1"}, Expires: s.now.Add(-time.Second)},
		"no answer":             nil,
	} {
		s.give = func(*source.Request) (*source.Response, error) {
			return &source.Response{V: 1, Answers: map[string]*source.Answer{"A": answer}}, nil
		}
		if got := s.obtained("A", Options{Anew: true}); !strings.HasPrefix(got, "source A: gave ") {
			t.Errorf("%s: %q", what, got)
		}
	}
}

// Many processes that find an expired session send one request.
func TestOneRequest(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	plan := s.plan()
	if _, err := plan.Node("A"); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			m := *s.Manager
			if given, err := m.Obtain(plan, []string{"A"}, Options{}); err != nil || given["A"].Values["A"] != "one" {
				t.Errorf("%v, %v", given, err)
			}
		})
	}
	all.Wait()
	if len(s.asked) != 1 {
		t.Errorf("%d requests", len(s.asked))
	}
}

func TestUnkept(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	pins, err := s.plan().Node("A")
	if err != nil {
		t.Fatal(err)
	}
	s.Pins = "A:" + pins.Digest.String()
	s.State = "/dev/null/state"
	if got := s.obtained("A", Options{}); got != "one" || !slices.Equal(s.told, []string{"A not kept"}) {
		t.Errorf("%q, told %q", got, s.told)
	}
}

func ExampleDigest_String() {
	fmt.Println(Digest{1, 2})
	// Output: 0102000000000000000000000000000000000000000000000000000000000000
}

// A page is shown only if its host is one that the user agreed to (row 8g).
func TestEvents(t *testing.T) {
	n := &Node{Source: vaultfile.Source{Name: "A", Kind: "x", Definition: format.Definition{"hosts": []string{"login.example.org", "127.0.0.1:8080"}}}}
	for _, test := range []struct {
		event source.Event
		ok    bool
	}{
		{source.Event{Event: "browser", URL: "https://login.example.org/authorize?a=b"}, true},
		{source.Event{Event: "browser", URL: "https://login.example.org:443/"}, true},
		{source.Event{Event: "browser", URL: "http://127.0.0.1:8080/x"}, true},
		{source.Event{Event: "browser", URL: "https://evil.example.org/"}, false},
		{source.Event{Event: "browser", URL: "https://login.example.org.evil.example.org/"}, false},
		{source.Event{Event: "browser", URL: "https://login.example.org@evil.example.org/"}, false},
		{source.Event{Event: "browser", URL: "https://login.example.org\\@evil.example.org/"}, false},
		{source.Event{Event: "browser", URL: "http://login.example.org/"}, false},
		{source.Event{Event: "browser", URL: "file:///etc/passwd"}, false},
		{source.Event{Event: "browser", URL: "javascript:alert(1)"}, false},
		{source.Event{Event: "browser", URL: "https://login.example.org/\x1b[2J"}, false},
		{source.Event{Event: "browser", URL: "https://login.example.org/" + strings.Repeat("x", 2048)}, false},
		{source.Event{Event: "browser", URL: "--help"}, false},
		{source.Event{Event: "device", URL: "https://login.example.org/", Code: "ABCD-1234"}, true},
		{source.Event{Event: "device", URL: "https://login.example.org/", Code: "now open evil.example.org"}, false},
		{source.Event{Event: "device", URL: "https://login.example.org/"}, false},
		{source.Event{Event: "ask", What: "mfa"}, true},
	} {
		if why := n.wrongEvent(test.event); (why == "") != test.ok {
			t.Errorf("%+v: %q", test.event, why)
		}
	}
}
