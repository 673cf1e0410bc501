//go:build linux

package keycache

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"golang.org/x/sys/unix"
)

// try tests what every store must do.
func try(t *testing.T, s Store) {
	now := time.Now()
	id := "test-" + now.Format(time.RFC3339Nano)
	secret := bytes.Repeat([]byte("plainly fake\x00\xff"), 100)
	get := func(id string, now time.Time) *Entry {
		t.Helper()
		all, err := s.All(now)
		if err != nil {
			t.Error(err)
		}
		for i := range all {
			if all[i].ID == id {
				return &all[i]
			}
		}
		return nil
	}
	if get(id, now) != nil {
		t.Error("it is there before it was put")
	}
	for _, e := range []Entry{{id, "one", []byte("old"), now.Add(time.Hour)}, {id, "one", secret, now.Add(time.Minute)}, {id + "2", "two", []byte("2"), now.Add(2 * time.Minute)}} {
		if err := s.Put(e, now); err != nil {
			t.Error(err)
		}
	}
	if e := get(id, now); e == nil || !bytes.Equal(e.Secret, secret) || e.Label != "one" || !e.Until.Equal(now.Add(time.Minute)) {
		t.Errorf("%+v", e)
	}
	if get(id, now.Add(time.Minute)) != nil || get(id+"2", now.Add(2*time.Minute)) != nil {
		t.Error("it is there after its time")
	}
	if err := s.Put(Entry{id, "one", secret, now.Add(time.Minute)}, now); err != nil { // a store may have dropped it
		t.Error(err)
	}
	if n, err := s.Forget(now); n == 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if all, err := s.All(now); len(all) != 0 || err != nil {
		t.Errorf("%v, %v", all, err)
	}
}

// The session's keyring, in a session of our own, and processes outside it.
func TestSession(t *testing.T) {
	skip := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		runtime.LockOSThread() // never unlocked: the session is this thread's and ends with it
		_, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)
		s, ok := kernel().(session)
		if skip <- err; err != nil || !ok {
			return
		}
		try(t, s)
		// Another process in the session may have put a keyring of that name there first.
		planted, err := unix.AddKey("keyring", ours(), nil, int(s))
		if err == nil {
			err = unix.KeyctlSetperm(planted, 0x3f3f3f3f)
		}
		if err != nil || s.ring() != 0 {
			t.Errorf("a planted keyring is taken for ours: %v", err)
		}
		// With exactly our rights it may be linked from another session: nothing goes into it.
		if err := unix.KeyctlSetperm(planted, ownerOnly); err != nil || s.ring() != planted {
			t.Error(err)
		}
		now := time.Now()
		if err := s.Put(Entry{"id", "label", []byte("plainly fake"), now.Add(time.Minute)}, now); err != nil {
			t.Error(err)
		}
		keys, err := s.keys()
		if len(keys) != 1 || err != nil {
			t.Errorf("%v, %v", keys, err)
			return
		}
		if s.ring() == planted {
			t.Error("it was put into a keyring that somebody else made")
		}
		key := slices.Collect(maps.Keys(keys))[0]
		// Another user in the session, as started by su. Only root can do this.
		if os.Geteuid() == 0 {
			setuid(t, 65534)
			if b, err := read(key); err == nil {
				t.Errorf("another user in the session reads %q", b)
			}
			if all, _ := s.All(now); len(all) > 0 {
				t.Errorf("another user in the session finds %v", all)
			}
			setuid(t, 0)
		}
		if b, err := read(key); err != nil || !bytes.Contains(b, []byte("label")) {
			t.Errorf("%q, %v", b, err)
		}
		if _, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0); err != nil {
			t.Error(err)
		}
		if b, err := read(key); err == nil {
			t.Errorf("another session reads %q", b)
		}
		if os.Geteuid() != 0 {
			return
		}
		setuid(t, 65534)
		if b, err := read(key); err == nil {
			t.Errorf("another user reads %q", b)
		}
	})
	if err := <-skip; err != nil {
		t.Skipf("no keyrings here: %v", err)
	}
	wg.Wait()
}

// setuid changes the user of this thread only. Its saved user ID lets it come back.
func setuid(t *testing.T, uid uintptr) {
	t.Helper()
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uid, uid, 0); errno != 0 {
		t.Error(errno)
	}
}

// The desktop's store: a real gnome-keyring, on its own bus.
func TestDesktop(t *testing.T) {
	if os.Getenv("KEYCACHE_TEST_DESKTOP") != "" {
		s := openDesktop(os.Getenv)
		if s == nil {
			_, err := load()
			t.Skipf("gnome-keyring does not start here: %v", err)
		}
		try(t, s)
		return
	}
	for _, tool := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s", tool)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Error(err)
	}
	cmd := exec.Command("dbus-run-session", "--", "sh", "-ec", `
printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
exec "$0" -test.run '^TestDesktop$' -test.v`, self)
	cmd.Env = append(os.Environ(), "KEYCACHE_TEST_DESKTOP=1", "HOME="+t.TempDir(), "XDG_RUNTIME_DIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err == nil && strings.Contains(string(out), "SKIP: TestDesktop") {
		t.Skipf("%s", out)
	}
	if err != nil || !strings.Contains(string(out), "PASS: TestDesktop") {
		t.Errorf("%v\n%s", err, out)
	}
}

// The contract of the library by which the keychain of macOS is reached, played by its own mock: there is
// no macOS here. What a store says when it is locked or full must not look as if nothing were kept.
func TestDesktopElsewhere(t *testing.T) {
	if os.Getenv("KEYCACHE_TEST_MOCK") == "" { // the mock can't be undone
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self, "-test.run", "^TestDesktopElsewhere$")
		cmd.Env = append(os.Environ(), "KEYCACHE_TEST_MOCK=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	keyring.MockInit()
	try(t, desktop{})
	if err := keyring.Set(service, item, "not ours"); err != nil {
		t.Fatal(err)
	}
	try(t, desktop{})
	now := time.Now()
	for _, broken := range []error{errors.New("locked"), keyring.ErrSetDataTooBig} {
		keyring.MockInitWithError(broken)
		_, all := desktop{}.All(now)
		_, forget := desktop{}.Forget(now)
		if put := (desktop{}).Put(Entry{ID: "x", Until: now.Add(time.Hour)}, now); all == nil || forget == nil || put == nil {
			t.Errorf("%v: %v, %v, %v", broken, all, forget, put)
		}
	}
}

// If there is no bus, none is started.
func TestNoDesktop(t *testing.T) {
	if s := openDesktop(func(string) string { return "" }); s != nil {
		t.Errorf("%s", s.Name())
	}
}
