//go:build linux

package dialog

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/credfile/credfile/internal/term"
)

// The test binary is also the program that asks. It says what came of it on standard output,
// which is not the terminal.
func TestMain(m *testing.M) {
	if what := os.Getenv("DIALOG_TEST"); what != "" {
		fmt.Print(ask(what))
		return
	}
	os.Exit(m.Run())
}

func ask(what string) string {
	d := &Dialog{Yes: strings.HasPrefix(what, "yes "), Tell: func(string) {}}
	var unanswered *UnansweredError
	outcome := func(err error) string {
		if errors.As(err, &unanswered) {
			return "no answer to " + unanswered.Question
		}
		var unconfirmed *UnconfirmedError
		if errors.Is(err, term.ErrNoTerminal) && !errors.As(err, &unconfirmed) {
			return "no terminal"
		}
		return fmt.Sprint(err)
	}
	switch strings.TrimPrefix(what, "yes ") {
	case "confirm":
		return outcome(d.Confirm("sure?"))
	case "in person":
		return outcome(d.ConfirmInPerson("sure?"))
	case "line":
		s, err := d.Line("name")
		return s + " " + outcome(err)
	case "hidden":
		b, err := d.Hidden("secret")
		return string(b) + " " + outcome(err)
	case "value":
		b, err := d.HiddenValue("secret")
		return string(b) + " " + outcome(err)
	case "check": // until it is right
		wrong := errors.New("wrong")
		for n := 1; ; n++ {
			b, err := d.ToCheck("secret", "checking")
			if err != nil {
				return outcome(err)
			}
			if string(b) != "right" {
				if d.Checked(wrong) != wrong {
					return "the outcome is not passed on"
				}
				continue
			}
			return fmt.Sprint("right after ", n, " ", outcome(d.Checked(nil)))
		}
	case "terminal":
		return fmt.Sprint(d.HasTerminal())
	}
	panic(what)
}

// on runs the program on a terminal. Each step waits for a text and types an answer.
func on(t *testing.T, what string, steps ...[2]string) (said, screen string, echo bool) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	defer master.Close()
	defer slave.Close()
	var stdout bytes.Buffer
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "DIALOG_TEST="+what, "TERM=xterm", "GORACE=atexit_sleep_ms=0")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("data\n"), &stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{slave}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(time.Minute, func() { cmd.Process.Kill(); slave.Close() }) // ends a hang
	defer kill.Stop()
	buf, seen := make([]byte, 4096), 0
	for _, step := range steps {
		for !strings.Contains(screen[seen:], step[0]) {
			n, err := master.Read(buf)
			screen += string(buf[:n])
			if err != nil {
				t.Fatalf("no %q on the screen: %q", step[0], screen)
			}
		}
		seen += strings.Index(screen[seen:], step[0]) + len(step[0])
		master.WriteString(step[1])
	}
	cmd.Wait()
	mode, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	slave.WriteString("<end>")
	for !strings.Contains(screen, "<end>") {
		n, err := master.Read(buf)
		if screen += string(buf[:n]); err != nil {
			t.Fatal(err)
		}
	}
	return stdout.String(), screen, mode.Lflag&unix.ECHO != 0
}

// Questions are asked on the terminal, and standard input is left alone.
func TestQuestions(t *testing.T) {
	for _, c := range []struct {
		what  string
		steps [][2]string
		want  string
	}{
		{"confirm", [][2]string{{"sure? [y/N] ", "y\r"}}, "<nil>"},
		{"confirm", [][2]string{{"sure? [y/N] ", "n\r"}}, ErrDeclined.Error()},
		{"confirm", [][2]string{{"sure? [y/N] ", "\r"}}, ErrDeclined.Error()},
		{"yes confirm", nil, "<nil>"},
		{"yes in person", [][2]string{{"sure? [y/N] ", "n\r"}}, ErrDeclined.Error()},
		{"line", [][2]string{{"name: ", "bob\r"}}, "bob <nil>"},
		{"hidden", [][2]string{{"secret: ", "plainly-fake\r"}}, "plainly-fake <nil>"},
		{"hidden", [][2]string{{"secret: ", "\x04"}}, " no answer to secret"},
		{"hidden", [][2]string{{"secret: ", "\x1b[200~plainly\rfake\x1b[201~\r"}}, " " + ErrLines.Error()},
		{"value", [][2]string{{"secret: ", "\x1b[200~plainly\rfake\x1b[201~\r"}}, "plainly\nfake\n <nil>"},
		{"check", [][2]string{{"secret: ", "plainly-fake\r"}, {"secret: ", "fake\r"}, {"secret: ", "right\r"}}, "right after 3 <nil>"},
		{"check", [][2]string{{"secret: ", "plainly-fake\r"}, {"secret: ", "\x04"}}, "no answer to secret"},
		{"terminal", nil, "true"},
	} {
		t.Run(c.what+" "+c.want, func(t *testing.T) {
			said, screen, echo := on(t, c.what, c.steps...)
			if said != c.want || !echo || strings.Contains(screen, "fake") || strings.Contains(screen, "right") {
				t.Errorf("%q, want %q; echo %v, the screen %q", said, c.want, echo, screen)
			}
		})
	}
}

// Without a terminal, and where nothing may be asked, a question is an error that says so.
func TestNobodyToAsk(t *testing.T) {
	for what, want := range map[string]string{
		"confirm": "needs confirmation: sure?", "yes confirm": "<nil>", "yes in person": "needs confirmation: sure?",
		"line": " no terminal", "hidden": " no terminal", "check": "no terminal", "terminal": "false",
	} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "DIALOG_TEST="+what)
		cmd.Stdin = strings.NewReader("y\n")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if out, err := cmd.Output(); string(out) != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", what, out, err, want)
		}
	}
	silent := &Dialog{Silent: true}
	if _, err := silent.Line("name"); err != term.ErrNoTerminal {
		t.Error(err)
	}
	if err := silent.Confirm("sure?"); !errors.Is(err, term.ErrNoTerminal) {
		t.Error(err)
	}
	if silent.HasTerminal() {
		t.Error("it has a terminal")
	}
}

// What takes long is announced to who watches, and nothing else is.
func TestSlowly(t *testing.T) {
	told := make(chan string, 9)
	d := &Dialog{Watched: true, Tell: func(s string) { told <- s }}
	failed := errors.New("failed")
	if err := d.Slowly("working", func() error {
		if s := <-told; s != "working" {
			t.Error(s)
		}
		return failed
	}); err != failed {
		t.Error(err)
	}
	if err := d.Slowly("quick", func() error { return nil }); err != nil {
		t.Error(err)
	}
	if d.working.Stop() {
		t.Error("it would be announced after its end")
	}
	d = &Dialog{Tell: func(s string) { t.Error(s) }}
	if err := d.Slowly("unseen", func() error { return nil }); err != nil || d.working != nil {
		t.Error("nobody watches")
	}
}
