//go:build linux && amd64

package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/tally"
	"github.com/credfile/credfile/internal/torture"
	"github.com/credfile/credfile/vaultfile"
)

// Row 20: each command is killed before each of its file system calls, and each call that can
// fail does, with every error that it can have. make torture tries all of them.
func TestTorture(t *testing.T) {
	every := tally.Every(t)
	needsTrace(t)
	programs := built(t)
	for _, o := range ordeals {
		t.Run(o.name, func(t *testing.T) {
			for worker := range 2 {
				t.Run(fmt.Sprint(worker), func(t *testing.T) {
					t.Parallel()
					newTrial(t, o, trialRoot(t), programs).all(worker, 2, every)
				})
			}
		})
	}
}

// needsTrace skips the test where processes can't be traced, or where their memory can't be read:
// credfile's can't, except by root.
func needsTrace(t *testing.T) {
	_, _, err := torture.Run(exec.Command("true"), func(int, *torture.Call) torture.Fault { return torture.Fault{} })
	if errors.Is(err, syscall.EPERM) || os.Geteuid() != 0 {
		t.Skip("needs the right to trace processes")
	} else if err != nil {
		t.Fatal(err)
	}
}

// built returns a directory with the two programs as they are released.
func built(t *testing.T) string {
	programs := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-o", programs, ".", "../credfile-connect")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return programs
}

// A trial is an ordeal in a directory of its own, in memory. It starts again and again from what
// was there at first.
type trial struct {
	*box
	ordeal
	root      string
	credfile  string
	first     map[string]string // the files
	old       []byte
	was, want map[string]string // what is in the credentials file
	left      []string          // the names of the files in the end
	makes     string            // what the command makes
}

func trialRoot(t *testing.T) string {
	root, err := os.MkdirTemp("/dev/shm", "torture-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	return root
}

func newTrial(t *testing.T, o ordeal, root, programs string) *trial {
	x := &trial{box: &box{t: t, home: filepath.Join(root, "home"), dir: filepath.Join(root, "work")}, ordeal: o, root: root, credfile: filepath.Join(programs, "credfile")}
	for _, dir := range []string{x.dir, filepath.Join(x.home, "bin"), filepath.Join(root, "run"), filepath.Join(root, "tmp")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	x.env = []string{"HOME=" + x.home, "PATH=" + filepath.Join(x.home, "bin") + ":" + programs + ":" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1",
		"XDG_RUNTIME_DIR=" + filepath.Join(root, "run"), "TMPDIR=" + filepath.Join(root, "tmp"), "CREDFILE_NON_INTERACTIVE=1"}
	x.ok("", "init", "--name", "me")
	x.ok("not-real-old", "set", "ONE", "-")
	x.ok("not-real-two", "set", "TWO", "-")
	if o.prepare != nil {
		o.prepare(x.box)
	}
	x.first = x.files()
	x.old, _ = os.ReadFile(x.path())
	if len(x.old) > 0 {
		x.was = x.contents()
	}
	return x
}

func (x *trial) command() (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(x.credfile, x.args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = x.dir, x.env, strings.NewReader(x.stdin), &out, &out
	return cmd, &out
}

// files returns the content of all files.
func (x *trial) files() map[string]string {
	all := map[string]string{}
	filepath.WalkDir(x.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			x.t.Fatal(err)
		}
		name, _ := filepath.Rel(x.root, path)
		if d.Type().IsRegular() {
			text, err := os.ReadFile(path)
			if err != nil {
				x.t.Fatal(err)
			}
			all[name] = string(text)
		} else if path != x.root {
			all[name+"/"] = ""
		}
		return nil
	})
	return all
}

// restart brings the files back that were there at first.
func (x *trial) restart() {
	for name, text := range x.files() {
		if was, ok := x.first[name]; !ok || was != text {
			os.RemoveAll(filepath.Join(x.root, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(x.first)) {
		path := filepath.Join(x.root, name)
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		var err error
		if strings.HasSuffix(name, "/") {
			err = os.Mkdir(path, 0o700)
		} else {
			err = os.WriteFile(path, []byte(x.first[name]), 0o600)
		}
		if err != nil {
			x.t.Fatal(err)
		}
	}
}

// contents opens the credentials file.
func (x *trial) contents() map[string]string {
	all, err := x.opened()
	if err != nil {
		x.t.Fatal(err)
	}
	return all
}

func (x *trial) opened() (map[string]string, error) {
	keys, err := os.ReadFile(filepath.Join(x.home, ".config", "credfile", "identities.txt"))
	if err != nil {
		return nil, err
	}
	ids, err := age.ParseIdentities(bytes.NewReader(keys))
	if err != nil {
		return nil, err
	}
	f, err := vaultfile.Parse(x.read())
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, name := range f.Names() {
		p, err := f.Unlock(name, ids...)
		if err != nil {
			return nil, err
		}
		items, err := p.Items()
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			all[name+" "+item.Name] = string(item.Value.Reveal())
		}
		for _, r := range p.Section().Recipients {
			all[name+" recipient "+r.Name] = fmt.Sprint(r.Writer)
		}
		sources, err := p.Sources()
		if err != nil {
			return nil, err
		}
		for _, s := range sources {
			all[name+" source "+s.Name] = s.Kind
		}
	}
	return all, nil
}

// undisturbed runs the command once, and notes what it leaves.
func (x *trial) undisturbed() []*torture.Call {
	cmd, out := x.command()
	calls, status, err := torture.Run(cmd, func(int, *torture.Call) torture.Fault { return torture.Fault{} })
	if err != nil || status != 0 {
		x.t.Fatalf("%v, %v: %s", err, status, out)
	}
	x.want = x.contents()
	if x.ordeal.makes != "" {
		x.makes = x.files()[x.ordeal.makes]
		if x.makes == "" {
			x.t.Fatalf("%s is not there", x.ordeal.makes)
		}
	}
	replaced, faults := torture.Unsynced(calls, x.root)
	tally.Add(x.t, tally.Replaced, replaced, len(faults))
	for _, fault := range faults {
		x.t.Error(fault)
	}
	x.once()
	x.left = x.names()
	return calls
}

// once runs the command once more, which puts everything in order.
func (x *trial) once() {
	cmd, out := x.command()
	if x.then != nil {
		cmd.Args = append(cmd.Args[:1], x.then...)
	}
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 0 && !slices.Contains(x.again, code) {
		x.t.Errorf("once more: exit code %d: %s", code, out)
	}
}

func (x *trial) all(worker, workers, every int) {
	points := torture.Points(x.undisturbed(), syscall.EIO, syscall.ENOSPC, syscall.EDQUOT, syscall.EINTR)
	var killed, failed, brokenByKill, brokenByFault int
	for i := worker * every; i < len(points); i += workers * every {
		p := points[i]
		x.restart()
		cmd, out := x.command()
		var call *torture.Call
		_, status, err := torture.Run(cmd, func(n int, c *torture.Call) torture.Fault {
			f := p.At(n, c)
			if f != (torture.Fault{}) {
				call = c
			}
			return f
		})
		if err != nil {
			x.t.Fatal(err)
		}
		if call == nil {
			continue
		}
		n, broken := &failed, &brokenByFault
		if p.Kill {
			n, broken = &killed, &brokenByKill
		}
		*n++
		if wrong := x.judge(p, status, out.String()); wrong != "" {
			*broken++
			x.t.Errorf("%v, %s %s: %s\n%s", p, call.Name, cmp.Or(call.To, call.Path), wrong, out)
		}
	}
	tally.Add(x.t, tally.Kills, killed, brokenByKill)
	tally.Add(x.t, tally.Faults, failed, brokenByFault)
}
