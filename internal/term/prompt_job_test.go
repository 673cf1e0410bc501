//go:build linux

package term

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The other programs that the test binary can be; see TestMain.
func init() {
	roles := map[string]func(){"shell": beShell, "two": askTwice, "nohup": askUnderNohup, "busy": askAndWork}
	if be, ok := roles[os.Getenv("TERM_TEST_ASK")]; ok {
		be()
		os.Exit(0)
	}
}

func askTwice() {
	for range 2 {
		fmt.Println(askAs("hidden"))
	}
}

func askUnderNohup() {
	signal.Ignore(syscall.SIGHUP)
	fmt.Println(askAs("hidden"))
}

// askAndWork continues after the prompt.
func askAndWork() {
	fmt.Println(askAs("hidden"))
	select {}
}

// beShell runs a job as a shell with job control does, but does not tidy up the terminal
// afterwards, as some shells don't. It reports the job's state, and reads "fg" or "bg" when
// the job has stopped.
func beShell() {
	signal.Ignore(syscall.SIGTTOU)
	const tty = 3
	job := exec.Command(os.Args[0])
	job.Env = append(os.Environ(), "TERM_TEST_ASK="+os.Getenv("TERM_TEST_JOB"))
	job.Stdout, job.Stderr = os.Stdout, os.Stderr
	job.SysProcAttr = &syscall.SysProcAttr{Foreground: os.Getenv("TERM_TEST_BG") == "", Setpgid: true, Ctty: tty}
	if err := job.Start(); err != nil {
		fmt.Println(err)
		return
	}
	pid := job.Process.Pid
	fmt.Println("job", pid)
	orders := bufio.NewScanner(os.Stdin)
	for {
		var status unix.WaitStatus
		if _, err := unix.Wait4(pid, &status, unix.WUNTRACED, nil); err != nil || !status.Stopped() {
			fmt.Println("ended", err)
			return
		}
		unix.IoctlSetPointerInt(tty, unix.TIOCSPGRP, unix.Getpgrp())
		fmt.Println("stopped")
		if !orders.Scan() {
			unix.Kill(pid, unix.SIGKILL)
		} else if orders.Text() == "fg" {
			unix.IoctlSetPointerInt(tty, unix.TIOCSPGRP, pid)
		}
		unix.Kill(-pid, unix.SIGCONT)
	}
}

// shell is a job at a terminal, under a shell.
type shell struct {
	*asker
	orders  io.WriteCloser
	reports *bufio.Scanner
	job     int
}

func newShell(t *testing.T, job string, background bool) *shell {
	t.Setenv("TERM_TEST_JOB", job)
	if background {
		t.Setenv("TERM_TEST_BG", "1")
	}
	stdin, orders, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reports, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	a := newAskerWith(t, "shell", stdin, stdout)
	stdin.Close()
	stdout.Close()
	// If a report never comes, fail instead of hanging.
	reports.SetReadDeadline(time.Now().Add(time.Minute))
	s := &shell{a, orders, bufio.NewScanner(reports), 0}
	t.Cleanup(func() {
		unix.Kill(s.job, unix.SIGKILL)
		orders.Close()
		reports.Close()
	})
	fmt.Sscanf(s.report(), "job %d", &s.job)
	return s
}

func (s *shell) report() string {
	s.t.Helper()
	if !s.reports.Scan() {
		s.t.Fatalf("no report: %v; the screen: %q", s.reports.Err(), s.shown())
	}
	return s.reports.Text()
}

func (s *shell) want(report string) {
	s.t.Helper()
	if got := s.report(); got != report {
		s.t.Fatalf("%s, want %s; the screen: %q", got, report, s.shown())
	}
}

func (s *shell) order(what string) { fmt.Fprintln(s.orders, what) }

// taken waits until all typed input has been read.
func (s *shell) taken() {
	s.t.Helper()
	s.until("the reading", func() bool { return s.queued() == 0 })
}

const answered = `got %q <nil>, stdin ""`

func TestStopAndContinue(t *testing.T) {
	for _, how := range []string{"signal", "^Z", "SIGSTOP"} {
		t.Run(how, func(t *testing.T) {
			s := newShell(t, "hidden", false)
			s.prompts(1)
			typed := ""
			switch how {
			case "^Z": // the kernel drops input that was typed and not read
				s.typed("\x1a")
			default:
				typed = "be"
				s.typed(typed)
				s.taken()
				unix.Kill(s.job, map[string]unix.Signal{"signal": unix.SIGTSTP, "SIGSTOP": unix.SIGSTOP}[how])
			}
			s.want("stopped")
			if how != "SIGSTOP" && !s.echo() {
				t.Error("echo is off while it is stopped")
			}
			s.order("fg")
			s.prompts(2)
			s.typed("fore\r")
			s.want(fmt.Sprintf(answered, typed+"fore"))
			s.want("ended <nil>")
			if !s.echo() || strings.Contains(s.shown(), "fore") {
				t.Errorf("echo %v, the screen %q", s.echo(), s.shown())
			}
		})
	}
}

func TestBackground(t *testing.T) {
	s := newShell(t, "hidden", true)
	s.want("stopped")
	if s.shown() != "" || !s.echo() {
		t.Errorf("echo %v, the screen %q", s.echo(), s.shown())
	}
	s.order("bg")
	s.want("stopped")
	s.order("fg")
	s.prompts(1)
	unix.Kill(s.job, unix.SIGTSTP)
	s.want("stopped")
	s.order("bg")
	s.want("stopped")
	if !s.echo() {
		t.Error("the background turned the echo off")
	}
	unix.Kill(s.job, unix.SIGTERM)
	s.order("bg")
	s.want("interrupted by terminated")
	s.want("ended <nil>")
	if !s.echo() {
		t.Error("echo is off")
	}
}

// The runtime can't restore SIGTSTP's default action.
func TestStopAfterPrompt(t *testing.T) {
	s := newShell(t, "busy", false)
	s.prompts(1)
	s.typed("x\r")
	s.want(fmt.Sprintf(answered, "x"))
	for range 2 {
		s.typed("\x1a")
		s.want("stopped")
		s.order("fg")
		s.until("the job in front", func() bool {
			var group uint32
			err := control(s.tty, func(fd int) (err error) {
				group, err = unix.IoctlGetUint32(fd, unix.TIOCGPGRP)
				return err
			})
			return err == nil && int(group) == s.job
		})
	}
	unix.Kill(s.job, unix.SIGTERM)
	s.want("ended <nil>")
}

// A program without a shell, as in a container, would never be continued.
func TestNobodyToContinue(t *testing.T) {
	a := newAsker(t, "hidden")
	a.prompts(1)
	a.typed("\x1a")
	a.prompts(2)
	a.typed("x\r")
	if got := a.ends(); got != `got "x" <nil>, stdin "other data"` {
		t.Error(got)
	}
}

func TestTypedAhead(t *testing.T) {
	a := newAsker(t, "two")
	a.typed("one\rtwo\r")
	if got, want := a.ends(), "got \"one\" <nil>, stdin \"other data\"\ngot \"two\" <nil>, stdin \"\""; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestHangupIgnored(t *testing.T) {
	a := newAsker(t, "nohup")
	a.prompts(1)
	a.tty.Close()
	if got := a.ends(); !strings.Contains(got, "input/output error") && !strings.Contains(got, "EOF") {
		t.Error(got)
	}
}

func TestInterruptedIs(t *testing.T) {
	var i *Interrupted
	if err := fmt.Errorf("key: %w", &Interrupted{syscall.SIGINT}); !errors.As(err, &i) || i.Signal != syscall.SIGINT {
		t.Error(err)
	}
}
