//go:build linux

package term

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is also the program that asks.
func TestMain(m *testing.M) {
	if what := os.Getenv("TERM_TEST_ASK"); what != "" {
		fmt.Println(askAs(what))
		return
	}
	// What this process ignores, as under nohup, its children would ignore too. What it catches
	// has the default action in them.
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
	os.Exit(m.Run())
}

func askAs(what string) string {
	t, err := Open()
	if err != nil {
		return fmt.Sprint("no terminal: ", errors.Is(err, ErrNoTerminal))
	}
	defer t.Close()
	switch what {
	case "hidden":
		b, err := t.Hidden("passphrase of \x1b[31mkey")
		var interrupted *Interrupted
		if errors.As(err, &interrupted) {
			return "interrupted by " + interrupted.Signal.String()
		}
		rest, _ := io.ReadAll(os.Stdin)
		return fmt.Sprintf("got %q %v, stdin %q", b, err, rest)
	case "value":
		b, err := t.HiddenValue("passphrase of it")
		// What a shell would read next, after the program.
		Drain()
		left, _ := t.Line("passphrase of what is left")
		return fmt.Sprintf("got %q %v, left %q", b, err, left)
	case "one line":
		b, err := t.Hidden("passphrase of it")
		Drain()
		left, _ := t.Line("passphrase of what is left")
		return fmt.Sprintf("got %q %v, left %q", b, err, left)
	case "held", "held wrong":
		// The runtime gives a signal to all who wait for it: what is shown here, the hold has.
		interrupts := make(chan os.Signal, 9)
		signal.Notify(interrupts, syscall.SIGINT)
		go func() {
			for range interrupts {
				fmt.Fprint(os.NewFile(3, "the terminal"), "<interrupted>")
			}
		}()
		b, hold, err := t.HiddenAndHold("passphrase of it")
		fmt.Fprintln(os.Stderr, "checking")
		os.Stdin.Read(make([]byte, 1)) // until the test lets it go on
		err = errors.Join(err, hold.Release(what == "held"))
		left, err2 := t.Hidden("passphrase of what is left")
		return fmt.Sprintf("got %q %v, left %q %v", b, err, left, err2)
	case "confirm":
		yes, err := t.Confirm("sure?")
		return fmt.Sprint("got ", yes, " ", err)
	}
	s, err := t.Line("name")
	return fmt.Sprintf("got %q %v", s, err)
}

// asker is a program at its own terminal.
type asker struct {
	t      *testing.T
	cmd    *exec.Cmd
	tty    *os.File
	slave  string // its other end
	mu     sync.Mutex
	screen bytes.Buffer
	out    bytes.Buffer
	done   chan struct{}
}

func newAsker(t *testing.T, what string) *asker {
	return newAskerWith(t, what, strings.NewReader("other data"), nil)
}

// newAskerWith collects the output unless stdout is set.
func newAskerWith(t *testing.T, what string, stdin io.Reader, stdout io.Writer) *asker {
	master, slave, err := openPTY()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	a := &asker{t: t, tty: master, slave: slave.Name(), done: make(chan struct{})}
	a.cmd = exec.Command(os.Args[0])
	a.cmd.Env = append(os.Environ(), "TERM=xterm", "TERM_TEST_ASK="+what, "GORACE=atexit_sleep_ms=0")
	a.cmd.Stdin, a.cmd.Stdout = stdin, stdout
	if stdout == nil {
		a.cmd.Stdout = &a.out
	}
	a.cmd.Stderr = os.Stderr
	a.cmd.ExtraFiles = []*os.File{slave}
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			a.mu.Lock()
			a.screen.Write(buf[:n])
			a.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	go func() { a.cmd.Wait(); close(a.done) }()
	t.Cleanup(func() { a.cmd.Process.Kill(); <-a.done; master.Close() })
	return a
}

// openPTY is openpty(3).
func openPTY() (master, slave *os.File, err error) {
	if master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0); err != nil {
		return nil, nil, err
	}
	var n int
	err = control(master, func(fd int) error {
		if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
			return err
		}
		n, err = unix.IoctlGetInt(fd, unix.TIOCGPTN)
		return err
	})
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	return master, slave, err
}

// control keeps the file pollable, unlike its method Fd: otherwise Close would wait for a
// read.
func control(f *os.File, do func(fd int) error) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	return errors.Join(c.Control(func(fd uintptr) { err = do(int(fd)) }), err)
}

func (a *asker) shown() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.screen.String()
}

// until waits until ok.
func (a *asker) until(what string, ok func() bool) {
	a.t.Helper()
	for range 12000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	a.t.Fatalf("%s did not come; the screen: %q", what, a.shown())
}

func (a *asker) prompts(n int) {
	a.t.Helper()
	a.until("the prompt", func() bool { return strings.Count(a.shown(), "passphrase of") >= n && !a.echo() })
}

func (a *asker) echo() bool {
	var mode *unix.Termios
	err := control(a.tty, func(fd int) (err error) {
		mode, err = unix.IoctlGetTermios(fd, unix.TCGETS)
		return err
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return mode.Lflag&unix.ECHO != 0 && mode.Lflag&unix.ICANON != 0
}

// queued returns how much of what was typed has not been read.
func (a *asker) queued() int {
	slave, err := os.OpenFile(a.slave, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return -1
	}
	defer slave.Close()
	n, err := unix.IoctlGetInt(int(slave.Fd()), unix.TIOCINQ)
	if err != nil {
		return -1
	}
	return n
}

func (a *asker) typed(s string) {
	a.t.Helper()
	if _, err := io.WriteString(a.tty, s); err != nil {
		a.t.Fatal(err)
	}
}

func (a *asker) ends() string {
	a.t.Helper()
	select {
	case <-a.done:
	case <-time.After(time.Minute):
		a.t.Fatalf("it does not end; the screen: %q", a.shown())
	}
	return strings.TrimSpace(a.out.String())
}

func TestHidden(t *testing.T) {
	long := strings.Repeat("0123456789", 1000)
	for _, c := range []struct{ name, typed, want string }{
		{"plain", "s3cret\r", "s3cret"},
		{"UTF-8", "pässwörd\n", "pässwörd"},
		{"empty", "\r", ""},
		{"longer than the kernel's line", long + "\r", long},
		{"backspace takes a character", "abä\x7fc\x7f\x7fz\r", "az"},
		{"^U takes all", "wrong\x15right\r", "right"},
		{"pasted", "\x1b[200~pasted\x1b[201~\r", "pasted"},
		{"a space stays", " a b \r", " a b "},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAsker(t, "hidden")
			a.prompts(1)
			a.typed(c.typed)
			if got, want := a.ends(), fmt.Sprintf("got %q <nil>, stdin %q", c.want, "other data"); got != want {
				t.Errorf("%.200s, want %.200s", got, want)
			}
			if s := strings.NewReplacer(markPastes, "", unmarkPastes, "").Replace(a.shown()); strings.TrimSpace(s) != `passphrase of \u{1b}[31mkey:` {
				t.Errorf("the screen: %.200q", s)
			}
			if !a.echo() {
				t.Error("echo is off")
			}
		})
	}
}

// Row 22: whatever ends the prompt, the terminal is restored.
func TestHiddenSignals(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(s.String(), func(t *testing.T) {
			a := newAsker(t, "hidden")
			a.prompts(1)
			a.typed("half")
			a.cmd.Process.Signal(s)
			if got := a.ends(); got != "interrupted by "+s.String() {
				t.Error(got)
			}
			if !a.echo() || strings.Contains(a.shown(), "half") {
				t.Errorf("echo %v, the screen %q", a.echo(), a.shown())
			}
		})
	}
	t.Run("^C", func(t *testing.T) {
		a := newAsker(t, "hidden")
		a.prompts(1)
		a.typed("half\x03")
		if got := a.ends(); got != "interrupted by interrupt" || !a.echo() {
			t.Error(got, a.echo())
		}
	})
	t.Run("^D", func(t *testing.T) {
		a := newAsker(t, "hidden")
		a.prompts(1)
		a.typed("\x04")
		if got := a.ends(); !strings.Contains(got, "EOF") || !a.echo() {
			t.Error(got, a.echo())
		}
	})
	t.Run("the terminal goes away", func(t *testing.T) {
		a := newAsker(t, "hidden")
		a.prompts(1)
		a.tty.Close()
		// The end of the input may be seen first, and the signal after the prompt.
		got, status := a.ends(), a.cmd.ProcessState.Sys().(syscall.WaitStatus)
		killed := status.Signaled() && status.Signal() == syscall.SIGHUP
		if !killed && !strings.Contains(got, "interrupted by hangup") && !strings.Contains(got, "EOF") && !strings.Contains(got, "input/output error") {
			t.Error(got)
		}
	})
}

// A key of several lines is one value or none. Nothing of it is left for a shell.
func TestPastedLines(t *testing.T) {
	for _, c := range []struct{ name, what, typed, want string }{
		{"marked", "value", "\x1b[200~-- BEGIN\rline\x15\r-- END\r\x1b[201~\r", `got "-- BEGIN\nline\x15\n-- END\n" <nil>`},
		{"marked, the end without a line end", "value", "\x1b[200~one\rtwo\x1b[201~\r", `got "one\ntwo\n" <nil>`},
		{"marked, and one line", "value", "\x1b[200~one\x1b[201~\r", `got "one" <nil>`},
		{"typed and pasted", "value", "a\x1b[200~b\rc\x1b[201~d\r", `got "ab\ncd\n" <nil>`},
		{"not marked", "value", "-- BEGIN\rline\r-- END\r", `got "-- BEGIN\nline\n-- END\n" <nil>`},
		{"at a prompt for one line", "one line", "\x1b[200~one\rtwo\x1b[201~\r", `got "" several lines were pasted, but one is expected`},
		{"at a prompt for one line, and it is one", "one line", "\x1b[200~one\r\x1b[201~\r", `got "one" <nil>`},
		{"at a prompt for one line, not marked", "one line", "one\rtwo\rthree\r", `got "one" <nil>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAsker(t, c.what)
			a.prompts(1)
			a.typed(c.typed)
			a.until("the next question", func() bool { return strings.Contains(a.shown(), "what is left") })
			a.typed("next\r")
			if got := a.ends(); got != c.want+`, left "next"` {
				t.Errorf("%.200s, want %s", got, c.want)
			}
			if strings.Contains(a.shown(), "line") || strings.Contains(a.shown(), "two") {
				t.Errorf("the screen: %q", a.shown())
			}
		})
	}
}

// While an answer is checked there is no echo. Input typed meanwhile answers the next
// question, if there is one.
func TestHold(t *testing.T) {
	for what, want := range map[string]string{"held": `left "next"`, "held wrong": `left "secondnext"`} {
		t.Run(what, func(t *testing.T) {
			go_, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer write.Close()
			a := newAskerWith(t, what, go_, nil)
			a.prompts(1)
			a.typed("first\r")
			a.until("the line end", func() bool { return strings.Contains(a.shown(), "\n") })
			a.typed("second")
			a.until("what was typed", func() bool { return a.queued() == len("second") })
			if a.echo() || strings.Contains(a.shown(), "second") {
				t.Errorf("the echo is on; the screen: %q", a.shown())
			}
			write.WriteString("x")
			a.until("the next question", func() bool { return strings.Contains(a.shown(), "what is left") && !a.echo() })
			a.typed("next\r")
			if got := a.ends(); got != `got "first" <nil>, `+want+` <nil>` {
				t.Errorf("%s, want %s", got, want)
			}
			if !a.echo() {
				t.Error("the echo stays off")
			}
		})
	}
	for _, times := range []int{1, 2} {
		t.Run(fmt.Sprint("interrupted ", times), func(t *testing.T) {
			go_, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer write.Close()
			a := newAskerWith(t, "held", go_, nil)
			a.prompts(1)
			a.typed("first\r")
			a.until("the line end", func() bool { return strings.Contains(a.shown(), "\n") })
			a.typed("\x03")
			a.until("the interrupt", func() bool { return strings.Contains(a.shown(), "<interrupted>") })
			if times == 2 {
				a.typed("\x03")
			} else {
				write.WriteString("x")
				a.until("the next question", func() bool { return strings.Contains(a.shown(), "what is left") && !a.echo() })
				a.typed("next\r")
			}
			got := a.ends()
			status := a.cmd.ProcessState.Sys().(syscall.WaitStatus)
			if times == 1 && !strings.Contains(got, "interrupted by") || times == 2 && !status.Signaled() || !a.echo() {
				t.Error(got, status, a.echo())
			}
		})
	}
}

func TestConfirm(t *testing.T) {
	for typed, want := range map[string]string{"y\r": "true <nil>", "Yes\r": "true <nil>", "\r": "false <nil>", "n\r": "false <nil>", "yess\r": "false <nil>", "\x04": "false <nil>"} {
		a := newAsker(t, "confirm")
		a.until("the question", func() bool { return strings.Contains(a.shown(), "sure? [y/N] ") })
		a.typed(typed)
		if got := a.ends(); got != "got "+want {
			t.Errorf("%q: %s", typed, got)
		}
	}
	a := newAsker(t, "line")
	a.until("the prompt", func() bool { return strings.Contains(a.shown(), "name: ") })
	a.typed("bob\r")
	if got := a.ends(); got != `got "bob" <nil>` {
		t.Error(got, a.shown())
	}
	a.until("the echo", func() bool { return strings.Contains(a.shown(), "name: bob") })
}

func TestNoTerminal(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TERM_TEST_ASK=hidden")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.Output()
	if strings.TrimSpace(string(out)) != "no terminal: true" {
		t.Errorf("%q %v", out, err)
	}
}
