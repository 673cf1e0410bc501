//go:build linux && amd64

package main

import (
	"bytes"
	"fmt"
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
)

// Rows 23 and 24: a value, a passphrase, an identity and the keys of a profile are searched for in
// everything that each command writes, leaves or passes to other programs, also if it aborts, and
// in git's objects.
func TestCanaries(t *testing.T) {
	every := min(tally.Every(t), 3)
	needsTrace(t)
	root, programs := trialRoot(t), built(t)
	x := newTrial(t, ordeal{name: "canaries", prepare: prepareCanaries}, root, programs)
	c := &canaries{forms: map[string][][]byte{}}
	c.add("the value", []byte(value))
	c.add("the passphrase", []byte("not-real-PASSPHRASE of a lock"))
	x.findKeys(c)
	if len(c.forms) != 5 { // the identity, the key and the seed of the profile, too
		t.Fatalf("%d canaries", len(c.forms))
	}
	for i, a := range airings {
		x.air(t, c, a, i%every == 0)
		x.findKeys(c)
		x.inGit(t, c)
	}
	tally.Add(t, tally.Canaries, c.searches, c.found)
}

func prepareCanaries(b *box) {
	executable(b.t, filepath.Join(b.home, "editor"), "#!/bin/sh\necho 'EDITED = \""+value+"\"' >> \"$1\"\n")
	prepareSource(b)
	executable(b.t, filepath.Join(b.home, "bin", "credfile-source-demo"), "#!/bin/sh\nread -r request\n"+strings.ReplaceAll(answersOnce, "not-real-value", value))
	real, err := exec.LookPath("git")
	if err != nil {
		b.t.Fatal(err)
	}
	// What git is given: its arguments and its environment.
	executable(b.t, filepath.Join(b.home, "bin", "git"), "#!/bin/sh\n{ echo \"$@\"; cat /proc/self/environ; } >> "+filepath.Join(b.home, "given")+"\nexec "+real+" \"$@\"\n")
	b.env = append(b.env, "CREDFILE_EDITOR="+filepath.Join(b.home, "editor"), "CREDFILE_NON_INTERACTIVE=", "GOTRACEBACK=crash", "CREDFILE_PASSPHRASE_FILE="+filepath.Join(b.dir, "phrase"))
	b.file("plain", "PLAIN="+value+"\n")
	b.file("damaged", "PLAIN='"+value+"\n\x00= \n"+value)
	b.file("template", "A='{{ONE}}' B={{NEW}}\n")
	b.file("phrase", "not-real-PASSPHRASE of a lock\n")
	b.file(".gitignore", "out\nfilled\n")
	b.file("before", string(b.read()))
	b.git("init", "-q")
	b.git("config", "user.name", "Alice")
	b.git("config", "user.email", "alice@example.org")
	b.ok("", "git", "setup")
	b.git("add", defaultFile)
	b.git("commit", "-qm", "first")
}

// findKeys adds the identity, and the key and the seed that it unlocks, which a rotation replaces.
// An identity behind a passphrase is not among them.
func (x *trial) findKeys(c *canaries) {
	text, err := os.ReadFile(filepath.Join(x.home, ".config", "credfile", "identities.txt"))
	if err != nil {
		x.t.Fatal(err)
	}
	ids, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		x.t.Fatal(err)
	}
	c.add("an identity", []byte(ids[0].(fmt.Stringer).String()))
	s := parseFile(x.t, x.read()).Find("default")
	for i := range s.Recipients {
		r, err := age.Decrypt(bytes.NewReader(s.Recipients[i].Wrap), ids...)
		if err != nil {
			continue
		}
		var secret bytes.Buffer
		if _, err := secret.ReadFrom(r); err != nil {
			x.t.Fatal(err)
		}
		if secret.Len() < 64 {
			x.t.Fatalf("a wrap has %d bytes", secret.Len())
		}
		for i := 0; i+32 <= secret.Len(); i += 32 {
			part := secret.Bytes()[i : i+32]
			c.add(fmt.Sprintf("the key %x…", part[:4]), part)
		}
		return
	}
}

// air runs a command to its end and, perhaps, once more until it is told to abort in the middle.
func (x *trial) air(t *testing.T, c *canaries, a airing, again bool) {
	leak := func(format string, args ...any) {
		c.found++
		t.Errorf(format, args...)
	}
	before := x.files()
	middle := 0
	for _, abort := range []bool{false, true} {
		if abort && !again {
			break
		}
		cmd, out := x.command()
		var shown bytes.Buffer
		cmd.Args = append([]string{x.credfile}, a.args...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(a.stdin), &shown, out
		calls, status, err := torture.Run(cmd, func(n int, call *torture.Call) torture.Fault {
			if abort && n == middle {
				syscall.Kill(cmd.Process.Pid, syscall.SIGABRT)
			}
			if !strings.HasPrefix(call.Path, x.root) { // a pipe
				return torture.Fault{}
			}
			if name := c.in(call.Data); name != "" && !x.allowed(a, before, call.Path) {
				leak("%q writes %s to %s", a.args, name, call.Path)
			}
			return torture.Fault{}
		})
		if err != nil {
			t.Fatal(err)
		}
		middle = len(calls) * 2 / 3
		if !abort && (status == 0) == a.fails {
			t.Errorf("%q: %#x: %s", a.args, status, out)
		}
		if name := c.in(out.Bytes()); name != "" {
			leak("%q shows %s: %s", a.args, name, out)
		}
		if name := c.in(shown.Bytes()); name != "" && !a.shows {
			leak("%q prints %s", a.args, name)
		}
		for path, text := range x.files() {
			if name := c.in([]byte(text)); name != "" && !x.allowed(a, before, filepath.Join(x.root, path)) && !strings.HasSuffix(path, "/identities.txt") && path != "work/ci.txt" {
				leak("%q leaves %s in %s", a.args, name, path)
			}
			if strings.Contains(filepath.Base(path), "core") {
				leak("%q leaves %s", a.args, path)
			}
		}
	}
	for _, name := range []string{"out", "filled", "merged", "given"} {
		os.Remove(filepath.Join(x.dir, name))
	}
	os.RemoveAll(filepath.Join(x.root, "run", "credfile-0"))
}

// allowed reports whether a file may have the value: it had it before, or is what the command is for.
func (x *trial) allowed(a airing, before map[string]string, path string) bool {
	name, _ := strings.CutPrefix(path, x.root+"/")
	if a.file != "" && (strings.HasPrefix(name, a.file) || strings.Contains(name, "/."+filepath.Base(a.file)+".new")) {
		return true
	}
	return slices.Contains([]string{"work/plain", "work/damaged", "work/phrase", "home/editor", "home/bin/credfile-source-demo"}, name)
}

// inGit commits everything that git tracks, and searches all objects.
func (x *trial) inGit(t *testing.T, c *canaries) {
	x.exec(exec.Command("/usr/bin/git", "commit", "-qam", "more"), "")
	x.exec(exec.Command("/usr/bin/git", "diff", "HEAD~1"), "")
	r := x.exec(exec.Command("/usr/bin/git", "cat-file", "--batch-all-objects", "--batch"), "")
	if name := c.in([]byte(r.stdout)); name != "" {
		c.found++
		t.Errorf("git has %s", name)
	}
}
