//go:build linux && amd64

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/credfile/credfile/internal/tally"
	"github.com/credfile/credfile/internal/torture"
)

// A nuisance is a disk that can't be written. Only the first that a command needs counts.
type nuisance struct {
	name     string
	begin    func(x *trial) error
	end      func(x *trial) error
	through  []string // what starts the command
	harmless bool     // some commands may work
}

var nuisances = []nuisance{
	{name: "full", begin: fillDisk, end: func(x *trial) error { return os.Remove(filepath.Join(x.root, "filler")) }, harmless: true},
	{name: "without inodes", begin: fillInodes, end: func(x *trial) error { return os.RemoveAll(filepath.Join(x.root, "fillers")) }, harmless: true},
	{name: "read-only", begin: remount(syscall.MS_RDONLY), end: remount(0)},
	{name: "immutable file", begin: chattr("+i", defaultFile), end: chattr("-i", defaultFile), harmless: true},
	{name: "immutable directory", begin: chattr("+i", "."), end: chattr("-i", "."), harmless: true},
	{name: "limit of file sizes", through: []string{"sh", "-c", `ulimit -f 0; exec "$@"`, "sh"}, harmless: true},
}

func fillDisk(x *trial) error {
	f, err := os.Create(filepath.Join(x.root, "filler"))
	if err != nil {
		return err
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if errors.Is(err, syscall.ENOSPC) {
		return nil
	}
	return err
}

func fillInodes(x *trial) error {
	err := os.Mkdir(filepath.Join(x.root, "fillers"), 0o700)
	for i := 0; err == nil; i++ {
		err = os.WriteFile(filepath.Join(x.root, "fillers", fmt.Sprint(i)), nil, 0o600)
	}
	if errors.Is(err, syscall.ENOSPC) {
		return nil
	}
	return err
}

func remount(flag uintptr) func(*trial) error {
	return func(x *trial) error { return syscall.Mount("", x.root, "", syscall.MS_REMOUNT|flag, "") }
}

func chattr(flag, name string) func(*trial) error {
	return func(x *trial) error {
		out, err := exec.Command("chattr", flag, filepath.Join(x.dir, name)).CombinedOutput()
		if err != nil && strings.Contains(string(out), "No such file") {
			return nil
		} else if err != nil {
			return fmt.Errorf("%v: %s", err, out)
		}
		return nil
	}
}

// Row 20: a full disk, one without inodes, one that is read-only, immutable files and a limit
// of sizes. Nothing breaks, and the same command works when the nuisance is over.
func TestFullDisk(t *testing.T) {
	tally.Every(t)
	needsTrace(t)
	mount(t, trialRoot(t), "size=4k")
	programs := built(t)
	for _, o := range ordeals {
		t.Run(o.name, func(t *testing.T) {
			root := trialRoot(t)
			mount(t, root, "size=512k,nr_inodes=150")
			x := newTrial(t, o, root, programs)
			x.undisturbed()
			broken := 0
			for _, n := range nuisances {
				x.restart()
				if !n.try(t, x) {
					broken++
				}
			}
			tally.Add(t, tally.Full, len(nuisances), broken)
		})
	}
}

// mount mounts a disk in memory, for the test.
func mount(t *testing.T, dir, options string) {
	if err := syscall.Mount("torture", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("needs the right to mount: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
}

func (n nuisance) try(t *testing.T, x *trial) bool {
	if n.begin != nil {
		if err := n.begin(x); err != nil {
			t.Fatalf("%s: %v", n.name, err)
		}
	}
	cmd, out := x.command()
	if n.through != nil {
		cmd.Args = slices.Concat(n.through, []string{cmd.Path}, cmd.Args[1:])
		cmd.Path, cmd.Err = "/bin/sh", nil
	}
	cmd.Run()
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if n.end != nil {
		if err := n.end(x); err != nil {
			t.Fatalf("%s: %v", n.name, err)
		}
	}
	wrong := x.judge(torture.Point{}, status, out.String())
	if wrong != "" {
		t.Errorf("%s: %s\n%s", n.name, wrong, out)
	}
	if status == 0 && !n.harmless {
		t.Errorf("%s: works\n%s", n.name, out)
	}
	return wrong == ""
}
