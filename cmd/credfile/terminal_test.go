//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/credfile/credfile/internal/racetest"
)

// onTerminal runs credfile on a terminal of its own. It waits for each question and types
// the answer.
func (b *box) onTerminal(args []string, questions ...[2]string) (r result, screen string) {
	b.t.Helper()
	return b.atTerminal(exec.Command("credfile", args...), questions...)
}

// inEditor runs credfile with an editor on a terminal. Each step waits for a text on the
// screen, after the text of the step before, and types keys.
func (b *box) inEditor(args []string, steps ...[2]string) (r result, screen string) {
	b.t.Helper()
	cmd := exec.Command("credfile", args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = b.dir, b.env, &stdout, &stderr
	// Standard output is the terminal, for the editor. Standard error is not.
	master, slave, err := pty.Open()
	if err != nil {
		b.t.Skipf("no pseudo-terminal: %v", err)
	}
	defer master.Close()
	pty.Setsize(master, &pty.Winsize{Rows: 40, Cols: 120})
	cmd.Stdin, cmd.Stdout = slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	slave.Close()
	kill := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() }) // ends a hang
	defer kill.Stop()
	buf, seen := make([]byte, 4096), 0
	for _, step := range steps {
		for !strings.Contains(screen[seen:], step[0]) {
			n, err := master.Read(buf)
			screen += string(buf[:n])
			if err != nil {
				cmd.Wait()
				b.t.Fatalf("no %q on the screen: %v: %q\n%s", step[0], err, screen[max(0, len(screen)-2000):], &stderr)
			}
		}
		seen += strings.Index(screen[seen:], step[0]) + len(step[0])
		io.WriteString(master, step[1])
	}
	for err = nil; err == nil; {
		var n int
		n, err = master.Read(buf)
		screen += string(buf[:n])
	}
	cmd.Wait()
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}, screen
}

// atTerminal is onTerminal for another program.
func (b *box) atTerminal(cmd *exec.Cmd, questions ...[2]string) (r result, screen string) {
	b.t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		b.t.Skipf("no pseudo-terminal: %v", err)
	}
	defer master.Close()
	conn, err := master.SyscallConn()
	if err != nil {
		b.t.Fatal(err)
	}
	var n int
	conn.Control(func(fd uintptr) {
		unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		n, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env = b.dir, b.env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	defer slave.Close()
	master.SetReadDeadline(time.Now().Add(time.Minute))
	buf := make([]byte, 4096)
	seen := 0 // length of the screen that was matched: a question may be repeated
	for _, q := range questions {
		for !strings.Contains(screen[seen:], q[0]) {
			n, err := master.Read(buf)
			screen += string(buf[:n])
			if err != nil {
				cmd.Process.Kill()
				b.t.Fatalf("%q is not asked: %v; the screen: %q", q[0], err, screen)
			}
		}
		seen += strings.Index(screen[seen:], q[0]) + len(q[0])
		io.WriteString(master, q[1])
	}
	cmd.Wait()
	mode := 0
	conn.Control(func(fd uintptr) {
		if t, err := unix.IoctlGetTermios(int(fd), unix.TCGETS); err == nil && t.Lflag&unix.ECHO != 0 && t.Lflag&unix.ICANON != 0 {
			mode = 1
		}
	})
	if mode == 0 {
		b.t.Error("the terminal is not as it was")
	}
	slave.Close()
	for err = nil; err == nil; {
		n, err = master.Read(buf)
		screen += string(buf[:n])
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}, screen
}

func TestPrompts(t *testing.T) {
	b := newBox(t)
	b.ok("", "init", "--name", "me")
	ask := "Value of ONE, for profile default of .credentials.age: "
	r, screen := b.onTerminal([]string{"set", "ONE"}, [2]string{ask, canary + "\r"})
	if r.code != 0 || strings.Contains(screen, canary) {
		t.Errorf("%d %s %q", r.code, r.stderr, screen)
	}
	if got := b.ok("", "get", "ONE").stdout; got != canary {
		t.Errorf("%q", got)
	}
	before := b.read()
	for _, args := range [][]string{{"set", "ONE"}, {"set", "TWO"}} {
		r, screen := b.onTerminal(args, [2]string{"Value of", canary + "\x03"})
		if r.code != 130 || strings.Contains(screen, canary) || !strings.Contains(r.stderr, "interrupted; nothing changed") {
			t.Errorf("^C: %d %s %q", r.code, r.stderr, screen)
		}
	}
	if !bytes.Equal(before, b.read()) {
		t.Error("^C: the file was written")
	}
	// Before the command starts, prompts and exit codes are credfile's.
	b.ok("", "keygen", "-o", b.home+"/plain.txt")
	b.onTerminal([]string{"keygen", "--passphrase", "--allow-weak", "-o", b.home + "/locked.age"},
		[2]string{"New passphrase for", "pass\r"}, [2]string{"Repeat it", "pass\r"})
	b.ok("", "rekey", "--add", "locked=@"+b.home+"/locked.pub")
	before = b.read()
	b.env = append(b.env, "XDG_CONFIG_HOME="+b.home+"/none", "CREDFILE_AGE_KEY_FILE="+b.home+"/locked.age")
	ask = "Passphrase of " + b.home + "/locked.age, to open profile default of .credentials.age: "
	r, screen = b.onTerminal([]string{"env", "--", "sh", "-c", "echo $ONE; exit 9"}, [2]string{ask, "pass\r"})
	if r.code != 9 || r.stdout != canary+"\n" || strings.Contains(screen, "pass\r") {
		t.Errorf("%d %q %s", r.code, r.stdout, r.stderr)
	}
	r, _ = b.onTerminal([]string{"env", "--", "touch", "started"}, [2]string{ask, "pa\x03"})
	if _, err := os.Stat(b.dir + "/started"); r.code != 130 || err == nil {
		t.Errorf("^C: %d %s", r.code, r.stderr)
	}
	// There is one prompt, although a write opens the file twice.
	r, screen = b.onTerminal([]string{"rename", "ONE", "TWO"}, [2]string{ask, "pass\r"})
	if r.code != 0 || strings.Count(screen, "Passphrase of") != 1 {
		t.Errorf("%d %s %q", r.code, r.stderr, screen)
	}
	if bytes.Equal(before, b.read()) {
		t.Error("nothing was written")
	}
}

func TestQuestions(t *testing.T) {
	b := newBox(t)
	b.env = append(b.env, "CREDTEST_LOG="+b.home+"/log")
	b.ok("", "init", "--name", "me")
	_, token := hardware(t)
	const ask = "The file names a plugin. Run the program age-plugin-credtest, now and from now on? [y/N] "
	for _, c := range []struct {
		answer string
		code   int
	}{{"n\r", 1}, {"\r", 1}, {"y\r", 0}} {
		if r, _ := b.onTerminal([]string{"rekey", "--add", "token=" + token}, [2]string{ask, c.answer}); r.code != c.code {
			t.Errorf("%q: exit code %d\n%s", c.answer, r.code, r.stderr)
		}
		if ran := b.log() != ""; ran != (c.code == 0) {
			t.Errorf("%q: run %v", c.answer, ran)
		}
	}
	b.ok("", "--non-interactive", "profile", "add", "second")

	other := newBox(t)
	other.ok("", "init", "--name", "me")
	b.write(other.read())
	const sure = "Trust this from now on? [y/N] "
	if r, _ := b.onTerminal([]string{"trust"}, [2]string{sure, "n\r"}); r.code != 1 || !strings.Contains(r.stdout, "this machine knows a different file at") {
		t.Errorf("%d %s", r.code, r.stderr)
	}
	if r := b.run("", "verify"); r.code != 6 {
		t.Errorf("after no: %d", r.code)
	}
	if r, _ := b.onTerminal([]string{"trust"}, [2]string{sure, "y\r"}); r.code != 0 {
		t.Errorf("%d %s", r.code, r.stderr)
	}
	b.ok("", "verify")
}

// A helper asks for a passphrase on the terminal. Standard input and output are the tool's.
func TestHelperOnTerminal(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := newBox(t)
	b.ok("", "init", "--passphrase", "alice", "--kdf", lowKDF, "--allow-weak", "--new-passphrase-file", b.secretFile("pass", "alice's passphrase"))
	b.env = append(b.env, "CREDFILE_PASSPHRASE=alice's passphrase")
	b.ok(canary, "set", "bob@example.org", "-")
	b.env = b.env[:len(b.env)-1]
	for _, c := range []struct{ ask, call, answer string }{
		{"protocol=https\nhost=example.org\n", "helper git get", "username=bob\npassword=" + canary + "\n"},
		{"example.org", "helper docker get", `{"ServerURL":"example.org","Username":"bob","Secret":"` + canary + `"}` + "\n"},
	} {
		if err := os.WriteFile(b.home+"/ask", []byte(c.ask), 0o600); err != nil {
			t.Fatal(err)
		}
		run := exec.Command("sh", "-c", "credfile "+c.call+" < "+b.home+"/ask")
		r, screen := b.atTerminal(run, [2]string{"Passphrase", "alice's passphrase\r"})
		if r.code != 0 || r.stdout != c.answer || strings.Contains(screen+r.stderr, canary) {
			t.Errorf("%s: exit code %d, %q\n%s", c.call, r.code, r.stdout, r.stderr)
		}
		r = b.run(c.ask, append([]string{"--non-interactive"}, strings.Fields(c.call)...)...)
		if r.code != 7 || strings.Contains(r.stdout, "bob") || strings.Contains(r.stderr, canary) {
			t.Errorf("%s, never asking: exit code %d, %q\n%s", c.call, r.code, r.stdout, r.stderr)
		}
	}
}
