//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// BenchmarkEnv runs `env -- true` on 100 credentials and stock age on the same
// text, in turn, and reports the CPU time of each as a whole process.
func BenchmarkEnv(b *testing.B) {
	if _, err := exec.LookPath("age"); err != nil {
		b.Skip("needs age")
	}
	x := newBox(b)
	x.ok("", "init")
	var dotenv strings.Builder
	for i := range 100 {
		fmt.Fprintf(&dotenv, "NAME_%d=a value of forty characters, or nearly so\n", i)
	}
	x.ok(dotenv.String(), "import", "--from", "dotenv", "-")
	id := filepath.Join(x.home, ".config", "credfile", "identities.txt")
	recipient, err := exec.Command("age-keygen", "-y", id).Output()
	if err != nil {
		b.Fatal(err)
	}
	if r := x.exec(exec.Command("age", "-r", strings.TrimSpace(string(recipient)), "-o", "x.age"), dotenv.String()); r.code != 0 {
		b.Fatal(r.stderr)
	}
	// The real program: the test's own copy of it has the tests in it.
	credfile := repoPath("credfile")
	if _, err := os.Stat(credfile); err != nil {
		b.Skip("needs make build")
	}
	commands := [][]string{{credfile, "env", "--", "true"}, {"age", "-d", "-i", id, "x.age"}}
	var cpu [2]float64
	for b.Loop() {
		for i, args := range commands {
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Dir, cmd.Env = x.dir, x.env
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
			usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			cpu[i] += float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
		}
	}
	b.ReportMetric(cpu[0]/float64(b.N), "credfile-cpu-ms/op")
	b.ReportMetric(cpu[1]/float64(b.N), "age-cpu-ms/op")
	b.ReportMetric(cpu[0]/cpu[1], "ratio")
	b.ReportMetric(0, "ns/op")
}
