//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// hostileConfig is what a repository that came with its .git could have configured: a program at each
// place where git starts one for commands like ours.
const hostileConfig = `
cat > ../evil <<'END'
#!/bin/sh
echo "$0 $*" >> "$(dirname "$0")/ran"
END
chmod +x ../evil; EVIL=$PWD/../evil
rm -f .git/info/attributes
printf '* diff=evil filter=evil merge=evil\n' >> .gitattributes
for key in core.fsmonitor core.pager pager.log pager.diff core.editor core.sshCommand core.gitProxy core.askPass credential.helper diff.external \
	diff.evil.textconv diff.evil.command filter.evil.clean filter.evil.smudge filter.evil.process merge.evil.driver gpg.program gpg.ssh.program \
	remote.evil.uploadpack core.alternateRefsCommand uploadpack.packObjectsHook interactive.diffFilter sequence.editor
do git config $key "$EVIL"; done
for verb in rev-parse cat-file rev-list diff-tree diff-index ls-files ls-tree merge-base merge-file hash-object update-index check-attr config
do git config alias.$verb "!$EVIL"; done
git config filter.evil.required true; git config log.showSignature true; git config commit.gpgSign true
mkdir ../hooks
for hook in post-index-change reference-transaction pre-commit post-checkout fsmonitor-watchman; do cp ../evil ../hooks/$hook; done
git config core.hooksPath "$PWD/../hooks"
git config remote.evil.url "$PWD"; git config remote.evil.promisor true; git config extensions.partialClone evil
rm -f ../ran`

// TestHostileMerge: no command of ours starts what a repository configures, also when it writes.
func TestHostileMerge(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Parallel()
	b := newBox(t)
	b.conflict(conflictCase{base: bobIn, ours: set("A", "v2"), theirs: set("A", "v3")})
	b.sh(hostileConfig)
	ran := filepath.Join(b.dir, "..", "ran")
	for _, c := range []struct {
		code int
		args []string
	}{
		{exitBusy, []string{"verify"}},
		{exitBusy, []string{"merge", "--non-interactive"}},
		{0, []string{"merge", "--resolve", "A=theirs"}},
		{0, []string{"verify", "--against", "theirs"}},
		{0, []string{"diff", "theirs"}},
		{0, []string{"diff", "theirs", "HEAD"}},
		{0, []string{"log"}},
		{0, []string{"list", "--rev", "theirs"}},
		{0, []string{"status", "--since-git"}},
		{exitOther, []string{"git", "setup", "--check"}},
		{0, []string{"git", "setup"}},
		{0, []string{"git", "textconv", ".credentials.age"}},
		{0, []string{"merge", "--revert", "theirs"}},
		{0, []string{"rekey", "--remove", "bob", "--yes"}},
		{0, []string{"git", "setup", "--undo"}},
	} {
		if r := b.run("", c.args...); r.code != c.code {
			t.Errorf("%q: exit code %d, want %d\n%s", c.args, r.code, c.code, r.stderr)
		}
		if text, err := os.ReadFile(ran); err == nil {
			t.Errorf("%q started a program: %s", c.args, text)
			os.Remove(ran)
		}
	}
}
