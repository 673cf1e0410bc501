//go:build linux

package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/vaultfile"
)

// BenchmarkScanHistory scans 2,000 commits for 1,000 values, and prints how much longer that
// takes than git log -p of the same history.
func BenchmarkScanHistory(b *testing.B) {
	dir := b.TempDir()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	writeValues(b, r, filepath.Join(dir, defaultFile), id)
	os.WriteFile(filepath.Join(dir, "id.txt"), []byte(id.String()+"\n"), 0o600)
	writeHistory(b, r, dir)
	timed := func(name string, args ...string) time.Duration {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir, "XDG_STATE_HOME="+filepath.Join(dir, "state"), "CREDFILE_AGE_KEY_FILE="+filepath.Join(dir, "id.txt"))
		start := time.Now()
		if out, err := cmd.Output(); err != nil {
			b.Fatalf("%v %.300s", err, out)
		}
		return time.Since(start)
	}
	var log, scan time.Duration
	for b.Loop() {
		log += timed("git", "log", "-p", "--all")
		scan += timed("credfile", "-q", "scan", "--git")
	}
	b.ReportMetric(log.Seconds()/float64(b.N), "s/log")
	b.ReportMetric(scan.Seconds()/float64(b.N), "s/scan")
	b.ReportMetric(scan.Seconds()/log.Seconds(), "scan/log")
}

func randomText(r *rand.Rand, n int) string {
	var s strings.Builder
	for range n {
		s.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[r.IntN(64)])
	}
	return s.String()
}

func writeValues(b *testing.B, r *rand.Rand, path string, id *age.X25519Identity) {
	f := vaultfile.New()
	p, err := f.Add("default", []vaultfile.Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		if _, err := p.Set(fmt.Sprintf("NAME_%d", i), []byte("sk_test_"+randomText(r, 20+r.IntN(40)))); err != nil {
			b.Fatal(err)
		}
	}
	if err := vaultfile.Create(path, f); err != nil {
		b.Fatal(err)
	}
}

// writeHistory makes 2,000 commits, each of which changes a few lines of a few of 300 files.
func writeHistory(b *testing.B, r *rand.Rand, dir string) {
	words := strings.Fields("func return if err != nil { } const password config database string package import range value key token false true")
	line := func() string {
		var s strings.Builder
		for range 3 + r.IntN(8) {
			s.WriteString(words[r.IntN(len(words))] + " ")
		}
		return s.String()
	}
	files := make([][]string, 300)
	for i := range files {
		for range 50 + r.IntN(300) {
			files[i] = append(files[i], line())
		}
	}
	if out, err := exec.Command("git", "init", "-q", "-b", "main", dir).CombinedOutput(); err != nil {
		b.Fatalf("%s", out)
	}
	cmd := exec.Command("git", "fast-import", "--quiet")
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(in)
	for n := range 2000 {
		fmt.Fprintf(w, "commit refs/heads/main\ncommitter a <a@example.org> %d +0000\ndata 6\ncommit\n", 1700000000+n)
		change := 1 + r.IntN(5)
		if n == 0 {
			change = len(files)
		}
		for i := range change {
			if n > 0 {
				i = r.IntN(len(files))
			}
			for range 1 + r.IntN(5) {
				files[i][r.IntN(len(files[i]))] = line()
			}
			text := strings.Join(files[i], "\n") + "\n"
			fmt.Fprintf(w, "M 100644 inline src/d%d/f%d.go\ndata %d\n%s\n", i%20, i, len(text), text)
		}
	}
	w.Flush()
	in.Close()
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	for _, args := range [][]string{{"reset", "-q", "--hard"}, {"repack", "-adq"}} {
		git := exec.Command("git", args...)
		git.Dir = dir
		if out, err := git.CombinedOutput(); err != nil {
			b.Fatalf("%s", out)
		}
	}
}
