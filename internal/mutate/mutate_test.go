package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// complete are the packages whose every refusal is a security check, and must be in checks.txt.
var complete = []string{"kdf", "format", "internal/pgppacket", "internal/envname", "vaultfile", "vaultfile/openpgp", "vaultfile/trust", "vaultfile/merge"}

// checks.txt has every check of these packages, and no other.
func TestComplete(t *testing.T) {
	list, err := readChecks(checksText)
	if err != nil {
		t.Fatal(err)
	}
	pkgs, err := load(complete)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		var want, got []string
		p.guards(func(c check, _ *source, _ ast.Expr) { want = append(want, c.String()) })
		for _, c := range list {
			if strings.HasPrefix(c.file, p.path+"/") && !strings.Contains(strings.TrimPrefix(c.file, p.path+"/"), "/") {
				got = append(got, c.String())
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		for _, c := range without(want, got) {
			t.Errorf("checks.txt lacks\n%s", c)
		}
		for _, c := range without(got, want) {
			t.Errorf("the code lacks\n%s", c)
		}
	}
}

// without returns the lines of a that b does not have as often. Both are sorted.
func without(a, b []string) (left []string) {
	for _, line := range a {
		i, found := slices.BinarySearch(b, line)
		if !found {
			left = append(left, line)
			continue
		}
		b = slices.Delete(slices.Clone(b), i, i+1)
	}
	return left
}

// Each mutant that may survive is still one.
func TestSurvivorsExist(t *testing.T) {
	known, err := readSurvivors(survivorsText)
	if err != nil {
		t.Fatal(err)
	}
	checks, err := readChecks(checksText)
	if err != nil {
		t.Fatal(err)
	}
	exist := map[string]bool{}
	pkgs, err := load(packagesOf(checks))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		removed, err := p.removed(of(checks, p.path))
		if err != nil {
			t.Error(err)
		}
		for _, m := range slices.Concat(removed, p.mutants()) {
			exist[m.key()] = true
		}
	}
	for key := range known {
		if !exist[key] {
			t.Errorf("survivors.txt has what is no mutant: %s", key)
		}
	}
}

const example = `package p

import "errors"

var errSize = errors.New("size")

func check(n int, all []string) ([]string, error) {
	if n < 3 || len(all) == 0 {
		return nil, errSize
	}
	for i := range all {
		if all[i] == "" {
			continue
		}
		n = n*2 + i
	}
	return all[:n-1], nil
}
`

// exampleOf returns a package of one file.
func exampleOf(t *testing.T) *pkg {
	t.Helper()
	p := &pkg{path: "p", fset: token.NewFileSet(), info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}}
	tree, err := parser.ParseFile(p.fset, "p.go", example, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	p.files = []*source{{name: "p/p.go", text: example, tree: tree}}
	conf := types.Config{Importer: noImports{}, Error: func(error) {}}
	conf.Check("p", p.fset, []*ast.File{tree}, p.info) // errors is unknown
	return p
}

type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	return types.NewPackage(path, path), nil
}

func TestOperators(t *testing.T) {
	var got []string
	for _, m := range exampleOf(t).mutants() {
		got = append(got, strings.TrimPrefix(m.key(), "p/p.go\tcheck\t"))
	}
	want := []string{
		"never\tn < 3 || len(all) == 0", "and-or\tn < 3 || len(all) == 0", "negate\tn < 3", "boundary\tn < 3", "negate\tlen(all) == 0", "no-error\treturn nil, errSize",
		"never\tall[i] == \"\"", "negate\tall[i] == \"\"", "remove\tcontinue", "remove\tn = n*2 + i", "arithmetic\tn*2 + i", "arithmetic\tn*2", "arithmetic\tn-1",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant\n%q", got, want)
	}
}

// With all mutants in it, a file is still a program, and each of them is there once.
func TestRewrite(t *testing.T) {
	p := exampleOf(t)
	ms := p.mutants()
	n := map[*mutant]int{}
	for i, m := range ms {
		n[m] = i + 1
	}
	text := rewrite(p.files[0], ms, n)
	if _, err := parser.ParseFile(token.NewFileSet(), "p.go", text, 0); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	for i := range ms {
		if !strings.Contains(text, "mutant_("+string(rune('0'+(i+1)/10))+string(rune('0'+(i+1)%10))+")") && !strings.Contains(text, "mutant_("+string(rune('0'+i+1))+")") {
			t.Errorf("without %d:\n%s", i+1, text)
		}
	}
	if text := rewrite(p.files[0], nil, nil); text != example {
		t.Errorf("without mutants, it is\n%s", text)
	}
}

func TestGuards(t *testing.T) {
	var got []string
	p := exampleOf(t)
	p.guards(func(c check, _ *source, _ ast.Expr) { got = append(got, c.String()) })
	want := []string{"p/p.go\tcheck\tfalse\tn < 3", "p/p.go\tcheck\tfalse\tlen(all) == 0"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := p.removed([]check{{"p/p.go", "check", "false", "n < 3"}, {"p/p.go", "check", "true", `all[i] == ""`}}); err != nil {
		t.Error(err)
	}
	for _, c := range []check{{"p/p.go", "check", "false", "n < 4"}, {"p/p.go", "other", "false", "n < 3"}, {"p/q.go", "check", "false", "n < 3"}} {
		if _, err := p.removed([]check{c}); err == nil {
			t.Errorf("%s is there", c)
		}
	}
	twice := check{"p/p.go", "check", "false", "n < 3"}
	if _, err := p.removed([]check{twice, twice}); err == nil {
		t.Error("one check is there twice")
	}
}

func TestLists(t *testing.T) {
	for _, bad := range []string{"a\tb\tfalse", "a\tb\tno\tc", "a b false c"} {
		if list, err := readChecks(bad); err == nil {
			t.Errorf("%q is read: %v", bad, list)
		}
	}
	for _, bad := range []string{"a\tb\tc\td", "# why\n\na\tb\tc\td", "# why\na\tb\tc", "# why\na\tb\tc\td\na\tb\tc\td"} {
		if list, err := readSurvivors(bad); err == nil {
			t.Errorf("%q is read: %v", bad, list)
		}
	}
	list, err := readSurvivors("# why\na\tb\tc\td\n\n# because\na\tb\tc\td\t#2\n")
	if err != nil || list["a\tb\tc\td"] != "why" || list["a\tb\tc\td\t#2"] != "because" {
		t.Errorf("%v, %v", list, err)
	}
}

// A test that notices a mutant kills it, one that does not lets it survive, and an endless one is
// ended.
func TestTry(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a module")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":    "module m\n",
		"p.go":      "package p\n\nfunc sum(n int) (s int) {\n\tfor n > 0 {\n\t\ts += n\n\t\tn--\n\t}\n\treturn s\n}\n\nfunc idle(n int) int {\n\tn++\n\treturn 1\n}\n\nfunc unused() int { return 1 + sum(2) }\n",
		"p_test.go": "package p\n\nimport \"testing\"\n\nfunc TestSum(t *testing.T) {\n\tif sum(3) != 6 || idle(1) != 1 {\n\t\tt.Error()\n\t}\n}\n\nfunc TestFails(t *testing.T) { t.Error() }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	p := &pkg{path: "", dir: dir, name: "p", fset: token.NewFileSet()}
	if err := p.parse("p.go"); err != nil {
		t.Fatal(err)
	}
	if err := p.check(noImports{}); err != nil {
		t.Fatal(err)
	}
	s, err := build(p, p.mutants(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.measure(); err != nil || !slices.Equal(s.failed, []string{"TestFails"}) {
		t.Fatalf("%v, %v", s.failed, err)
	}
	got := map[string]int{}
	for _, m := range s.ms {
		r, err := s.try(m)
		if err != nil {
			t.Fatal(err)
		}
		got[r.String()+": "+m.function]++
	}
	// One that survives in sum adds 0 at the end.
	if got["killed: sum"] == 0 || got["endless: sum"] == 0 || got["survived: sum"] != 1 || got["survived: idle"] != 2 || got["not reached: unused"] == 0 {
		t.Errorf("%v", got)
	}
}
