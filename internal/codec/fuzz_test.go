package codec

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// reasons reads every constant of type reason from the sources.
func reasons(t testing.TB) map[string]bool {
	all := map[string]bool{}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "reason" && len(spec.Values) == 1 {
					s, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					all[s] = true
				}
			}
			return true
		})
	}
	if len(all) < 30 {
		t.Fatalf("found %d reasons only", len(all))
	}
	return all
}

// check checks what must hold for every input.
func check(t *testing.T, known map[string]bool, in []byte, pairs []Pair, problems []Problem) {
	lines := strings.Count(string(in), "\n") + 1
	last := 0
	for _, p := range pairs {
		if p.Line < max(last, 1) || p.Line > lines {
			t.Errorf("pair on line %d after %d, of %d", p.Line, last, lines)
		}
		last = p.Line
	}
	last = 0
	for _, p := range problems {
		if p.Line < last || p.Line > lines {
			t.Errorf("problem on line %d after %d, of %d", p.Line, last, lines)
		}
		last = p.Line
		// A constant can't quote the input.
		if !known[p.Reason] {
			t.Errorf("reason %q is not a constant", p.Reason)
		}
		if p.Name != "" && !isName(p.Name, ".-@:/+") {
			t.Errorf("%q is not a name", p.Name)
		}
		if strings.ContainsAny(p.Section, "\x00\r\n\t[]#;\\") {
			t.Errorf("%q is not a section", p.Section)
		}
	}
	for i, p := range pairs {
		same := func(q Pair) bool { return q.Section == p.Section && q.Name == p.Name }
		if slices.ContainsFunc(pairs[i+1:], same) {
			t.Errorf("%s stands twice", p.Name)
		}
	}
}

// plain checks the formats whose names are variable names.
func plain(t *testing.T, pairs []Pair) {
	for _, p := range pairs {
		if !isName(p.Name, ".-") || p.Name[0] >= '0' && p.Name[0] <= '9' {
			t.Errorf("%q is not a name", p.Name)
		}
	}
}

// seeds are inputs that have tripped parsers before.
func seeds(f *testing.F) {
	for _, s := range []string{
		"", "\n", "\r", "\r\n", "A=1\rB=2", "A=1\r\nB=2\r\n", "A=1", "A=\"", "A='", "A=`", "=", "==", "export", "export ", "A", "A=\\",
		"\x00", "A=\x00\n", "\xff\xfeA\x00=\x00", "\uFEFF", "\uFEFFA=1\n", "A=" + strings.Repeat("x", 70000) + "\n", strings.Repeat("\"", 999),
		"A=\"x\\", "A='x\\", "A=$", "A=\"$", "A=${", "A=$(", "A=~", "A='x'\\", "-----BEGIN ", "A=-----BEGIN \n", "A=-----BEGIN \nx\n-----END ",
		"[", "]", "[]", "[x", "[x]", "[profile ]", "[profile \"]", "[profile \"\"]", "[x]\n=", "[x]\n:", "[x]\nregion", " [x]\n region=\n  a\n [y]\n",
		"[x]\nregion=\"", "[x]\nregion = a\n\tb", "[x]\r\nregion=a\r\n", "[x]\nregion=a\n[profile x]\nregion=b", "[default]\ns3 =\n  a = b\n",
	} {
		f.Add([]byte(s), uint8(0))
	}
}

func FuzzDotenv(f *testing.F) {
	seeds(f)
	for _, c := range dotenvCases {
		for i := range len(dotenvDialects) + 1 {
			f.Add([]byte(c.in), uint8(i))
		}
	}
	known := reasons(f)
	f.Fuzz(func(t *testing.T, in []byte, n uint8) {
		dialect := append([]string{""}, dotenvDialects...)[int(n)%(len(dotenvDialects)+1)]
		pairs, problems := readDotenv(in, Options{Dialect: dialect})
		check(t, known, in, pairs, problems)
		plain(t, pairs)
		isDotenv("", in)
		if dialect != "" {
			return
		}
		// Each dialect alone takes what all agree on, or takes nothing.
		for _, d := range []string{"compose", "node", "python", "sh"} {
			alone, problems := readDotenv(in, Options{Dialect: d})
			for _, p := range pairs {
				i := slices.IndexFunc(alone, func(q Pair) bool { return q.Name == p.Name })
				if i >= 0 && len(problems) == 0 && string(alone[i].Value) != string(p.Value) {
					t.Errorf("%s alone reads %s differently", d, p.Name)
				}
			}
		}
	})
}

func FuzzAWS(f *testing.F) {
	seeds(f)
	for _, file := range []string{"credentials", "config", "config-sso"} {
		b, err := os.ReadFile("../../testdata/import/aws/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(0))
	}
	known := reasons(f)
	f.Fuzz(func(t *testing.T, in []byte, _ uint8) {
		pairs, problems := readAWS(in, Options{})
		check(t, known, in, pairs, problems)
		plain(t, pairs)
		isAWS("config", in)
		for _, p := range pairs {
			if strings.ContainsAny(string(p.Value), "\r\n\x00") || strings.TrimSpace(string(p.Value)) != string(p.Value) {
				t.Errorf("%s is not one trimmed line", p.Name)
			}
		}
	})
}
