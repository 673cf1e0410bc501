//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/racetest"
)

// readAs are formats that import knows as a dialect of dotenv. It refuses line ends of Windows in them.
var readAs = map[string]string{"docker": "docker", "sh": "sh"}

// usualNames are the names of the files, by which import knows what their content can't tell.
var usualNames = map[string]string{
	"toml": "secrets.toml", "dotenv": ".env", "aws": "credentials", "json": "secrets.json", "yaml": "secrets.yaml", "k8s": "secret.yaml",
	"netrc": ".netrc", "pgpass": ".pgpass", "npmrc": ".npmrc", "properties": "gradle.properties",
}

// TestImportsItsExports: what export wrote, import reads as the same credentials, in every format and
// dialect that both know. It is told the format, or knows it by the file's usual name, or by content
// alone; then it may refuse to guess.
func TestImportsItsExports(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := newBox(t)
	b.ok("", "init", "--name", "alice")
	var all strings.Builder
	e := json.NewEncoder(&all)
	values := map[string]string{
		"PLAIN": "not-real", "QUOTES": "it's \"fake\" `x`", "SIGNS": `a #b = $HOME ${X} 100% \n \`, "BLANKS": " x\t", "TEXT": "first\nsecond\n", "RETURN": "a\r\nb",
		"EMPTY": "", "NUMBER": "007", "WORD": "null", "UNICODE": "ä€😀", "PEM": "-----BEGIN EXAMPLE KEY-----\nVGhpcyBpcyBub3QgYSBrZXku\n-----END EXAMPLE KEY-----\n",
		"a.b-c": "dotted", "tls.crt": "x=y", "npm:token": "colon",
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1", "AWS_DEFAULT_OUTPUT": "text",
		"bob@git.example.org": "fake-password", "eve@npm.example.org:8443/team": "p@$s:word", "_authToken@registry.example.org": "npm_fake", "pgpass:db.example.org:5432:shop:bob": `a:b\c`,
	}
	if err := e.Encode(values); err != nil {
		t.Fatal(err)
	}
	b.ok(all.String(), "import", "--from", "json", "-")
	tried := 0
	for _, c := range codec.Writers() {
		if dialect := readAs[c.Name]; dialect != "" {
			t.Run(c.Name, func(t *testing.T) {
				importsItsExport(t, b, values, []string{"--format", c.Name, "--except", "RETURN"}, []string{"--from", "dotenv", "--dialect", dialect}, ".env")
			})
		}
		if c.Read == nil {
			continue
		}
		if usualNames[c.Name] == "" {
			t.Errorf("what is a file of the format %s usually named?", c.Name)
			continue
		}
		for _, dialect := range append([]string{""}, c.Out.Dialects...) {
			tried++
			as, from := []string{"--format", c.Name}, []string{"--from", c.Name}
			if dialect != "" {
				as, from = append(as, "--dialect", dialect), append(from, "--dialect", dialect)
			}
			t.Run(strings.TrimSuffix(c.Name+"/"+dialect, "/"), func(t *testing.T) {
				importsItsExport(t, b, values, as, from, usualNames[c.Name])
			})
		}
	}
	if tried < 17 {
		t.Errorf("only %d formats and dialects were tried", tried)
	}
}

func importsItsExport(t *testing.T, b *box, values map[string]string, as, from []string, name string) {
	b = &box{t: t, home: b.home, dir: b.dir, env: b.env}
	dir := t.TempDir()
	file := filepath.Join(dir, name)
	export := append([]string{"-p", "default", "export", "-o", file}, as...)
	r := b.run("", export...)
	if r.code == 1 { // the error names the values that this format or dialect can't have
		export = append(export, except(t, r.stderr)...)
		r = b.run("", export...)
	}
	if r.code != 0 {
		t.Fatalf("%q: exit code %d\n%s", export, r.code, r.stderr)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var first map[string]string
	guess := from[2:] // the dialect is not to be guessed
	for i, how := range [][]string{{file, "told"}, {file, ""}, {"-", "told"}, {"-", ""}} {
		to := filepath.Join(dir, string(rune('a'+i)))
		b.ok("", "-f", to, "init", "--name", "alice")
		options := from
		if how[1] == "" {
			options = guess
		}
		args := slices.Concat([]string{"-f", to, "-p", "default", "import"}, options, how[:1])
		r := b.run(string(written), args...)
		if r.code != 0 {
			if i < 3 || !strings.Contains(r.stderr, "--from FORMAT") && !strings.Contains(r.stderr, "can't be imported") {
				t.Errorf("%q: exit code %d\n%s\n%s", args, r.code, r.stderr, written)
			}
			continue
		}
		var got map[string]string
		if err := json.Unmarshal([]byte(b.ok("", "-f", to, "-p", "default", "export", "--format", "json").stdout), &got); err != nil {
			t.Fatal(err)
		}
		for name, value := range got {
			if want, ok := values[name]; !ok || value != want {
				t.Errorf("%q: %s was %q and is %q", args, name, want, value)
			}
		}
		if first == nil {
			first = got
		}
		if len(got) != len(first) {
			t.Errorf("%q: %d credentials, and with --from %d", args, len(got), len(first))
		}
	}
	// What was left out is listed, so nothing is missing.
	left := 0
	if _, list, ok := strings.Cut(r.stderr, "can't have these names: "); ok {
		left = 1 + strings.Count(strings.SplitN(list, "\n", 2)[0], ", ")
	}
	for _, arg := range export {
		if arg == "--except" {
			left++
		}
	}
	if len(first)+left != len(values) || len(first) == 0 {
		t.Errorf("%d credentials came back, and %d were left out, of %d:\n%s", len(first), left, len(values), r.stderr)
	}
}

// except returns the flags that leave out what an error of export names.
func except(t *testing.T, stderr string) (flags []string) {
	for line := range strings.Lines(stderr) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "  "), ": "); ok && strings.HasPrefix(line, "  ") {
			flags = append(flags, "--except", name)
		}
	}
	if flags == nil {
		t.Fatalf("the error names no credential:\n%s", stderr)
	}
	return flags
}

// TestFailedImportChangesNothing: whatever stops an import, nothing of it is in the file, and nothing is
// left beside it.
func TestFailedImportChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "init", "--name", "alice")
	b.ok("old", "set", "LAST", "-")
	owner := b.join("bob", "--add", "default")
	owner.ok("", "profile", "add", "production", "--only-me")
	owner.ok("", "rekey", "-p", "production", "--add-reader", "alice")
	b.write(owner.read())
	b.ok("", "-p", "production", "env", "--", "true") // so that it knows the profile
	var many strings.Builder
	for i := range 500 {
		fmt.Fprintf(&many, "NAME_%d=plainly-fake-%[1]d\n", i)
	}
	first := "[default]\naws_access_key_id = fake-id\naws_secret_access_key = fake\n"
	for what, c := range map[string]struct {
		file   string
		args   []string
		code   int
		reason string
	}{
		"a line that is refused":        {many.String() + "NAME_X=\"$(id)\"\n", []string{"--from", "dotenv"}, 1, "line 501: NAME_X"},
		"a line of another kind":        {many.String() + "hunter2\n", []string{"--from", "dotenv"}, 1, "line 501"},
		"another value":                 {many.String() + "LAST=new\n", []string{"--from", "dotenv"}, 1, "default: LAST"},
		"a name that is not valid":      {`{"a": "1", "b c": "2"}`, []string{"--from", "json"}, 1, `"b c" is not a valid name`},
		"two names that become one":     {`{"a": "1", "b": "2"}`, []string{"--from", "json", "--rename", "b=a"}, 2, "would both become a"},
		"a name that is not there":      {many.String(), []string{"--from", "dotenv", "--only", "NAME_1", "--only", "NONE"}, 4, "NONE is not in this file"},
		"an unknown profile":            {many.String(), []string{"--from", "dotenv", "-p", "nosuch"}, 4, `no profile "nosuch"`},
		"a profile that is only read":   {first + "[production]\nregion = eu-central-1\n", []string{"--from", "aws"}, 3, "can read profile"},
		"a section that is no profile":  {first + "[a b]\nregion = eu-central-1\n", []string{"--from", "aws"}, 1, "line 4"},
		"a section with a strange name": {first + "[a%b]\nregion = eu-central-1\n", []string{"--from", "aws"}, 1, "1 line can't be imported\n  line 5: is in a section whose name is not valid"},
		"too much":                      {many.String() + strings.Repeat("#\n", 1<<19), []string{"--from", "dotenv"}, 1, "larger than 1 MiB"},
		"a document that is cut":        {`{"a": "1", "b": "2"`, []string{"--from", "json"}, 1, "line 1"},
	} {
		before := b.read()
		r := b.run(c.file, append([]string{"import", "-"}, c.args...)...)
		if r.code != c.code || !strings.Contains(r.stderr, c.reason) {
			t.Errorf("%s: exit code %d, want %d and %q\n%s", what, r.code, c.code, c.reason, r.stderr)
		}
		unchanged(t, b, what, before)
	}

	before := b.read()
	// No file may be larger than 4 KiB: that is where a full disk ends, too.
	r := b.exec(exec.Command("sh", "-c", "ulimit -f 8; exec credfile import --from dotenv -"), many.String())
	if r.code != 1 || !strings.Contains(r.stderr, "file too large") {
		t.Errorf("a full disk: exit code %d\n%s", r.code, r.stderr)
	}
	unchanged(t, b, "a full disk", before)
	b.env = append(b.env, "HOME="+t.TempDir())
	if r := b.run(many.String(), "import", "--from", "dotenv", "-"); r.code != 3 {
		t.Errorf("without a key: exit code %d\n%s", r.code, r.stderr)
	}
	unchanged(t, b, "without a key", before)
}

func unchanged(t *testing.T, b *box, what string, before []byte) {
	t.Helper()
	if !bytes.Equal(b.read(), before) {
		t.Errorf("%s: the file was changed", what)
		b.write(before)
	}
	if files, _ := filepath.Glob(filepath.Join(b.dir, "*.new")); len(files) > 0 {
		t.Errorf("%s: %v was left", what, files)
	}
	if files, _ := filepath.Glob(filepath.Join(b.dir, ".*.new")); len(files) > 0 {
		t.Errorf("%s: %v was left", what, files)
	}
}
