//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/credfile/credfile/internal/racetest"
)

// console is an interactive shell with job control, on a terminal.
type console struct {
	t      *testing.T
	master *os.File
	mu     sync.Mutex
	screen bytes.Buffer
	seen   int
	cmd    *exec.Cmd
	closed atomic.Bool
}

func newConsole(b *box) *console {
	b.t.Helper()
	needTool(b.t.(*testing.T), "bash")
	c := &console{t: b.t.(*testing.T), cmd: exec.Command("bash", "--norc", "--noprofile", "-i")}
	c.cmd.Dir, c.cmd.Env = b.dir, append(b.env, "PS1=ready> ", "TERM=xterm", "HISTFILE=")
	master, err := pty.StartWithSize(c.cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		b.t.Skipf("no pseudo-terminal: %v", err)
	}
	c.master = master
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			c.mu.Lock()
			c.screen.Write(buf[:n])
			c.mu.Unlock()
			if c.closed.Load() {
				master.Close()
			}
			if err != nil {
				return
			}
		}
	}()
	b.t.Cleanup(func() {
		master.Close()
		c.cmd.Process.Kill()
		c.cmd.Wait()
	})
	return c
}

// close makes the reading goroutine close the terminal: a file is not closed during a read.
func (c *console) close() {
	c.closed.Store(true)
	c.types("x") // the echo ends the read
}

func (c *console) types(text string) { io.WriteString(c.master, text) }

// sees waits for a text on the screen, after the text that it saw last.
func (c *console) sees(text string) {
	c.t.Helper()
	for range 3000 {
		c.mu.Lock()
		screen := c.screen.String()[c.seen:]
		at := strings.Index(screen, text)
		if at >= 0 {
			c.seen += at + len(text)
		}
		c.mu.Unlock()
		if at >= 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t.Fatalf("%q does not come; the screen: %q", text, c.screen.String()[c.seen:])
}

// inFront waits until the terminal belongs to a command and not to the shell.
func (c *console) inFront() {
	c.t.Helper()
	for range 3000 {
		if group, err := unix.IoctlGetInt(int(c.master.Fd()), unix.TIOCGPGRP); err == nil && group != c.cmd.Process.Pid {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t.Fatalf("the shell keeps the terminal; the screen: %q", &c.screen)
}

// Ctrl-Z, fg, bg, Ctrl-C, the window's size and colours work with --mask and --as-file as
// they do without.
func TestJobControl(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--mask", "--as-file ONE"} {
		t.Run(flag, func(t *testing.T) {
			b := victim(t)
			c := newConsole(b)
			c.sees("ready> ")
			// dash starts commands by vfork(2). One that is stopped between that and its exec keeps dash
			// from stopping, with or without us, so nothing is started once the test types.
			c.types("credfile env " + flag + ` -- sh -c 'sleep 60 & trap "kill $!; trap - INT; kill -INT $$" INT; echo be''gun; wait; echo e''nded'` + "\r")
			c.sees("begun")
			c.types("\x1a")
			c.sees("Stopped")
			c.sees("ready> ")
			c.types("bg\r")
			c.sees("ready> ")
			c.types("fg\r")
			c.sees("credfile")
			c.inFront()
			c.types("\x03")
			c.sees("^C") // an earlier prompt does not count
			c.sees("ready> ")
			c.types("echo code $?\r")
			c.sees("code 130\r\n")
			c.types("credfile env " + flag + " -- sh -c 'test -t 1 && echo col''our; stty size <&1; read x; echo got $x'\r")
			c.sees("colour\r\n24 80\r\n")
			c.types("typed\r")
			c.sees("got typed\r\n")
			c.types("credfile env " + flag + " -- sh -c 'trap \"stty size <&1\" WINCH; echo ready''2; while :; do sleep 0.1; done'\r")
			c.sees("ready2")
			pty.Setsize(c.master, &pty.Winsize{Rows: 30, Cols: 100})
			c.sees("30 100")
			c.types("\x03")
			c.sees("ready> ")
		})
	}
	left, _ := filepath.Glob("/dev/shm/credfile-*/files-*")
	for _, dir := range left {
		if !living(dir) {
			t.Errorf("%s is left", dir)
		}
	}
}

// A background process that keeps the terminal open does not keep credfile running.
func TestBackground(t *testing.T) {
	t.Parallel()
	c := newConsole(victim(t))
	c.sees("ready> ")
	c.types("credfile env --mask -- sh -c 'trap \"\" HUP; sleep 45 & echo hel''lo'\r")
	c.sees("hello")
	c.sees("ready> ")
}

// Signals sent to credfile reach the command, and the exit code is the command's.
func TestForwarding(t *testing.T) {
	t.Parallel()
	b := victim(t)
	for _, c := range []struct {
		send   syscall.Signal
		script string
		code   int
	}{
		{syscall.SIGTERM, `trap "exit 9" TERM`, 9}, {syscall.SIGHUP, `trap "exit 8" HUP`, 8}, {syscall.SIGINT, `trap "exit 7" INT`, 7},
		{syscall.SIGUSR1, `trap "exit 6" USR1`, 6}, {syscall.SIGTERM, `:`, 143}, {syscall.SIGQUIT, `trap "exit 5" QUIT`, 5},
	} {
		if signal.Ignored(c.send) {
			continue // under nohup, the command ignores it, too
		}
		for _, flag := range []string{"--mask", "--as-file=ONE"} {
			os.Remove(filepath.Join(b.home, "ready"))
			cmd := exec.Command("credfile", "env", flag, "--", "sh", "-c", c.script+`; touch "$HOME/ready"; while :; do sleep 0.05; done`)
			cmd.Dir, cmd.Env = b.dir, b.env
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // without a terminal
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			b.wait("ready")
			cmd.Process.Signal(c.send)
			kill := time.AfterFunc(time.Minute, func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
			cmd.Wait()
			kill.Stop()
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("%s, %v: exit code %d, want %d", flag, c.send, code, c.code)
			}
		}
	}
}

// As the first process of a container, credfile reaps orphans, passes signals on, and ends with the
// command.
func TestFirstProcess(t *testing.T) {
	t.Parallel()
	b := victim(t)
	if out, err := exec.Command("unshare", "--fork", "--pid", "--mount-proc", "true").CombinedOutput(); err != nil {
		t.Skipf("no namespace of processes: %s", out)
	}
	script := `for i in 1 2 3; do (sh -c 'echo $$ > "$HOME/orphan'$i'"' &) ; done
n=0; left=3
while [ $left != 0 ] && [ $n -lt 600 ]; do
	sleep 0.05; n=$((n+1)); left=0
	for i in 1 2 3; do [ -s "$HOME/orphan$i" ] && ! [ -e /proc/$(cat "$HOME/orphan$i") ] || left=$((left+1)); done
done
echo "pid $$, zombies $left"; exit 4`
	r := b.exec(exec.Command("unshare", "--fork", "--pid", "--mount-proc", "credfile", "env", "--as-file", "ONE", "--", "sh", "-c", script), "")
	if r.code != 4 || !strings.Contains(r.stdout, "zombies 0\n") || strings.Contains(r.stdout, "pid 1,") {
		t.Errorf("exit code %d, %q\n%s", r.code, r.stdout, r.stderr)
	}
	// A signal ends a command without a handler only if the command isn't the first process itself.
	for _, c := range []struct {
		flags []string
		code  int
		left  string
	}{{nil, 0, "survived\n"}, {[]string{"--mask"}, 143, ""}, {[]string{"--as-file", "ONE"}, 143, ""}} {
		args := append(append([]string{"--fork", "--pid", "--mount-proc", "credfile", "env"}, c.flags...), "--", "sh", "-c", "kill -TERM 1; sleep 2; echo survived")
		if r := b.exec(exec.Command("unshare", args...), ""); r.code != c.code || r.stdout != c.left {
			t.Errorf("%v: exit code %d, %q\n%s", c.flags, r.code, r.stdout, r.stderr)
		}
	}
}

// A long stream passes through --mask, cut at arbitrary places.
func TestMaskStream(t *testing.T) {
	t.Parallel()
	b := victim(t)
	const size = 20 << 20 // the benchmark takes 100 MB
	script := fmt.Sprintf(`yes "a line with $ONE in it, and more" | head -c %d`, size)
	r := b.ok("", "env", "--mask", "--", "sh", "-c", script)
	if strings.Contains(r.stdout, canary) || strings.Count(r.stdout, "a line with [masked] in it, and more\n") < size/80 {
		t.Errorf("%d bytes, %q", len(r.stdout), r.stdout[:100])
	}
}

// Programs that print their variables quote them in their own ways: the most common leak in
// CI logs.
func TestMaskQuoted(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := newBox(t)
	b.ok("", "init")
	b.env = append(b.env, "LC_ALL=C.UTF-8")
	secrets := []string{
		`pa'wyth"wo$rd\with` + "`ahll`", `it's myne alohne`, `say "hehllo" to nobohdy`, `$HOHME/is/not/iht`, `bahck\slahsh\ehs`, "twoh\nlyhnes' of \"it", "tahb\tand \x1b[31m eskahpe",
		`#{rubhy} and #$x's`, `semihc;colohn & amperhs|pipeh`, `exclamahtion! (parehns) [x] {y} ~tildeh *stahr?`, "ünïcödéx ' kwohte", `ahaa=b cahc=d ehe=f`, `^carehht^ <anghle>`,
	}
	shown := map[string][]string{
		"bash":    {"bash", "-c", `set -x; : "$V"; export -p; declare -p V; printf '%q\n' "$V"; echo "${V@Q}"; set`},
		"dash":    {"dash", "-c", `set -x; : "$V"; export -p; set`},
		"zsh":     {"zsh", "-fc", `set -x; : "$V"; export -p; typeset -p V; printf '%q\n' "$V"; print -r -- "${(q)V}" "${(qq)V}" "${(qqq)V}" "${(qqqq)V}" "${(q-)V}"`},
		"fish":    {"fish", "--no-config", "-c", `set -x fish_trace 1; echo "$V" >/dev/null; string escape -- "$V"; set -S V`},
		"python3": {"python3", "-c", `import os, shlex, json; v = os.environ["V"]; print(repr(v), ascii(v), [v], v.encode(), shlex.quote(v), json.dumps(v), os.environ)`},
		"node":    {"node", "-e", `const v = process.env.V; console.log([v], {v}, JSON.stringify(v)); console.log(require("util").inspect(v))`},
		"ruby":    {"ruby", "-e", `v = ENV["V"]; p v; puts v.dump, [v].inspect`},
		"perl":    {"perl", "-MData::Dumper", "-e", `print Dumper($ENV{V}); $Data::Dumper::Useqq = 1; print Dumper($ENV{V})`},
		"env":     {"env"},
	}
	for i, secret := range secrets {
		for name, args := range shown {
			if _, err := exec.LookPath(args[0]); err != nil {
				continue
			}
			b.ok(secret, "set", "--allow-empty", "V", "--from-file", "-")
			r := b.run("", append([]string{"env", "--mask", "--"}, args...)...)
			if r.code != 0 {
				t.Errorf("%s: %d %s", name, r.code, r.stderr)
			}
			for _, part := range leaks(secret) {
				if strings.Contains(r.stdout+r.stderr, part) {
					t.Errorf("%s shows %q of secret %d: %q", name, part, i, r.stdout+r.stderr)
					break
				}
			}
		}
	}
}

// leaks returns the parts of a secret that no quoting changes.
func leaks(secret string) (parts []string) {
	for _, part := range strings.FieldsFunc(secret, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') }) {
		if len(part) >= 5 {
			parts = append(parts, part)
		}
	}
	return parts
}
