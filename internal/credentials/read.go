package credentials

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/credfile/credfile/internal/codec"
)

// Reading says how to read another tool's file.
type Reading struct {
	Format    string // the name of a codec; "" to recognize it by name and content
	Dialect   string // see [codec.Options]
	Separator string // see [codec.Options]
	Choice
}

// MaxFile limits the size of a file.
const MaxFile = 1 << 20

// Facts about a file.
var (
	ErrLarge  = errors.New("is larger than 1 MiB")
	ErrFormat = errors.New("unknown file format") // or an unknown codec was named
	ErrNone   = errors.New("contains no credentials")
)

// ForeignError reports a kind of file that no codec reads.
type ForeignError struct{ codec.Foreign }

func (e *ForeignError) Error() string { return "is " + e.What }

// DialectError reports that a format has other dialects, or none.
type DialectError struct{ Known []string }

func (e *DialectError) Error() string { return fmt.Sprintf("no such dialect, but %q", e.Known) }

// ErrSeparator reports that a format has no nested keys, whose names could be joined.
var ErrSeparator = errors.New("has no nested keys")

// LinesError reports lines, or entries of a password store, that can't be imported.
type LinesError struct {
	Problems []codec.Problem
	Dialects []string // of the format
	Store    bool
}

func (e *LinesError) Error() string {
	return fmt.Sprintf("%d lines can't be imported", len(e.Problems))
}

// Read reads a file of that name. With a [*LinesError] it returns the pairs of all other
// lines.
//
// Errors: [ErrLarge], [ErrFormat], [*ForeignError], [*DialectError], [ErrSeparator],
// [*AbsentError], [*OneNameError], [*LinesError].
func Read(name string, b []byte, r Reading) ([]codec.Pair, error) {
	if len(b) > MaxFile {
		return nil, ErrLarge
	}
	if other, ok := codec.Recognize(filepath.Base(name), b); ok && (r.Format == "" || other.Never) {
		return nil, &ForeignError{other}
	}
	c, ok := codec.Detect(filepath.Base(name), b)
	if r.Format != "" {
		c, ok = codec.Lookup(r.Format)
		ok = ok && c.Read != nil
	}
	if !ok {
		return nil, ErrFormat
	}
	switch {
	case r.Dialect != "" && !slices.Contains(c.Dialects, r.Dialect):
		return nil, &DialectError{c.Dialects}
	case r.Separator != "" && !c.Joins:
		return nil, ErrSeparator
	}
	pairs, problems := c.Read(b, codec.Options{Dialect: r.Dialect, Separator: r.Separator})
	return r.chosen(pairs, problems, &LinesError{Dialects: c.Dialects})
}

// chosen returns what was chosen, with e if there are problems.
func (r *Reading) chosen(pairs []codec.Pair, problems []codec.Problem, e *LinesError) ([]codec.Pair, error) {
	pairs, problems, err := r.choose(pairs, problems)
	if err != nil {
		return nil, err
	}
	// A line that gives two names has one problem.
	if e.Problems = slices.Compact(problems); len(problems) > 0 {
		return pairs, e
	}
	return pairs, nil
}
