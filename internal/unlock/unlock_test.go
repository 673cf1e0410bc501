package unlock

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/keycache"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

// user is who opens profiles: what they have, what they answer, and what they were asked.
type user struct {
	t       *testing.T
	keys    *Keys
	store   *store
	files   []string
	answers []string // "" is a missing terminal, "^C" an interrupt
	asked   []string
	derived int // how many keys were derived from passphrases
}

func newUser(t *testing.T) *user {
	u := &user{t: t, store: &store{}}
	u.keys = &Keys{
		Ask:    u,
		Derive: u.derive,
		Cache:  &Cache{Open: func() (keycache.Store, error) { return u.store, nil }, Now: time.Now},
		GPG: GPG{
			Program:     func() *openpgp.GPG { return &openpgp.GPG{Program: "no-such-gpg"} },
			HasTerminal: func() bool { return false },
		},
	}
	sources := func() []*keys.Source {
		return keys.Sources(u.files, func(string) (string, bool) { return "", false }, nil)
	}
	var once []*keys.Source
	u.keys.Sources = func() []*keys.Source {
		if once == nil {
			once = sources()
		}
		return once
	}
	return u
}

// derive is cheap and counts.
func (u *user) derive(p kdf.Params, passphrase, salt []byte) ([]byte, error) {
	u.derived++
	key := sha256.Sum256(fmt.Append(nil, p, passphrase, salt))
	return key[:], p.Check()
}

func (u *user) answer(question string) (string, error) {
	u.asked = append(u.asked, question)
	if len(u.answers) == 0 {
		return "", term.ErrNoTerminal
	}
	next := u.answers[0]
	u.answers = u.answers[1:]
	if next == "^C" {
		return "", &term.Interrupted{Signal: syscall.SIGINT}
	}
	return next, nil
}

// Passphrase implements [Asker].
func (u *user) Passphrase(q Question) ([]byte, error) {
	name := map[Thing]string{File: "file", Lock: "lock", OpenPGPKey: "key"}[q.Thing] + " " + filepath.Base(q.Name)
	if q.Again != nil {
		name += " again"
	}
	s, err := u.answer(name)
	return []byte(s), err
}

// Checked implements [Asker].
func (u *user) Checked(outcome error) error { return outcome }

// Choose implements [Asker].
func (u *user) Choose(q Question, locks []string) (string, error) {
	return u.answer("which of " + strings.Join(locks, ","))
}

// has adds a file with the text of identities.
func (u *user) has(name, text string) {
	u.t.Helper()
	path := filepath.Join(u.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		u.t.Fatal(err)
	}
	u.files = append(u.files, path)
}

// locked is the text of identities under a passphrase, at a cost that takes no time.
func locked(t *testing.T, text, passphrase string) string {
	t.Helper()
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	r.SetWorkFactor(2)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// store is a key store in memory.
type store struct{ entries []keycache.Entry }

func (s *store) Name() string { return "the test's store" }

func (s *store) Put(e keycache.Entry, _ time.Time) error {
	s.entries = append(s.entries, e)
	return nil
}

func (s *store) All(now time.Time) (all []keycache.Entry, err error) {
	for _, e := range s.entries {
		if now.Before(e.Until) {
			all = append(all, e)
		}
	}
	return all, nil
}

func (s *store) Forget(time.Time) (int, error) { return 0, nil }

func person(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func who(name string, writer bool, r vaultfile.Recipient) vaultfile.Recipient {
	r.Name, r.Writer = name, writer
	return r
}

func of(id *age.X25519Identity) vaultfile.Recipient {
	return vaultfile.Recipient{String: id.Recipient().String()}
}

// lowest is the lowest cost that the format reads.
var lowest = kdf.Argon2id{KiB: 65536, Passes: 1, Lanes: 1}

// under returns a new identity in a lock with a passphrase.
func (u *user) under(passphrase string) vaultfile.Recipient {
	u.t.Helper()
	p, err := vaultfile.NewPassphrase([]byte(passphrase), u.derive)
	if err != nil {
		u.t.Fatal(err)
	}
	id, err := keys.NewNative(false)
	if err != nil {
		u.t.Fatal(err)
	}
	r, err := vaultfile.NewLock(id, p, lowest)
	if err != nil {
		u.t.Fatal(err)
	}
	return r
}

// file returns a file, as read, with profiles prod and test for the same recipients.
func (u *user) file(recipients ...vaultfile.Recipient) *vaultfile.File {
	u.t.Helper()
	f := vaultfile.New()
	p, err := f.Add("prod", recipients, nil)
	if err == nil {
		_, err = f.Add("test", recipients, p)
	}
	var b []byte
	if err == nil {
		b, err = f.Marshal()
	}
	if err == nil {
		f, err = vaultfile.Parse(b)
	}
	if err != nil {
		u.t.Fatal(err)
	}
	u.asked, u.derived = nil, 0
	return f
}

func (u *user) open(f *vaultfile.File, profile string, change func(*Request)) (*vaultfile.Profile, error) {
	u.t.Helper()
	s, err := f.Profile(profile)
	if err != nil {
		u.t.Fatal(err)
	}
	r := Request{File: f, Path: "the file", Section: s}
	if change != nil {
		change(&r)
	}
	return u.keys.Open(r)
}

// opens fails unless the profile opens by that recipient, after those questions.
func (u *user) opens(f *vaultfile.File, by string, asked ...string) *vaultfile.Profile {
	u.t.Helper()
	p, err := u.open(f, "prod", nil)
	if err != nil {
		u.t.Fatalf("%v; asked %q", err, u.asked)
	}
	if p.OpenedBy() != by || !slices.Equal(u.asked, asked) {
		u.t.Errorf("opened by %s, asked %q; want %s, %q", p.OpenedBy(), u.asked, by, asked)
	}
	return p
}

// fails fails unless the profile does not open, after those questions.
func (u *user) fails(f *vaultfile.File, change func(*Request), asked ...string) *Failure {
	u.t.Helper()
	p, err := u.open(f, "prod", change)
	var failed *Failure
	if !errors.As(err, &failed) {
		u.t.Fatalf("%v, %v; asked %q", p, err, u.asked)
	}
	if !slices.Equal(u.asked, asked) {
		u.t.Errorf("asked %q, want %q", u.asked, asked)
	}
	return failed
}

// Whatever else the user has, an identity that opens the profile spares them every question
// and every derivation.
func TestIdentityFirst(t *testing.T) {
	u, me := newUser(t), person(t)
	u.has("locked.age", locked(t, me.String(), "pass"))
	u.has("plain.txt", me.String())
	u.opens(u.file(who("me", true, of(me)), who("phrase", true, u.under("pass"))), "me")
	if u.derived != 0 {
		t.Errorf("%d derivations", u.derived)
	}
}

// What asks comes in one order: identity files with a passphrase before locks in the file.
func TestOrderOfQuestions(t *testing.T) {
	u := newUser(t)
	u.has("locked.age", locked(t, person(t).String(), "pass"))
	u.answers = []string{"pass", "phrase"}
	u.opens(u.file(who("me", true, u.under("phrase"))), "me", "file locked.age", "lock me")
	if !u.keys.Cache.Typed {
		t.Error("it does not count as typed")
	}
}

// An identity file with a passphrase is asked for again after a wrong one.
func TestLockedFile(t *testing.T) {
	u, me := newUser(t), person(t)
	u.has("locked.age", locked(t, me.String(), "pass"))
	u.answers = []string{"wrong", "pass"}
	f := u.file(who("me", true, of(me)))
	u.opens(f, "me", "file locked.age", "file locked.age again")
	u.asked = nil
	if p, err := u.open(f, "test", nil); err != nil || p.OpenedBy() != "me" || len(u.asked) > 0 {
		t.Errorf("the second profile: %v, asked %q", err, u.asked)
	}
}

// For writing, a reader's identity is passed over as long as there may be a writer's.
func TestReaderPassedOver(t *testing.T) {
	u, me, reader := newUser(t), person(t), person(t)
	u.has("reader.txt", reader.String())
	u.has("writer.txt", me.String())
	f := u.file(who("me", true, of(me)), who("reader", false, of(reader)))
	for write, by := range map[bool]string{false: "reader", true: "me"} {
		again, err := vaultfile.Parse(marshal(t, f))
		if err != nil {
			t.Fatal(err)
		}
		p, err := u.open(again, "prod", func(r *Request) { r.Write = write })
		if err != nil || p.OpenedBy() != by || p.Writer() != write {
			t.Errorf("write %v: %v by %s, want %s", write, err, p.OpenedBy(), by)
		}
	}

	// A reader's lock can't help, and is not asked for. What can be read is returned.
	u = newUser(t)
	u.has("reader.txt", reader.String())
	f = u.file(who("me", true, of(me)), who("other", false, u.under("x")), who("reader", false, of(reader)), who("writer", true, u.under("y")))
	u.answers = []string{"wrong", "wrong", "wrong"}
	p, err := u.open(f, "prod", func(r *Request) { r.Write = true })
	if err != nil || p.Writer() || p.OpenedBy() != "reader" {
		t.Errorf("%v", err)
	}
	if want := []string{"lock writer", "lock writer again", "lock writer again"}; !slices.Equal(u.asked, want) {
		t.Errorf("asked %q, want %q", u.asked, want)
	}
}

func marshal(t *testing.T, f *vaultfile.File) []byte {
	t.Helper()
	b, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Quiet asks nothing, derives nothing and tries no lock.
func TestQuiet(t *testing.T) {
	u, me := newUser(t), person(t)
	u.has("locked.age", locked(t, me.String(), "pass"))
	f := u.file(who("me", true, of(me)), who("phrase", true, u.under("pass")))
	u.answers = []string{"pass", "pass", "pass", "pass"}
	quiet := func(r *Request) { r.Quiet = true }
	u.keys.Chosen.Lock = "phrase"
	u.fails(f, quiet)
	if u.derived != 0 {
		t.Errorf("%d derivations", u.derived)
	}
	u.keys.Chosen.Lock = ""
	u.opens(f, "me", "file locked.age")
	if _, err := u.open(f, "test", quiet); err != nil {
		t.Errorf("what was opened before: %v", err)
	}
}

// Three wrong passphrases are a failure with the facts.
func TestWrongPassphrases(t *testing.T) {
	u := newUser(t)
	u.has("other.txt", person(t).String())
	f := u.file(who("me", true, u.under("right")))
	u.answers = []string{"a", "b", "c", "right"}
	failed := u.fails(f, nil, "lock me", "lock me again", "lock me again")
	if !failed.WrongPassphrase || failed.NoIdentity || failed.NoTerminal || failed.Section.Name != "prod" {
		t.Errorf("%+v", failed)
	}
	if len(failed.Attempts) != 2 || failed.Attempts[1].Lock != "me" || !errors.Is(failed.Attempts[1].Err, vaultfile.ErrPassphrase) {
		t.Fatalf("%+v", failed.Attempts)
	}
	var none *NotRecipientError
	if a := failed.Attempts[0]; !strings.HasSuffix(a.Source, "other.txt") || !errors.As(a.Err, &none) || len(none.IDs) != 1 {
		t.Errorf("%+v", a)
	}
	if u.derived != 3 {
		t.Errorf("%d derivations", u.derived)
	}
	u = newUser(t)
	u.answers = []string{"a", "b", "c"}
	if failed := u.fails(again(t, f), nil, "lock me", "lock me again", "lock me again"); failed.NoIdentity {
		t.Error("a lock whose passphrase is unknown is an identity")
	}
}

// Without a terminal, the failure says that it is missing.
func TestNoTerminal(t *testing.T) {
	u := newUser(t)
	failed := u.fails(u.file(who("me", true, u.under("right"))), nil, "lock me")
	if !failed.NoTerminal || failed.NoIdentity || len(failed.Attempts) != 1 || failed.Attempts[0] != (Attempt{Lock: "me", Err: ErrNoPassphrase}) {
		t.Errorf("%+v", failed)
	}
	u = newUser(t)
	failed = u.fails(u.file(who("me", true, of(person(t)))), nil)
	if !failed.NoIdentity || failed.NoTerminal || len(failed.Attempts) > 0 {
		t.Errorf("nothing at all: %+v", failed)
	}
}

// An interrupt is the error, and nothing more is asked.
func TestInterrupted(t *testing.T) {
	u := newUser(t)
	u.has("locked.age", locked(t, person(t).String(), "pass"))
	u.answers = []string{"^C", "right"}
	f := u.file(who("me", true, u.under("right")))
	_, err := u.open(f, "prod", nil)
	var interrupted *term.Interrupted
	if !errors.As(err, &interrupted) || len(u.asked) != 1 {
		t.Errorf("%v, asked %q", err, u.asked)
	}
}

// A damaged lock is the error, unless something else opens the profile.
func TestDamagedLock(t *testing.T) {
	u := newUser(t)
	bad := u.under("pass")
	bad.Message[len(bad.Message)-1] ^= 1
	bad.Prove = nil
	f := u.file(who("bad", true, bad))
	u.answers = []string{"pass"}
	_, err := u.open(f, "prod", nil)
	var damage *vaultfile.DamageError
	var failed *Failure
	if !errors.As(err, &damage) || errors.As(err, &failed) || len(u.asked) != 1 {
		t.Errorf("%v, asked %q", err, u.asked)
	}
	me := person(t)
	u.has("me.txt", me.String())
	u.keys.Sources = func() []*keys.Source {
		return keys.Sources(u.files, func(string) (string, bool) { return "", false }, nil)
	}
	u.opens(u.file(who("bad", true, bad), who("me", true, of(me))), "me")
}

// What a passphrase opened is kept if the user wants that, and opens the profile for a later
// command. The recovery lock's identity is never kept, and one in another's place opens nothing.
func TestKept(t *testing.T) {
	u := newUser(t)
	u.keys.Cache.For = time.Hour
	u.answers = []string{"pass"}
	f := u.file(who("me", true, u.under("pass")), who(Recovery, true, u.under("safe")), who("you", true, u.under("yours")))
	u.keys.Chosen.Lock = "me"
	u.opens(f, "me", "lock me")
	if len(u.store.entries) != 1 || len(u.keys.Cache.Kept) != 1 || !strings.HasSuffix(u.keys.Cache.Kept[0], "(lock of me)") {
		t.Fatalf("%+v, %q", u.store.entries, u.keys.Cache.Kept)
	}
	later := func(change func(*user)) *user {
		o := newUser(t)
		o.store = u.store
		if change != nil {
			change(o)
		}
		return o
	}
	later(nil).opens(again(t, f), "me")
	later(func(o *user) { o.keys.Cache.Now = func() time.Time { return time.Now().Add(2 * time.Hour) } }).fails(again(t, f), nil, "which of me,recovery,you")
	later(func(o *user) { o.keys.Cache.Fresh = true }).fails(again(t, f), nil, "which of me,recovery,you")
	later(func(o *user) { o.keys.Chosen.Lock = "you" }).fails(again(t, f), nil, "lock you")
	failed := later(func(o *user) {
		swapped := u.store.entries[0]
		swapped.Secret = []byte(person(t).String())
		o.store = &store{[]keycache.Entry{swapped}}
	}).fails(again(t, f), nil, "which of me,recovery,you")
	if len(failed.Attempts) != 1 {
		t.Errorf("an identity of another recipient was tried: %+v", failed.Attempts)
	}

	u = later(func(o *user) { o.keys.Cache.For, o.keys.Chosen.Lock, o.answers = time.Hour, Recovery, []string{"safe"} })
	u.opens(again(t, f), Recovery, "lock recovery")
	if len(u.store.entries) != 1 || !u.keys.Cache.Recovery {
		t.Errorf("the recovery lock: %d entries", len(u.store.entries))
	}
}

// again returns the file as another command reads it.
func again(t *testing.T, f *vaultfile.File) *vaultfile.File {
	t.Helper()
	f, err := vaultfile.Parse(marshal(t, f))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// An identity file with a passphrase is kept, too.
func TestKeptFile(t *testing.T) {
	u, me := newUser(t), person(t)
	text := locked(t, me.String(), "pass")
	u.has("locked.age", text)
	u.keys.Cache.For = time.Hour
	u.answers = []string{"pass"}
	f := u.file(who("me", true, of(me)))
	u.opens(f, "me", "file locked.age")
	later := newUser(t)
	later.store = u.store
	later.has("locked.age", text)
	later.opens(again(t, f), "me")
	later = newUser(t) // another file of that name
	later.store = u.store
	later.has("locked.age", locked(t, me.String(), "another"))
	later.fails(again(t, f), nil, "file locked.age")
}

// The lock that the user names is the only one that is opened, and the recovery lock is opened
// only so.
func TestChosenLock(t *testing.T) {
	u := newUser(t)
	f := u.file(who("me", true, u.under("mine")), who(Recovery, true, u.under("safe")))
	u.answers = []string{"mine"}
	u.opens(f, "me", "lock me") // the only one that it can be

	u2 := newUser(t)
	u2.keys.Chosen.Lock = Recovery
	u2.answers = []string{"safe"}
	u2.opens(again(t, f), Recovery, "lock recovery")

	u3 := newUser(t)
	u3.keys.Chosen.Lock = "nobody"
	_, err := u3.open(again(t, f), "prod", nil)
	var none *NoLockError
	if !errors.As(err, &none) || *none != (NoLockError{"prod", "nobody"}) || len(u3.asked) > 0 {
		t.Errorf("%v, asked %q", err, u3.asked)
	}
}

// A lock for another identity of the user opens with it and asks nothing, except the recovery
// lock.
func TestAgeLock(t *testing.T) {
	me := person(t)
	has := func(lock string) *user {
		u := newUser(t)
		u.has("me.txt", me.String())
		u.keys.Chosen.Lock = lock
		return u
	}
	for _, name := range []string{"token", Recovery} {
		u := has("")
		r, err := u.keys.NewAgeLock(vaultfile.New(), nil, me.Recipient().String())
		if err != nil || r.Prove == nil {
			t.Fatalf("%v; it is not proved: %v", err, r.Prove == nil)
		}
		f := u.file(who(name, true, r))
		if name == Recovery {
			u.fails(f, nil)
		} else {
			u.opens(f, name)
		}
		has(name).opens(again(t, f), name)
	}
}

// A passphrase that was given is tried before anything asks, and once.
func TestGivenPassphrase(t *testing.T) {
	me := person(t)
	given := func(text string) *user {
		u := newUser(t)
		u.has("locked.age", locked(t, me.String(), "pass"))
		u.keys.Chosen.Passphrase = func() (*vaultfile.Passphrase, string, error) {
			p, err := vaultfile.NewPassphrase([]byte(text), u.derive)
			return p, "CREDFILE_PASSPHRASE", err
		}
		return u
	}
	u := given("right")
	f := u.file(who("lock", true, u.under("right")), who("me", true, of(me)))
	u.opens(f, "lock")
	if u.keys.Cache.Typed {
		t.Error("it counts as typed")
	}
	u = given("wrong")
	failed := u.fails(again(t, f), nil, "file locked.age")
	if !failed.WrongPassphrase || u.derived != 1 || failed.Attempts[0].With != "CREDFILE_PASSPHRASE" || failed.Attempts[0].Lock != "lock" {
		t.Errorf("%+v, %d derivations", failed, u.derived)
	}
	u = given("")
	if failed := u.fails(again(t, f), nil, "file locked.age"); failed.WrongPassphrase || !errors.Is(failed.Attempts[0].Err, vaultfile.ErrPassphraseForm) {
		t.Errorf("no passphrase at all: %+v", failed)
	}
}

// Of several locks, the user chooses one, unless one was opened last time.
func TestWhichLock(t *testing.T) {
	u := newUser(t)
	f := u.file(who("me", true, u.under("mine")), who("you", true, u.under("yours")))
	u.answers = []string{"nobody", "you", "yours"}
	u.opens(f, "you", "which of me,you", "which of me,you", "lock you")
	if u.keys.LastLock != "you" || u.keys.Passphrase(recipientOf(t, f, "you")) == nil || len(u.keys.FromLocks()) != 1 {
		t.Errorf("last %q", u.keys.LastLock)
	}

	u = newUser(t)
	u.answers = []string{"mine"}
	if p, err := u.open(again(t, f), "prod", func(r *Request) { r.Last = "me" }); err != nil || p.OpenedBy() != "me" || len(u.asked) != 1 {
		t.Errorf("%v, asked %q", err, u.asked)
	}
	u.asked = nil
	if _, err := u.open(again(t, f), "test", nil); err != nil || len(u.asked) > 0 {
		t.Errorf("another profile of the same lock: %v, asked %q", err, u.asked)
	}

	u = newUser(t)
	u.answers = []string{"a", "b", "c"}
	failed := u.fails(again(t, f), nil, "which of me,you", "which of me,you", "which of me,you")
	var choice *ChoiceError
	if !errors.As(failed.Attempts[0].Err, &choice) || !choice.Asked || !slices.Equal(choice.Locks, []string{"me", "you"}) {
		t.Errorf("%+v", failed.Attempts)
	}
}

func recipientOf(t *testing.T, f *vaultfile.File, name string) string {
	t.Helper()
	s, err := f.Profile("prod")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Recipients {
		if r.Name == name {
			return r.String
		}
	}
	t.Fatal("no ", name)
	return ""
}
