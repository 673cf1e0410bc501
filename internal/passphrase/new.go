package passphrase

import (
	"errors"
	"fmt"

	"github.com/credfile/credfile/internal/generate"
	"github.com/credfile/credfile/internal/strength"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

// New gives new passphrases: each is the next line of a source, or typed twice.
type New struct {
	Source    *Source // nil to ask
	Ask       Asker
	AllowWeak bool
	Derive    unlock.Derive

	lines *[][]byte // unused; nil before the source was read
}

// Asker asks for a new passphrase.
type Asker interface {
	// First asks for the passphrase of a thing.
	First(thing string) ([]byte, error)
	// Repeat asks for it again.
	Repeat() ([]byte, error)
	// Refuse tells why it was not accepted: [*WeakError] or [ErrDiffer].
	Refuse(error)
}

// NewError reports that a thing got no new passphrase: [ErrNoLine], [*WeakError],
// [term.ErrNoTerminal] or those of [vaultfile.NewPassphrase].
type NewError struct {
	Thing string
	Err   error
}

func (e *NewError) Error() string {
	return fmt.Sprintf("invalid new passphrase for %s: %v", e.Thing, e.Err)
}
func (e *NewError) Unwrap() error { return e.Err }

// WeakError reports why a passphrase is easy to guess.
type WeakError struct{ Why string }

func (e *WeakError) Error() string { return "too easy to guess: " + e.Why }

// UnusedError reports that new passphrases are left over.
type UnusedError struct{ Lines int } // 0 if nothing needed any, and they were not read

func (e *UnusedError) Error() string { return fmt.Sprintf("%d passphrases left over", e.Lines) }

// Reasons why a new passphrase is missing.
var (
	ErrNoLine = errors.New("no line left")
	ErrDiffer = errors.New("the passphrases differ")
	ErrNone   = errors.New("no passphrase was chosen")
)

// Passphrase returns a new passphrase for a thing.
//
// Errors: [*NewError], [*SourceError], [ErrNone], those of the [Asker].
func (n *New) Passphrase(thing string) (*vaultfile.Passphrase, error) {
	text, err := n.Text(thing)
	if err != nil {
		return nil, err
	}
	p, err := vaultfile.NewPassphrase(text, n.Derive)
	if err != nil {
		return nil, &NewError{thing, err}
	}
	return p, nil
}

// Text is Passphrase for what is no lock.
func (n *New) Text(thing string) ([]byte, error) {
	if n.Source == nil {
		return n.typed(thing)
	}
	if n.lines == nil {
		lines, err := n.Source.lines()
		if err != nil {
			return nil, err
		}
		n.lines = &lines
	}
	if len(*n.lines) == 0 {
		return nil, &NewError{thing, ErrNoLine}
	}
	text := (*n.lines)[0]
	*n.lines = (*n.lines)[1:]
	if err := n.weak(text); err != nil {
		return nil, &NewError{thing, err}
	}
	return text, nil
}

// Unused returns an error if new passphrases are left over: the user may think that the whole
// source is one passphrase. It belongs before anything is written.
//
// Errors: [*UnusedError].
func (n *New) Unused() error {
	switch {
	case n.Source == nil || n.lines != nil && len(*n.lines) == 0:
		return nil
	case n.lines == nil:
		return &UnusedError{}
	}
	return &UnusedError{len(*n.lines)}
}

// weak refuses what is easy to guess: a committed file can be attacked forever.
func (n *New) weak(text []byte) error {
	if n.AllowWeak {
		return nil
	}
	if why := strength.Weak(string(text), generate.IsWord); why != "" {
		return &WeakError{why}
	}
	return nil
}

func (n *New) typed(thing string) ([]byte, error) {
	for range unlock.Tries {
		first, err := n.Ask.First(thing)
		if errors.Is(err, term.ErrNoTerminal) {
			return nil, &NewError{thing, err}
		} else if err != nil {
			return nil, err
		}
		if err := n.weak(first); err != nil {
			n.Ask.Refuse(err)
			continue
		}
		again, err := n.Ask.Repeat()
		if err != nil {
			return nil, err
		}
		if string(first) == string(again) {
			return first, nil
		}
		n.Ask.Refuse(ErrDiffer)
	}
	return nil, ErrNone
}
