package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/tool"
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
	var base *credentials.BaseError
	var remote *remoteError
	var sealed *sealedError
	switch {
	case errors.As(err, &sealed):
		explainSealed(sealed, f)
	case errors.As(err, &remote):
		f.text, f.hint = "sops would ask another service for its key", "if you trust these addresses with your logins: --allow-remote"
		f.details = remote.services
	case errors.Is(err, errNotOpened):
		f.code, f.hint = exitNoKey, "to import the entries that can be decrypted: --skip"
	case errors.Is(err, errNoSops):
		f.code, f.hint = exitUsage, "--recipients lists who can open a file of sops"
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
	case errors.As(err, &lines) && lines.Store:
		f.text, f.hint = count(len(lines.Problems), "credential")+" can't be imported", "to skip them: --skip"
		explainLines(lines, f)
		if slices.ContainsFunc(lines.Problems, func(p codec.Problem) bool { return p.Dialect }) {
			f.hint = "to import the first line, as pass -c copies it: --dialect first-line; to import all lines: --dialect all-lines; to skip these: --skip"
		}
	case errors.As(err, &lines):
		f.text, f.hint = count(len(lines.Problems), "line")+" can't be imported", "fix these lines, or skip them with --skip"
		explainLines(lines, f)
		if slices.ContainsFunc(lines.Problems, func(p codec.Problem) bool { return p.Dialect }) {
			f.hint = "tools read some lines differently; to skip these lines: --skip; or name the tool that reads this file: --dialect " + strings.Join(lines.Dialects, "|")
		}
	case errors.As(err, &collision):
		n := len(collision.Credentials)
		f.text, f.hint = count(n, "credential")+plural(n, " already has", " already have")+" another value", "to replace them: --overwrite"
		for _, c := range collision.Credentials {
			f.details = append(f.details, c.Profile+": "+c.Name)
		}
	case errors.As(err, &base):
		f.code, f.hint = exitUsage, "import "+base.From+", too, or leave "+base.Source+" out"
	case errors.As(err, &past):
		f.code, f.text, f.hint = exitUsage, "--expires "+past.Error(), "for example: --expires 90d"
	default:
		return false
	}
	return true
}

// explainLines lists what can't be imported. A name that is not valid can be changed.
func explainLines(lines *credentials.LinesError, f *finding) {
	for i := range lines.Problems {
		f.details = append(f.details, problemText(&lines.Problems[i]))
	}
	if i := slices.IndexFunc(lines.Problems, func(p codec.Problem) bool { return p.Reason == credentials.BadName && p.Name != "" }); i >= 0 {
		f.hint = "skip these lines with --skip, or choose a name: --rename " + term.Quote(lines.Problems[i].Name) + "=NAME"
	}
}

// sopsNoKey and sopsChanged are exit codes of sops: cmd/sops/codes in its source.
const (
	sopsNoKey   = 128
	sopsChanged = 51
)

// explainSealed explains why a program could not decrypt a file. What the program said is not shown: sops
// may quote values.
func explainSealed(e *sealedError, f *finding) {
	f.code, f.hint = exitNoKey, "to see why: "+map[string]string{"gpg": "gpg --decrypt", "sops": "sops decrypt"}[e.tool]+" FILE > "+os.DevNull
	var exit *tool.ExitError
	errors.As(e, &exit)
	switch {
	case errors.Is(e, tool.ErrTime):
		f.code, f.text = exitOther, e.tool+" took longer than 3 minutes"
	case exit == nil:
		f.code, f.text = exitOther, e.tool+" can't be started"
	case e.tool == "sops" && exit.Code == sopsNoKey:
		f.text, f.hint = "sops has no key that opens it", "to see who can open it: credfile import --recipients FILE"
	case e.tool == "sops" && exit.Code == sopsChanged:
		f.code, f.text = exitDamaged, "sops says that it was changed after it was encrypted"
	default:
		f.text = fmt.Sprintf("%s can't decrypt it (exit code %d)", e.tool, exit.Code)
		if e.tool == "gpg" {
			f.hint += "; if gpg needs your terminal for a passphrase: export GPG_TTY=$(tty)"
		}
	}
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
