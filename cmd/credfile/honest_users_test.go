//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// Two users of a machine share a checkout. The second one is asked once. Then both can read
// it, each with their own memory.
func TestSharedCheckout(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	shared, list := accounts(t, 1000, 1001)
	first, second := list[0], list[1]
	firstID, secondID := first.recipient("first"), second.recipient("second")
	dir := filepath.Join(shared, "repo")
	git := func(args ...string) {
		t.Helper()
		if r := first.at(shared).exec(first.command("git", args...), ""); r.code != 0 {
			t.Fatal(r.stderr)
		}
	}
	git("init", "-q", "repo")
	first, second = first.at(dir), second.at(dir)
	services := []string{"api", "web"}
	for _, s := range services {
		if err := os.Mkdir(filepath.Join(dir, s), 0o777); err != nil {
			t.Fatal(err)
		}
		os.Chmod(filepath.Join(dir, s), 0o777)
		a := first.at(filepath.Join(dir, s))
		a.calm("init", "-r", firstID, "-r", secondID)
		a.calm("set", "ONE", "-")
	}
	git("-C", "repo", "add", ".")
	git("-C", "repo", "commit", "-qm", "begin")
	second.at(filepath.Join(dir, "api")).astray("belongs to another user")
	second.at(filepath.Join(dir, "api")).wants(0, "approved", "--yes", "trust")
	for range 2 {
		for _, s := range services {
			for _, a := range []*account{second, first} {
				a := a.at(filepath.Join(dir, s))
				a.calm("get", "ONE")
				a.calm("env", "--", "true")
				if a.uid == first.uid { // the owner of the file: a write keeps the owner
					a.calm("set", "TWO", "-")
				}
				a.calm("--strict", "verify")
			}
		}
	}
	// A new file by the second user, whom the first never approved, and a move.
	if err := os.Mkdir(filepath.Join(dir, "mail"), 0o777); err != nil {
		t.Fatal(err)
	}
	os.Chmod(filepath.Join(dir, "mail"), 0o777)
	mail := filepath.Join(dir, "mail")
	second.at(mail).calm("init", "-r", secondID, "-r", firstID)
	second.at(mail).calm("set", "ONE", "-")
	first.at(mail).wants(6, "belongs to another user", "get", "ONE")
	first.at(mail).wants(0, "approved", "--yes", "trust")
	first.at(mail).calm("get", "ONE")
	if err := os.Rename(filepath.Join(dir, "web"), filepath.Join(dir, "site")); err != nil {
		t.Fatal(err)
	}
	first.at(filepath.Join(dir, "site")).calm("get", "ONE")
	second.at(filepath.Join(dir, "site")).calm("get", "ONE")
}

// A project mounted elsewhere, as in containers and build farms, is the same project: for
// its user, for root, and for root under sudo.
func TestBindMount(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	shared, list := accounts(t, 1000, 0)
	user, root := list[0], list[1]
	for _, name := range []string{"unshare", "setpriv", "mount"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(err)
		}
	}
	at := filepath.Join(shared, "mnt")
	if err := os.Mkdir(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("unshare", "-m", "mount", "--bind", shared, at).CombinedOutput(); err != nil {
		t.Skipf("nothing can be mounted here: %v %s", err, out)
	}
	// mounted runs credfile in the mounted project, in a mount namespace of its own.
	mounted := func(a *account, env []string, args ...string) result {
		t.Helper()
		script := `mount --bind "$1" "$2" && cd "$2/sub" && shift 2 && exec setpriv --reuid=` + "$UID_WANTED --regid=$UID_WANTED --clear-groups " + `"$@"`
		cmd := exec.Command("unshare", append([]string{"-m", "sh", "-ec", script, "sh", user.dir, at, user.program}, args...)...)
		c := *a.box
		c.env = append(append([]string{}, a.env...), append(env, "UID_WANTED="+map[bool]string{true: "0", false: "1000"}[a.uid == 0])...)
		r := c.exec(cmd, "mine")
		if rest := firstUse.ReplaceAllString(r.stderr, ""); r.code != 0 || strings.Contains(rest, "trust") || strings.Contains(rest, "warning") {
			t.Errorf("uid %d, mounted: %q: exit code %d\n%s", a.uid, args, r.code, r.stderr)
		}
		return r
	}
	if r := user.exec(user.command("git", "init", "-q"), ""); r.code != 0 {
		t.Fatal(r.stderr)
	}
	user.calm("init", "-r", user.recipient("u"), "-r", root.recipient("root"))
	user.calm("set", "ONE", "-")
	sub := filepath.Join(user.dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	user.owns(sub)
	mounted(user, nil, "get", "ONE")
	mounted(user, nil, "set", "TWO", "-")
	user.at(sub).calm("get", "TWO")
	mounted(user, nil, "--strict", "env", "--", "true")

	pins := strings.TrimSpace(user.wants(0, "", "trust", "--print").stdout)
	state := func() string { return "XDG_STATE_HOME=" + t.TempDir() }
	mounted(root, []string{state(), "CREDFILE_TRUST=" + pins}, "get", "ONE")
	mounted(root, []string{state()}, "-f", "../.credentials.age", "get", "ONE")
	known := state()
	mounted(root, []string{known, "SUDO_UID=1000"}, "set", "THREE", "-")
	mounted(root, []string{known, "SUDO_UID=1000"}, "get", "THREE")
	root.at(sub, known, "SUDO_UID=1000").calm("get", "THREE")
	root.at(sub, known, "SUDO_UID=1000").calm("set", "FOUR", "-")
	mounted(root, []string{known}, "get", "ONE") // without sudo, root can read known files
	user.at(sub).calm("get", "FOUR")
}
