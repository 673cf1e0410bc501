//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// inFront lists the ways to run a command: credfile becomes it, or stays in front of it.
var inFront = [][]string{nil, {"--mask"}, {"--as-file=ONE"}}

// python returns a command that runs a script with arguments.
func (b *box) python(script string, args ...string) *exec.Cmd {
	b.t.Helper()
	needTool(b.t.(*testing.T), "python3")
	cmd := exec.Command("python3", append([]string{"-c", script}, args...)...)
	cmd.Dir, cmd.Env = b.dir, b.env
	return cmd
}

// strange runs a command with unusual limits, signals and files. The soft limit of open
// files is below the hard limit, because Go raises it for itself.
const strange = `import os, signal, resource as r, sys
for limit, soft in ((r.RLIMIT_NOFILE, 300), (r.RLIMIT_CORE, 4096), (r.RLIMIT_STACK, 4 << 20), (r.RLIMIT_CPU, 500)):
    hard = r.getrlimit(limit)[1]
    r.setrlimit(limit, (soft if hard < 0 else min(soft, hard), hard))
for s in (signal.SIGINT, signal.SIGHUP, signal.SIGTSTP, signal.SIGTTOU, signal.SIGCONT): signal.signal(s, signal.SIG_IGN)
for s in (signal.SIGPIPE, signal.SIGXFSZ): signal.signal(s, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGALRM, 40])
os.umask(0o27); os.nice(3)
a, b = os.pipe()
os.dup2(a, 0); os.dup2(b, 7); os.dup2(a, 9)
os.set_blocking(0, False)
os.execvp(sys.argv[1], sys.argv[1:])`

// A command with credfile in front of it has what it would have without: ignored and
// blocked signals, umask, limits, niceness, open files, the name it was called by.
func TestFrontIsTransparent(t *testing.T) {
	t.Parallel()
	b := victim(t)
	// Run these directly: a shell in between would have its own signal settings.
	for what, look := range map[string]struct{ command, want string }{
		"signals":    {"grep -E ^(Sig(Blk|Ign)|Umask|NoNewPrivs|Cap...|Groups): /proc/self/status", "Umask:\t0027"},
		"blocked":    {"grep SigBlk: /proc/self/status", "8000002800"},
		"limits":     {"cat /proc/self/limits", " 300 "},
		"niceness":   {"nice", "3\n"},
		"name":       {"cat /proc/self/cmdline", "cat\x00/proc/self/cmdline"},
		"open":       {"ls /proc/self/fd", "\n9\n"},
		"input":      {"grep flags /proc/self/fdinfo/0", "04000"},
		"descriptor": {"grep flags /proc/self/fdinfo/7", "01\n"},
		"place":      {"pwd -P", "\n"},
		"badness":    {"cat /proc/self/oom_score_adj", "\n"},
		"session":    {"sh -c ps|-o|sid=,pgid=|-p|$$|>/dev/null;echo|$0|$#|$1 shown more", "shown 1 more"},
	} {
		var first string
		for i, flags := range inFront {
			args := strings.Fields(look.command)
			for j := range args {
				if args[0] == "sh" {
					args[j] = strings.ReplaceAll(args[j], "|", " ")
				}
			}
			r := b.exec(b.python(strange, append(append(append([]string{"credfile", "env"}, flags...), "--"), args...)...), "")
			if i == 0 {
				first = r.stdout
			}
			if r.code != 0 || r.stdout != first || !strings.Contains(r.stdout, look.want) {
				t.Errorf("%s, %v: exit code %d, %q, want %q\n%s", what, flags, r.code, r.stdout, first, r.stderr)
			}
		}
	}
}

// catches records the number of each signal that arrives.
const catches = `import os, signal, time
out = os.open(os.environ["HOME"] + "/caught", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for s in range(1, 65):
    try: signal.signal(s, lambda n, _: os.write(out, b"%d\n" % n))
    except (OSError, ValueError): pass
open(os.environ["HOME"] + "/ready", "w").close()
while True: time.sleep(0.05)`

// Every signal sent to credfile reaches the command, except those that the kernel or Go's
// runtime sends to credfile itself.
func TestFrontSignals(t *testing.T) {
	t.Parallel()
	b := victim(t)
	b.ownMemory() // what a killed process leaves is not in the way of other tests
	caught := filepath.Join(b.home, "caught")
	for _, flags := range inFront[1:] {
		os.Remove(filepath.Join(b.home, "ready"))
		os.Remove(caught)
		needTool(t, "python3")
		cmd := exec.Command("credfile", append(append([]string{"env"}, flags...), "--", "python3", "-c", catches)...)
		cmd.Dir, cmd.Env = b.dir, b.env
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // without a terminal
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		b.wait("ready")
		for s := syscall.Signal(1); s <= 64; s++ {
			switch s {
			case syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGCHLD, syscall.SIGURG, syscall.SIGPROF, syscall.SIGTTIN, syscall.SIGTTOU:
				continue
			case 32, 33, 34: // used by the C library
				continue
			}
			cmd.Process.Signal(s)
			if !holds(caught, fmt.Sprintf("%d\n", s)) {
				t.Errorf("%v: %d (%v) does not arrive: %s", flags, s, s, stderr.String())
				break
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
	}
}

// holds waits until a file contains a line.
func holds(path, line string) bool {
	for range 500 {
		if text, _ := os.ReadFile(path); strings.Contains("\n"+string(text), "\n"+line) {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

// SIGKILL can't be forwarded, but ends the command, too.
func TestFrontKilled(t *testing.T) {
	t.Parallel()
	b := victim(t)
	b.ownMemory() // what a killed process leaves is not in the way of other tests
	for _, flags := range inFront[1:] {
		os.Remove(filepath.Join(b.home, "ready"))
		// The pipe stays open as long as the command lives.
		ours, theirs, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("credfile", append(append([]string{"env"}, flags...), "--", "sh", "-c", `: > "$HOME/ready"; read x`)...)
		cmd.Dir, cmd.Env, cmd.ExtraFiles = b.dir, b.env, []*os.File{theirs}
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		theirs.Close()
		b.wait("ready")
		cmd.Process.Kill()
		ours.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := ours.Read(make([]byte, 1)); os.IsTimeout(err) {
			t.Errorf("%v: the command lives on", flags)
		}
		stdin.Close()
		cmd.Wait()
		ours.Close()
	}
}

// Exit codes, and the effect of output that nothing reads, are the command's.
func TestFrontEnds(t *testing.T) {
	t.Parallel()
	b := victim(t)
	needTool(t, "bash")
	for _, script := range []string{
		`"$@" sh -c "exit 0"`, `"$@" sh -c "exit 42"`, `"$@" sh -c "exit 255"`, `"$@" sh -c 'kill -TERM $$'`, `"$@" sh -c 'kill -KILL $$'`,
		`"$@" sh -c 'kill -SEGV $$'`, `"$@" nosuchcommand`, `"$@" /`, `: > plain; "$@" ./plain`, `printf "exit 3" > noline; chmod +x noline; "$@" ./noline`,
		`set -o pipefail; "$@" yes | head -n 1`, `"$@" cat < /dev/null`,
		`"$@" sh -c "trap '' PIPE; yes 2> /dev/null; exit 6" | head -n 1; exit ${PIPESTATUS[0]}`,
	} {
		codes := make([]int, len(inFront))
		for i, flags := range inFront {
			args := append(append([]string{"-c", script + "\nexit $?", "bash", "credfile", "env"}, flags...), "--")
			codes[i] = b.exec(exec.Command("bash", args...), "").code
		}
		if codes[1] != codes[0] || codes[2] != codes[0] {
			t.Errorf("%s: %d of plain, --mask, --as-file", script, codes)
		}
	}
	// With --mask, credfile does the writing: a limit on file size acts like a closed pipe.
	r := b.exec(exec.Command("bash", "-c", `ulimit -f 4; credfile env --mask -- head -c 9999999 /dev/zero > "$HOME/big"; exit $?`), "")
	if r.code != 128+int(syscall.SIGPIPE) && r.code != 128+int(syscall.SIGXFSZ) {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
}

// counts counts the signals from the keyboard. Having read a line, it sends a signal of a
// higher number to the process that may forward them, which is then the last to arrive.
const counts = `import os, signal, sys
r, w = os.pipe(); os.set_blocking(w, False); signal.set_wakeup_fd(w)
for s in (2, 20, 40): _ = signal.signal(s, lambda s, _: None)
print("be" + "gun", flush=True); input()
os.kill(os.getppid() if sys.argv[1:] else os.getpid(), 40); came = []
while 40 not in came: came += os.read(r, 99)
print("INT", came.count(2), "TSTP", came.count(20))`

// A command that stops only itself, as pagers do, gives the terminal back. One that does
// not stop keeps it.
func TestFrontStops(t *testing.T) {
	t.Parallel()
	needTool(t, "python3")
	for _, flags := range inFront {
		b := victim(t)
		c := newConsole(b)
		c.sees("ready> ")
		env := "credfile env " + strings.Join(flags, " ") + " -- sh -c "
		c.types(env + `'kill -TSTP $$; echo go''es on'` + "\r")
		c.sees("Stopped")
		c.sees("ready> ")
		c.types("fg\r")
		c.sees("goes on")
		c.sees("ready> ")
		c.types(env + `'trap "" TSTP; echo be''gun; read x; echo go''t $x'` + "\r")
		c.sees("begun")
		c.types("\x1atyped\r") // what is typed first has its effect first
		c.sees("got typed")
		c.sees("ready> ")
		// Signals from the keyboard arrive once.
		c.types("credfile env " + strings.Join(flags, " ") + ` -- python3 -c '` + counts + "' " + strings.Join(flags, "") + "\r")
		c.sees("begun")
		c.types("\x03\x1a\r")
		c.sees("INT 1 TSTP 1")
		c.sees("ready> ")
	}
}
