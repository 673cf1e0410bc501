//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/racetest"
)

// snippet is a block of a document.
type snippet struct {
	page, kind string
	line       int
	lines      []string
}

// pages are the documents for users.
func pages(t *testing.T) map[string]string {
	files, err := filepath.Glob(repoPath("docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for _, file := range append(files, repoPath("README.md"), repoPath("SECURITY.md"), repoPath("CHANGELOG.md")) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list[filepath.Base(file)] = string(b)
		if filepath.Dir(file) == repoPath("docs") {
			delete(list, filepath.Base(file))
			list["docs/"+filepath.Base(file)] = string(b)
		}
	}
	return list
}

func snippets(t *testing.T) (list []snippet) {
	for page, text := range pages(t) {
		var open *snippet
		for i, line := range strings.Split(text, "\n") {
			kind, fence := strings.CutPrefix(line, "```")
			switch {
			case fence && open == nil:
				open = &snippet{page: page, kind: kind, line: i + 1}
				if kind != "sh" && kind != "text" && kind != "go" {
					t.Errorf("%s:%d: mark the block as sh (which is run), text or go", page, i+1)
				}
			case fence:
				list = append(list, *open)
				open = nil
			case open != nil:
				open.lines = append(open.lines, line)
			case strings.HasPrefix(line, "    ") && strings.HasPrefix(strings.TrimSpace(line), "credfile"):
				t.Errorf("%s:%d: put the command into a block", page, i+1)
			}
		}
	}
	return list
}

// Blocks that need something of their own first, by what they begin with.
var before = map[string]string{
	"credfile init ":                        "rm .credentials.age; echo A=plainly-fake > .env",
	"credfile rekey --add bob=@bob.pub   ":  "credfile --yes profile remove production",
	"credfile recipients  ":                 "credfile rekey --all --add-reader bob=@bob.pub",
	"credfile rekey --remove bob":           "credfile rekey --add bob=@bob.pub",
	"credfile profile add staging ":         "credfile --yes profile remove staging",
	"credfile env -p base -p staging":       "credfile profile add base",
	"credfile env -- ./server":              "credfile profile add base",
	"credfile keygen --name bob":            "export HOME=$PWD/../bob; mkdir -p $HOME",
	"credfile keygen -o ":                   "rm -f ../ci.txt ../ci.pub ~/ci.txt ~/ci.pub",
	"credfile verify --against main ":       "git branch -M main",
	"git init -q credfile-demo":             "true",
	"credfile merge --revert HEAD~1":        "git add -A; for name in LOG_LEVEL API_TOKEN; do git commit -qam x; printf y | credfile set $name -; done; git commit -qam y",
	"credfile set API_TOKEN -  < token.txt": "echo plainly-fake > token.txt; credfile --yes profile remove staging",
	"credfile rekey --add carol=@carol.pub": "cp bob.pub carol.pub",
}

// TestSnippets runs every command of the documents that is not marked as text, in a repository
// with a few profiles. docs/recovery.md has a test of its own.
func TestSnippets(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	for _, s := range snippets(t) {
		if s.kind != "sh" || s.page == "docs/recovery.md" {
			continue
		}
		t.Run(s.page+":"+s.lines[0], func(t *testing.T) {
			t.Parallel()
			b := documented(t)
			script := "true"
			for begin, setup := range before {
				if strings.HasPrefix(s.lines[0], begin) {
					script = setup
				}
			}
			for _, line := range s.lines {
				script += "\n{ " + line + "\n} < \"$STDIN\"\ncode=$?; [ $code = 0 ]"
				if strings.HasPrefix(line, "credfile check") || strings.HasPrefix(line, "credfile status") {
					script += " || [ $code = 8 ]" // it found something
				}
				script += " || { echo \"line " + strings.NewReplacer(`"`, `\"`, "$", `\$`, "`", "\\`").Replace(line) + ": exit code $code\" >&2; exit 1; }"
			}
			if r := b.exec(exec.Command("sh", "-c", script), ""); r.code != 0 {
				t.Errorf("%s:%d\n%s%s", s.page, s.line, r.stdout, r.stderr)
			}
		})
	}
}

// documented is a repository as the documents suppose one.
func documented(t *testing.T) *box {
	b := newBox(t)
	b.env = append(b.env, "EDITOR=true", "STDIN="+b.home+"/stdin")
	b.sh(`echo plainly-fake > "$STDIN"
git config --global user.email me@example.org && git config --global user.name me && git init -q .
mkdir ../other && HOME=$PWD/../other credfile keygen --name bob --classic > /dev/null && cp ../other/.config/credfile/bob.pub .
credfile init --name alice && HOME=$PWD/../third credfile keygen -o ../third.txt && credfile rekey --add third=@../third.pub
for name in STRIPE_API_KEY DATABASE_URL API_TOKEN TLS_KEY LOG_LEVEL OLD_TOKEN; do printf x | credfile set $name -; done
for profile in staging production; do credfile profile add $profile; credfile copy DATABASE_URL STRIPE_API_KEY --to $profile; done
for cmd in server deploy migrate; do printf '#!/bin/sh\n' > $cmd; chmod +x $cmd; done
git add .credentials.age && git commit -qm begin`)
	return b
}

// Each command that a document or a hint names exists, with these flags.
func TestCommandsInTexts(t *testing.T) {
	t.Parallel()
	texts := pages(t)
	golden, err := os.ReadFile(errorsFile)
	if err != nil {
		t.Fatal(err)
	}
	texts[errorsFile] = string(golden)
	a := newApp(world{stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }})
	root := newRoot(a, verbs)
	command := regexp.MustCompile(`credfile((?: +(?:-[a-z] \S+|--?[a-z][a-z-]*(?:=[^ ),;]+)?|[a-z][a-z-]*|[A-Z]+|NAME…))+)`)
	n := 0
	for page, text := range texts {
		if page == "CHANGELOG.md" {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			code := line
			if page != errorsFile && !strings.HasPrefix(line, "credfile ") && !strings.Contains(line, "| credfile ") {
				code = strings.Join(regexp.MustCompile("`credfile [^`]+`").FindAllString(line, -1), "\n")
			}
			for _, found := range command.FindAllStringSubmatch(code, -1) {
				if checkCommand(t, root, page, i+1, strings.Fields(found[1])) {
					n++
				}
			}
		}
	}
	if n < 150 {
		t.Errorf("only %d commands were found", n)
	}
}

func checkCommand(t *testing.T, root *cobra.Command, page string, line int, words []string) bool {
	cmd, flags := root, []string{}
	for i := 0; i < len(words) && words[i] != "--"; i++ {
		word, _, _ := strings.Cut(words[i], "=")
		if strings.HasPrefix(word, "-") {
			flags = append(flags, word)
			if len(word) != 2 {
				continue
			}
			if f := root.PersistentFlags().ShorthandLookup(word[1:]); f != nil && f.NoOptDefVal == "" {
				i++
			}
			continue
		}
		for _, sub := range cmd.Commands() {
			if sub.Name() == word || sub.HasAlias(word) {
				cmd = sub
				break
			}
		}
		if cmd == root {
			return false // prose, as in: credfile refuses it
		}
	}
	for _, flag := range flags {
		var f *pflag.Flag
		name := strings.TrimLeft(flag, "-")
		if strings.HasPrefix(flag, "--") {
			if f = cmd.Flags().Lookup(name); f == nil {
				f = root.PersistentFlags().Lookup(name)
			}
		} else if f = cmd.Flags().ShorthandLookup(name); f == nil {
			f = root.PersistentFlags().ShorthandLookup(name)
		}
		if f == nil {
			t.Errorf("%s:%d: credfile %s has no flag %s", page, line, cmd.Name(), flag)
		}
	}
	return true
}

// Help is for a screen of 80 columns, and short.
func TestHelp(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	topics := []string{"flags"}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Name() != "clip-clear" {
			topics = append(topics, strings.TrimSpace(strings.TrimPrefix(cmd.CommandPath(), "credfile")))
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(newApp(world{stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }}), verbs))
	for _, topic := range []string{"", "import", "git setup", "completion install", "profile add"} {
		if !slices.Contains(topics, topic) {
			t.Errorf("no topic %q", topic)
		}
	}
	for _, topic := range topics {
		r := b.ok("", append([]string{"help"}, strings.Fields(topic)...)...)
		lines := strings.Split(strings.TrimSuffix(r.stdout, "\n"), "\n")
		if len(lines) > 60 {
			t.Errorf("help %s has %d lines", topic, len(lines))
		}
		for _, line := range lines {
			if n := len([]rune(line)); n > cli.HelpWidth {
				t.Errorf("help %s: %d columns: %s", topic, n, line)
			}
		}
		if verb := topic != "" && topic != "flags" && !strings.Contains(topic, " "); verb && strings.Count(r.stdout, "\n  credfile "+topic)+strings.Count(r.stdout, " credfile "+topic) < 2 && topic != "helper" {
			t.Errorf("help %s has less than two examples:\n%s", topic, r.stdout)
		}
	}
	if r := b.run("", "help", "nosuch"); r.code != 2 || r.stdout != "" {
		t.Errorf("help nosuch: %d %s", r.code, r.stdout)
	}
}
