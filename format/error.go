package format

import (
	"errors"
	"fmt"
)

// The classes of a [SyntaxError], for errors.Is.
var (
	ErrSyntax  = errors.New("not a credfile")
	ErrLimit   = errors.New("over a limit of the format")
	ErrVersion = errors.New("unsupported version of the format")
)

// SyntaxError reports where and why [Parse] rejected a file. It never quotes the line,
// which may hold a secret pasted into the file by mistake.
type SyntaxError struct {
	Line   int    // 1-based; 0 if it concerns the whole file
	Reason string // contains no text from the file
	Class  error  // ErrSyntax, ErrLimit or ErrVersion
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

func (e *SyntaxError) Unwrap() error { return e.Class }
