//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The README's first minute works when pasted into a shell with an empty HOME, and leaves
// no value in the repository.
func TestReadmeFirstMinute(t *testing.T) {
	readme, err := os.ReadFile(repoPath("README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "## The first minute")
	_, rest, _ = strings.Cut(rest, "```sh\n")
	script, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the README has no first minute")
	}
	b := newBox(t)
	cmd := exec.Command("sh", "-e")
	r := b.exec(cmd, script)
	if r.code != 0 || !strings.Contains(r.stdout, "the command sees sk_test_plainly_fake\n") {
		t.Fatalf("exit code %d\n%s\n%s", r.code, r.stdout, r.stderr)
	}
	repo := filepath.Join(b.dir, "credfile-demo")
	for _, value := range []string{"sk_test_plainly_fake", "app:not-real", "AGE-SECRET-KEY"} {
		if r := b.exec(exec.Command("grep", "-ra", value, repo), ""); r.code != 1 || r.stdout != "" {
			t.Errorf("%s is in the repository:\n%s", value, r.stdout)
		}
	}
}

// Row 23: from its first statement on, credfile is closed to other processes of the same user: in
// /proc, a non-dumpable process belongs to root.
func TestNotDumpable(t *testing.T) {
	for _, args := range [][]string{{"set", "ONE", "-"}, {"env", "--mask", "--", "cat"}, {"env", "--as-file", "TWO", "--", "cat"}} {
		t.Run(args[0]+" "+args[1], func(t *testing.T) { notDumpable1(t, args) })
	}
}

func notDumpable1(t *testing.T, args []string) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("needs /proc")
	}
	b := newBox(t)
	b.runAsNobody("", "init")
	b.runAsNobody("plainly fake", "set", "TWO", "-")
	cmd := b.asNobody(exec.Command("credfile", args...))
	cmd.Dir, cmd.Env = b.dir, b.env
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// It waits for its value, long past its first statement.
	if _, err := stdin.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	look := exec.Command("sh", "-c", `n=0
while [ $n -lt 50 ]; do
	cat "/proc/$0/environ" >/dev/null 2>&1 || { echo denied; exit; }
	n=$((n+1)); sleep 0.1
done`, strconv.Itoa(cmd.Process.Pid))
	look.SysProcAttr = cmd.SysProcAttr
	out, err := look.Output()
	if err != nil || strings.TrimSpace(string(out)) != "denied" {
		t.Errorf("its environment can be read (%v)", err)
	}
	limits, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/limits")
	if os.Geteuid() == 0 && (err != nil || !strings.Contains(string(limits), "Max core file size        0 ")) {
		t.Errorf("a core file may be written: %v\n%s", err, limits)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
