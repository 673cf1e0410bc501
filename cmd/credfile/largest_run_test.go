//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/tally"
	"github.com/credfile/credfile/vaultfile"
)

// What a program does is measured by the statements that it executes: they are the same in each
// run. Those of the standard library don't count, apart from the packages in counted.
const counted = "github.com/credfile/credfile/...,filippo.io/...,golang.org/x/crypto/...,sort,slices,encoding/base64"

// Row 13c: for each limit of the format the largest file, and every command on it. None takes more
// than ten times what reading, verifying and decrypting everything in it takes. make torture-some
// divides the limits by
// fifty, and tries a quarter of the commands on each.
func TestLargest(t *testing.T) {
	scale := min(tally.Every(t), 64)
	programs := t.TempDir()
	build := exec.Command("go", "build", "-cover", "-covermode=count", "-coverpkg="+counted, "-o", programs, ".", "../credfile-connect", "../../internal/tally/reader")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, g := range giants {
		t.Run(g.name, func(t *testing.T) {
			b := newBox(t)
			b.env = append(b.env, "PATH="+programs+":"+os.Getenv("PATH"))
			g.build(t, b, scale)
			b.tryAll(t, programs, i, min(scale, 4))
		})
	}
}

// build makes the file of the giant. The user is its writer.
func (x giant) build(t *testing.T, b *box, scale int) {
	b.ok("", "init", "--name", "me")
	text := b.read()
	f, err := vaultfile.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	g := &builder{t: t, scale: scale, f: f, now: time.Now()}
	f.Clock = func() time.Time { g.now = g.now.Add(time.Second); return g.now }
	if g.p, err = f.Unlock("default", b.identities()...); err != nil {
		t.Fatal(err)
	}
	me := g.p.Section().Recipients[0]
	g.me = vaultfile.Recipient{Name: "me", Writer: true, String: me.String}
	x.fill(g)
	if text, err = f.Marshal(); err != nil {
		t.Fatal(err)
	}
	b.write(text)
	b.forget()
	t.Logf("%d bytes", len(text))
}

var largestCommands = [][]string{
	{"verify"}, {"list"}, {"list", "--json"}, {"get", "KEY"}, {"env", "--", "true"}, {"export", "--format", "json", "-o", "out.json", "--force"},
	{"status"}, {"check"}, {"recipients"}, {"trust", "--print"}, {"trust", "--yes"}, {"whoami"}, {"sources"}, {"sessions"}, {"doctor"}, {"profile", "list"},
	{"scan", "text"}, {"inject", "-i", "template", "-o", "filled"}, {"helper", "git", "get"},
	{"set", "NEW", "-"}, {"unset", "NEW"}, {"rename", "KEY", "KEY2"}, {"rename", "KEY2", "KEY"}, {"import", "--from", "dotenv", "template"}, {"rotate"},
	{"rekey", "--add", "newcomer=" + aliceRecipient}, {"rekey", "--remove", "newcomer", "--yes"}, {"edit"},
	{"merge", "--base", defaultFile, "--ours", defaultFile, "--theirs", defaultFile, "-o", "merged.age"},
	{"verify", "--against", "before"}, {"diff", "before"}, {"__complete", "get", ""},
}

// tryAll tries one in every commands, beginning with the first-th.
func (b *box) tryAll(t *testing.T, programs string, first, every int) {
	executable(t, filepath.Join(b.home, "editor"), "#!/bin/sh\nsed -i 's/not-real/changed/' \"$1\"\n")
	b.env = append(b.env, "CREDFILE_EDITOR="+filepath.Join(b.home, "editor"))
	for name, text := range map[string]string{"text": "a text with not-real in it\n", "template": "A='{{KEY}}'\n", "before": string(b.read())} {
		b.file(name, text)
	}
	code, reading := b.statements(filepath.Join(programs, "reader"), filepath.Join(b.home, ".config", "credfile", "identities.txt"), defaultFile)
	if code != 0 {
		t.Fatal("the file can't be read")
	}
	worst, which := 0.0, ""
	tried, slow := 0, 0
	for i, args := range largestCommands {
		if (first+i)%every != 0 {
			continue
		}
		tried++
		code, n := b.statements(filepath.Join(programs, "credfile"), args...)
		ratio := float64(n) / float64(reading)
		if ratio > worst {
			worst, which = ratio, strings.Join(args, " ")
		}
		if ratio > 10 {
			slow++
			t.Errorf("credfile %s executes %d statements, %.1f times as many as reading the file (exit code %d)", strings.Join(args, " "), n, ratio, code)
		}
		if ratio > 1 {
			t.Logf("%5.2f %3d %s", ratio, code, strings.Join(args, " "))
		}
	}
	t.Logf("reading executes %d statements; the most has %s, with %.1f times", reading, which, worst)
	tally.Add(t, tally.Hostile, tried, slow)
}

var covdata = sync.OnceValue(func() string {
	path, err := exec.Command("go", "tool", "-n", "covdata").Output()
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(path))
})

// statements runs a program and counts the statements that it executes.
func (b *box) statements(program string, args ...string) (code, n int) {
	dir := b.t.TempDir()
	c := *b
	c.env = append(append([]string{}, b.env...), "GOCOVERDIR="+dir)
	r := c.exec(exec.Command(program, args...), "protocol=https\nhost=registry.example.org\nusername=user1\n\n")
	if strings.Contains(r.stderr, "goroutine ") {
		b.t.Errorf("%q: %s", args, r.stderr)
	}
	text := filepath.Join(dir, "counts")
	if out, err := exec.Command(covdata(), "textfmt", "-i="+dir, "-o="+text).CombinedOutput(); err != nil {
		b.t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(text)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var statements, times int
		if _, counts, ok := strings.Cut(lines.Text(), " "); ok {
			if _, err := fmt.Sscan(counts, &statements, &times); err == nil {
				n += statements * times
			}
		}
	}
	return r.code, n
}
