// Package arch holds the tests that keep the packages apart. Imports only go down, each
// package has the outside imports that are listed for it, and nothing is left that no code
// reaches. The tests read the sources and not `go list`, whose result the test cache would not
// see change.
package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/credfile/credfile"

// programs are the packages main.
var programs = []string{"cmd/credfile", "cmd/credfile-connect"}

// roots are the packages that others start or import. Everything else is there for them.
var roots = []string{"cmd/credfile", "cmd/credfile-connect", "format", "kdf", "vaultfile", "vaultfile/merge", "vaultfile/openpgp", "vaultfile/trust"}

// testOnly lists what only tests, their generators and the benchmark use. No program that is
// released links it.
var testOnly = []string{
	"internal/arch",
	"internal/bench",
	"internal/bench/floor/exec",
	"internal/bench/floor/hash",
	"internal/bench/floor/open",
	"internal/bench/floor/read",
	"internal/bench/launch",
	"internal/connect/aws/ssotest",
	"internal/connect/jwt/jwttest",
	"internal/mutate",
	"internal/racetest",
	"internal/tally",
	"internal/tally/print",
	"internal/tally/reader",
	"internal/torture",
	"internal/picture",
	"internal/vectorgen",
}

// guardedImport tells whether an import of the standard library must be listed: cryptography
// belongs into few places, as do other programs, the network and what goes round the types.
func guardedImport(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return first == "crypto" || first == "net" || slices.Contains([]string{"log/syslog", "math/rand", "math/rand/v2", "os/exec", "plugin", "unsafe"}, imported)
}

// networkImport tells whether an import can open a connection. What credfile links must not.
// net/netip and net/url only read text.
func networkImport(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return first == "net" && imported != "net/netip" && imported != "net/url" ||
		imported == "crypto/tls" || imported == "log/syslog" || strings.HasPrefix(imported, "golang.org/x/net/")
}

// tree is the sources of the module by their path.
type tree map[string]*ast.File

func (tr tree) add(path, source string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
	tr[path] = file
	return err
}

func readTree(t *testing.T) tree {
	tr := tree{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || isOtherModule(path)) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		name, _ := filepath.Rel("../..", path)
		return tr.add(filepath.ToSlash(name), read(t, path))
	})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func importsOf(file *ast.File) (list []string) {
	for _, spec := range file.Imports {
		list = append(list, strings.Trim(spec.Path.Value, `"`))
	}
	return list
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

// arrows returns what in the tree is against the graph.
func arrows(tr tree, graph map[string]imports) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	used := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(tr)) {
		pkg := path.Dir(name)
		allowed, known := graph[pkg]
		if !known {
			fault("%s: the graph does not know the package %s", name, pkg)
		}
		used[pkg] = true
		for _, imported := range importsOf(tr[name]) {
			own, inside := strings.CutPrefix(imported, module+"/")
			switch {
			case pkg == "internal/vectorgen" && inside && own != "internal/racetest" && own != "internal/tally":
				fault("%s imports %s: the vectors must not come from the code that they test", name, own)
			case isTest(name):
			case inside && !slices.Contains(allowed.own, own):
				fault("%s imports %s: the arrows do not go that way", name, own)
			case inside:
			case strings.Contains(strings.Split(imported, "/")[0], "."):
				if !slices.Contains(allowed.outside, imported) {
					fault("%s imports %s: not among the package's outside imports", name, imported)
				}
			case guardedImport(imported) && !slices.Contains(allowed.guarded, imported):
				fault("%s imports %s: not among the package's guarded imports", name, imported)
			}
			if !isTest(name) {
				used[pkg+" "+imported] = true
			}
		}
	}
	for pkg, listed := range graph {
		if !used[pkg] {
			fault("%s: in the graph, but there is no such package", pkg)
			continue
		}
		for _, imported := range slices.Concat(listed.outside, listed.guarded) {
			if !used[pkg+" "+imported] {
				fault("%s: the graph lists %s, which it does not import", pkg, imported)
			}
		}
		if !slices.IsSorted(listed.own) || !slices.IsSorted(listed.outside) || !slices.IsSorted(listed.guarded) {
			fault("%s: its imports in the graph are not sorted", pkg)
		}
	}
	return append(faults, linked(tr)...)
}

// linked returns network imports in what credfile links, and packages that no root links.
func linked(tr tree) (faults []string) {
	reaches := map[string]map[string]bool{} // by root
	for _, root := range roots {
		reaches[root] = map[string]bool{root: true}
		for grown := true; grown; {
			grown = false
			for name, file := range tr {
				if isTest(name) || !reaches[root][path.Dir(name)] {
					continue
				}
				for _, imported := range importsOf(file) {
					if own, inside := strings.CutPrefix(imported, module+"/"); inside && !reaches[root][own] {
						reaches[root][own], grown = true, true
					}
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tr)) {
		pkg := path.Dir(name)
		if isTest(name) {
			continue
		}
		for _, imported := range importsOf(tr[name]) {
			if reaches["cmd/credfile"][pkg] && networkImport(imported) {
				faults = append(faults, fmt.Sprintf("%s imports %s: credfile links no network code", name, imported))
			}
		}
		reached := slices.ContainsFunc(roots, func(root string) bool { return reaches[root][pkg] })
		if reached == slices.Contains(testOnly, pkg) {
			faults = append(faults, fmt.Sprintf("%s: linked by a program or the library: %v, and only for tests: %v", name, reached, !reached))
		}
	}
	return faults
}

func TestArrows(t *testing.T) {
	for _, fault := range arrows(readTree(t), graph) {
		t.Error(fault)
	}
}

// Sources with a fault are refused, whatever the rest of the tree is like.
func TestFaults(t *testing.T) {
	whole := readTree(t)
	for _, c := range []struct{ name, path, source, want string }{
		{"OpenPGP in the library", "vaultfile/x.go", `import "github.com/ProtonMail/go-crypto/openpgp"`, "outside imports"},
		{"a command started by the library", "vaultfile/x.go", `import "os/exec"`, "guarded imports"},
		{"cryptography in the format", "format/x.go", `import "crypto/sha256"`, "guarded imports"},
		{"a module in the format", "format/x.go", `import "golang.org/x/crypto/argon2"`, "outside imports"},
		{"cobra below the command", "internal/front/x.go", `import "github.com/spf13/cobra"`, "outside imports"},
		{"an upward arrow", "internal/front/x.go", `import "github.com/credfile/credfile/internal/machine"`, "the arrows do not go that way"},
		{"an upward arrow of another system", "internal/front/x_windows.go", `import "github.com/credfile/credfile/internal/machine"`, "the arrows do not go that way"},
		{"an arrow in a row", "internal/codec/x.go", `import "github.com/credfile/credfile/internal/helper"`, "the arrows do not go that way"},
		{"an unknown package", "internal/news/x.go", ``, "the graph does not know the package internal/news"},
		{"an unknown package of tests", "internal/news/x_test.go", ``, "the graph does not know the package internal/news"},
		{"the network in the command", "cmd/credfile/x.go", `import "net/http"`, "no network code"},
		{"the network below the command", "internal/keycache/x.go", `import "net"`, "no network code"},
		{"the kinds of sources in the command", "cmd/credfile/x.go", `import "github.com/credfile/credfile/internal/connect"`, "the arrows do not go that way"},
		{"a library for AWS", "internal/connect/aws/x.go", `import "github.com/aws/aws-sdk-go-v2/aws/signer/v4"`, "outside imports"},
		{"an exported function of the second program", "cmd/credfile-connect/x.go", "func Unasked() {}", "nothing reaches Unasked"},
		{"TLS in the library", "vaultfile/x.go", `import "crypto/tls"`, "no network code"},
		{"the library in the vectors", "internal/vectorgen/x_test.go", `import "github.com/credfile/credfile/format"`, "must not come from the code that they test"},
		{"the benchmark in the command", "cmd/credfile/x.go", `import "github.com/credfile/credfile/internal/bench"`, "the arrows do not go that way"},
		{"help for tests in the command", "cmd/credfile/x.go", `import "github.com/credfile/credfile/internal/racetest"`, "the arrows do not go that way"},

		{"an exported function of an internal package", "internal/front/x.go", "func Unasked() {}", "nothing reaches Unasked"},
		{"an exported function of the command", "cmd/credfile/x.go", "func Unasked() {}", "nothing reaches Unasked"},
		{"an unexported function of the library", "vaultfile/x.go", "func unasked() {}", "nothing reaches unasked"},
		{"functions that reach each other", "internal/front/x.go", "func Unasked() { other() }\nfunc other() { Unasked() }", "nothing reaches other"},
		{"a type", "internal/front/x.go", "type Unasked struct{}", "nothing reaches Unasked"},
		{"a type of its own methods", "internal/front/x.go", "type Unasked struct{}\nfunc (u *Unasked) Next() *Unasked { return u }", "nothing reaches Unasked"},
		{"a constant", "internal/front/x.go", "const Unasked = 1", "nothing reaches Unasked"},
		{"a variable", "internal/front/x.go", "var unasked, Other = 1, 2", "nothing reaches unasked"},
		{"a method", "internal/front/x.go", "func init() { _ = unasked{} }\ntype unasked struct{}\nfunc (unasked) NobodyCalls() {}", "nothing reaches unasked.NobodyCalls"},
		{"an unexported method of the library", "vaultfile/x.go", "type Asked struct{}\nfunc (Asked) nobodyCalls() {}", "nothing reaches Asked.nobodyCalls"},
		{"code of another system", "internal/front/x_windows.go", "func Unasked() {}", "nothing reaches Unasked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := maps.Clone(whole)
			if err := tr.add(c.path, "package "+strings.ReplaceAll(path.Base(path.Dir(c.path)), "-", "")+"\n"+c.source+"\n"); err != nil {
				t.Fatal(err)
			}
			if err := tr.add("internal/front/other_test.go", "package front\nfunc TestX() { Unasked() }\n"); err != nil {
				t.Fatal(err)
			}
			faults := append(arrows(tr, graph), unreached(tr)...)
			if !slices.ContainsFunc(faults, func(f string) bool { return strings.HasPrefix(f, c.path) && strings.Contains(f, c.want) }) {
				t.Errorf("%q", faults)
			}
		})
	}
	lists := maps.Clone(graph)
	lists["internal/gone"] = imports{}
	lists["format"] = imports{guarded: []string{"crypto/sha256"}}
	faults := strings.Join(arrows(whole, lists), "\n")
	for _, want := range []string{"internal/gone: in the graph, but there is no such package", "format: the graph lists crypto/sha256, which it does not import"} {
		if !strings.Contains(faults, want) {
			t.Errorf("%q is not among %q", want, faults)
		}
	}
}

// isOtherModule reports whether a directory has a module of its own, as what only tests run.
func isOtherModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil && filepath.Clean(dir) != filepath.Clean("../..")
}

// os.Exit skips deferred calls, and belongs only in the main of a program.
func TestExitOnce(t *testing.T) {
	found := map[string]int{}
	for name := range readTree(t) {
		if !isTest(name) {
			if n := strings.Count(read(t, filepath.Join("../..", name)), "os.Exit("); n > 0 {
				found[name] = n
			}
		}
	}
	for _, program := range programs {
		if name := program + "/main.go"; found[name] != 1 {
			t.Errorf("os.Exit stands %d times in %s", found[name], name)
		}
		delete(found, program+"/main.go")
	}
	if len(found) > 0 {
		t.Errorf("os.Exit stands in %v", found)
	}
}

// What other modules import counts as well: nothing that credfile links can speak HTTP or TLS. The
// sources of other modules are not read, so this asks the go command.
func TestNoNetwork(t *testing.T) {
	forbidden := []string{"crypto/tls", "net/http"}
	for program, may := range map[string]bool{"cmd/credfile": false, "cmd/credfile-connect": true} {
		list := exec.Command("go", "list", "-deps", "./"+program)
		list.Dir = "../.."
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		packages := strings.Fields(string(out))
		for _, pkg := range forbidden {
			if slices.Contains(packages, pkg) != may {
				t.Errorf("%s links %s: %v", program, pkg, !may)
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
