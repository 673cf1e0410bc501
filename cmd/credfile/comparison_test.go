//go:build unix

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// What docs/comparison.md says that we tried with these tools. Each script prints what it says.
func TestComparison(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ tool, script, want string }{
		{"age", `age-keygen -o key 2>/dev/null
for name in prod label; do printf %s $name | age -r $(age-keygen -y key) > $name.age; done
mv label.age prod.age; age -d -i key prod.age
printf ' forged' | age -r $(age-keygen -y key) > prod.age; age -d -i key prod.age`, "label forged"},
		{"pass", `export GNUPGHOME=$(mktemp -d /tmp/g.XXXXXX); trap 'gpgconf --kill all; rm -rf $GNUPGHOME' EXIT
gpg --batch -q --passphrase '' --quick-gen-key me@example.org && pass init me@example.org >/dev/null
for name in prod label; do echo $name | pass insert -e $name >/dev/null; done
mv ~/.password-store/label.gpg ~/.password-store/prod.gpg; pass show prod
echo forged | gpg --batch -q --yes --trust-model always -r me@example.org -e -o ~/.password-store/prod.gpg; pass show prod`, "label\nforged\n"},
		{"git-crypt", `git config --global user.email me@example.org; git config --global user.name me; git init -q -b main .
git-crypt init 2>/dev/null >&2; echo '*.env filter=git-crypt diff=git-crypt' > .gitattributes
seq 20 > x.env; git add . ; git commit -qm 1; git checkout -qb other; sed -i s/^2$/other/ x.env; git commit -qam 2
git checkout -q main; sed -i s/^19$/main/ x.env; git commit -qam 3; git show --numstat --format= | cat
git merge -q other >/dev/null 2>&1 || git status --porcelain`, "-\t-\tx.env\nUU x.env\n"},
		{"ansible-vault", `echo plainly-fake > pw
for name in prod label; do ansible-vault encrypt_string --vault-password-file pw -n $name value-of-$name 2>/dev/null; echo; done | sed 's/^prod:/X:/; s/^label:/prod:/; s/^X:/label:/' > v.yml
ansible localhost -m debug -a var=prod -e @v.yml --vault-password-file pw 2>/dev/null | grep -o value-of-[a-z]*
seq 100 200 > all; ansible-vault encrypt --vault-password-file pw all 2>/dev/null; cp all before
ansible-vault decrypt --vault-password-file pw all 2>/dev/null; sed -i s/^150$/151/ all; ansible-vault encrypt --vault-password-file pw all 2>/dev/null
[ $(diff before all | grep -c '^<') -ge $(($(wc -l < all)-2)) ] && echo all lines`, "value-of-label\nall lines\n"},
	} {
		t.Run(c.tool, func(t *testing.T) {
			t.Parallel()
			needTool(t, c.tool)
			b := newBox(t)
			r := b.exec(exec.Command("sh", "-c", c.script), "")
			if r.stdout != c.want {
				t.Errorf("%q\n%s", r.stdout, strings.TrimSpace(r.stderr))
			}
		})
	}
}
