package session

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/vaultfile"
)

// keeps returns what is kept of a source.
func (s *scene) keeps(name string) *Given {
	s.t.Helper()
	kept, err := s.Kept(s.plan())
	if err != nil || kept[name] == nil {
		s.t.Fatalf("%v, %v", kept, err)
	}
	return kept[name]
}

// ended ends what is kept of A, after a change, and returns whether the server did too.
func (s *scene) ended(change func()) bool {
	s.t.Helper()
	a := s.keeps("A")
	change()
	revoked, err := s.End(a)
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

// A shared login goes to no definition that was not agreed to, and to no other server (row 8g).
func TestSharedLoginAttacked(t *testing.T) {
	s := newScene(t)
	s.identityCenter()
	var got string
	s.give = s.sees(&got, `"login"`)
	if _, err := s.Obtain(s.plan(), []string{"A"}, Options{}); err != nil {
		t.Fatal(err)
	}
	d := format.Definition{"sso_start_url": "https://example.awsapps.com/start", "sso_region": "eu-central-1", "account_id": "123456789012", "role_name": "Admin"}
	if _, err := s.p.SetSource(vaultfile.Source{Name: "B", Kind: "aws", Definition: d}); err != nil {
		t.Fatal(err)
	}
	s.asked = nil
	if _, err := s.Obtain(s.plan(), []string{"B"}, Options{}); !errors.Is(err, ErrNotAgreed) || len(s.asked) > 0 {
		t.Errorf("%v, asked %q", err, s.asked)
	}
	for key, value := range map[string]string{"endpoint": "http://127.0.0.1:1", "sso_region": "us-east-1", "sso_start_url": "https://evil.awsapps.com/start"} {
		other := maps.Clone(d)
		other[key] = value
		s.define("B", "aws", other)
		if _, err := s.Obtain(s.plan(), []string{"B"}, Options{Anew: true}); err != nil || got != "" {
			t.Errorf("%s: the login %q came; %v", key, got, err)
		}
	}
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

// Where nothing can be written, nothing is forgotten, and nobody is told that it was.
func TestEndUnwritable(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	s.obtained("A", Options{})
	a := s.keeps("A")
	lock := a.kept.box.path + ".lock"
	if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil {
		t.Fatal(err)
	}
	var failed *SourceError
	if _, err := s.End(a); err == nil || errors.As(err, &failed) {
		t.Errorf("%v", err)
	}
}

// A logout that waited for another process ends what is there, whether that one failed or not.
func TestEndAfterFailure(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	s.obtained("A", Options{})
	a := s.keeps("A")
	a.kept.box.fail(ErrPerson, s.now.Add(time.Second))
	s.give = s.revokes
	if revoked, err := s.End(a); !revoked || err != nil {
		t.Errorf("%v, %v", revoked, err)
	}
}

// Where one of the sources that share a login is removed, the others keep it.
func TestEndOnly(t *testing.T) {
	s := newScene(t)
	s.identityCenter()
	var got string
	s.give = s.sees(&got, `"login"`)
	if _, err := s.Obtain(s.plan(), []string{"A", "B"}, Options{}); err != nil {
		t.Fatal(err)
	}
	a := s.keeps("A")
	s.asked = nil
	a.Only()
	if revoked, err := s.End(a); revoked || err != nil || len(s.asked) > 0 {
		t.Errorf("%v, %v, asked %q", revoked, err, s.asked)
	}
	s.now, got = s.now.Add(2*time.Hour), ""
	if _, err := s.Obtain(s.plan(), []string{"B"}, Options{}); err != nil || got != `"login"` {
		t.Errorf("%q, %v", got, err)
	}
}

// A login that sources share is ended once, and then each of them is logged out.
func TestEndShared(t *testing.T) {
	s := newScene(t)
	s.identityCenter()
	var got string
	s.give = s.sees(&got, `"login"`)
	if _, err := s.Obtain(s.plan(), []string{"A", "B"}, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, told := range []bool{true, false} {
		kept, err := s.Kept(s.plan())
		if err != nil || len(kept) != 2 {
			t.Fatalf("%v, %v", kept, err)
		}
		s.asked = nil
		s.give = func(*source.Request) (*source.Response, error) {
			return &source.Response{V: 1, Answers: map[string]*source.Answer{"A": {Revoked: told}}}, nil
		}
		for _, name := range []string{"A", "B"} {
			if revoked, err := s.End(kept[name]); revoked != told || err != nil {
				t.Errorf("%s: %v, want %v; %v", name, revoked, told, err)
			}
		}
		if len(s.asked) != 1 {
			t.Errorf("asked %q", s.asked)
		}
		s.give = s.sees(&got, `"login"`)
		s.Obtain(s.plan(), []string{"A", "B"}, Options{})
	}
}

// A login whose role was refused, or was changed since, can still be ended.
func TestEndLoginAlone(t *testing.T) {
	s := newScene(t)
	s.identityCenter()
	s.give = func(*source.Request) (*source.Response, error) {
		return &source.Response{V: 1, Answers: map[string]*source.Answer{"A": {
			Error: &source.Error{Class: source.Denied, Message: "said no"}, Session: json.RawMessage(`"login"`),
		}}}, nil
	}
	if _, err := s.Obtain(s.plan(), []string{"A"}, Options{}); err == nil {
		t.Fatal("no error")
	}
	kept, err := s.Kept(s.plan())
	if err != nil || len(kept) != 1 || kept["A"] == nil {
		t.Fatalf("%v, %v", kept, err)
	}
	var got string
	s.give = func(r *source.Request) (*source.Response, error) {
		got = string(r.Refs["A"].Session)
		return &source.Response{V: 1, Answers: map[string]*source.Answer{"A": {Revoked: true}}}, nil
	}
	if revoked, err := s.End(kept["A"]); !revoked || err != nil || got != `"login"` {
		t.Errorf("%v, %v, %s", revoked, err, got)
	}
	if kept, err := s.Kept(s.plan()); err != nil || len(kept) > 0 {
		t.Errorf("%v, %v", kept, err)
	}
}

// A role that is refused is not the failure of the login, nor of another role behind it.
func TestSharedLoginRefusesRole(t *testing.T) {
	s := newScene(t)
	s.identityCenter()
	s.give = func(*source.Request) (*source.Response, error) {
		return &source.Response{V: 1, Answers: map[string]*source.Answer{"A": {
			Error: &source.Error{Class: source.Denied, Message: "said no"}, Session: json.RawMessage(`"login"`),
		}}}, nil
	}
	if _, err := s.Obtain(s.plan(), []string{"A"}, Options{}); err == nil {
		t.Fatal("no error")
	}
	s.now = s.now.Add(-time.Second) // as if it had begun before
	var got string
	s.give = s.sees(&got, `"login"`)
	if _, err := s.Obtain(s.plan(), []string{"B"}, Options{}); err != nil || got != `"login"` {
		t.Errorf("%v, %s", err, got)
	}
}

// Processes that need two logins take them in the same order, whatever their sources are called.
func TestTwoLogins(t *testing.T) {
	s := newScene(t)
	for name, start := range map[string]string{"A": "one", "B": "two", "C": "two", "D": "one"} {
		s.define(name, "aws", format.Definition{"sso_start_url": "https://" + start + ".awsapps.com/start", "sso_region": "eu-central-1", "account_id": "123456789012", "role_name": name})
	}
	w := &work{m: s.Manager, plan: s.plan(), store: s.store(), done: map[string]*Given{}}
	done := make(chan bool)
	for _, names := range [][]string{{"A", "B"}, {"C", "D"}} {
		var list []*pending
		for _, name := range names {
			n, err := w.plan.Node(name)
			if err != nil {
				t.Fatal(err)
			}
			p, err := w.prepare(n)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, p)
		}
		go func() {
			for range 200 {
				if release, err := w.lock(list); err != nil {
					t.Error(err)
				} else {
					release()
				}
			}
			done <- true
		}()
	}
	for range 2 {
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatal("each waits for the other")
		}
	}
}

// A login that another process renewed meanwhile is the one that is sent, even by one that logs in anew.
func TestAnewSeesNewest(t *testing.T) {
	s := newScene(t)
	s.define("A", "x", format.Definition{})
	s.obtained("A", Options{})
	a := s.keeps("A")
	b := a.kept.box
	release, err := atomicfile.Lock(b.path+".lock", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	go func() { // the other process
		time.Sleep(200 * time.Millisecond)
		b.save(&Session{Kind: "x", Values: map[string]string{"A": "two"}, Source: json.RawMessage(`"newest"`)})
		release()
	}()
	var got string
	s.give = func(r *source.Request) (*source.Response, error) {
		got = string(r.Refs["A"].Session)
		return s.gives(time.Hour, "three")(r)
	}
	if value := s.obtained("A", Options{Anew: true}); value != "three" || got != `"newest"` {
		t.Errorf("%q, the session %s came", value, got)
	}
}
