//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/credfile/credfile/internal/racetest"
)

// shells are the interactive shells, started without the user's configuration.
var shells = map[string][]string{
	"bash": {"bash", "--norc", "--noprofile", "-i"},
	"zsh":  {"zsh", "-f", "-i"},
	"fish": {"fish", "--no-config", "-i"},
}

// terminalShell is an interactive shell on a terminal.
type terminalShell struct {
	b      *box
	cmd    *exec.Cmd
	master *os.File
	seen   chan string
	screen string
	read   int // length of the screen that was matched so far
}

func (b *box) session(shell string) *terminalShell {
	b.t.Helper()
	args := shells[shell]
	if _, err := exec.LookPath(args[0]); err != nil {
		b.t.Skipf("%s is not installed", shell)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = b.dir
	cmd.Env = append(b.env, "TERM=xterm", "PS1=READY> ", "PROMPT=READY> ", "HISTFILE="+filepath.Join(b.home, "history"), "HISTSIZE=100", "SAVEHIST=100")
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 200})
	if err != nil {
		b.t.Skipf("no pseudo-terminal: %v", err)
	}
	s := &terminalShell{b: b, cmd: cmd, master: master, seen: make(chan string, 1000)}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			s.seen <- string(buf[:n])
			if strings.Contains(string(buf[:n]), "\x1b[c") {
				master.WriteString("\x1b[?1;2c") // fish asks which terminal this is
			}
			if err != nil {
				close(s.seen)
				return
			}
		}
	}()
	b.t.Cleanup(func() { master.Close(); cmd.Process.Kill(); cmd.Wait() })
	s.run("printf 'ready-%s\\n' 42", "ready-42")
	return s
}

// until waits for a text on the screen, after the text that it waited for last.
func (s *terminalShell) until(text string) {
	s.b.t.Helper()
	end := time.After(time.Minute)
	for !strings.Contains(s.screen[s.read:], text) {
		select {
		case more, ok := <-s.seen:
			s.screen += more
			if !ok && more == "" {
				s.b.t.Fatalf("the terminal is gone; no %q on the screen: %q", text, s.screen)
			}
		case <-end:
			s.b.t.Fatalf("no %q on the screen: %q", text, s.screen)
		}
	}
	s.read += strings.Index(s.screen[s.read:], text) + len(text)
}

func (s *terminalShell) types(keys string) { s.master.WriteString(keys) }

// run types a command and waits for a text in its output.
func (s *terminalShell) run(command, shows string) {
	s.b.t.Helper()
	s.types(command + "\r")
	s.until(shows)
}

// end exits the shell, which then writes its history, and returns the history.
func (s *terminalShell) end() (history string) {
	s.run("printf 'left-%s\\n' 42", "left-42")
	s.types("exit\r")
	done := make(chan struct{})
	go func() { s.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		s.cmd.Process.Signal(syscall.SIGHUP)
	}
	for _, file := range []string{filepath.Join(s.b.home, "history"), filepath.Join(s.b.home, ".local/share/fish/fish_history")} {
		text, _ := os.ReadFile(file)
		history += string(text)
	}
	return history
}

// Row 23a: a key of several lines at a hidden prompt is one value, or nothing. No shell runs its
// second line or records it.
func TestPasteInShells(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	const key = "touch pwned1\rtouch pwned2\rtouch pwned3\r"
	for shell := range shells {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			b.ok("", "init")
			s := b.session(shell)
			for i, paste := range []string{key, "\x1b[200~" + key + "\x1b[201~\r"} {
				name := fmt.Sprint("KEY", i)
				s.types("credfile set " + name + "\r")
				s.until("Value of " + name)
				s.types(paste)
				s.until("That is 3 lines")
				s.types("n\r")
				s.until("nothing changed")
				s.types("credfile set " + name + "\r")
				s.until("Value of " + name)
				s.types(paste)
				s.until("That is 3 lines")
				s.types("y\r")
				s.until(name + " added")
				if got, want := b.ok("", "get", name).stdout, strings.ReplaceAll(key, "\r", "\n"); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
			history := s.end()
			if left, _ := filepath.Glob(filepath.Join(b.dir, "pwned*")); len(left) > 0 || strings.Contains(s.screen+history, "pwned") {
				t.Errorf("run: %q; the screen: %q; the history: %q", left, s.screen, history)
			}
		})
	}
}

// Row 23a: a user who mistypes a passphrase and types it again during the check sees no echo, and no
// shell gets it.
func TestMistypedInShells(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	for shell := range shells {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			new := b.secretFile("new", "touch right passphrase")
			b.ok("", "init", "--passphrase", "me", "--new-passphrase-file", new)
			s := b.session(shell)
			s.types("credfile env -- sh -c 'echo it-$((1+1))-runs'\r")
			s.until("Passphrase of me")
			s.types("touch wrong1\r")
			s.until("checking the passphrase")
			s.types("touch wrong2\r")
			s.until("wrong passphrase, try again")
			s.until("wrong passphrase, try again")
			s.types("touch right passphrase\r")
			s.until("checking the passphrase")
			s.types("touch late\r") // once more, too late
			s.until("it-2-runs")
			history := s.end()
			for _, word := range []string{"wrong1", "wrong2", "right", "late"} {
				if strings.Contains(s.screen+history, word) || exists(filepath.Join(b.dir, word)) {
					t.Errorf("%s: the screen: %q; the history: %q", word, s.screen, history)
				}
			}
		})
	}
}

// An editor opens a window and exits at once. On a terminal, credfile waits for what is
// saved in the window.
func TestEditorInWindow(t *testing.T) {
	t.Parallel()
	for shell := range shells {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			b := victim(t)
			b.editor(`(while ! [ -e "$HOME/save" ]; do sleep 0.02; done; sed 's/^\[default\]/&\nNEW = "` + canary + `-typed"/' "$1" > "$1.new" && mv "$1.new" "$1"; touch "$HOME/saved") > /dev/null 2>&1 < /dev/null &`)
			s := b.session(shell)
			s.types("credfile edit\r")
			s.until("The editor exited at once")
			if err := os.WriteFile(filepath.Join(b.home, "save"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			b.wait("saved")
			s.types("\r")
			s.until("default: NEW added")
			if got := b.ok("", "get", "NEW").stdout; got != canary+"-typed" {
				t.Errorf("%q", got)
			}
			s.end()
			b.nowhere(canary)
		})
	}
}

// A killed editor leaves the terminal in its own mode. credfile restores it.
func TestEditorEnded(t *testing.T) {
	t.Parallel()
	b := victim(t)
	b.editor(`stty raw -echo; echo $PPID > "$HOME/parent"; touch "$HOME/ready"; sleep 60`)
	s := b.session("bash")
	s.types("credfile edit; echo code-$?; stty -a\r")
	b.wait("ready")
	pid, err := exec.Command("pgrep", "-x", "credfile", "-P", fmt.Sprint(s.cmd.Process.Pid)).Output()
	if err != nil {
		t.Skip("no pgrep: ", err)
	}
	if err := exec.Command("kill", strings.TrimSpace(string(pid))).Run(); err != nil {
		t.Fatal(err)
	}
	s.until("code-130")
	s.until(" icanon")
	s.until(" echo ")
	s.end()
}
