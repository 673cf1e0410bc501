// Package helper speaks the protocols in which other tools ask for
// credentials. It knows nothing of where these are kept: a [Source] answers.
//
// AWS tools are given the three AWS_* names. git and docker ask for a host, and
// are answered from credentials named
//
//	USER@HOST[:PORT][/PATH]
//
// whose value is the password or token: host and port are equal (the protocol's
// own port is the same as none), the path is a prefix of the one asked for, by
// whole segments, and if a user was asked for, it is that one. The longest path
// wins. Where two are equally good nobody is answered: the wrong account is
// worse than none. Names that are not of this form are passed over.
//
// Nothing is ever stored or erased: these tools do so after every login, good
// or bad, and the credentials are not theirs alone. No error holds a value, nor
// any part of what a tool said, which may be a password too.
//
// A protocol is one file here and one line in [All].
package helper

import (
	"errors"
	"io"
	"strings"
)

// All is every protocol.
var All = []Protocol{aws, git, docker}

// Source answers from wherever credentials are kept. Names may cost nothing;
// Reveal may ask for a passphrase, and is called for what is handed over only.
type Source interface {
	Names() ([]string, error)
	Reveal(name string) ([]byte, error)
}

// Call is one question of a tool.
type Call struct {
	Operation string // "" where the protocol has none
	In        io.Reader
	Out       io.Writer
	Source    Source
	Version   string // of the program, for those who ask
}

// Protocol is how one tool asks. Serve writes what the tool is to read, as the
// last thing that it does, or nothing.
type Protocol struct {
	Name       string
	Operations []string // empty if it has none; others may be answered as well
	Serve      func(Call) error

	// Declined is the exit code by which the tool knows that there is no answer.
	Declined int
	// TellsErrors is set if the tool takes the reason of a failure from Out.
	TellsErrors bool
	// Stores is set if people will think that the tool stored something.
	Stores bool
}

// Lookup finds a protocol by its name.
func Lookup(name string) (Protocol, bool) {
	for _, p := range All {
		if p.Name == name {
			return p, true
		}
	}
	return Protocol{}, false
}

// ErrDeclined says that there is no answer, and that Out has what the tool
// expects then.
var ErrDeclined = errors.New("no credential answers")

// AmbiguousError is a refusal to choose; Out has what the tool expects where
// there is no answer.
type AmbiguousError struct{ Names []string }

func (e *AmbiguousError) Error() string {
	return "no answer, since several credentials match equally well: " + strings.Join(e.Names, ", ")
}

// MissingError names the credentials that a protocol can't do without.
type MissingError struct{ Names []string }

func (e *MissingError) Error() string { return "no " + strings.Join(e.Names, " or ") }

// ValueError is a value that the protocol can't carry.
type ValueError struct{ Name, Reason string }

func (e *ValueError) Error() string { return "the value of " + e.Name + " " + e.Reason }

// RequestError is a question that does not follow the protocol.
type RequestError struct{ Reason string }

func (e *RequestError) Error() string { return e.Reason }

// maxInput is far above what any tool asks or hands over.
const maxInput = 1 << 20

// readInput reads all that a tool says, so that it never writes to a closed pipe.
func readInput(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return nil, &RequestError{"can't read the request"}
	}
	if len(b) > maxInput {
		return nil, &RequestError{"the request is too long"}
	}
	return b, nil
}
