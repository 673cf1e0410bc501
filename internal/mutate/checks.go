package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
)

// testedBy has the packages whose tests are elsewhere.
var testedBy = map[string]string{"internal/connect/aws": "internal/connect", "internal/rekey": "cmd/credfile"}

// testsOf has the tests for the checks of a package whose tests take too long to run each by itself.
var testsOf = map[string][]string{
	"cmd/credfile":  {"TestPlugin", "TestScanRefusesForks", "TestReaderWrites"},
	"internal/term": {"TestEscape", "TestHasControl", "TestEscapeJSON", "TestQuote", "TestPastedLines", "TestConfirm"},
}

// A check is a line of checks.txt: a condition of a function, and what it is once the check is
// removed.
type check struct{ file, function, value, text string }

func (c check) String() string {
	return strings.Join([]string{c.file, c.function, c.value, c.text}, "\t")
}

// packagesOf returns the packages of checks.
func packagesOf(list []check) (paths []string) {
	for _, c := range list {
		if dir := path.Dir(c.file); !slices.Contains(paths, dir) {
			paths = append(paths, dir)
		}
	}
	return paths
}

// of returns the checks of a package.
func of(list []check, pkg string) []check {
	return slices.DeleteFunc(slices.Clone(list), func(c check) bool { return path.Dir(c.file) != pkg })
}

// conditions calls f for each expression of a package that can be a check. With an if statement
// that begins with another, such as err := f(); err != nil, both are the text.
func (p *pkg) conditions(f func(src *source, function, text string, e ast.Expr)) {
	for _, src := range p.files {
		functions(src.tree, func(name string, _ *ast.FieldList, body ast.Node) {
			assigned := map[ast.Expr]bool{}
			ast.Inspect(body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					for _, e := range n.Lhs {
						assigned[e] = true
					}
				case *ast.IfStmt:
					if n.Init != nil {
						f(src, name, p.code(src, n.Init)+"; "+p.code(src, n.Cond), n.Cond)
					}
				case ast.Expr:
					if p.boolean(n) && !assigned[n] {
						f(src, name, p.code(src, n), n)
					}
				}
				return true
			})
		})
	}
}

// code returns the text of a node in one line.
func (p *pkg) code(src *source, n ast.Node) string {
	start, end := p.span(n)
	return oneLine(src.text[start:end])
}

// removed makes a mutant of each check of a package. It returns an error if the code does not have
// one of them.
func (p *pkg) removed(list []check) (ms []*mutant, err error) {
	made := map[check][]*mutant{}
	add := func(c check, src *source, e ast.Expr) {
		start, end := p.span(e)
		if slices.ContainsFunc(made[c], func(m *mutant) bool { return m.start == start }) {
			return
		}
		made[c] = append(made[c], &mutant{file: c.file, function: c.function, operator: c.value, text: c.text, src: src, start: start, end: end,
			wrap: replaceBy(c.value)})
	}
	p.guards(add) // before the same text elsewhere in the function
	p.conditions(func(src *source, function, text string, e ast.Expr) {
		add(check{src.name, function, "false", text}, src, e)
		add(check{src.name, function, "true", text}, src, e)
	})
	used := map[check]int{}
	for _, c := range list {
		n := used[c]
		used[c]++
		if n >= len(made[c]) {
			return nil, fmt.Errorf("checks.txt: %s has no %q in %s", c.file, c.text, c.function)
		}
		ms = append(ms, made[c][n])
	}
	number(ms)
	return ms, nil
}

func replaceBy(value string) func(on, code string) string {
	if value == "true" {
		return func(on, code string) string { return "(" + on + " || (" + code + "))" }
	}
	return func(on, code string) string { return "(!" + on + " && (" + code + "))" }
}

// readChecks reads checks.txt. Headings begin with a number sign.
func readChecks(text string) (list []check, err error) {
	for n, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 4 || fields[2] != "false" && fields[2] != "true" {
			return nil, fmt.Errorf("checks.txt, line %d: not a file, a function, false or true and a condition", n+1)
		}
		list = append(list, check{fields[0], fields[1], fields[2], fields[3]})
	}
	return list, nil
}

// guards calls f for the conditions on which a package refuses something: an if or case that ends
// with the return of an error or of false, and the parts of a condition that is returned. Each
// alternative is a check of its own.
func (p *pkg) guards(f func(c check, src *source, e ast.Expr)) {
	for _, src := range p.files {
		functions(src.tree, func(name string, _ *ast.FieldList, body ast.Node) {
			add := func(first ast.Stmt, e ast.Expr, op token.Token, value string) {
				all := parts(e, op)
				for _, part := range all {
					text := p.code(src, part)
					if first != nil && len(all) == 1 {
						text = p.code(src, first) + "; " + text
					}
					f(check{src.name, name, value, text}, src, part)
				}
			}
			ast.Inspect(body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.IfStmt:
					if refuses(n.Body.List) {
						add(n.Init, n.Cond, token.LOR, "false")
					}
				case *ast.CaseClause:
					for _, e := range n.List {
						if p.boolean(e) && refuses(n.Body) {
							add(nil, e, token.LOR, "false")
						}
					}
				case *ast.ReturnStmt:
					for _, e := range n.Results {
						if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.LAND {
							add(nil, e, token.LAND, "true")
						}
					}
				}
				return true
			})
		})
	}
}

// parts splits a condition at an operator.
func parts(e ast.Expr, op token.Token) []ast.Expr {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == op {
		return append(parts(b.X, op), parts(b.Y, op)...)
	}
	return []ast.Expr{e}
}

// refuses tells whether the last of the statements returns an error or false.
func refuses(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	r, ok := list[len(list)-1].(*ast.ReturnStmt)
	if !ok || len(r.Results) == 0 {
		return false
	}
	switch e := r.Results[len(r.Results)-1].(type) {
	case *ast.Ident:
		return e.Name != "nil" && e.Name != "true"
	case *ast.CallExpr, *ast.UnaryExpr, *ast.SelectorExpr:
		return true
	}
	return false
}
