//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// useCase runs a recipe of docs/recipes.md. Both scripts find the blocks of the section in the files
// $BLOCK1, $BLOCK2, …; what the tool got is in $GOT.
type useCase struct {
	section, tool string
	needs         string // the credential without which nothing may start
	before, run   string
}

var useCases = []useCase{
	{"Make", "make", "API_TOKEN", `cp $BLOCK1 Makefile`, `make deploy`},
	{"npm scripts", "npm", "API_TOKEN", `cp $BLOCK1 package.json
echo 'require("fs").writeFileSync(process.env.GOT, process.env.API_TOKEN + process.env.DATABASE_URL)' > server.js`, `npm start --no-update-notifier`},
	{"direnv", "direnv", "API_TOKEN", direnvSetup, `direnv exec . ./deploy`},
	{"direnv", "direnv", "DATABASE_URL", direnvSetup + `
touch -d '1 hour ago' .credentials.age`, `bash -c 'eval "$(direnv export bash)" && [ "$API_TOKEN" = plainly-fake-API_TOKEN ] && printf changed | credfile set API_TOKEN - &&
eval "$(direnv export bash)" && [ "$API_TOKEN" = changed ] && ./deploy'`},
	{"cron", "sh", "DATABASE_URL", ``, `line=$(sed "s,/home/me/app,$PWD,; s,/usr/local/bin/credfile,$(command -v credfile),; s,^15 3 \* \* \* ,," $BLOCK1)
env -i HOME="$HOME" GOT="$GOT" SHELL=/bin/sh PATH=/usr/bin:/bin /bin/sh -c "$line"`},
	{"docker run", "docker", "API_TOKEN", ``, `sh $BLOCK1`},
	{"docker run", "docker", "DATABASE_URL", ``, `sh $BLOCK2`},
	{"psql", "psql", "PGPASSWORD", `sed -i s/db.example.org/127.0.0.1/ $BLOCK1`, `sh $BLOCK1`},
	{"psql", "psql", "PGPASSFILE", `sed -i s/db.example.org/127.0.0.1/ $BLOCK2; echo "127.0.0.1:*:shop:bob:plainly-fake-PGPASSFILE" > ~/.pgpass
head -1 $BLOCK2 | sh`, `sed 1d $BLOCK2 | sh`},
	{"Terraform", "terraform", "db_password", `printf 'variable "db_password" {\n sensitive = true\n}\noutput "x" {\n value = nonsensitive(var.db_password)\n}\n' > main.tf`, `sh $BLOCK1 > plan; code=$?; [ $code != 0 ] || cp plan $GOT; exit $code`},
	{"kubectl", "kubectl", "API_TOKEN", kubeSetup, `sh $BLOCK1`},
	{"kubectl", "kubectl", "KUBECONFIG", kubeSetup + `
head -1 $BLOCK2 | sh && sed -i s,/plainly-fake-KUBECONFIG,, ~/.kube/config`, `sed 1d $BLOCK2 | sh`},
	{"ssh-add", "ssh-agent", "SSH_KEY", `ssh-keygen -q -t ed25519 -N '' -C plainly-fake-SSH_KEY -f ~/key && credfile set SSH_KEY - < ~/key`, `sh $BLOCK1 && ssh-add -l > $GOT`},
	{"GitHub Actions", "sh", "API_TOKEN", ciSetup, asMachine + `sed -n 's/^ *run: //p' $BLOCK1 | sh`},
	{"GitHub Actions", "sh", "API_TOKEN", ciSetup, asMachine + `touch $GOT; sed -n 's/^ *run: //p' $BLOCK2 | GITHUB_ENV=$GOT sh`},
	{"GitLab CI", "sh", "API_TOKEN", ciSetup, asMachine + `sed -n '/script:/,$ s/^ *- //p' $BLOCK1 | sh -e`},
	{"Jenkins", "sh", "API_TOKEN", ciSetup, asMachine + `unset CREDFILE_AGE_KEY; sed -n "s/^ *sh '\(.*\)'/\1/p" $BLOCK1 | CREDFILE_AGE_KEY_FILE=../ci.txt sh`},
}

const (
	direnvSetup = `mkdir -p ~/.config/direnv/lib && cp $BLOCK1 ~/.config/direnv/lib/credfile.sh && cp $BLOCK2 .envrc && direnv allow .`
	kubeSetup   = `mkdir ~/.kube && printf 'apiVersion: v1\nkind: Config\ncurrent-context: x\nclusters: [{name: x, cluster: {server: "http://%s/plainly-fake-KUBECONFIG"}}]\nusers: [{name: x, user: {}}]\ncontexts: [{name: x, context: {cluster: x, user: x}}]\n' $SERVER > ~/.kube/config`
	ciSetup     = `HOME=$PWD/../other credfile keygen -o ../ci.txt && credfile rekey -p production --add-reader ci=@../ci.pub && credfile trust --print -p production > ../trust`
	asMachine   = `export HOME=$PWD/../nowhere CREDFILE_AGE_KEY=$(grep SECRET ../ci.txt) CREDFILE_TRUST=${TRUST-$(cat ../trust)}; $LEFT_OUT
`
)

// Each recipe gives the real tool what it needs, and starts nothing without it.
func TestRecipePage(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	sections := recipeSections(t)
	for _, u := range useCases {
		t.Run(u.section, func(t *testing.T) {
			t.Parallel()
			needTool(t, u.tool)
			u.test(newBox(t), sections[u.section])
		})
	}
	for section, blocks := range sections {
		run := slices.ContainsFunc(useCases, func(u useCase) bool { return u.section == section })
		if unrun := strings.Contains(blocks.text, "not run in the tests"); run == unrun || len(blocks.code) == 0 {
			t.Errorf("%s: run: %v, said to be unrun: %v, %d blocks", section, run, unrun, len(blocks.code))
		}
	}
}

func (u useCase) test(b *box, s recipeSection) {
	got := filepath.Join(b.home, "got")
	b.env = append(b.env, "GOT="+got)
	for i, code := range s.code {
		file := filepath.Join(b.home, fmt.Sprintf("block%d", i+1))
		if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
			b.t.Fatal(err)
		}
		b.env = append(b.env, fmt.Sprintf("BLOCK%d=%s", i+1, file))
	}
	if stand := standIns[u.tool]; stand != nil {
		b.env = append(b.env, stand(b, got)...)
	}
	b.sh(`git init -q . && credfile init --name me && credfile profile add production
for name in API_TOKEN DATABASE_URL DB_PASSWORD PGPASSWORD db_password; do
	printf plainly-fake-$name | credfile set $name -; done
credfile copy API_TOKEN --to production
for cmd in deploy backup; do printf '#!/bin/sh\n[ -z "$API_TOKEN$DATABASE_URL" ] || echo "$API_TOKEN $DATABASE_URL" > $GOT\n' > $cmd; chmod +x $cmd; done
` + u.before)
	first := b.exec(exec.Command("sh", "-c", u.run), "")
	if text, _ := os.ReadFile(got); !strings.Contains(string(text), "plainly-fake-"+u.needs) {
		b.t.Fatalf("%s got %q: exit code %d\n%s%s", u.tool, text, first.code, first.stdout, first.stderr)
	}
	if out := first.stdout + first.stderr; strings.Contains(out, "plainly-fake") && !strings.Contains(out, "::add-mask::") && u.section != "ssh-add" {
		b.t.Errorf("a value is in the output: %s", out)
	}
	b.sh(`rm "$GOT" && rm -f ../app.env`)
	if strings.Contains(u.run, asMachine) {
		b.nothing(u, "an empty CREDFILE_TRUST", "TRUST=")
		if u.section != "GitHub Actions" { // where what isn't set is empty
			b.nothing(u, "no CREDFILE_TRUST", "LEFT_OUT=unset CREDFILE_TRUST")
		}
	}
	b.sh(`ssh-add -q -D 2>/dev/null || true; for p in default production; do credfile -p $p unset ` + u.needs + ` || true; done`)
	b.nothing(u, "no "+u.needs)
}

// nothing runs a recipe that must fail before the tool gets anything.
func (b *box) nothing(u useCase, without string, env ...string) {
	b.t.Helper()
	b.with(func() {
		r := b.exec(exec.Command("sh", "-c", u.run), "")
		text, _ := os.ReadFile(filepath.Join(b.home, "got"))
		if r.code == 0 || len(text) > 0 {
			b.t.Errorf("with %s: exit code %d, %s got %q\n%s%s", without, r.code, u.tool, text, r.stdout, r.stderr)
		}
	}, env...)
}

type recipeSection struct {
	text string
	code []string
}

// recipeSections are the sections of the page and their blocks.
func recipeSections(t *testing.T) map[string]recipeSection {
	page, err := os.ReadFile(repoPath("docs", "recipes.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]recipeSection{}
	for _, part := range strings.Split(string(page), "\n## ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		s := recipeSection{text: strings.Join(strings.Fields(text), " ")}
		for _, block := range regexp.MustCompile("(?ms)^```text\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
			s.code = append(s.code, block[1])
		}
		sections[name] = s
	}
	return sections
}
