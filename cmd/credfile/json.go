package main

import (
	"github.com/credfile/credfile/internal/jsondoc"
)

// kinds maps exit codes to words, since env -- CMD turns most codes into 125.
var kinds = map[int]string{
	exitOther: "other", exitUsage: "usage", exitNoKey: "cannot-open", exitNotFound: "not-found", exitBusy: "behind",
	exitDamaged: "untrusted", exitNoTerminal: "needs-terminal", exitInterrupted: "interrupted",
	exitNotRunning: "cannot-execute", exitNoCommand: "command-not-found",
}

func (a *app) printJSON(document any) error { return jsondoc.Encode(a.stdout, document, "  ") }

// reportJSON prints an error as JSON.
func reportJSON(a *app, f finding) {
	body := jsondoc.ErrorBody{Code: f.code, Kind: kinds[f.kind], Message: f.text, Details: f.details, Hint: f.hint}
	_ = jsondoc.Encode(a.stderr, jsondoc.Error{Schema: jsondoc.Schema, Error: body}, "")
}
