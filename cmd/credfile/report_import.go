package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/clip"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/health"
)

// explainImport explains why another tool's file was not imported.
func explainImport(err error, f *finding) bool {
	var foreign *credentials.ForeignError
	var dialect *credentials.DialectError
	var lines *credentials.LinesError
	var collision *credentials.CollisionError
	switch {
	case errors.As(err, &foreign):
		f.hint = foreign.Next
	case errors.Is(err, credentials.ErrFormat):
		f.code, f.hint = exitUsage, "use --from dotenv, --from aws or --from toml"
	case errors.As(err, &dialect) && len(dialect.Known) == 0:
		f.code, f.text, f.hint = exitUsage, "--dialect is only for dotenv files", "run it without --dialect"
	case errors.As(err, &dialect):
		f.code, f.text, f.hint = exitUsage, "--dialect must be one of "+strings.Join(dialect.Known, ", "), "see credfile help import"
	case errors.As(err, &lines):
		f.text, f.hint = count(len(lines.Problems), "line")+" can't be imported", "fix these lines, or skip them with --skip"
		for i := range lines.Problems {
			f.details = append(f.details, problemText(&lines.Problems[i]))
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
	default:
		return explainValue(err, f)
	}
	return true
}

// explainValue explains what is wrong with a value, its expiry or its way out.
func explainValue(err error, f *finding) bool {
	var past *health.PastError
	switch {
	case errors.Is(err, health.ErrPeriod):
		f.code, f.hint = exitUsage, "for example: --expiring 14d"
		f.text = fmt.Sprintf("--expiring needs days or weeks, such as 14d or 2w, up to %d days", health.MaxDays)
	case errors.Is(err, health.ErrDay):
		f.code, f.hint = exitUsage, "for example: --expires 90d"
		f.text = "--expires needs days or weeks from now (90d, 12w), a date (2027-05-01) or never"
	case errors.As(err, &past):
		f.code, f.text, f.hint = exitUsage, "--expires "+past.Error(), "for example: --expires 90d"
	case errors.Is(err, clip.ErrNone):
		f.hint = "install wl-clipboard, xclip or xsel, or pipe the value: credfile get NAME | COMMAND"
	default:
		return false
	}
	return true
}

func problemText(p *codec.Problem) string {
	if p.Line > 0 {
		return fmt.Sprintf("line %d: %s", p.Line, p.Reason)
	}
	return p.Reason
}
