//go:build unix

package main

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// conflictCase is a conflict that spec/credfile.md lists, under Merging. Alice merges.
type conflictCase struct {
	what               string
	base, ours, theirs string // shell scripts, before each commit
	line               string // what credfile merge says of it
	isOurs, isTheirs   string // shell conditions on the result of each answer
}

const (
	bobIn   = "credfile rekey --add bob=@../bob.pub"
	carolIn = "credfile rekey --add-reader carol=@../carol.pub"
	asBob   = "export CREDFILE_AGE_KEY_FILE=$PWD/../bob.txt; "
)

func set(name, value string) string { return "echo " + value + " | credfile set " + name + " -" }

func is(name, value string) string {
	return `test "$(credfile get ` + name + `)" = ` + value
}

var conflictCases = []conflictCase{
	{"two values", set("A", "v1"), set("A", "v2"), set("A", "v3"), `A was changed by main on .* and by .*theirs`, is("A", "v2"), is("A", "v3")},
	{"changed and removed", set("A", "v1"), set("A", "v2"), "credfile unset A", "A was changed by main on .* and removed by", is("A", "v2"), "! credfile get A"},
	{"removed and changed", set("A", "v1"), "credfile unset A", set("A", "v3"), "A was removed by main and changed by", "! credfile get A", is("A", "v3")},
	{"two additions", "", set("A", "v2"), set("A", "v3"), "A was added by main on .* and by .*with different values", is("A", "v2"), is("A", "v3")},
	{"renamed and changed", set("A", "v1"), "credfile rename A Z", set("A", "v3"), "A was renamed to Z by main and changed by", is("Z", "v1"), is("A", "v3") + "; ! credfile get Z"},
	{"a profile renamed twice", "credfile profile add prod; " + set("-p prod B", "v0"), "credfile profile rename prod p2", "credfile profile rename prod p3",
		"p2: the profile was renamed to p2 by main and to p3 by", is("-p p2 B", "v0"), is("-p p3 B", "v0")},
	{"a profile removed and changed", "credfile profile add prod", "credfile --yes profile remove prod", set("-p prod A", "v3"),
		"prod: the profile was removed by main and changed by", "! credfile get -p prod A", is("-p prod A", "v3")},
	{"one recipient under two names", bobIn, "credfile rekey --rename bob=b1", "credfile rekey --rename bob=b2", "the same recipient is b1 on main and b2 on",
		"credfile recipients | grep b1", "credfile recipients | grep b2"},
	{"one name with two recipients", "", bobIn, "credfile rekey --add bob=@../carol.pub", "bob has one key on main and another on", "credfile recipients | grep bob", "credfile recipients | grep bob"},
	{"all profiles removed", "credfile profile add prod; " + set("-p prod B", "v0"), "credfile --yes profile remove prod", "credfile --yes profile remove default",
		"together, the two sides removed all profiles", is("B", "v0"),
		"credfile --yes trust -p prod; " + is("-p prod B", "v0")}, // the merge says so: nothing is left to vouch for it
	{"one profile name twice", "", "credfile profile add prod; " + set("-p prod B", "v2"), "credfile profile add prod; " + set("-p prod B", "v3"), "prod: main and .*theirs.* have different profiles of this name",
		is("-p prod B", "v2") + "; " + is("-p prod-2 B", "v3"), is("-p prod B", "v2") + "; " + is("-p prod-2 B", "v3")},
	{"a value of someone who may have been removed", set("A", "v1") + "; " + bobIn, "credfile --yes rekey --remove bob", set("A", "v3"),
		"A was changed by .*theirs.*, and the other side removed someone who could have done it", is("A", "v1"), is("A", "v3")},
	{"a profile of someone who may have been removed", bobIn, "credfile --yes rekey --remove bob", "credfile profile add prod; " + set("-p prod B", "v0"),
		"prod: the profile was added by .*theirs.*, and the other side removed", "! credfile get -p prod B", is("-p prod B", "v0")},
	{"access from a side whose keys were replaced", "", "credfile rotate", bobIn, "bob has access, or another role or key, only on .*theirs.*, and the other side replaced the keys since",
		"! credfile recipients | grep bob", "credfile recipients | grep bob"},
	{"a removal by someone who may have been removed", bobIn + "; " + carolIn, "credfile --yes rekey --remove bob", "credfile --yes rekey --remove carol",
		"carol was removed by .*theirs.*, and the other side removed someone", "credfile recipients | grep carol", "! credfile recipients | grep carol"},
}

var toResolve = regexp.MustCompile(`(?m)hint: decide each, for example: (credfile merge --resolve \S+?)=ours|example: (credfile merge --resolve \S+)$`)

// TestEveryConflict follows what the tool prints, with either answer, until the merge is done.
func TestEveryConflict(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Parallel()
	for _, c := range conflictCases {
		for answer, want := range map[string]string{"ours": c.isOurs, "theirs": c.isTheirs} {
			t.Run(c.what+": "+answer, func(t *testing.T) {
				t.Parallel()
				b := newBox(t)
				b.conflict(c)
				b.resolve(c.line, answer)
				b.sh("set -e\n" + want + "\ncredfile verify; git commit -qm merged; git diff --exit-code")
			})
		}
	}
}

// conflict makes two branches and merges them, with the merge driver.
func (b *box) conflict(c conflictCase) {
	b.sh(`set -e
git config --global user.email me@example.org; git config --global user.name me; git config --global init.defaultBranch main
git init -q
credfile init --name alice
for who in bob carol; do credfile keygen -o ../$who.txt --name $who; done
echo v0 | credfile set B -
` + c.base + `
credfile git setup; git add .; git commit -qm base; git branch theirs
` + c.ours + `
git commit -qam ours; git checkout -q theirs
(export XDG_STATE_HOME=$PWD/../elsewhere
` + c.theirs + `
)
git commit -qam theirs --no-verify; git checkout -q main
if git merge -q theirs; then echo no conflict >&2; exit 1; fi`)
}

// resolve gives the same answer to each conflict, as the hint has it, until none is left.
func (b *box) resolve(line, answer string) {
	r := b.run("", "merge", "--non-interactive")
	if r.code != exitBusy || !regexp.MustCompile(line).MatchString(r.stderr) {
		b.t.Fatalf("exit code %d\n%s\nwant %q", r.code, r.stderr, line)
	}
	script := ""
	for n := 0; r.code == exitBusy && n < 9; n++ {
		found := toResolve.FindStringSubmatch(r.stderr)
		if found == nil {
			b.t.Fatalf("no way on:\n%s", r.stderr)
		}
		next := found[2]
		if next == "" {
			next = found[1] + "=" + answer
		}
		script = "credfile merge" + strings.TrimPrefix(script, "credfile merge") + strings.TrimPrefix(next, "credfile merge")
		r = b.exec(exec.Command("sh", "-c", script), "")
	}
	if r.code != 0 {
		b.t.Fatalf("%s: exit code %d\n%s", script, r.code, r.stderr)
	}
}

// TestMergeMutualRemoval: two writers removed each other. What is printed leads to a merge.
func TestMergeMutualRemoval(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Parallel()
	b := newBox(t)
	b.conflict(conflictCase{base: bobIn + "; " + carolIn, ours: "credfile --yes rekey --remove bob; " + set("A", "v2"), theirs: asBob + "credfile --yes rekey --remove alice; " + set("B", "v3")})
	r := b.run("", "merge", "--non-interactive")
	if r.code != exitBusy || !strings.Contains(r.stderr, "no one is a writer on both sides (main: alice; ") || !strings.Contains(r.stderr, "let a writer add a writer of the other one") {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	b.sh(`set -e
git merge --abort; git checkout -q theirs
(export XDG_STATE_HOME=$PWD/../elsewhere; ` + asBob + `credfile rekey --add alice=@../home/.config/credfile/alice.pub)
git commit -qam alice; git checkout -q main
if git merge -q theirs; then echo no conflict >&2; exit 1; fi`)
	b.resolve("B was changed by .*alice.*, and the other side removed someone who could have done it", "theirs")
	b.sh("set -e\n" + is("A", "v2") + "\n" + is("B", "v3") + `
credfile recipients | grep alice; ! credfile recipients | grep '^.*writer.*bob'
credfile verify; git commit -qm merged`)
}

// TestMergeRefused: a side was signed with keys that both know as replaced. It is never taken, whatever
// is answered, and what is printed is the way to have its change.
func TestMergeRefused(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Parallel()
	b := newBox(t)
	b.conflict(conflictCase{base: "git add .; git commit -qm before; git tag before; " + set("A", "v1") + "; credfile rotate", ours: set("B", "v2"),
		theirs: "git checkout -q before -- .credentials.age; export XDG_STATE_HOME=$PWD/../third; " + set("A", "v3")})
	before := b.read()
	r := b.run("", "merge", "--resolve", "default=theirs")
	if r.code != exitBusy || !strings.Contains(r.stderr, "is not approved") {
		t.Errorf("--resolve: exit code %d\n%s", r.code, r.stderr)
	}
	r = b.run("", "merge", "--non-interactive")
	if r.code != exitBusy || !strings.Contains(r.stderr, "is not approved: signed by a key that has been replaced") ||
		!strings.Contains(r.stderr, "merge the newer version first, or let someone who has access make the change again") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	if !bytes.Equal(b.read(), before) {
		t.Error("the file was changed")
	}
}
