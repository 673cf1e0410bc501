package format

import (
	"errors"
	"fmt"
)

// The classes of a [SyntaxError]: errors.Is tells them apart.
var (
	ErrSyntax  = errors.New("not a credfile")
	ErrLimit   = errors.New("over a limit of the format")
	ErrVersion = errors.New("unsupported version of the format")
)

// SyntaxError says where and why Parse refused a file. It never quotes the
// line, which may hold a secret that was pasted into the file by mistake.
type SyntaxError struct {
	Line   int    // 1-based; 0 if it is about the whole file
	Reason string // of the program's own words only
	Class  error  // ErrSyntax, ErrLimit or ErrVersion
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

func (e *SyntaxError) Unwrap() error { return e.Class }
