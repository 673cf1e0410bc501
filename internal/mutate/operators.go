package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// finder finds the mutants of one function.
type finder struct {
	p        *pkg
	src      *source
	function string
	results  []*ast.FieldList // of the function and the literals around a node
	ms       []*mutant
}

// mutants returns what the general operators make of a package.
func (p *pkg) mutants() (ms []*mutant) {
	for _, src := range p.files {
		functions(src.tree, func(name string, results *ast.FieldList, body ast.Node) {
			f := &finder{p: p, src: src, function: name, results: []*ast.FieldList{results}}
			f.walk(body)
			ms = append(ms, f.ms...)
		})
	}
	number(ms)
	return ms
}

func (f *finder) walk(root ast.Node) {
	var open []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			last := open[len(open)-1]
			open = open[:len(open)-1]
			if _, ok := last.(*ast.FuncLit); ok {
				f.results = f.results[:len(f.results)-1]
			}
			return true
		}
		if lit, ok := n.(*ast.FuncLit); ok {
			f.results = append(f.results, lit.Type.Results)
		}
		if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
			return false
		}
		open = append(open, n)
		f.node(n)
		return true
	})
}

// add adds a mutant of a node.
func (f *finder) add(n ast.Node, operator string, wrap func(on, code string) string) {
	start, end := f.p.span(n)
	f.ms = append(f.ms, &mutant{file: f.src.name, function: f.function, operator: operator, text: oneLine(f.src.text[start:end]),
		src: f.src, start: start, end: end, wrap: wrap})
}

func (f *finder) code(n ast.Node) string {
	start, end := f.p.span(n)
	return f.src.text[start:end]
}

func (f *finder) constant(e ast.Expr) bool { return f.p.info.Types[e].Value != nil }

func (f *finder) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.BlockStmt:
		f.statements(n.List)
	case *ast.CaseClause:
		f.statements(n.Body)
		for _, e := range n.List {
			f.condition(e)
		}
	case *ast.CommClause:
		f.statements(n.Body)
	case *ast.IfStmt:
		if n.Else == nil {
			f.add(n.Cond, "never", func(on, code string) string { return "(!" + on + " && (" + code + "))" })
		}
		f.condition(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			f.condition(n.Cond)
		}
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			f.condition(n.X)
		}
	case *ast.BinaryExpr:
		f.binary(n)
	}
}

// negate adds the opposite of a condition.
func (f *finder) negate(e ast.Expr) {
	f.add(e, "negate", func(on, code string) string { return "(" + on + " != (" + code + "))" })
}

// condition negates what is true or false without being made of smaller conditions. Those are
// found by themselves.
func (f *finder) condition(e ast.Expr) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		f.condition(e.X)
		return
	case *ast.BinaryExpr:
		return
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return
		}
	}
	if f.p.boolean(e) {
		f.negate(e)
	}
}

// boolean tells whether an expression is true or false.
func (p *pkg) boolean(e ast.Expr) bool {
	t := p.info.Types[e]
	if !t.IsValue() {
		return false
	}
	b, ok := t.Type.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// other has the operator that takes the place of another.
var other = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR, token.LAND: token.LOR, token.LOR: token.LAND,
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL, token.SHL: token.SHR,
	token.SHR: token.SHL, token.AND: token.OR, token.OR: token.AND, token.XOR: token.AND,
	token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN, token.INC: token.DEC, token.DEC: token.INC,
}

func (f *finder) binary(n *ast.BinaryExpr) {
	if f.constant(n) {
		return
	}
	swapped := f.code(n.X) + " " + other[n.Op].String() + " " + f.code(n.Y)
	choose := func(on, code string) string {
		return "(" + on + " && (" + swapped + ") || !" + on + " && (" + code + "))"
	}
	switch n.Op {
	case token.EQL, token.NEQ:
		f.negate(n)
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		f.negate(n)
		f.add(n, "boundary", choose)
	case token.LAND, token.LOR:
		f.add(n, "and-or", choose)
		f.condition(n.X)
		f.condition(n.Y)
	default:
		b, ok := f.p.info.Types[n].Type.(*types.Basic) // a type without the name of a package
		if !ok || b.Info()&types.IsNumeric == 0 || other[n.Op] == 0 || b.Info()&types.IsUntyped != 0 {
			return
		}
		f.add(n, "arithmetic", func(on, code string) string {
			return "func() " + b.Name() + " { if " + on + " { return " + swapped + " }; return " + code + " }()"
		})
	}
}

func (f *finder) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if call, ok := s.X.(*ast.CallExpr); ok {
				if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "panic" {
					f.remove(s)
				}
			}
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				f.remove(s)
			}
			if o := other[s.Tok]; o != 0 && f.numeric(s.Lhs[0]) {
				f.swap(s, f.code(s.Lhs[0])+" "+o.String()+" "+f.code(s.Rhs[0]))
			}
			for _, e := range s.Rhs {
				f.condition(e)
			}
		case *ast.IncDecStmt:
			f.remove(s)
			f.swap(s, f.code(s.X)+other[s.Tok].String())
		case *ast.BranchStmt:
			if s.Label == nil && (s.Tok == token.CONTINUE || s.Tok == token.BREAK) {
				f.remove(s)
			}
		case *ast.DeferStmt:
			f.remove(s)
		case *ast.ReturnStmt:
			f.result(s)
		}
	}
}

func (f *finder) numeric(e ast.Expr) bool {
	b, ok := f.p.info.Types[e].Type.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}

func (f *finder) remove(s ast.Stmt) {
	f.add(s, "remove", func(on, code string) string { return "if !" + on + " { " + code + " }" })
}

func (f *finder) swap(s ast.Stmt, swapped string) {
	f.add(s, "arithmetic", func(on, code string) string {
		return "if " + on + " { " + swapped + " } else { " + code + " }"
	})
}

// result negates the conditions that a statement returns, and returns no error in place of one.
func (f *finder) result(s *ast.ReturnStmt) {
	for _, e := range s.Results {
		f.condition(e)
	}
	results := f.results[len(f.results)-1]
	if results == nil || len(s.Results) == 0 || results.NumFields() != len(s.Results) {
		return
	}
	last := results.List[len(results.List)-1].Type
	if name, ok := last.(*ast.Ident); !ok || name.Name != "error" {
		return
	}
	var values []string
	for _, e := range s.Results {
		values = append(values, f.code(e))
	}
	if values[len(values)-1] == "nil" {
		return
	}
	without := strings.Join(append(slices.Clone(values[:len(values)-1]), "nil"), ", ")
	f.add(s, "no-error", func(on, code string) string { return "if " + on + " { return " + without + " }; " + code })
}
