//go:build unix

package machine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keycache"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
	"github.com/credfile/credfile/vaultfile/trust"
)

// nobody answers no question, and fails the test if one is asked.
type nobody struct{ t *testing.T }

func (n nobody) Passphrase(q unlock.Question) ([]byte, error) {
	n.t.Errorf("asked for %s", q.Name)
	return nil, term.ErrNoTerminal
}
func (n nobody) Checked(outcome error) error { return outcome }
func (n nobody) Choose(unlock.Question, []string) (string, error) {
	n.t.Error("asked to choose")
	return "", term.ErrNoTerminal
}

// here is a user with a machine, and what it told.
type here struct {
	t    *testing.T
	dir  string
	mem  string
	id   *age.X25519Identity
	pins *string
	opts trust.Options
	told []string
}

func newHere(t *testing.T) *here {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &here{t: t, dir: dir, mem: filepath.Join(dir, "memory"), id: id}
}

func (h *here) path() string { return filepath.Join(h.dir, "file.age") }

// machine is a new run of a program on the machine.
func (h *here) machine() *Machine {
	h.told = nil
	return &Machine{
		Policy: Policy{Memory: trust.Memory{Dir: h.mem}, Pins: h.pins, Options: h.opts},
		Keys: &unlock.Keys{
			Sources: func() []*keys.Source {
				return keys.Sources(nil, func(name string) (string, bool) { return h.id.String(), name == "CREDFILE_AGE_KEY" }, nil)
			},
			DefaultFile: "the default file",
			Ask:         nobody{h.t},
			Cache:       &unlock.Cache{Open: func() (keycache.Store, error) { return nil, keycache.ErrUnavailable }, Now: time.Now},
			GPG:         unlock.GPG{Program: func() *openpgp.GPG { return &openpgp.GPG{Program: "no-such-gpg"} }, HasTerminal: func() bool { return false }},
		},
		Locate: func() trust.Locator { return trust.Locator{Name: "file.age", Dir: h.dir, Environ: os.Environ()} },
		Now:    time.Now,
		Tell: func(_ *File, n Note) {
			h.told = append(h.told, strings.TrimSpace(fmt.Sprint(kinds[n.Kind], " ", n.Profile)))
		},
	}
}

var kinds = map[Kind]string{FirstUse: "first use", OtherRepository: "other repository", Blind: "blind", Passed: "passed", Behind: "behind", Gone: "gone", Damaged: "damaged",
	Unvouched: "unvouched", NameKnown: "name known", Orphan: "orphan", InRepository: "in repository", NotKept: "not kept", Typed: "typed", NotRemembered: "not remembered"}

// open is a new run that reads the file.
func (h *here) open() *File {
	h.t.Helper()
	v, err := vaultfile.Open(h.path())
	if err != nil {
		h.t.Fatal(err)
	}
	return h.machine().At(h.path(), v)
}

// creates makes the file, with these profiles for these people; the machine's user is first.
func (h *here) creates(names []string, more ...vaultfile.Recipient) {
	h.t.Helper()
	f := vaultfile.New()
	var first *vaultfile.Profile
	for _, name := range names {
		p, err := f.Add(name, append([]vaultfile.Recipient{{Name: "me", Writer: true, String: h.id.Recipient().String()}}, more...), first)
		if err == nil {
			_, err = p.Set("ONE", []byte("1"))
		}
		if err != nil {
			h.t.Fatal(err)
		}
		if first == nil {
			first = p
		}
	}
	os.Remove(h.path())
	if err := vaultfile.Create(h.path(), f); err != nil {
		h.t.Fatal(err)
	}
}

func (h *here) tells(want ...string) {
	h.t.Helper()
	if !slices.Equal(h.told, want) {
		h.t.Errorf("told %q, want %q", h.told, want)
	}
}

// A file is trusted on first use, which is told once; from then on only by what is known.
func TestFirstUse(t *testing.T) {
	h := newHere(t)
	h.creates([]string{"a", "b"})
	f := h.open()
	p, err := f.Unlock("a", Read)
	if err != nil || p.OpenedBy() != "me" {
		t.Fatal(err)
	}
	h.tells("first use")
	f = h.open()
	if _, err := f.Unlock("a", Write); err != nil {
		t.Fatal(err)
	}
	h.tells()
	var missing *vaultfile.NotFoundError
	if _, err := f.Unlock("none", Read); !errors.As(err, &missing) {
		t.Error(err)
	}

	// Another file of that name, for the same recipients.
	h.creates([]string{"a", "b"})
	before, _ := os.ReadFile(h.path())
	f = h.open()
	for _, to := range []Access{Read, Write, Lend} {
		var refused *trust.Refusal
		if p, err := f.Unlock("a", to); p != nil || !errors.As(err, &refused) {
			t.Errorf("%v: %v", to, err)
		}
	}
	if f.Quietly("a") != nil {
		t.Error("quietly, it opens")
	}
	err = f.Update(func(f *File) ([]string, error) {
		_, err := f.Unlock("a", Write)
		return nil, err
	})
	after, _ := os.ReadFile(h.path())
	if err == nil || !bytes.Equal(before, after) {
		t.Errorf("a change: %v", err)
	}
	if errs := f.VerifyTrust(); len(errs) != 2 {
		t.Errorf("%v", errs)
	}
	h.tells()
}

// What is refused is not remembered: the file that was known is known still.
func TestRefusedIsForgotten(t *testing.T) {
	h := newHere(t)
	h.creates([]string{"a"})
	if _, err := h.open().Unlock("a", Read); err != nil {
		t.Fatal(err)
	}
	good, _ := os.ReadFile(h.path())
	h.creates([]string{"a"})
	for range 2 {
		if _, err := h.open().Unlock("a", Read); err == nil {
			t.Error("another file opens")
		}
	}
	if err := os.WriteFile(h.path(), good, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.open().Unlock("a", Read); err != nil {
		t.Error(err)
	}
}

// A known profile that is missing is told, and stops what acts on all profiles.
func TestGone(t *testing.T) {
	h := newHere(t)
	h.creates([]string{"a", "b"})
	if _, err := h.open().Unlock("a", Read); err != nil {
		t.Fatal(err)
	}
	if err := h.open().NothingGone(); err != nil {
		t.Error(err)
	}
	text, _ := os.ReadFile(h.path())
	f, err := format.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	f.Profiles = f.Profiles[:1]
	if err := os.WriteFile(h.path(), format.Marshal(f), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := h.open()
	if err := cut.NothingGone(); err == nil {
		t.Error("nothing is gone")
	}
	if _, err := cut.Unlock("a", Read); err != nil {
		t.Error(err)
	}
	h.tells("gone b")
	var refused *trust.Refusal
	if _, err := cut.Unlock("b", Read); !errors.As(err, &refused) {
		t.Errorf("what is gone: %v", err)
	}
	if _, err := h.open().Unlock("a", Read); err != nil {
		t.Error(err)
	}
	h.tells() // once for each state
	h.opts.Strict = true
	if _, err := h.open().Unlock("a", Read); !errors.As(err, &refused) {
		t.Errorf("strictly: %v", err)
	}
}

// Pins decide in place of a memory: the listed keys are used, and no others.
func TestPins(t *testing.T) {
	h := newHere(t)
	h.creates([]string{"a", "b"})
	f := h.open()
	s, err := f.Profile("a")
	if err != nil {
		t.Fatal(err)
	}
	pins := trust.Pin(f.ID(), s)
	h.mem, h.pins = "", &pins
	if _, err := h.open().Unlock("a", Write); err != nil {
		t.Errorf("%v", err)
	}
	h.tells("not remembered")
	var unlisted *trust.Refusal
	if _, err := h.open().Unlock("b", Read); !errors.As(err, &unlisted) || !unlisted.Pinned() {
		t.Errorf("a profile that is not listed: %v", err)
	}
	h.creates([]string{"a", "b"})
	var refused *trust.Refusal
	if _, err := h.open().Unlock("a", Read); !errors.As(err, &refused) || !refused.Pinned() {
		t.Errorf("another file: %v", err)
	}
	bad := "no pin"
	h.pins = &bad
	var pin *trust.PinError
	if _, err := h.open().Unlock("a", Read); !errors.As(err, &pin) {
		t.Errorf("no pin: %v", err)
	}
}

// What does not open says what does.
func TestNoAccess(t *testing.T) {
	h, other := newHere(t), newHere(t)
	other.creates([]string{"a"}, vaultfile.Recipient{Name: "you", String: h.id.Recipient().String()})
	text, _ := os.ReadFile(other.path())
	f, err := vaultfile.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	a, err := f.Unlock("a", other.id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Add("b", []vaultfile.Recipient{{Name: "me", Writer: true, String: other.id.Recipient().String()}}, a); err != nil {
		t.Fatal(err)
	}
	if err := vaultfile.Create(h.path(), f); err != nil {
		t.Fatal(err)
	}
	_, err = h.open().Unlock("b", Read)
	var failed *NoAccessError
	if !errors.As(err, &failed) || !slices.Equal(failed.Others, []string{"a"}) || failed.Name != "you" || failed.Had || failed.DefaultFile != "the default file" {
		t.Errorf("%v, %+v", err, failed)
	}
	// A reader's profile opens, and its change fails.
	p, err := h.open().Unlock("a", Write)
	if err != nil || p.CheckWriter() == nil {
		t.Errorf("%v", err)
	}
}

// A change is written and remembered: on the next run it is neither new nor behind.
func TestUpdate(t *testing.T) {
	h := newHere(t)
	h.creates([]string{"a"})
	old, _ := os.ReadFile(h.path())
	err := h.open().Update(func(f *File) ([]string, error) {
		p, err := f.Unlock("a", Write)
		if err == nil {
			_, err = p.Set("TWO", []byte("2"))
		}
		return nil, err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.tells("first use")
	p, err := h.open().Unlock("a", Read)
	if err != nil || !p.Has("TWO") {
		t.Fatal(err)
	}
	h.tells()
	if err := os.WriteFile(h.path(), old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.open().Unlock("a", Read); err != nil {
		t.Fatal(err)
	}
	h.tells("behind a")

	v, err := vaultfile.Parse(old)
	if err != nil {
		t.Fatal(err)
	}
	in := h.machine().At("-", v)
	if err := in.Update(func(*File) ([]string, error) { t.Error("it is called"); return nil, nil }); err != ErrNoPlace || in.HasPlace() || in.Name() != Stdin {
		t.Errorf("standard input: %v", err)
	}
}

// A machine that can't remember says so, and refuses nothing.
func TestNotRemembered(t *testing.T) {
	h := newHere(t)
	h.creates([]string{"a"})
	if err := os.WriteFile(h.mem, nil, 0o600); err != nil { // not a directory
		t.Fatal(err)
	}
	for range 2 {
		if _, err := h.open().Unlock("a", Read); err != nil {
			t.Fatal(err)
		}
		h.tells("not remembered")
	}
}
