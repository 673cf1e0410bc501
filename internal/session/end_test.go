package session

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/vaultfile"
)

// ended ends what is kept of A, after a change, and returns whether the server did too.
func (s *scene) ended(change func()) bool {
	s.t.Helper()
	kept, err := s.Kept(s.plan())
	if err != nil || kept["A"] == nil {
		s.t.Fatalf("%v, %v", kept, err)
	}
	change()
	revoked, err := s.End(kept["A"])
	if err != nil {
		s.t.Error(err)
	}
	return revoked
}

func (s *scene) revokes(r *source.Request) (*source.Response, error) {
	if r.Op != source.Revoke || string(r.Refs["A"].Session) != `{"refresh":"not-real"}` {
		s.t.Errorf("%s %+v", r.Op, r.Refs["A"])
	}
	return &source.Response{V: 1, Answers: map[string]*source.Answer{"A": {Revoked: true}}}, nil
}

func TestEnd(t *testing.T) {
	s := newScene(t)
	for what, change := range map[string]func(){
		"nothing": func() {},
		"new keys": func() {
			if err := s.p.Rotate(); err != nil {
				t.Fatal(err)
			}
		},
		"removed": func() {
			if err := s.p.Unset("A"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		s.define("A", "x", format.Definition{})
		s.give = s.gives(time.Hour, "one")
		s.obtained("A", Options{Anew: true})
		s.give = s.revokes
		if !s.ended(change) {
			t.Errorf("%s: not revoked", what)
		}
		if left, err := os.ReadDir(s.store().dir); err != nil || len(left) != 1 { // the lock
			t.Errorf("%s: %v, %v", what, left, err)
		}
	}
}

// Where the definition changed, what was obtained is of no use any more, and nothing is sent.
func TestEndChanged(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	s.obtained("A", Options{})
	if _, err := s.p.SetSource(vaultfile.Source{Name: "A", Kind: "x", Definition: format.Definition{"url": "https://evil.example.org"}}); err != nil {
		t.Fatal(err)
	}
	if kept, err := s.Kept(s.plan()); err != nil || len(kept) > 0 {
		t.Errorf("%v, %v", kept, err)
	}
}

// identityCenter are two roles behind one login.
func (s *scene) identityCenter() {
	s.t.Helper()
	for name, role := range map[string]string{"A": "Developer", "B": "Audit"} {
		s.define(name, "aws", format.Definition{"sso_start_url": "https://example.awsapps.com/start", "sso_region": "eu-central-1", "account_id": "123456789012", "role_name": role})
	}
}

// sees answers a request of one source, and keeps the login that came with it.
func (s *scene) sees(got *string, login string) func(r *source.Request) (*source.Response, error) {
	return func(r *source.Request) (*source.Response, error) {
		answers := map[string]*source.Answer{}
		for name, ref := range r.Refs {
			*got = string(ref.Session)
			answers[name] = &source.Answer{Values: map[string]string{"AWS_ACCESS_KEY_ID": name}, Expires: s.now.Add(time.Hour), Session: json.RawMessage(login)}
		}
		return &source.Response{V: 1, Answers: answers}, nil
	}
}

// A login at IAM Identity Center is made once for all roles behind it, whichever is used first.
func TestSharedLogin(t *testing.T) {
	s := newScene(t)
	s.identityCenter()
	var got string
	use := func(name, login, want string) {
		t.Helper()
		got = "nothing"
		s.give = s.sees(&got, login)
		if _, err := s.Obtain(s.plan(), []string{name}, Options{}); err != nil || got != want {
			t.Errorf("%s: the login %q came, want %q; %v", name, got, want, err)
		}
	}
	use("A", `"first"`, "")
	use("B", `"second"`, `"first"`)
	s.now = s.now.Add(2 * time.Hour)
	use("A", `"third"`, `"second"`)
	s.define("B", "aws", format.Definition{"sso_start_url": "https://other.awsapps.com/start", "sso_region": "eu-central-1", "account_id": "123456789012", "role_name": "Audit"})
	use("B", `"other"`, "")
	s.now = s.now.Add(2 * time.Hour)
	use("A", `"fourth"`, `"third"`)
}

// What failed for one of those that share a login is not asked for again by one that waited.
func TestSharedLoginFails(t *testing.T) {
	s := newScene(t)
	s.identityCenter()
	s.give = s.fails(source.Denied)
	if _, err := s.Obtain(s.plan(), []string{"A"}, Options{}); err == nil {
		t.Fatal("no error")
	}
	s.now = s.now.Add(-time.Second) // as if it had begun before
	s.asked = nil
	if _, err := s.Obtain(s.plan(), []string{"B"}, Options{}); err == nil || len(s.asked) > 0 {
		t.Errorf("%v, %d starts", err, len(s.asked))
	}
}

// The successor of a spent refresh token is kept, even where the session of before goes on.
func TestSuccessorKept(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	s.obtained("A", Options{})
	s.now = s.now.Add(57 * time.Minute)
	s.give = func(*source.Request) (*source.Response, error) {
		return &source.Response{V: 1, Answers: map[string]*source.Answer{"A": {
			Error: &source.Error{Class: source.Unavailable, Message: "is not there"}, Session: json.RawMessage(`"successor"`),
		}}}, nil
	}
	if got := s.obtained("A", Options{}); got != "one" {
		t.Errorf("%q", got)
	}
	var got string
	s.give = func(r *source.Request) (*source.Response, error) {
		got = string(r.Refs["A"].Session)
		return s.gives(time.Hour, "two")(r)
	}
	if s.obtained("A", Options{}); got != `"successor"` {
		t.Errorf("the session %q came", got)
	}
}
