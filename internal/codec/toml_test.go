package codec

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

var tomlCases = []struct{ name, in, pairs, problems string }{
	{"stripe", "[default]\ntest_mode_api_key = \"x\"\n", `default_test_mode_api_key="x"`, ""},
	{"cargo", "[registry]\ntoken = \"x\"\n[registries.a-b]\ntoken = 'y'\n", `registry_token="x" registries_a-b_token="y"`, ""},
	{"case", "[Default]\nApiKey = \"x\"\n", `Default_ApiKey="x"`, ""},
	{"dotted", "a.b . c = \"x\"\n[d . e]\nf.g = \"y\"\n", `a_b_c="x" d_e_f_g="y"`, ""},
	{"inline", "a = { b = \"x\", c = { d = \"y\", e.f = 'z' } }\ng = {}\n", `a_b="x" a_c_d="y" a_c_e_f="z"`, ""},
	{"quoted keys", "\"a\\u0062\" = \"x\"\n['c.d=#]'.\"e\\\"\"]\nf = \"y\"\n", `ab="x" c.d=#]_e"_f="y"`, ""},
	{"names for the caller", "\"\" = \"x\"\n\"a b\" = \"y\"\n1 = 'z'\n", `="x" a b="y" 1="z"`, ""},
	{"strings", "a = \"\"\nb = ''\nc = \"\\t\\\"\\\\ #\"\nd = '\\t\" #'\n", `a="" b="" c="\t\"\\ #" d="\\t\" #"`, ""},
	{"long strings", "a = \"\"\"\nx\n  y \\\n   z\"\"\"\nb = '''x\n'''\nc = \"\"\"\"\"\"\nd = 'e'\n", `a="x\n  y z" b="x\n" c="" d="e"`, ""},
	{"quotes in long strings", "a = \"\"\"x\"\"\"\"\"\nb = ''''x'''''\nc = \"\"\"\\\"\"\"\"\nd = ''\n", `a="x\"\"" b="'x''" c="\"" d=""`, ""},
	{"comments", "# [a]\nb = \"x\" # y = 1\n[c] # d\n# e\nf = 1 # g\n", `b="x" c_f="1"`, ""},
	{"integers and booleans", "a = 1\nb = 0\nc = -12\nd = true\ne = false\nf = 9223372036854775807\n", `a="1" b="0" c="-12" d="true" e="false" f="9223372036854775807"`, ""},
	{"CR LF and BOM", "\uFEFF[a]\r\nb = \"x\"\r\nc = '''\r\ny\r\n'''\r\n", `a_b="x" a_c="y\r\n"`, ""},
	{"no last newline", "a = 1", `a="1"`, ""},
	{"empty tables", "[a]\n[a.b]\n[c]\n", "", ""},

	{"integers of other spelling", "a = 0x1F\nb = 1_000\nc = +1\nd = -0\ne = 0b1\nf = 0o7\n", "",
		at(1, "", "a", whyTOMLInteger) + "|" + at(2, "", "b", whyTOMLInteger) + "|" + at(3, "", "c", whyTOMLInteger) + "|" +
			at(4, "", "d", whyTOMLInteger) + "|" + at(5, "", "e", whyTOMLInteger) + "|" + at(6, "", "f", whyTOMLInteger)},
	{"floats", "a = 1.0\nb = 1e3\nc = inf\nd = -nan\n", "",
		at(1, "", "a", whyTOMLFloat) + "|" + at(2, "", "b", whyTOMLFloat) + "|" + at(3, "", "c", whyTOMLFloat) + "|" + at(4, "", "d", whyTOMLFloat)},
	{"dates", "a = 2020-01-02\nb = 03:04:05\nc = 2020-01-02T03:04:05Z\nd = 2020-01-02 03:04:05 # x\n", "",
		at(1, "", "a", whyTOMLDate) + "|" + at(2, "", "b", whyTOMLDate) + "|" + at(3, "", "c", whyTOMLDate) + "|" + at(4, "", "d", whyTOMLDate)},
	{"arrays", "a = []\nb = [\n  \"x\", # ]\n  ']',\n]\nc = [{ d = 1 }, { d = 2 }]\ne = \"x\"\n", `e="x"`,
		at(1, "", "a", whyTOMLArray) + "|" + at(2, "", "b", whyTOMLArray) + "|" + at(6, "", "c", whyTOMLArray)},
	{"arrays of tables", "[[a.b]]\nc = 1\n[a.b.d]\ne = 1\n[[a.b]]\n[[a.b.f]]\ng = 1\n[h]\ni = 1\n", `h_i="1"`,
		at(1, "", "a_b", whyTOMLTables) + "|" + at(5, "", "a_b", whyTOMLTables)},
	{"same name", "a_b = 1\nx = 1\n[a]\nb = 1\n", `x="1"`, at(1, "", "a_b", whyTOMLJoin) + "|" + at(4, "", "a_b", whyTOMLJoin)},
	{"same name as an array", "a_b = [1]\na.b = 1\n", "", at(1, "", "a_b", whyTOMLArray) + "|" + at(2, "", "a_b", whyTOMLJoin)},
	{"NUL escaped", "a = \"\\u0000\"\nb = 1\n", `b="1"`, at(1, "", "a", whyNUL)},
	{"no name to tell", "\"hunter2 is it\" = []\n", "", at(1, "", "", whyTOMLArray)},

	{"lines", "a = '''\n\n'''\nb = {\n  c = 1.0,\n  d = \"\"\"\n\"\"\" }\n\n# e\n[f]\ng.h = [\n]\ni = 1.0\n", `a="\n" b_d=""`,
		at(5, "", "b_c", whyTOMLFloat) + "|" + at(11, "", "f_g_h", whyTOMLArray) + "|" + at(13, "", "f_i", whyTOMLFloat)},

	{"twice", "a = \"x\"\nb = 1\na = \"x\"\n", "", at(3, "", "", whyTOML)},
	{"table twice", "[a]\nb = 1\n[a]\n", "", at(3, "", "", whyTOML)},
	{"a table's place", "a.b = 1\n\na = 2\n", "", at(3, "", "", whyTOML)},
	{"a table's inner place", "a.b.c = 1\n\na.b = 2\n", "", at(3, "", "", whyTOML)},
	{"bare word", "a = 1\nb = hunter2\n", "", at(2, "", "", whyTOML)},
	{"not TOML", "a = 1\nhunter2\n", "", at(2, "", "", whyTOML)},
	{"two values", "a = \"x\" \"y\"\n", "", at(1, "", "", whyTOML)},
	{"bad escape", "a = 1\nb = \"\"\"\nx\n\\z\"\"\"\nc = 1\n", "", at(2, "", "", whyTOML)},
	{"no such character", "a = 1\nb = \"\"\"\\uD800\n\"\"\"\nc = 1\n", "", at(2, "", "", whyTOML)},
	{"lone sign", "a = 1\nb = +\nc = 1\n", "", at(2, "", "", whyTOML)},
	{"too large", "a = 1\nb = 9223372036854775808\nc = 1\n", "", at(2, "", "", whyTOML)},
	{"no end of string", "a = 1\nb = \"x\nc = 1\n", "", at(2, "", "", whyTOML)},
	{"no end of long string", "a = 1\nb = '''x\nc = 1\n", "", at(2, "", "", whyTOML)},
	{"no end of array", "a = 1\nb = [\n1,\n2,\n", "", at(2, "", "", whyTOML)},
	{"no end of header", "a = 1\n[b\nc = 1\n", "", at(2, "", "", whyTOML)},
	{"empty header", "[]\n", "", at(1, "", "", whyTOML)},
	{"six quotes", "a = 1\nb = '''x''''''\n", "", at(2, "", "", whyTOML)},

	{"NUL", "a = 1\nb = \"\x00\"\n", "", at(2, "", "", whyNUL)},
	{"UTF-8", "a = 1\nb = \"\xff\"\n", "", at(2, "", "", whyUTF8)},
	{"UTF-16", "\xff\xfea\x00=\x001\x00", "", at(1, "", "", whyUTF8)},
	{"CR", "a = 1\rb = 2\n", "", at(1, "", "", whyCR)},
	{"CR at the end", "a = 1\r", "", at(1, "", "", whyCR)},
	{"control", "a = 1\nb = \"\x1b\"\n", "", at(2, "", "", whyTOMLControl)},
}

func TestTOML(t *testing.T) {
	for _, c := range tomlCases {
		pairs, problems := readTOML([]byte(c.in), Options{})
		if show(pairs) != c.pairs || list(problems) != c.problems {
			t.Errorf("%s\n got  %s, %s\n want %s, %s", c.name, show(pairs), list(problems), c.pairs, c.problems)
		}
	}
}

func TestTOMLLines(t *testing.T) {
	in := "a = '''\n\n'''\nb = {\n  c = 1,\n  d = \"\"\"\n\"\"\", e = 1 }\n[f]\n\ng = 1\n"
	pairs, _ := readTOML([]byte(in), Options{})
	var lines []string
	for _, p := range pairs {
		lines = append(lines, fmt.Sprint(p.Name, p.Line))
	}
	if got := strings.Join(lines, " "); got != "a1 b_c5 b_d6 b_e7 f_g10" {
		t.Error(got)
	}
}

// TestTOMLBounds reads input that would overflow the library's stack, or take it quadratic
// time.
func TestTOMLBounds(t *testing.T) {
	many := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < maxInput/8; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, c := range []struct {
		name, in string
		why      reason
	}{
		{"inline tables", "a=" + strings.Repeat("{a=", 100000) + "1" + strings.Repeat("}", 100000), whyTOMLDeep},
		{"open inline tables", "a=" + strings.Repeat("{a=", 100000), whyTOMLDeep},
		{"arrays", "a=" + strings.Repeat("[", 100000) + strings.Repeat("]", 100000), whyTOMLDeep},
		{"arrays and tables", "a=" + strings.Repeat("[{a=", 100000), whyTOMLDeep},
		{"arrays as deep as may be", "a=" + strings.Repeat("[", maxTOMLDepth) + strings.Repeat("]", maxTOMLDepth), whyTOMLArray},
		{"parts", "a" + strings.Repeat(".a", 500000) + "=1", whyTOMLDeep},
		{"parts of a header", "[a" + strings.Repeat(".a", 500000) + "]", whyTOMLDeep},
		{"parts of a table and a key", "[a" + strings.Repeat(".a", 20) + "]\na" + strings.Repeat(".a", 20) + "=1", whyTOMLDeep},
		{"keys of long tables", "[" + strings.Repeat("a", 255) + "]\n" + many("a%d=1\n"), whyTOMLKey},
		{"long key", strings.Repeat("a", 1000) + "=1", whyTOMLKey},
		{"quotes", strings.Repeat("\"", maxInput), whyTOML},
		{"long string of quotes", "a='''" + strings.Repeat("'' ", maxInput/4), whyTOML},
		{"keys", many("a%d=1\n"), ""},
		{"keys of many parts", many("a%d" + strings.Repeat(".a", maxTOMLDepth-1) + "=1\n"), ""},
		{"deep tables", many("a%d=" + strings.Repeat("{a=", maxTOMLDepth-1) + "1" + strings.Repeat("}", maxTOMLDepth-1) + "\n"), ""},
		{"array of tables", strings.Repeat("[[a]]\n", maxInput/48), whyTOMLTables},
	} {
		pairs, problems := readTOML([]byte(c.in), Options{})
		if c.why == "" && (len(pairs) == 0 || len(problems) > 0) || c.why != "" && (len(problems) == 0 || problems[0].Reason != string(c.why)) {
			t.Errorf("%s: %d pairs, %.99s", c.name, len(pairs), list(problems))
		}
	}
}

func TestTOMLDetect(t *testing.T) {
	in := []byte("AWS_ACCESS_KEY_ID=\"a\"\n[default]\naws_access_key_id = \"a\"\n")
	for name, want := range map[string]string{"secrets.toml": "toml", "CONFIG.TOML": "toml", ".env.toml": "toml", "-": "dotenv", "toml": "dotenv", "x.toml.bak": "dotenv"} {
		if c, _ := Detect(name, in); c.Name != want {
			t.Errorf("%s is detected as %q", name, c.Name)
		}
	}
}

// flat joins the names of everything that can be taken, as the library reads it.
func flat(all map[string][]string, above string, table map[string]any) {
	for k, v := range table {
		if inner, ok := v.(map[string]any); ok {
			flat(all, above+k+"_", inner)
		} else {
			all[above+k] = append(all[above+k], fmt.Sprint(v))
		}
	}
}

func FuzzTOML(f *testing.F) {
	seeds(f)
	for _, c := range tomlCases {
		f.Add([]byte(c.in), uint8(0))
	}
	files, err := filepath.Glob("../../testdata/import/toml/*")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(0))
	}
	known := reasons(f)
	f.Fuzz(func(t *testing.T, in []byte, _ uint8) {
		pairs, problems := readTOML(in, Options{})
		check(t, known, in, pairs, problems)
		for _, p := range problems {
			if p.Reason == string(whyTOMLLines) {
				t.Error(p.Reason)
			}
		}
		if len(pairs) == 0 {
			return
		}
		var doc map[string]any
		if err := toml.Unmarshal(withoutBOM(in), &doc); err != nil {
			t.Fatalf("pairs from %v", err)
		}
		all := map[string][]string{}
		flat(all, "", doc)
		if len(problems) == 0 && len(pairs) != len(all) {
			t.Errorf("%d pairs of %d", len(pairs), len(all))
		}
		lines := bytes.Split(in, []byte("\n"))
		for _, p := range pairs {
			if v := all[p.Name]; len(v) != 1 || v[0] != string(p.Value) {
				t.Errorf("%q is %q, not %q", p.Name, v, p.Value)
			}
			// An escape may be any part of the name.
			line := lines[p.Line-1]
			if end := p.Name[strings.LastIndexByte(p.Name, '_')+1:]; !bytes.Contains(line, []byte(end)) && !bytes.ContainsRune(line, '\\') {
				t.Errorf("%q is not on line %d", p.Name, p.Line)
			}
		}
	})
}
