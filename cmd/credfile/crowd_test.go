//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/tally"
	"github.com/credfile/credfile/vaultfile"
)

// A crowd is what is done to one file at the same time. Each of two hundred processes makes one
// change, others are killed, and meanwhile there are readers, an open editor, commits and merges.
type crowd struct {
	*box
	expected sync.Map // what must be there in the end, by name
	writes   atomic.Int64
	reads    atomic.Int64
	over     chan struct{}
}

// Row 19: nothing that a command said it wrote is lost, and no reader or commit gets a broken file.
func TestCrowd(t *testing.T) {
	tally.Every(t)
	c := &crowd{box: newBox(t), over: make(chan struct{})}
	c.prepare()
	var writers, others sync.WaitGroup
	edited := c.edit(&others)
	for _, other := range []func(){c.read1, c.readAll, c.commit, c.pull, c.mergeFiles} {
		others.Go(func() {
			for !c.isOver() {
				other()
			}
		})
	}
	for i := range 200 {
		writers.Go(func() { c.write1(i) })
	}
	for i := range 20 {
		writers.Go(func() { c.kill(i) })
	}
	writers.Wait()
	close(c.over)
	if err := os.WriteFile(edited, nil, 0o600); err != nil { // the editor ends
		t.Fatal(err)
	}
	others.Wait()
	c.check()
}

func (c *crowd) prepare() {
	c.ok("", "init", "--name", "me")
	c.ok("first", "set", "FIRST", "-")
	for i := range 20 {
		c.ok("old", "set", fmt.Sprintf("OLD_%d", i), "-")
	}
	c.ok("", "profile", "add", "other")
	c.git("init", "-q", "-b", "main")
	c.git("config", "user.name", "Alice")
	c.git("config", "user.email", "alice@example.org")
	c.ok("", "git", "setup")
	c.git("add", ".")
	c.git("commit", "-qm", "first")
	c.git("clone", "-q", ".", "../clone")
	clone := c.clone()
	clone.git("config", "user.name", "Alice")
	clone.git("config", "user.email", "alice@example.org")
	clone.ok("", "git", "setup")
}

func (c *crowd) clone() *box {
	clone := *c.box
	clone.dir = filepath.Join(filepath.Dir(c.dir), "clone")
	clone.env = append(slices.Clone(c.env), "XDG_STATE_HOME="+filepath.Join(clone.dir, ".git", "state")) // another machine
	return &clone
}

func (c *crowd) isOver() bool {
	select {
	case <-c.over:
		return true
	default:
		return false
	}
}

// write1 makes one change of some kind, and notes what must be there in the end.
func (c *crowd) write1(i int) {
	name, value := fmt.Sprintf("NAME_%d", i), fmt.Sprintf("value %d", i)
	args, stdin := []string{"set", name, "-"}, value
	switch i % 10 {
	case 0:
		args, stdin = []string{"unset", fmt.Sprintf("OLD_%d", i/10)}, ""
		name, value = fmt.Sprintf("OLD_%d", i/10), ""
	case 1:
		args, stdin = []string{"import", "--from", "dotenv", "-"}, name+"='"+value+"'\n"
	case 2:
		args, stdin, name = []string{"rotate"}, "", ""
	case 3:
		args, stdin, name = []string{"rekey", "--add", fmt.Sprintf("person%d=%s", i, newRecipient(c.t))}, "", ""
	case 4:
		args = append([]string{"-p", "other"}, args...)
		name = "other " + name
	}
	if r := c.run(stdin, args...); r.code != 0 {
		c.t.Errorf("%q: exit code %d: %s", args, r.code, r.stderr)
	}
	c.writes.Add(1)
	if name != "" {
		c.expected.Store(name, value)
	}
}

func newRecipient(t testing.TB) string {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id.Recipient().String()
}

// kill kills a command while it waits for the file or has it.
func (c *crowd) kill(i int) {
	cmd := exec.Command("credfile", "set", fmt.Sprintf("KILLED_%d", i), "-")
	cmd.Dir, cmd.Env, cmd.Stdin = c.dir, c.env, strings.NewReader("whole value")
	if err := cmd.Start(); err != nil {
		c.t.Error(err)
		return
	}
	time.Sleep(time.Duration(i) * 20 * time.Millisecond)
	cmd.Process.Kill()
	cmd.Wait()
}

// edit opens an editor that waits for a file, whose name it returns.
func (c *crowd) edit(others *sync.WaitGroup) string {
	signal := filepath.Join(c.home, "signal")
	editor := filepath.Join(c.home, "editor")
	executable(c.t, editor, "#!/bin/sh\ntouch "+signal+".open\nwhile ! [ -e "+signal+" ]; do sleep 0.1; done\nprintf 'EDITED = \"by hand\"\\n' >> \"$1\"\n")
	b := *c.box
	b.env = append(b.env, "CREDFILE_EDITOR="+editor)
	others.Go(func() {
		if r := b.run("", "edit", "-p", "other"); r.code != 0 {
			c.t.Errorf("edit: exit code %d: %s", r.code, r.stderr)
		}
		c.expected.Store("other EDITED", "by hand")
	})
	for {
		if _, err := os.Stat(signal + ".open"); err == nil {
			return signal
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (c *crowd) read1() {
	for _, args := range [][]string{{"get", "FIRST"}, {"env", "--", "printenv", "FIRST"}, {"verify"}, {"list"}} {
		if r := c.run("", args...); r.code != 0 {
			c.t.Errorf("%q: exit code %d: %s", args, r.code, r.stderr)
		}
		c.reads.Add(1)
	}
}

// readAll reads the file as other programs do, without asking anybody.
func (c *crowd) readAll() {
	c.verify("the file", c.read())
	c.reads.Add(1)
}

func (c *crowd) verify(what string, text []byte) {
	f, err := vaultfile.Parse(text)
	if err == nil {
		err = f.Verify()
	}
	if err != nil {
		c.t.Errorf("%s: %v", what, err)
	}
}

func (c *crowd) commit() {
	if r := c.exec(exec.Command("git", "commit", "-qam", "more"), ""); r.code != 0 && !strings.Contains(r.stdout, "nothing to commit") && !strings.Contains(r.stdout, "nothing added to commit") {
		c.t.Errorf("git commit: %s%s", r.stdout, r.stderr)
	}
}

// pull changes the file in a clone, and merges what was committed meanwhile.
func (c *crowd) pull() {
	clone := c.clone()
	name := fmt.Sprintf("PULLED_%d", c.reads.Load())
	clone.ok("x", "-p", "other", "set", name, "-") // of the other profile, nobody replaces the key
	clone.git("commit", "-qam", "mine")
	if r := clone.exec(exec.Command("git", "pull", "-q", "--no-rebase", "--no-edit"), ""); r.code != 0 {
		m := clone.run("", "merge")
		c.t.Errorf("git pull: %s%s\n%v", r.stdout, r.stderr, m)
	}
	c.verify("the clone", clone.read())
	if got := clone.ok("", "-p", "other", "get", name).stdout; got != "x" {
		c.t.Errorf("%s is %q after the pull", name, got)
	}
	c.reads.Add(1)
}

// mergeFiles merges the file, as it is just now, with itself.
func (c *crowd) mergeFiles() {
	if r := c.run("", "merge", "--base", defaultFile, "--ours", defaultFile, "--theirs", defaultFile, "-o", filepath.Join(c.home, "merged.age")); r.code != 0 {
		c.t.Errorf("merge: exit code %d: %s", r.code, r.stderr)
	}
	c.reads.Add(1)
}

func (c *crowd) check() {
	have := map[string]string{}
	for _, profile := range []string{"default", "other"} {
		for _, line := range strings.Split(c.ok("", "-p", profile, "env", "--", "env", "-0").stdout, "\x00") {
			name, value, _ := strings.Cut(line, "=")
			if profile == "other" {
				name = "other " + name
			}
			have[name] = value
		}
	}
	lost := 0
	c.expected.Range(func(name, value any) bool {
		if have[name.(string)] != value {
			c.t.Errorf("%s is %q, want %q", name, have[name.(string)], value)
			lost++
		}
		return true
	})
	for i := range 20 {
		if got, there := have[fmt.Sprintf("KILLED_%d", i)]; there && got != "whole value" {
			c.t.Errorf("KILLED_%d is %q", i, got)
		}
	}
	people := c.ok("", "recipients").stdout
	for i := 3; i < 200; i += 10 {
		if !strings.Contains(people, fmt.Sprintf("person%d ", i)) {
			c.t.Errorf("person%d is lost", i)
			lost++
		}
	}
	commits := strings.Fields(c.git("rev-list", "HEAD"))
	for _, commit := range commits {
		c.verify(commit, []byte(c.git("show", commit+":"+defaultFile)))
	}
	if left, _ := filepath.Glob(filepath.Join(c.dir, ".*.new")); len(left) > 0 {
		c.t.Errorf("left behind: %v", left)
	}
	c.t.Logf("%d commits", len(commits))
	tally.Add(c.t, tally.Writes, int(c.writes.Load()), lost)
	tally.Add(c.t, tally.Reads, int(c.reads.Load())+len(commits), 0)
}
