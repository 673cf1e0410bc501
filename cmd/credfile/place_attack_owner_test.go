//go:build unix

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// account is a user of the machine by number, with their own home.
type account struct {
	*box
	uid     int
	program string
}

// forEverybody returns a copy of the program that every user can reach: the tests' own
// directory is closed to others.
func forEverybody(t testing.TB) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	open(t, dir)
	path := filepath.Join(dir, "credfile")
	if os.Link(own, path) == nil {
		return path
	}
	if out, err := exec.Command("cp", own, path).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	return path
}

// covered gives another user, who can't reach GOCOVERDIR, one that they can.
func covered(t testing.TB, env []string) []string {
	if os.Getenv("GOCOVERDIR") == "" {
		return env
	}
	dir := t.TempDir()
	open(t, dir)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return append(env, "GOCOVERDIR="+dir)
}

// accounts creates users who share a machine, and a directory that all of them can write.
func accounts(t *testing.T, uids ...int) (shared string, _ []*account) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs the right to be several users, which root has")
	}
	var list []*account
	program := forEverybody(t)
	for _, uid := range uids {
		a := &account{newBox(t), uid, program}
		open(t, a.home)
		a.owns(filepath.Dir(a.home))
		a.env = append(covered(t, a.env), "GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@x", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@x")
		list = append(list, a)
	}
	shared = t.TempDir()
	open(t, shared)
	if err := os.Chmod(shared, 0o777); err != nil {
		t.Fatal(err)
	}
	return shared, list
}

// open lets others reach a temporary directory.
func open(t testing.TB, dir string) {
	for ; dir != filepath.Clean(os.TempDir()) && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// owns makes the account the owner of everything below a path.
func (a *account) owns(path string) {
	a.t.Helper()
	filepath.WalkDir(path, func(path string, _ fs.DirEntry, _ error) error { return os.Lchown(path, a.uid, a.uid) })
}

func (a *account) command(name string, args ...string) *exec.Cmd {
	if name == "credfile" {
		name = a.program
	}
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.uid)}}
	return cmd
}

func (a *account) at(dir string, env ...string) *account {
	b := *a.box
	b.dir, b.env = dir, append(append([]string{}, a.env...), append(env, "PWD="+dir)...)
	return &account{&b, a.uid, a.program}
}

// wants runs credfile as the account and checks its exit code and message.
func (a *account) wants(code int, says string, args ...string) result {
	a.t.Helper()
	r := a.exec(a.command("credfile", args...), "mine")
	if r.code != code || !strings.Contains(r.stderr, says) || code != 0 && (r.stdout != "" && args[0] != "trust" || strings.Contains(r.stderr, canary)) {
		a.t.Errorf("uid %d: %q: exit code %d, want %d and %q; %q\n%s", a.uid, args, r.code, code, says, r.stdout, r.stderr)
	}
	return r
}

// calm expects success without a word about trust.
func (a *account) calm(args ...string) {
	a.t.Helper()
	r := a.wants(0, "", args...)
	if rest := firstUse.ReplaceAllString(r.stderr, ""); strings.Contains(rest, "trust") || strings.Contains(rest, "warning") {
		a.t.Errorf("uid %d: %q: %s", a.uid, args, r.stderr)
	}
}

// astray runs commands that read and that write. Each must be refused because of another
// user.
func (a *account) astray(says string, flags ...string) {
	a.t.Helper()
	before := snapshot(a.t, a.dir)
	for _, args := range [][]string{{"get", "ONE"}, {"set", "NEW", "-"}, {"verify"}} {
		a.wants(6, says, append(append([]string{}, flags...), args...)...)
	}
	a.wants(125, says, append(append([]string{}, flags...), "env", "--", "env")...)
	for path, text := range snapshot(a.t, a.dir) {
		if before[path] != text {
			a.t.Errorf("%s was written", path)
		}
	}
}

// recipient creates an identity for the account, and returns its recipient.
func (a *account) recipient(name string) string {
	a.t.Helper()
	return name + "=" + strings.TrimSpace(strings.TrimPrefix(a.wants(0, "", "keygen", "--name", name).stdout, name+"="))
}

// Row 8e: another user of the machine puts a repository, or a file, where the search finds it.
func TestOthersFiles(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	const thief, other = 1000, 1002
	for _, c := range []struct {
		name  string
		lay   string // run by the thief in the shared directory, which has FORGED
		ours  string // paths that belong to the victim nevertheless
		cwd   string
		fresh bool // only the file belongs to the thief
	}{
		{name: "an empty .git above", lay: "mkdir .git; cp FORGED .credentials.age", cwd: "below"},
		{name: "a repository above", lay: "git init -q .; cp FORGED .credentials.age", cwd: "below"},
		{name: "a repository here", lay: "git init -q .; cp FORGED .credentials.age", cwd: "."},
		{name: "a repository above, with a file of the victim's", lay: "git init -q .; cp FORGED .credentials.age", ours: ".credentials.age", cwd: "below"},
		{name: "a work tree whose repository is another's", lay: "git init -q hub; git -C hub commit -q --allow-empty -m x; git -C hub worktree add -q ../tree; cp FORGED tree/.credentials.age", ours: "tree", cwd: "tree"},
		{name: "a .git file of another's, for the victim's repository", lay: "git init -q hub; git -C hub commit -q --allow-empty -m x; git -C hub worktree add -q ../tree; cp FORGED tree/.credentials.age", ours: "hub tree/.credentials.age", cwd: "tree"},
		{name: "a .git that is a link to another's", lay: "git init -q hub; mkdir tree; ln -s ../hub/.git tree/.git; cp FORGED tree/.credentials.age", ours: "tree", cwd: "tree"},
		{name: "a file in a repository of the victim's", lay: "git init -q .; cp FORGED .credentials.age", ours: ".git", cwd: ".", fresh: true},
		{name: "a file outside of git", lay: "cp FORGED .credentials.age", cwd: ".", fresh: true},
	} {
		for _, uid := range []int{1001, 0} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				shared, list := accounts(t, thief, uid, other)
				bad, victim, third := list[0], list[1], list[2]
				r := victim.recipient("v")
				bad.wants(0, "", "init", "-r", r, "-r", bad.recipient("m"))
				bad.wants(0, "", "set", "ONE", "-")
				if err := os.WriteFile(filepath.Join(shared, "FORGED"), bad.read(), 0o644); err != nil {
					t.Fatal(err)
				}
				bad.owns(shared)
				if r := bad.at(shared).exec(bad.command("sh", "-ec", c.lay), ""); r.code != 0 {
					t.Fatal(r.stderr)
				}
				for _, ours := range strings.Fields(c.ours) {
					victim.owns(filepath.Join(shared, ours))
				}
				cwd := filepath.Join(shared, c.cwd)
				if err := os.MkdirAll(cwd, 0o777); err != nil {
					t.Fatal(err)
				}
				if c.cwd == "below" {
					victim.owns(cwd)
				}
				pins := strings.TrimSpace(bad.wants(0, "", "trust", "--print").stdout)
				v := victim.at(cwd)
				const says = "belongs to another user"
				v.astray(says)
				v.at(cwd, "HOME=", "CREDFILE_AGE_KEY_FILE="+filepath.Join(v.home, ".config/credfile/identities.txt")).astray(says)
				v.at(cwd, "CREDFILE_TRUST=AAAAAAAAAAAAAAAAAAAAAA:"+strings.SplitN(pins, ":", 2)[1]).wants(6, "", "get", "ONE")
				v.wants(7, "", "trust") // no terminal
				v.wants(6, says, "get", "ONE")

				// A user who names the file means it, as long as they name it.
				file := filepath.Join(shared, ".credentials.age")
				if c.cwd == "tree" {
					file = filepath.Join(cwd, ".credentials.age")
				}
				state := "XDG_STATE_HOME=" + filepath.Join(v.home, "state2")
				v.at(cwd, state).calm("-f", file, "env", "--", "true")
				state = "XDG_STATE_HOME=" + filepath.Join(v.home, "state3")
				v.at(cwd, state, "CREDFILE_FILE="+file).calm("get", "ONE")
				state = "XDG_STATE_HOME=" + filepath.Join(v.home, "state4")
				v.at(cwd, state, "CREDFILE_TRUST="+pins).calm("get", "ONE")

				v.wants(0, "", "--yes", "trust")
				v.calm("get", "ONE")
				v.calm("env", "--", "true")
				if c.fresh {
					return // known at its place, so its owner does not matter
				}
				git := filepath.Join(shared, ".git")
				if c.cwd == "tree" {
					git = filepath.Join(shared, "hub")
				}
				third.owns(git)
				v.astray(says)
			})
		}
	}
}

// Under sudo, root uses the files of the calling user as that user does. Without sudo, root
// reads known files, if the working directory belongs to that user.
func TestRootInAnothersProject(t *testing.T) {
	t.Parallel()
	racetest.Skip(t)
	_, list := accounts(t, 1000, 0)
	user, root := list[0], list[1]
	r := root.recipient("root")
	git := func(args ...string) {
		t.Helper()
		if r := user.exec(user.command("git", args...), ""); r.code != 0 {
			t.Fatal(r.stderr)
		}
	}
	git("init", "-q")
	user.wants(0, "", "init", "-r", user.recipient("u"), "-r", r)
	user.wants(0, "", "set", "ONE", "-")
	pins := strings.TrimSpace(user.wants(0, "", "trust", "--print").stdout)
	git("add", ".")
	git("commit", "-qm", "begin")
	const says = "belongs to another user"
	fresh := func(env ...string) *account {
		return root.at(user.dir, append(env, "XDG_STATE_HOME="+t.TempDir())...)
	}
	fresh().astray(says)
	fresh("SUDO_UID=1001").astray(says)
	fresh("SUDO_UID=").astray(says)
	fresh("SUDO_UID=-1").astray(says)
	fresh("SUDO_UID=1000").calm("get", "ONE")
	fresh("CREDFILE_TRUST="+pins).calm("get", "ONE")
	fresh().calm("-f", user.path(), "get", "ONE")
	here := fresh()
	here.wants(0, "", "--yes", "trust")
	here.calm("set", "TWO", "-")

	named := fresh()
	named.calm("-f", user.path(), "get", "ONE")
	named.calm("get", "ONE")
	named.wants(6, says, "set", "NEW", "-")

	knows := fresh()
	sudo := knows.at(user.dir, knows.env[len(knows.env)-2], "SUDO_UID=1000")
	sudo.calm("set", "THREE", "-")
	knows.calm("get", "ONE")
	knows.calm("env", "--", "true")
	knows.wants(6, says, "set", "NEW", "-")
	knows.wants(6, says, "rotate")
	sudo.calm("set", "NEW", "-")
	sub := filepath.Join(user.dir, "sub") // of a third user
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	os.Chown(sub, 1002, 1002)
	knows.at(sub, knows.env[len(knows.env)-2]).wants(6, says, "get", "ONE")
	user.calm("get", "ONE")
}
