//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/credfile/credfile/internal/racetest"
)

// noSession is newsession's exit code where the kernel's keyrings can't be used.
const noSession = 77

func init() { programs["newsession"] = sessionMain }

// sessionMain is newsession. It runs a command in a login session with its own keyring, as
// pam_keyinit(8) makes one.
func sessionMain() {
	runtime.LockOSThread()
	ring, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(noSession)
	}
	// Only for processes in the session.
	unix.KeyctlSetperm(ring, 0x3f000000)
	path, err := exec.LookPath(os.Args[1])
	if err == nil {
		err = syscall.Exec(path, os.Args[1:], os.Environ())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// inSession runs a script in a login session of its own.
func (b *box) inSession(script string) result {
	b.t.Helper()
	r := b.exec(exec.Command("newsession", "sh", "-euc", script), "")
	if r.code == noSession {
		b.t.Skipf("no keyrings here: %s", r.stderr)
	}
	return r
}

func lockedBox(t *testing.T) *box {
	b := newBox(t)
	for name, text := range map[string]string{"pw": "the passphrase", "other": "another"} {
		if err := os.WriteFile(filepath.Join(b.home, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.env = append(b.env, "CREDFILE_NON_INTERACTIVE=1")
	b.ok("", "init", "--passphrase", "me", "--passphrase", "you", "--kdf", "argon2id:65536:1:1", "--allow-weak", "--new-passphrase-file", b.lines("the passphrase", "another"))
	b.ok(canary, "--as", "me", "--passphrase-file", filepath.Join(b.home, "pw"), "set", "ONE", "-")
	return b
}

// After one passphrase, nothing is asked until lock or until the time is over. Other
// sessions get nothing.
func TestUnlock(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := lockedBox(t)
	r := b.inSession(`
credfile --as me --passphrase-file ~/pw unlock
credfile unlock --status
for i in 1 2 3 4 5 6 7 8 9 10; do credfile env -- true; done
credfile get ONE
code=0; newsession credfile get ONE 2>&1 || code=$?
echo "another session: $code"
code=0; credfile --as you get ONE || code=$?
echo "another lock: $code"
credfile lock
code=0; credfile get ONE || code=$?
echo "forgotten: $code"
credfile --as me --passphrase-file ~/pw unlock --for 1h
later 59m get ONE
code=0; later 60m get ONE || code=$?
echo "over: $code"
later 60m unlock --status
credfile lock
CREDFILE_UNLOCK=1m credfile --as me --passphrase-file ~/pw get ONE
credfile get ONE
credfile lock
`)
	if r.code != 0 || strings.Count(r.stdout, canary) != 4 {
		t.Errorf("exit code %d\n%s\n%s", r.code, r.stdout, r.stderr)
	}
	for _, want := range []string{"another session: 7\n", "another lock: 7\n", "forgotten: 7\n", "over: 7\n", defaultFile + " (lock of me)\n"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is not in\n%s\n%s", want, r.stdout, r.stderr)
		}
	}
	for _, want := range []string{"in the kernel's session keyring: ", "locked 1 identity", "nothing is unlocked"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("%q is not in\n%s", want, r.stderr)
		}
	}
}

// Identities that can't or need not be kept, and the identity in the recovery lock.
func TestUnlockWrongly(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	b := lockedBox(t)
	r := b.inSession(`
check() { want=$1; shift; code=0; "$@" || code=$?; [ $code = $want ] || echo "$*: $code, want $want"; }
check 2 credfile unlock --for 0s
check 2 credfile unlock --for 48h
check 2 env CREDFILE_UNLOCK=soon credfile get ONE
check 7 credfile --as me unlock
check 3 credfile --as me --passphrase-file ~/other unlock
check 4 credfile -p nope unlock
check 0 credfile lock
credfile --as me --passphrase-file ~/pw rekey --recovery --kdf argon2id:65536:1:1 > ~/recovery
check 0 credfile --as recovery --passphrase-file ~/recovery unlock
check 0 env CREDFILE_UNLOCK=1h credfile --as recovery --passphrase-file ~/recovery get ONE
check 3 credfile get ONE
credfile keygen --name plain
credfile --as me --passphrase-file ~/pw rekey --add plain=@$HOME/.config/credfile/plain.pub
check 0 credfile unlock
`)
	if r.code != 0 || strings.Contains(r.stdout, "want") {
		t.Errorf("exit code %d\n%s\n%s", r.code, r.stdout, r.stderr)
	}
	for _, want := range []string{"the recovery lock is never kept unlocked", "nothing to unlock"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("%q is not in\n%s", want, r.stderr)
		}
	}
}

// The user types a passphrase once, for a lock, an identity file or an SSH key.
func TestUnlockOnTerminal(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	needTool(t, "ssh-keygen")
	b := newBox(t)
	if r := b.inSession("true"); r.code != 0 {
		t.Fatal(r.stderr)
	}
	b.ok("", "keygen", "--passphrase", "--name", "me", "--allow-weak", "--new-passphrase-file", b.lines("the passphrase"), "-o", "me.txt")
	ssh := filepath.Join(b.home, ".ssh", "id_ed25519")
	if err := os.MkdirAll(filepath.Dir(ssh), 0o700); err != nil {
		t.Fatal(err)
	}
	if r := b.exec(exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "of the key", "-f", ssh), ""); r.code != 0 {
		t.Fatal(r.stderr)
	}
	b.ok("", "init", "-r", "me=@me.pub")
	b.ok("", "init", "-f", "ssh.age", "-r", "me=@"+ssh+".pub")
	b.ok("", "init", "-f", "lock.age", "--passphrase", "me", "--kdf", "argon2id:65536:1:1", "--allow-weak", "--new-passphrase-file", b.lines("of the lock"))
	c := newConsole(b)
	c.sees("ready> ")
	c.types("exec newsession bash --norc --noprofile -i\r")
	c.sees("ready> ")
	for _, x := range []struct{ flags, passphrase string }{{"-i me.txt", "the passphrase"}, {"-f ssh.age", "of the key"}, {"-f lock.age", "of the lock"}} {
		c.types("credfile " + x.flags + " env -- echo sta''rted\r")
		c.sees("Passphrase of ")
		c.types(x.passphrase + "\r")
		c.sees("to be remembered for 15 minutes: credfile unlock")
		c.sees("started")
		c.types("credfile " + x.flags + " unlock\r")
		c.sees("Passphrase of ")
		c.types(x.passphrase + "\r")
		c.sees("in the kernel")
		c.types("credfile " + x.flags + " env -- echo sta''rted\r")
		c.sees("\rstarted")
		c.types("credfile lock && credfile --non-interactive " + x.flags + " env -- echo sta''rted; echo co''de $?\r")
		c.sees("code 125")
		c.types("CREDFILE_UNLOCK=5m credfile " + x.flags + " env -- echo sta''rted\r")
		c.sees("Passphrase of ")
		c.types(x.passphrase + "\r")
		c.sees("started")
		c.types("credfile --non-interactive " + x.flags + " env -- echo a''gain\r")
		c.sees("again")
		c.types("credfile lock\r")
		c.sees("locked 1 identity")
	}
}
