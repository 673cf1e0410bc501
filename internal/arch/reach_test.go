package arch

import (
	"fmt"
	"go/ast"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// declaration is what stands at the top level of a file, or a method.
type declaration struct {
	file, name string
	node       ast.Node
	receiver   string // of a method
}

// outsideMethods are called by other modules, through their interfaces.
var outsideMethods = []string{"Close", "Error", "Format", "GoString", "Is", "Read", "RoundTrip", "ServeHTTP", "Set", "String", "Type", "UnmarshalJSON", "Unwrap", "Wrap", "WrapWithLabels", "Write"}

// unreached returns the declarations that no code reaches, from main or from what the library
// offers, on any system. It goes by names alone, so some that are unreached escape it:
// deadcode, which make check runs, knows functions and methods better, but neither types nor
// constants nor variables.
func unreached(tr tree) (faults []string) {
	r := reach{tree: tr, byKey: map[string][]declaration{}, reached: map[string]bool{}, selected: map[string]bool{}}
	for name, file := range tr {
		if pkg := path.Dir(name); !isTest(name) && !slices.Contains(testOnly, pkg) {
			for _, d := range file.Decls {
				r.declare(name, d)
			}
		}
	}
	for key, list := range r.byKey {
		pkg, name, _ := strings.Cut(key, " ")
		program := slices.Contains(programs, pkg)
		library := !program && slices.Contains(roots, pkg)
		if name == "init" || name == "_" || name == "main" && program || library && list[0].receiver == "" && ast.IsExported(name) {
			r.take(key)
		}
	}
	for taken := -1; taken != len(r.reached); {
		taken = len(r.reached)
		for key, list := range r.byKey {
			pkg, name, _ := strings.Cut(key, " ")
			typ, method, ok := strings.Cut(name, ".")
			library := !slices.Contains(programs, pkg) && slices.Contains(roots, pkg)
			if ok && list[0].receiver != "" && r.reached[pkg+" "+typ] &&
				(r.selected[method] || slices.Contains(outsideMethods, method) || library && ast.IsExported(method)) {
				r.take(key)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.byKey)) {
		if !r.reached[key] {
			for _, d := range r.byKey[key] {
				faults = append(faults, fmt.Sprintf("%s: nothing reaches %s", d.file, d.name))
			}
		}
	}
	return faults
}

type reach struct {
	tree     tree
	byKey    map[string][]declaration // by package and name; several, where systems differ
	reached  map[string]bool
	selected map[string]bool // names after a dot, and those of the methods of interfaces
}

func (r *reach) declare(file string, d ast.Decl) {
	add := func(name, receiver string, node ast.Node) {
		key := path.Dir(file) + " " + name
		r.byKey[key] = append(r.byKey[key], declaration{file, name, node, receiver})
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			add(d.Name.Name, "", d)
			return
		}
		var receiver string
		ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && receiver == "" {
				receiver = id.Name
			}
			return true
		})
		add(receiver+"."+d.Name.Name, receiver, d)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				add(spec.Name.Name, "", spec)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					add(id.Name, "", spec)
				}
			}
		}
	}
}

// take marks a declaration as reached, and what it names.
func (r *reach) take(key string) {
	if r.reached[key] || r.byKey[key] == nil {
		return
	}
	r.reached[key] = true
	for _, d := range r.byKey[key] {
		packages := map[string]string{}
		for _, spec := range r.tree[d.file].Imports {
			if own, inside := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module+"/"); inside {
				name := path.Base(own)
				if spec.Name != nil {
					name = spec.Name.Name
				}
				packages[name] = own
			}
		}
		r.names(d, packages)
	}
}

func (r *reach) names(d declaration, packages map[string]string) {
	own := path.Dir(d.file)
	ast.Inspect(d.node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec: // its own names do not reach themselves
			ast.Inspect(&ast.CompositeLit{Type: n.Type, Elts: n.Values}, func(n ast.Node) bool { return r.visit(n, own, packages) })
			return false
		case *ast.InterfaceType:
			for _, m := range n.Methods.List {
				for _, id := range m.Names {
					r.selected[id.Name] = true
				}
			}
		}
		return r.visit(n, own, packages)
	})
}

func (r *reach) visit(n ast.Node, own string, packages map[string]string) bool {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		r.selected[n.Sel.Name] = true
		if id, ok := n.X.(*ast.Ident); ok && packages[id.Name] != "" {
			r.take(packages[id.Name] + " " + n.Sel.Name)
			return false
		}
		ast.Inspect(n.X, func(n ast.Node) bool { return r.visit(n, own, packages) })
		return false
	case *ast.Ident:
		r.take(own + " " + n.Name)
	}
	return true
}

func TestReached(t *testing.T) {
	for _, fault := range unreached(readTree(t)) {
		t.Error(fault)
	}
}
