//go:build linux && amd64

package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/tally"
	"github.com/credfile/credfile/internal/torture"
)

// Another process replaces the keys of the profile just before a file system call of a command,
// whichever call that is. The command works on what is there then: it does not take what it
// read before for an older version of the file.
func TestRotatedBetween(t *testing.T) {
	every := (tally.Every(t) + 4) / 5 // five times as many
	needsTrace(t)
	programs := built(t)
	for _, o := range []ordeal{
		{name: "set", stdin: fresh, args: []string{"set", "NEW", "-"}},
		{name: "rotate", args: []string{"rotate"}},
		{name: "get", args: []string{"get", "ONE"}, same: true},
		{name: "env", args: []string{"env", "--", "true"}, same: true},
		{name: "verify", args: []string{"verify"}, same: true},
	} {
		t.Run(o.name, func(t *testing.T) {
			x := newTrial(t, o, trialRoot(t), programs)
			calls := x.undisturbed()
			for n := 0; n < len(calls); n += every {
				x.restart()
				x.between(t, n)
			}
		})
	}
}

func (x *trial) between(t *testing.T, at int) {
	cmd, out := x.command()
	var call *torture.Call
	locked := false // others wait
	_, status, err := torture.Run(cmd, func(n int, c *torture.Call) torture.Fault {
		locked = locked || c.Name == "flock" && c.Path == x.path()
		if n >= at && call == nil && !locked {
			call = c
			rotate := exec.Command(x.credfile, "rotate")
			rotate.Dir, rotate.Env = x.dir, x.env
			if out, err := rotate.CombinedOutput(); err != nil {
				t.Errorf("rotate: %v: %s", err, out)
			}
		}
		return torture.Fault{}
	})
	if err != nil {
		t.Fatal(err)
	}
	if call == nil {
		return
	}
	if status != 0 || strings.Contains(out.String(), "warning") {
		t.Errorf("rotated before %s %s: %#x, %s", call.Name, call.Path, status, out)
	}
	if is, err := x.opened(); err != nil || !x.same && is["default NEW"] != x.want["default NEW"] {
		t.Errorf("rotated before %s %s: %v, %v", call.Name, call.Path, is, err)
	}
}
