package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// nasty are values that formats get wrong.
var nasty = []string{
	"", " ", "plain", "it's", `"`, "'", "`", "'\"`", `a\b`, `a\`, `\`, `\\`, `\n`, `\'x`, `x\"y`, "$HOME", "${HOME}", "$(id)", "$$", "$${x}", "%{x}", "%%{", "`id`", "#", "a #b", "a#b", ";c", "a ;b",
	" leading", "trailing ", "\ttab", "tab\t", "two\nlines", "\n", "end\n", "a\r\nb", "\r", "cr\r", "=", "a=b", "export X=1", "null", "true", "007", "1e3", "0x1F", "~", "!x", "*a", "&a", "- a", "{a: b}", "[1]", "a: b",
	"ä€😀", "e\u0301", "\u2028", "\u0085", "\ufeffx", "’‘‚‛", "\x01", "\x7f", "\x00", "\xff", "%s", "100%", "() {", "@x", "C:\\path\\new", "<a>&b", "-----BEGIN X-----\nabc\n-----END X-----\n", strings.Repeat("x", 65000),
}

// random returns a value of characters that are special somewhere.
func random(r *rand.Rand) string {
	special := []string{"a", "b", "X", "1", " ", "'", `"`, "`", `\`, "$", "{", "}", "(", ")", "#", "=", ";", ":", "%", "!", "\n", "\r", "\t", "ä", "😀", "n", "r", "&", "<", "\u2028", "e\u0301", "~", "[", "]", "-", "@", "/"}
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(special[r.IntN(len(special))])
	}
	return b.String()
}

// consumer is a real tool: it reads a file, and returns what it found.
type consumer struct {
	format, dialect string
	tool            string
	most            int // random values
	nul             bool
	read            func(t *testing.T, file string) map[string]string
}

// consumers without a tool on this machine are skipped, each by name.
func consumers() []consumer {
	return []consumer{
		{"json", "", "jq", 10000, true, nulPairs(`jq -j 'to_entries[] | .key + "=" + .value + "\u0000"' "$0"`)},
		{"json", "", "/usr/bin/python3", 10000, false, asJSON("/usr/bin/python3", "-c", "import json,sys; print(json.dumps(json.load(open(sys.argv[1], encoding='utf-8'))))")},
		{"toml", "", "/usr/bin/python3", 10000, false, asJSON("/usr/bin/python3", "-c", "import json,sys,tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))")},
		{"yaml", "", "/usr/bin/python3", 10000, false, asJSON("/usr/bin/python3", "-c", "import json,sys,yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))")},
		{"dotenv", "python", "/usr/bin/python3", 10000, false, asJSON("/usr/bin/python3", "-c", "import json,sys,dotenv; print(json.dumps(dotenv.dotenv_values(sys.argv[1])))")},
		{"dotenv", "node", "node", 10000, false, func(t *testing.T, file string) map[string]string {
			return asJSON("node", "--env-file="+file, "-p", "JSON.stringify(process.env)")(t, "")
		}},
		{"dotenv", "", "node", 10000, false, func(t *testing.T, file string) map[string]string {
			return asJSON("node", "--env-file="+file, "-p", "JSON.stringify(process.env)")(t, "")
		}},
		{"dotenv", "", "/usr/bin/python3", 10000, false, asJSON("/usr/bin/python3", "-c", "import json,sys,dotenv; print(json.dumps(dotenv.dotenv_values(sys.argv[1])))")},
		{"dotenv", "sh", "dash", 200, false, sourced("dash", ". ")},
		{"dotenv", "", "dash", 200, false, sourced("dash", ". ")},
		{"sh", "", "dash", 200, false, sourced("dash", ". ")},
		{"sh", "", "bash", 200, false, sourced("bash", ". ")},
		{"sh", "", "zsh", 200, false, sourced("zsh", ". ")},
		{"fish", "", "fish", 200, false, sourced("fish", "source ")},
		{"docker", "", "go", 10000, false, parsed("docker")},
		{"dotenv", "docker", "go", 10000, false, parsed("docker")},
		{"dotenv", "compose", "go", 10000, false, parsed("compose")},
		{"dotenv", "", "go", 10000, false, parsed("compose")},
		{"properties", "", "java", 10000, true, javaProperties},
		{"terraform", "", "terraform", 200, false, terraformReads},
	}
}

func asJSON(cmd ...string) func(*testing.T, string) map[string]string {
	return func(t *testing.T, file string) (vars map[string]string) {
		args := cmd
		if file != "" {
			args = append(cmd[:len(cmd):len(cmd)], file)
		}
		if err := json.Unmarshal(output(t, args...), &vars); err != nil {
			t.Fatal(err)
		}
		return vars
	}
}

func nulPairs(script string) func(*testing.T, string) map[string]string {
	return func(t *testing.T, file string) map[string]string {
		vars := map[string]string{}
		for kv := range strings.SplitSeq(string(output(t, "sh", "-c", script, file)), "\x00") {
			if name, value, ok := strings.Cut(kv, "="); ok {
				vars[name] = value
			}
		}
		return vars
	}
}

// sourced reads a file of assignments in a shell.
func sourced(shell, source string) func(*testing.T, string) map[string]string {
	set := "set -a; "
	if shell == "fish" {
		set = ""
	}
	return func(t *testing.T, file string) map[string]string {
		vars := map[string]string{}
		for kv := range strings.SplitSeq(string(output(t, shell, "-c", set+source+file+"; /usr/bin/env -0")), "\x00") {
			if name, value, ok := strings.Cut(kv, "="); ok {
				vars[name] = value
			}
		}
		return vars
	}
}

// parsed reads a file with docker's or compose's own parser, which are in a module of their own.
func parsed(as string) func(*testing.T, string) map[string]string {
	return func(t *testing.T, file string) map[string]string {
		program := filepath.Join(t.TempDir(), "parsers")
		build := exec.Command("go", "build", "-o", program, ".")
		build.Dir = "../../testdata/parsers"
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
		return asJSON(program, as)(t, file)
	}
}

func javaProperties(t *testing.T, file string) map[string]string {
	program := filepath.Join(t.TempDir(), "P.java")
	const text = `import java.io.*; import java.nio.charset.StandardCharsets; import java.util.*;
public class P { public static void main(String[] a) throws Exception { Properties p = new Properties(); p.load(new FileInputStream(a[0]));
 PrintStream o = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
 for (String k : p.stringPropertyNames()) { o.print(k + "=" + p.getProperty(k) + "\0"); } o.flush(); } }`
	if err := os.WriteFile(program, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return nulPairs("java "+program+` "$0"`)(t, file)
}

func terraformReads(t *testing.T, file string) map[string]string {
	dir := t.TempDir()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var b, names strings.Builder
	for line := range strings.Lines(string(text)) {
		name, _, _ := strings.Cut(line, " ")
		fmt.Fprintf(&b, "variable %q { type = string }\n", name)
		fmt.Fprintf(&names, "%s=var.%s,", name, name)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out := output(t, "sh", "-c", `cd "$0" && echo 'base64encode(jsonencode({`+names.String()+`}))' | terraform console -var-file="$1" | tr -d '"' | base64 -d`, dir, file)
	var vars map[string]string
	if err := json.Unmarshal(out, &vars); err != nil {
		t.Fatalf("%v: %.200s", err, out)
	}
	return vars
}

// TestConsumers: each value reaches each tool as it is, or is refused.
func TestConsumers(t *testing.T) {
	racetest.Skip(t)
	for _, c := range consumers() {
		name := strings.Trim(c.format+"-"+c.dialect, "-")
		t.Run(name+"/"+filepath.Base(c.tool), func(t *testing.T) {
			if _, err := exec.LookPath(c.tool); err != nil {
				t.Skipf("needs %s", c.tool)
			}
			f, _ := Lookup(c.format)
			o := Options{Dialect: c.dialect}
			r := rand.New(rand.NewPCG(1, 2))
			var pairs []Pair
			refused, size := 0, 0
			for i := range len(nasty) + c.most {
				value := []byte(nil)
				if i < len(nasty) {
					value = []byte(nasty[i])
				} else {
					value = []byte(random(r))
				}
				p := Pair{Name: fmt.Sprintf("V%d", i), Value: value}
				if c.nul && bytes.IndexByte(value, 0) >= 0 { // it is the end of a value in the answer
					continue
				}
				if _, _, problems := f.Export([]Pair{p}, o); len(problems) > 0 {
					refused++
				} else if size += len(value); size < 200_000 || len(value) < 100 {
					pairs = append(pairs, p)
				}
			}
			text, left, problems := f.Export(pairs, o)
			if len(left)+len(problems) > 0 {
				t.Fatalf("%v %v", left, problems)
			}
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			vars := c.read(t, file)
			wrong := 0
			for _, p := range pairs {
				if got, ok := vars[p.Name]; !ok || got != string(p.Value) {
					if wrong++; wrong < 6 {
						line := text[max(0, bytes.Index(text, []byte(p.Name))):]
						t.Errorf("%q became %.80q (%v): %.80q", p.Value, got, ok, line)
					}
				}
			}
			if len(pairs) < refused/10 {
				t.Errorf("%d values were refused, and %d written", refused, len(pairs))
			}
			t.Logf("%d values, %d refused, %d wrong", len(pairs), refused, wrong)
		})
	}
}

// npm has one login for a registry: of two, it would take the last.
func TestNpmOneLogin(t *testing.T) {
	c, _ := Lookup("npmrc")
	for _, name := range []string{"eve@h.org", "_authToken@h.org", "bob@h.org/"} {
		if text, _, problems := c.Export([]Pair{{Name: "bob@h.org", Value: []byte("x")}, {Name: name, Value: []byte("y")}}, Options{}); list(problems) != at(0, "", name, whySame) {
			t.Errorf("%s: %s %q", name, list(problems), text)
		}
	}
	if _, left, problems := c.Export([]Pair{{Name: "bob@h.org:80"}, {Name: "bob@h.org/p"}, {Name: "null@i.org"}}, Options{}); len(left) != 1 || len(problems) > 0 {
		t.Error(left, list(problems))
	}
}
