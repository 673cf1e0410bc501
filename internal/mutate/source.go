package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const module = "github.com/credfile/credfile/"

// A pkg is the code of a package, without its tests.
type pkg struct {
	path  string // from the root of the module, such as vaultfile/trust
	dir   string
	name  string
	fset  *token.FileSet
	files []*source
	info  *types.Info
}

// A source is one file of a package.
type source struct {
	name string // from the root of the module
	full string
	text string
	tree *ast.File
}

// load reads and checks the packages, whose paths are from the root of the module.
func load(paths []string) ([]*pkg, error) {
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Dir,Name,GoFiles,Export"}
	for _, path := range paths {
		args = append(args, module+path)
	}
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	type listed struct {
		ImportPath, Dir, Name, Export string
		GoFiles                       []string
	}
	all := map[string]listed{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := dec.Decode(&l); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		all[l.ImportPath] = l
	}
	fset := token.NewFileSet()
	exports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(all[path].Export) })
	var pkgs []*pkg
	for _, path := range paths {
		l := all[module+path]
		p := &pkg{path: path, dir: l.Dir, name: l.Name, fset: fset}
		for _, name := range l.GoFiles {
			if err := p.parse(name); err != nil {
				return nil, err
			}
		}
		if err := p.check(exports); err != nil {
			return nil, err
		}
		pkgs = append(pkgs, p)
	}
	return pkgs, nil
}

func (p *pkg) parse(name string) error {
	full := filepath.Join(p.dir, name)
	text, err := os.ReadFile(full)
	if err != nil {
		return err
	}
	tree, err := parser.ParseFile(p.fset, full, text, parser.SkipObjectResolution)
	p.files = append(p.files, &source{name: p.path + "/" + name, full: full, text: string(text), tree: tree})
	return err
}

func (p *pkg) check(exports types.Importer) error {
	p.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	var trees []*ast.File
	for _, f := range p.files {
		trees = append(trees, f.tree)
	}
	_, err := (&types.Config{Importer: exports}).Check(module+p.path, p.fset, trees, p.info)
	return err
}

// span returns where a node is in its file.
func (p *pkg) span(n ast.Node) (start, end int) {
	return p.fset.Position(n.Pos()).Offset, p.fset.Position(n.End()).Offset
}

// functions calls f for each function of a file that has a body, and for the rest of the file,
// whose function has no name.
func functions(file *ast.File, f func(name string, results *ast.FieldList, body ast.Node)) {
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		switch {
		case !ok:
			f("", nil, d)
		case fn.Body == nil:
		case fn.Recv == nil:
			f(fn.Name.Name, fn.Type.Results, fn.Body)
		default:
			recv := fn.Recv.List[0].Type
			if star, ok := recv.(*ast.StarExpr); ok {
				recv = star.X
			}
			if index, ok := recv.(*ast.IndexExpr); ok {
				recv = index.X
			}
			f(recv.(*ast.Ident).Name+"."+fn.Name.Name, fn.Type.Results, fn.Body)
		}
	}
}

// oneLine is the text of code without its line breaks and indentation.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
