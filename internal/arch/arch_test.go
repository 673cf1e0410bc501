// Package arch holds the one test that keeps the packages apart: imports only go down, and
// packages of one row don't import each other. It reads the sources and not `go list`,
// whose result the test cache would not see change.
package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/credfile/credfile"

// graph lists what each package may import from this module, except in tests.
var graph = map[string][]string{
	"format":              {},
	"internal/atomicfile": {},
	"internal/term":       {},
	"internal/envname":    {},
	"internal/cli":        {},
	"internal/clip":       {},
	"internal/codec":      {},
	"internal/edit":       {"format", "vaultfile", "vaultfile/merge", "internal/editdoc", "internal/front", "internal/keys"},
	"internal/editdoc":    {},
	"internal/front":      {},
	"internal/generate":   {},
	"internal/jsondoc":    {"format", "vaultfile", "vaultfile/trust", "internal/health", "internal/term"},
	"internal/keycache":   {},
	"internal/sides":      {"format"},
	"internal/strength":   {},
	"internal/helper":     {},
	"internal/keys":       {"internal/agefile", "internal/userdir"},
	"internal/agefile":    {},
	"internal/userdir":    {},
	"kdf":                 {},
	"internal/pgppacket":  {},
	"vaultfile":           {"format", "kdf", "internal/agefile", "internal/atomicfile", "internal/pgppacket"},
	"vaultfile/merge":     {"format", "vaultfile"},
	"vaultfile/openpgp":   {"format", "vaultfile", "internal/pgppacket"},
	"vaultfile/trust":     {"format", "vaultfile", "internal/atomicfile", "internal/gitrepo", "internal/userdir"},
	"internal/gitrepo":    {},
	"internal/dialog":     {"internal/term"},
	"internal/unlock":     {"format", "kdf", "vaultfile", "vaultfile/openpgp", "internal/keys", "internal/keycache", "internal/term"},
	"internal/health":     {"format", "kdf", "vaultfile"},
	"internal/resolve":    {"internal/envname", "internal/front", "vaultfile"},
	"internal/machine": {
		"format",
		"internal/atomicfile",
		"internal/gitrepo",
		"internal/keys",
		"internal/unlock",
		"kdf",
		"vaultfile",
		"vaultfile/trust",
	},
	"cmd/credfile": {
		"format",
		"internal/atomicfile",
		"internal/cli",
		"internal/clip",
		"internal/codec",
		"internal/dialog",
		"internal/edit",
		"internal/editdoc",
		"internal/envname",
		"internal/front",
		"internal/generate",
		"internal/gitrepo",
		"internal/health",
		"internal/helper",
		"internal/jsondoc",
		"internal/keycache",
		"internal/keys",
		"internal/machine",
		"internal/resolve",
		"internal/sides",
		"internal/strength",
		"internal/term",
		"internal/unlock",
		"internal/userdir",
		"kdf",
		"vaultfile",
		"vaultfile/merge",
		"vaultfile/openpgp",
		"vaultfile/trust",
	},
	"internal/arch":      {},
	"internal/racetest":  {},
	"internal/vectorgen": {},
}

// standardOnly lists the packages that import only the standard library and what is listed
// here.
var standardOnly = map[string][]string{
	"format":           {},
	"internal/codec":   {"github.com/BurntSushi/toml"},
	"internal/envname": {},
	"internal/helper":  {},
	"internal/userdir": {},
}

func TestArrows(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		pkg, _ := filepath.Rel("../..", filepath.Dir(path))
		pkg = filepath.ToSlash(pkg)
		allowed, ok := graph[pkg]
		if !ok {
			t.Errorf("%s: the graph does not know the package", pkg)
		}
		seen[pkg] = true
		besides, standard := standardOnly[pkg]
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			own, inside := strings.CutPrefix(imported, module+"/")
			test := strings.HasSuffix(path, "_test.go")
			switch {
			// vectorgen must not import the product's own parser, even in tests.
			case inside && pkg == "internal/vectorgen" && own != "internal/racetest":
				t.Errorf("%s imports %s", path, own)
			case inside && !test && !slices.Contains(allowed, own):
				t.Errorf("%s imports %s: the arrows do not go that way", path, own)
			case !inside && !test && strings.Contains(strings.Split(imported, "/")[0], ".") && standard && !slices.Contains(besides, imported):
				t.Errorf("%s imports %s: the package has the standard library alone", path, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range graph {
		if !seen[pkg] {
			t.Errorf("%s: in the graph, but there is no such package", pkg)
		}
	}
}

// os.Exit skips deferred calls, and belongs only in main.
func TestExitOnce(t *testing.T) {
	n := 0
	filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			n += strings.Count(read(t, path), "os.Exit(")
		}
		return nil
	})
	if n != 1 {
		t.Errorf("os.Exit stands %d times", n)
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
