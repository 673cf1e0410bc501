package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/inject"
)

// exportError reports what a format can't hold.
type exportError struct {
	format   string
	names    []string // that it can't have
	none     bool     // nothing else is left
	problems []codec.Problem
	dialect  string
	dialects []string
}

func (e *exportError) Error() string {
	if e.none {
		return fmt.Sprintf("there is nothing that %s can have", e.format)
	}
	n := max(len(e.problems), len(e.names))
	return fmt.Sprintf("%s can't be written as %s", count(n, "credential"), strings.TrimSpace(e.format+" "+e.dialect))
}

func explainExport(err error, f *finding) bool {
	var e *exportError
	if !errors.As(err, &e) {
		return false
	}
	for _, name := range e.names {
		f.details = append(f.details, name+": the format can't have this name")
	}
	var except []string
	for _, p := range e.problems {
		f.details = append(f.details, strings.TrimPrefix(p.Name+": ", ": ")+p.Reason)
		if p.Name != "" {
			except = append(except, p.Name)
		}
	}
	switch {
	case e.dialect == "" && len(e.dialects) > 0:
		f.hint = "name the tool that reads the file: --dialect " + strings.Join(e.dialects, "|")
	case len(except) > 0:
		f.hint = "leave them out: --except " + strings.Join(except, ",")
	default:
		f.hint = "for what each format can have: credfile help export"
	}
	return true
}

func unknownFormat(name string) error {
	var names []string
	for _, c := range codec.Writers() {
		names = append(names, c.Name)
	}
	return &usageError{Text: fmt.Sprintf("unknown format %q", name), Hint: "use one of " + strings.Join(names, ", ")}
}

var errTemplateSize = &plainError{text: fmt.Sprintf("the template is larger than %d MiB", maxTemplate>>20), code: exitUsage, hint: "check the name of the file"}

// explainInject explains why a template can't be filled.
func explainInject(err error, f *finding) bool {
	var place *inject.PlaceError
	if !errors.As(err, &place) {
		return false
	}
	const forms = "write {{ NAME }}, {{ PROFILE NAME }} or {{ NAME | json }}; to write {{ itself: {{{{"
	inner := explain(place.Err)
	switch {
	case errors.Is(place.Err, inject.ErrSyntax):
		inner.text, inner.code, inner.hint = "this is no valid placeholder", exitUsage, forms
	case errors.Is(place.Err, inject.ErrEnd):
		inner.text, inner.code, inner.hint = "the placeholder has no }} on the same line", exitUsage, forms
	case errors.Is(place.Err, inject.ErrFilter):
		inner.text, inner.code, inner.hint = "the filter must be one of "+strings.Join(inject.Filters, ", "), exitUsage, "for example: {{ NAME | json }}"
	case errors.Is(place.Err, inject.ErrUTF8):
		inner.text, inner.hint = "the value is not valid UTF-8, which JSON can't have", "use {{ NAME | base64 }}"
	case errors.Is(place.Err, inject.ErrNUL):
		inner.text, inner.hint = "the value contains a NUL byte, which a shell can't have", "use {{ NAME | base64 }}"
	}
	*f = inner
	f.text = fmt.Sprintf("line %d: %s", place.Line, inner.text)
	return true
}
