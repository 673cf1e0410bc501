package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect"
	"github.com/credfile/credfile/internal/racetest"
	"github.com/credfile/credfile/internal/source"
	"github.com/rogpeppe/go-internal/testscript"
)

// programs are the commands that the tests find in PATH.
var programs = map[string]func(){"credfile": main, "later": laterMain, "age-plugin-credtest": pluginMain, "pinentry-credtest": pinentryMain, "credfile-connect": connectMain}

// connectMain is credfile-connect, beside the credfile of the tests.
func connectMain() {
	if len(os.Args) != 2 || os.Args[1] != source.Build() {
		os.Exit(3)
	}
	if connect.Run(context.Background(), connect.NewWorld(os.Getenv), os.Stdin, os.Stdout) != nil {
		os.Exit(1)
	}
}

// laterMain is later. Its first argument is a duration; the rest are those of credfile, which
// runs as if that time had passed.
func laterMain() {
	d, err := time.ParseDuration(os.Args[1])
	if err != nil {
		panic(err)
	}
	w := world{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(), getenv: os.Getenv, getwd: os.Getwd,
		now: func() time.Time { return time.Now().Add(d) }}
	os.Exit(run(os.Args[2:], w))
}

func TestMain(m *testing.M) { testscript.Main(heeding{m}, programs) }

// heeding runs the tests with no signal ignored, as under nohup, since their processes would
// ignore it, too. What this process catches has the default action in them.
type heeding struct{ *testing.M }

func (h heeding) Run() int {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	return h.M.Run()
}

// instruments is the environment that the race detector and go test -cover want: no process
// sleeps for a second at exit, and each knows where to leave what it covered.
func instruments() []string {
	env := []string{"GORACE=atexit_sleep_ms=0"}
	if dir := os.Getenv("GOCOVERDIR"); dir != "" {
		env = append(env, "GOCOVERDIR="+dir)
	}
	return env
}

// executable writes a program. No process may be forked meanwhile: it would hold the file
// open for writing, and until it has executed something else, nobody can run the program
// (go.dev/issue/22315).
func executable(t testing.TB, path, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestScripts(t *testing.T) { runScripts(t, "testdata/script") }

// TestLockScripts runs the scripts with many derivations.
func TestLockScripts(t *testing.T) {
	racetest.Skip(t)
	runScripts(t, "testdata/lockscript")
}

func runScripts(t *testing.T, dir string) {
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			home := filepath.Join(e.WorkDir, "home")
			e.Setenv("HOME", home)
			e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			for _, kv := range instruments() {
				name, value, _ := strings.Cut(kv, "=")
				e.Setenv(name, value)
			}
			if dir, err := os.MkdirTemp("/dev/shm", "script-"); err == nil { // its own, since the script searches it
				e.Setenv("XDG_RUNTIME_DIR", dir)
				e.Defer(func() { os.RemoveAll(dir) })
			}
			e.Setenv("TESTDATA", repoPath("testdata"))
			if err := os.MkdirAll(home, 0o700); err != nil {
				return err
			}
			config := "[user]\n\temail = alice@example.org\n\tname = Alice\n[init]\n\tdefaultBranch = main\n"
			return os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o600)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code":    code,
			"cmpjson": cmpJSON,
		},
	})
}

// code N COMMAND… runs the command and checks its exit code.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND [ARG]...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = strings.TrimPrefix(exit.Error(), "exit status ")
	} else if err != nil {
		got = err.Error()
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// cmpjson OUTPUT FILE compares JSON documents. In FILE, "*" means any string that is not
// empty.
func cmpJSON(ts *testscript.TestScript, neg bool, args []string) {
	var got, want any
	for i, v := range []any{&got, &want} {
		if err := json.Unmarshal([]byte(ts.ReadFile(args[i])), v); err != nil {
			ts.Fatalf("%s: %v", args[i], err)
		}
	}
	if !sameJSON(got, want) {
		ts.Fatalf("%s: %v, want %v", args[0], got, want)
	}
}

func sameJSON(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(want) {
			return false
		}
		for k, v := range want {
			if !sameJSON(g[k], v) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(g, want, sameJSON)
	case string:
		g, ok := got.(string)
		return ok && (want == "*" && g != "" || g == want)
	}
	return got == want
}

func repoPath(elem ...string) string {
	wd, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return filepath.Join(append([]string{wd, "..", ".."}, elem...)...)
}

// box is a machine with one user: a home and a working directory.
type box struct {
	t         testing.TB
	home, dir string
	env       []string
}

func newBox(t testing.TB) *box {
	root := t.TempDir()
	b := &box{t: t, home: filepath.Join(root, "home"), dir: filepath.Join(root, "work")}
	for _, d := range []string{b.home, b.dir} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.env = append(instruments(), "HOME="+b.home, "PATH="+os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1")
	return b
}

type result struct {
	code           int
	stdout, stderr string
}

// lines writes a file of lines in the box's home.
func (b *box) lines(lines ...string) string {
	path := filepath.Join(b.home, "lines")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// run runs credfile.
func (b *box) run(stdin string, args ...string) result {
	b.t.Helper()
	return b.exec(exec.Command("credfile", args...), stdin)
}

func (b *box) exec(cmd *exec.Cmd, stdin string) result {
	b.t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env = b.dir, b.env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// ok runs credfile, which must succeed.
func (b *box) ok(stdin string, args ...string) result {
	b.t.Helper()
	r := b.run(stdin, args...)
	if r.code != 0 {
		b.t.Fatalf("credfile %q: exit code %d\n%s", args, r.code, r.stderr)
	}
	return r
}

func (b *box) path() string { return filepath.Join(b.dir, defaultFile) }

func (b *box) read() []byte {
	b.t.Helper()
	data, err := os.ReadFile(b.path())
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

func (b *box) write(data []byte) {
	b.t.Helper()
	if err := os.WriteFile(b.path(), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// forget makes the machine forget every file.
func (b *box) forget() {
	b.t.Helper()
	if err := os.RemoveAll(filepath.Join(b.home, ".local")); err != nil {
		b.t.Fatal(err)
	}
}

// join creates another machine, gives its user access to the profiles with a flag of rekey,
// and copies the file to it.
func (b *box) join(name, flag string, profiles ...string) *box {
	b.t.Helper()
	o := newBox(b.t)
	o.ok("", "keygen", "--name", name)
	args := []string{"rekey", flag, name + "=@" + filepath.Join(o.home, ".config", "credfile", name+".pub")}
	for _, p := range profiles {
		args = append(args, "-p", p)
	}
	b.ok("", args...)
	o.write(b.read())
	for _, p := range profiles {
		o.ok("", "-p", p, "env", "--", "true") // so that it knows the file
	}
	return o
}
