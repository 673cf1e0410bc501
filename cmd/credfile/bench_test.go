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

// BenchmarkEnv runs `env -- true` on 100 credentials and stock age on the same text, in
// turn. It reports the CPU time of each whole process.
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
	// Use the real program: the test binary also contains the tests.
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

// BenchmarkMemory runs `env -- true` on a machine that remembers one repository and on
// one that remembers 300, in turn.
func BenchmarkMemory(b *testing.B) {
	credfile := repoPath("credfile")
	if _, err := os.Stat(credfile); err != nil {
		b.Skip("needs make build")
	}
	var boxes [2]*box
	for i, files := range []int{300, 1} {
		x := newBox(b)
		boxes[i] = x
		x.git("init", "-q")
		x.ok("", "init")
		x.ok("TOKEN=a value\n", "import", "--from", "dotenv", "-")
		x.ok("", "profile", "add", "staging")
		x.ok("", "env", "--", "true")
		for n := 1; n < files; n++ {
			path := filepath.Join(x.dir, fmt.Sprint("repository", n), defaultFile)
			x.git("init", "-q", filepath.Dir(path))
			x.ok("", "init", "-f", path)
		}
		if entries, err := os.ReadDir(filepath.Join(x.home, ".local", "state", "credfile", "trust")); err != nil || len(entries) != 3*files {
			b.Fatal(len(entries), err)
		}
	}
	inTurn(b, boxes, [2]string{"300", "one"}, credfile)
}

// BenchmarkDerivation opens a passphrase lock at the default cost and runs the same
// derivation with the argon2 command, in turn. It also reports the system time of each.
func BenchmarkDerivation(b *testing.B) {
	argon, err := exec.LookPath("argon2")
	if err != nil {
		b.Skip("needs argon2")
	}
	credfile := repoPath("credfile")
	if _, err := os.Stat(credfile); err != nil {
		b.Skip("needs make build")
	}
	x := newBox(b)
	pass := filepath.Join(x.home, "pass")
	if err := os.WriteFile(pass, []byte("correct horse battery staple"), 0o600); err != nil {
		b.Fatal(err)
	}
	x.ok("", "init", "--passphrase", "alice", "--allow-weak", "--new-passphrase-file", pass)
	commands := [][]string{
		{credfile, "--passphrase-file", pass, "env", "--", "true"},
		{argon, "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", "-id", "-t", "3", "-k", "262144", "-p", "4", "-l", "32", "-r"},
	}
	var cpu, sys [2]float64
	for b.Loop() {
		for i, args := range commands {
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Dir, cmd.Env, cmd.Stdin = x.dir, x.env, strings.NewReader("correct horse battery staple")
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
			usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			cpu[i] += float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
			sys[i] += float64(usage.Stime.Nano()) / 1e6
		}
	}
	b.ReportMetric(cpu[0]/float64(b.N), "credfile-cpu-ms/op")
	b.ReportMetric(cpu[1]/float64(b.N), "argon2-cpu-ms/op")
	b.ReportMetric(sys[0]/float64(b.N), "credfile-sys-ms/op")
	b.ReportMetric(sys[1]/float64(b.N), "argon2-sys-ms/op")
	b.ReportMetric(cpu[0]/cpu[1], "ratio")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkUnlocked runs `env -- true` with an identity that unlock keeps and with an
// identity file, in turn. It ends with lock, so run it in a session of its own.
func BenchmarkUnlocked(b *testing.B) {
	credfile := repoPath("credfile")
	if _, err := os.Stat(credfile); err != nil {
		b.Skip("needs make build")
	}
	var boxes [2]*box
	for i := range boxes {
		x := newBox(b)
		boxes[i] = x
		if i == 0 {
			pass := x.lines("the passphrase")
			x.ok("", "init", "--passphrase", "me", "--allow-weak", "--new-passphrase-file", pass)
			x.env = append(x.env, "CREDFILE_PASSPHRASE_FILE="+pass)
			x.ok("", "unlock")
			x.env = append(x.env[:len(x.env)-1], "CREDFILE_NON_INTERACTIVE=1")
		} else {
			x.ok("", "init")
		}
	}
	b.Cleanup(func() { boxes[0].ok("", "lock") })
	inTurn(b, boxes, [2]string{"unlocked", "file"}, credfile)
}

// inTurn runs `env -- true` in two boxes, in turn, and reports the CPU time of each
// process.
func inTurn(b *testing.B, boxes [2]*box, names [2]string, credfile string) {
	var cpu [2]float64
	for b.Loop() {
		for i, x := range boxes {
			cmd := exec.Command(credfile, "env", "--", "true")
			cmd.Dir, cmd.Env = x.dir, x.env
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
			usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			cpu[i] += float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
		}
	}
	for i, name := range names {
		b.ReportMetric(cpu[i]/float64(b.N), name+"-cpu-ms/op")
	}
	b.ReportMetric(cpu[0]/cpu[1], "ratio")
	b.ReportMetric(0, "ns/op")
}
