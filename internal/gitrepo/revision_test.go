package gitrepo

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func open(t *testing.T, path string) *Revisions {
	t.Helper()
	r, err := OpenRevisions(path, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// versions is a history: the file moved twice, a merge, and a link and a submodule in its
// place on branches.
const versions = `cd work; git symbolic-ref HEAD refs/heads/main; mkdir sub; touch unrelated
seq 100 > sub/old; git add .; git commit -qm first
seq 101 > sub/old; git commit -qam second
git mv sub/old sub/f; seq 102 > sub/f; git commit -qam moved
git checkout -qb side; seq 0 102 > sub/f; git commit -qam 'on the side'; git checkout -q -
seq 103 > sub/f; git commit -qam 'meanwhile'; echo x > unrelated; git commit -qam unrelated
git merge -q side -m merge
git mv sub/f 'the "file"'; git commit -qam 'moved again'
git checkout -qb link; ln -sf sub 'the "file"'; git add .; git commit -qm link
git checkout -qb module side; git rm -qr sub; git -c protocol.file.allow=always submodule --quiet add "$PWD" 'the "file"'; git commit -qm module
git checkout -qb gone main
git rm -q 'the "file"'; git commit -qm removed
git checkout -q -`

func TestRevisions(t *testing.T) {
	dir := shell(t, versions)
	path := filepath.Join(dir, "work", `the "file"`)
	r := open(t, path)
	head, err := r.Resolve("main")
	if err != nil || !isHash(head) || r.Path != `the "file"` || r.Shallow || r.Partial {
		t.Fatalf("%+v %v", r, err)
	}
	for _, rev := range []string{"", "nope", "--help", "-x", "main:sub", "main..side", "HEAD^{tree}", "main\n", "^main", "--all", strings.Repeat("a", 40)} {
		var missing *RevisionError
		if _, err := r.Resolve(rev); !errors.As(err, &missing) || missing.Rev != rev {
			t.Errorf("%q: %v", rev, err)
		}
	}
	object, err := r.Object(head, "main")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		b, err := r.Read(object, 1000)
		if err != nil || !strings.HasPrefix(string(b), "0\n1\n2\n") || !strings.HasSuffix(string(b), "102\n103\n") {
			t.Fatalf("%q %v", b, err)
		}
		if _, err := r.Read(object, 10); !isSize(err) {
			t.Errorf("beyond the limit: %v", err)
		}
		if _, err := r.Read(strings.Repeat("a", 40), 10); !errors.Is(err, ErrMissing) {
			t.Errorf("missing: %v", err)
		}
		if _, err := r.Read(head, 1000); err == nil {
			t.Error("a commit was read as a file")
		}
		if _, err := r.Read("main:unrelated\n"+object, 1000); err == nil {
			t.Error("two questions in one")
		}
	}
	for rev, want := range map[string]string{"link": "a symbolic link", "module": "a submodule", "side": "", "gone": ""} {
		commit, _ := r.Resolve(rev)
		var kind *KindError
		var absent *AbsentError
		_, err := r.Object(commit, rev)
		if want != "" && (!errors.As(err, &kind) || kind.Kind != want) || want == "" && !errors.As(err, &absent) {
			t.Errorf("%s: %v", rev, err)
		}
	}
	if _, err := open(t, filepath.Join(dir, "work", "sub")).Object(mustResolve(t, r, "side"), "side"); err == nil || !strings.Contains(err.Error(), "a directory") {
		t.Errorf("a directory: %v", err)
	}
}

func mustResolve(t *testing.T, r *Revisions, rev string) string {
	t.Helper()
	commit, err := r.Resolve(rev)
	if err != nil {
		t.Fatal(err)
	}
	return commit
}

// subjects describes commits by their messages.
func subjects(t *testing.T, dir string, list []Commit) (lines []string) {
	for _, c := range list {
		cmd := exec.Command("git", "log", "-1", "--format=%s", c.Hash)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSpace(string(out)))
	}
	return lines
}

func TestCommits(t *testing.T) {
	dir := shell(t, versions)
	work := filepath.Join(dir, "work")
	r := open(t, filepath.Join(work, `the "file"`))
	list, err := r.Commits(mustResolve(t, r, "gone"))
	if err != nil {
		t.Fatal(err)
	}
	got := subjects(t, work, list)
	want := []string{"removed", "moved again", "meanwhile", "merge", "on the side", "moved", "second", "first"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for i, c := range list {
		if !isHash(c.Hash) || c.Author != "x" || c.Email != "x@x" || c.Time.IsZero() || c.Cut {
			t.Errorf("%+v", c)
		}
		switch subject := subjects(t, work, list[i:i+1])[0]; subject {
		case "removed":
			if c.Here != "" || c.Before == "" {
				t.Errorf("%+v", c)
			}
		case "moved again", "moved":
			if c.Was == c.Path || c.Here == "" || c.Before == "" {
				t.Errorf("%+v", c)
			}
		case "merge":
			if len(c.Parents) != 2 || c.Here == c.Before {
				t.Errorf("%+v", c)
			}
		case "first":
			if c.Before != "" || c.Here == "" || c.Path != "sub/old" || len(c.Parents) != 0 {
				t.Errorf("%+v", c)
			}
		}
	}
}

// A change that a merge dropped is in the history, and so is the merge.
func TestDropped(t *testing.T) {
	dir := shell(t, `cd work; seq 9 > f; git add f; git commit -qm first; git branch side
echo ours > f; git commit -qam ours; git checkout -q side; echo theirs > f; git commit -qam theirs; git checkout -q -
git merge -q -X theirs -m merge side`)
	r := open(t, filepath.Join(dir, "work", "f"))
	list, err := r.Commits(mustResolve(t, r, "HEAD"))
	got := subjects(t, r.dir, list)
	slices.Sort(got)
	if want := []string{"first", "merge", "ours", "theirs"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q %v", got, err)
	}
}

func TestBases(t *testing.T) {
	dir := shell(t, `cd work; git checkout -qb a; git commit -q --allow-empty -m a; git checkout -qb b HEAD~; git commit -q --allow-empty -m b
A=$(git rev-parse a); B=$(git rev-parse b)
git merge -q $A -m ba; git checkout -q a; git merge -q $B -m ab
git checkout -q --orphan other; git commit -q --allow-empty -m other`)
	r := open(t, filepath.Join(dir, "work", "f"))
	for pair, want := range map[[2]string]int{{"a", "b"}: 2, {"a~", "b~"}: 1, {"a", "other"}: 0} {
		list, err := r.Bases(mustResolve(t, r, pair[0]), mustResolve(t, r, pair[1]))
		if err != nil || len(list) != want {
			t.Errorf("%s: %q %v", pair, list, err)
		}
	}
}

// A clone that has a part of the history says so.
func TestParts(t *testing.T) {
	dir := shell(t, `cd work; for i in 1 2 3; do echo $i > f; git add f; git commit -qm $i; done; git config uploadpack.allowFilter true; cd ..
git clone -q --depth 2 "file://$PWD/work" shallow
git clone -q --no-checkout --filter=blob:none "file://$PWD/work" partial`)
	r := open(t, filepath.Join(dir, "shallow", "f"))
	list, err := r.Commits(mustResolve(t, r, "HEAD"))
	if err != nil || !r.Shallow || len(list) != 2 || list[0].Cut || !list[1].Cut {
		t.Errorf("shallow: %+v %v", list, err)
	}
	r = open(t, filepath.Join(dir, "partial", "f"))
	head := mustResolve(t, r, "HEAD")
	object, err := r.Object(head, "HEAD")
	if err != nil || !r.Partial {
		t.Fatal(err)
	}
	for range 2 {
		if b, err := r.Read(object, 100); !errors.Is(err, ErrMissing) {
			t.Errorf("partial: %q %v", b, err)
		}
	}
}

func TestNoHistory(t *testing.T) {
	dir := shell(t, "git init -q empty; git init -q --bare bare; mkdir none")
	if _, err := OpenRevisions(filepath.Join(dir, "none", "f"), os.Environ()); !errors.Is(err, ErrNoRepository) {
		t.Error(err)
	}
	if _, err := OpenRevisions(filepath.Join(dir, "bare", "f"), os.Environ()); !errors.Is(err, ErrNoRepository) {
		t.Error(err)
	}
	if _, err := open(t, filepath.Join(dir, "empty", "f")).Resolve("HEAD"); err == nil {
		t.Error("a revision in an empty repository")
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(filepath.Join(dir, "empty"), 1000, 1000); err != nil {
			return // not every root may
		}
		if _, err := OpenRevisions(filepath.Join(dir, "empty", "f"), append(os.Environ(), "HOME="+dir)); !errors.Is(err, ErrOwner) {
			t.Error(err)
		}
	}
}

// Row 14a: nothing that a repository configures is started, whatever is read, and no
// replacement of an object is taken for the object.
func TestHostileRevisions(t *testing.T) {
	dir := shell(t, `cat > evil <<'EOF'
#!/bin/sh
echo "$0 $*" >> "$(dirname "$0")/ran"
EOF
chmod +x evil; EVIL=$PWD/evil; cd work
for i in 1 2 3; do seq $i 99 > old; git add old; git commit -qm $i; done; git mv old f; git commit -qm moved
printf '* diff=evil filter=evil merge=evil\n' > .gitattributes; git add .gitattributes; git commit -qm attributes
for key in core.fsmonitor core.pager pager.log core.editor core.sshCommand core.gitProxy core.askPass credential.helper diff.external \
	diff.evil.textconv diff.evil.command filter.evil.clean filter.evil.smudge filter.evil.process gpg.program gpg.ssh.program \
	remote.evil.uploadpack core.alternateRefsCommand uploadpack.packObjectsHook interactive.diffFilter sequence.editor
do git config $key "$EVIL"; done
for verb in rev-parse cat-file rev-list diff-tree ls-tree merge-base; do git config alias.$verb "!$EVIL"; done
git config log.showSignature true; git config log.follow true; git config core.repositoryFormatVersion 1
git config extensions.partialClone evil; git config remote.evil.url "$PWD"; git config remote.evil.promisor true
git config trace2.eventTarget "$PWD/../trace"; mkdir -p hooks; for hook in post-index-change reference-transaction pre-auto-gc; do cp "$EVIL" hooks/$hook; done
git config core.hooksPath "$PWD/hooks"
OTHER=$(echo replaced | git hash-object -w --no-filters --stdin); git replace -f $(git rev-parse HEAD:f) $OTHER
git rev-parse HEAD~3:old > ../missing; rm -f .git/objects/$(cut -c1-2 ../missing)/$(cut -c3- ../missing); 
git rev-parse HEAD~ > .git/info/grafts; rm -f ../ran`)
	r := open(t, filepath.Join(dir, "work", "f"))
	head := mustResolve(t, r, "HEAD")
	object, err := r.Object(head, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := r.Read(object, 1000); err != nil || !strings.HasPrefix(string(b), "3\n4\n") {
		t.Errorf("%q %v", b, err)
	}
	missing, _ := os.ReadFile(filepath.Join(dir, "missing"))
	if b, err := r.Read(strings.TrimSpace(string(missing)), 1000); err == nil {
		t.Errorf("missing: %q", b)
	}
	if list, err := r.Commits(head); err != nil || len(list) != 4 {
		t.Errorf("%d commits: %v", len(list), err)
	}
	if list, err := r.Bases(head, head); err != nil || !slices.Equal(list, []string{head}) {
		t.Errorf("%q %v", list, err)
	}
	if _, missing := everything(t, r); missing != 1 {
		t.Errorf("%d objects are missing", missing)
	}
	for _, name := range []string{"ran", "trace"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s: %s", name, b)
		}
	}
}

// What git prints is not trusted.
func TestParse(t *testing.T) {
	h := strings.Repeat("a", 40)
	for text, want := range map[string]int{
		"": 0, "commit " + h + "\n" + h + "\x00\x001\x00n\x00e\x00\n": 1,
		h + "\x00" + h + " " + h + "\x00-5\x00\x1b[31m\x00\x00\n": 1, h + "\x00\x0099999999999999999999\x00n\x00e\x00": 1,
		"x\x00\x001\x00n\x00e\x00\n": -1, h + "\x00x\x001\x00n\x00e\x00\n": -1, h + "\x00\x001\x00n\x00e": -1, "fatal: no": -1,
	} {
		list, err := parseCommits(text)
		if (err == nil) != (want >= 0) || err == nil && len(list) != want {
			t.Errorf("%q: %d %v", text, len(list), err)
		}
	}
	entry := ":100644 120000 " + h + " " + strings.Repeat("0", 40) + " "
	for text, want := range map[string]int{
		"": 0, h + "\x00" + entry + "M\x00p\x00": 1, entry + "R100\x00p\x00q\x00": 1, entry + "M\x00p\x00" + entry + "M\x00:q\x00": 2,
		entry + "M\x00": -1, entry + "R100\x00p\x00": -1, ":1 2 3 4\x00p\x00": -1, "p\x00": -1,
	} {
		all, err := parseRaw(text)
		n := len(all[h]) + len(all[""])
		if (err == nil) != (want >= 0) || err == nil && n != want {
			t.Errorf("%q: %+v %v", text, all, err)
		}
	}
}
