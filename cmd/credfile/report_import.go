package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/term"
)

// explainImport explains why values were not imported or set.
func explainImport(err error, f *finding) bool {
	var foreign *credentials.ForeignError
	var dialect *credentials.DialectError
	var lines *credentials.LinesError
	var absent *credentials.AbsentError
	var one *credentials.OneNameError
	var past *health.PastError
	var collision *credentials.CollisionError
	switch {
	case errors.As(err, &foreign):
		f.hint = foreign.Next
	case errors.As(err, &dialect) && len(dialect.Known) == 0:
		f.code, f.text, f.hint = exitUsage, "--dialect is not for this format", "run it without --dialect"
	case errors.As(err, &dialect):
		f.code, f.text, f.hint = exitUsage, "--dialect must be one of "+strings.Join(dialect.Known, ", "), "see credfile help import"
	case errors.As(err, &absent):
		f.code, f.hint = exitNotFound, "to see what is in it: --dry-run"
	case errors.As(err, &one):
		f.code, f.hint = exitUsage, "give one of them another name: --rename "+term.Quote(one.Second)+"=OTHER"
	case errors.As(err, &lines):
		f.text, f.hint = count(len(lines.Problems), "line")+" can't be imported", "fix these lines, or skip them with --skip"
		for i := range lines.Problems {
			f.details = append(f.details, problemText(&lines.Problems[i]))
		}
		if i := slices.IndexFunc(lines.Problems, func(p codec.Problem) bool { return p.Reason == credentials.BadName && p.Name != "" }); i >= 0 {
			f.hint = "skip these lines with --skip, or choose a name: --rename " + term.Quote(lines.Problems[i].Name) + "=NAME"
		}
		if slices.ContainsFunc(lines.Problems, func(p codec.Problem) bool { return p.Dialect }) {
			f.hint = "tools read some lines differently; to skip these lines: --skip; or name the tool that reads this file: --dialect " + strings.Join(lines.Dialects, "|")
		}
	case errors.As(err, &collision):
		n := len(collision.Credentials)
		f.text, f.hint = count(n, "credential")+plural(n, " already has", " already have")+" another value", "to replace them: --overwrite"
		for _, c := range collision.Credentials {
			f.details = append(f.details, c.Profile+": "+c.Name)
		}
	case errors.As(err, &past):
		f.code, f.text, f.hint = exitUsage, "--expires "+past.Error(), "for example: --expires 90d"
	default:
		return false
	}
	return true
}

func problemText(p *codec.Problem) string {
	text := p.Reason
	switch {
	case p.Name == "":
	case format.ValidName(p.Name):
		text = p.Name + " " + text
	default:
		text = fmt.Sprintf("%q %s", p.Name, text)
	}
	if p.Line > 0 {
		return fmt.Sprintf("line %d: %s", p.Line, text)
	}
	return text
}
