package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

func init() { programs["waits"] = waitsMain }

// waitsMain is waits, which ends with 7 after an interrupt.
func waitsMain() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	io.WriteString(os.Stdout, "ready "+os.Getenv("TOKEN")+"\n")
	select {
	case <-signals:
		time.Sleep(300 * time.Millisecond)
		io.WriteString(os.Stdout, "interrupted\n")
		os.Exit(7)
	case <-time.After(time.Minute):
		os.Exit(9)
	}
}

// windowsBox is a box with a credential TOKEN, and an empty directory for temporary files.
func windowsBox(t *testing.T) (b *box, temp string) {
	b = newBox(t)
	temp = filepath.Join(b.home, "tmp")
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	b.env = append(os.Environ(), "APPDATA="+b.home, "LOCALAPPDATA="+b.home, "USERPROFILE="+b.home, "TEMP="+temp, "TMP="+temp)
	b.ok("", "init", "--name", "alice")
	b.ok("plainly-fake", "set", "TOKEN", "-")
	return b, temp
}

// start starts credfile, whose command is ready when it returns.
func (b *box) start(args ...string) (*exec.Cmd, *bufio.Reader) {
	b.t.Helper()
	cmd := exec.Command("credfile", args...)
	cmd.Dir, cmd.Env, cmd.Stderr = b.dir, b.env, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); !strings.HasPrefix(line, "ready ") {
		b.t.Fatalf("%q, %v", line, err)
	}
	return cmd, lines
}

// The console sends Ctrl-Break to credfile and to the command. The command's end counts, and its
// files are removed after it.
func TestWindowsInterrupt(t *testing.T) {
	if os.Getenv("WINELOADER") != "" {
		t.Skip("needs Windows: Wine does not send Ctrl-Break to a process group")
	}
	for _, flags := range [][]string{nil, {"--mask"}, {"--as-file", "TOKEN"}, {"--stdin", "TOKEN"}} {
		b, temp := windowsBox(t)
		cmd, lines := b.start(append(append([]string{"env"}, flags...), "--", "waits")...)
		if err := windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(cmd.Process.Pid)); err != nil {
			cmd.Process.Kill()
			cmd.Wait()
			t.Skipf("needs a console: %v", err)
		}
		rest, _ := io.ReadAll(lines)
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 7 || strings.TrimSpace(string(rest)) != "interrupted" {
			t.Errorf("%v: exit code %d, %q", flags, code, rest)
		}
		if left, _ := filepath.Glob(filepath.Join(temp, "credfile", "files-*")); len(left) > 0 {
			t.Errorf("%v: %q is left", flags, left)
		}
	}
}

// The command ends with credfile, and the next command removes its files.
func TestWindowsKilled(t *testing.T) {
	b, temp := windowsBox(t)
	cmd, lines := b.start("env", "--as-file", "TOKEN", "--", "waits")
	cmd.Process.Kill()
	begin := time.Now()
	io.Copy(io.Discard, lines) // until the command has closed it, too
	cmd.Wait()
	if d := time.Since(begin); d > 20*time.Second {
		t.Errorf("the command ran on for %v", d)
	}
	pattern := filepath.Join(temp, "credfile", "files-*")
	if left, _ := filepath.Glob(pattern); len(left) != 1 {
		t.Errorf("%q is left by a process that was killed", left)
	}
	b.ok("", "env", "--as-file", "TOKEN", "--", "show")
	if left, _ := filepath.Glob(pattern); len(left) > 0 {
		t.Errorf("%q is left", left)
	}
}

// Two processes that write the file at once lose nothing.
func TestWindowsTwoWriters(t *testing.T) {
	b, _ := windowsBox(t)
	done := make(chan int)
	for _, name := range []string{"A", "B"} {
		go func() {
			failed := 0
			for i := range 50 {
				cmd := exec.Command("credfile", "set", name+strings.Repeat("_", i), "-")
				cmd.Dir, cmd.Env, cmd.Stdin = b.dir, b.env, strings.NewReader("plainly-fake")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Logf("%v: %s", err, out)
					failed++
				}
			}
			done <- failed
		}()
	}
	if failed := <-done + <-done; failed > 0 {
		t.Errorf("%d of 100 failed", failed)
	}
	if n := strings.Count(b.ok("", "list").stdout, "\n"); n != 101 {
		t.Errorf("%d credentials, want 101", n)
	}
	b.ok("", "verify")
}
