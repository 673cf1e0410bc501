// Package helper implements the protocols in which other tools ask for credentials. It does
// not know where these are kept: a [Source] answers.
//
// AWS tools get the three AWS_* names. git and docker ask for a host, and get credentials
// named
//
//	USER@HOST[:PORT][/PATH]
//
// whose value is the password or token. Host and port must be equal (the protocol's own
// port is the same as none). The path must be a prefix, by whole segments, of the requested
// one. If the tool names a user, it must be the same. The longest path wins. If two are
// equally good, the tool gets no answer: the wrong account is worse than none. Names of any
// other form are ignored.
//
// Nothing is ever stored or erased: these tools do so after every login, good or bad, and
// the credentials are not theirs alone. No error contains a value, or any part of the
// tool's input, which may be a password too.
//
// A protocol is one file in this package and one line in [All].
package helper

import (
	"errors"
	"io"
	"strings"
	"time"
)

// All lists every protocol.
var All = []Protocol{aws, git, docker}

// Source answers from wherever credentials are kept. Names may be free; Reveal may ask for
// a passphrase, and is called only for what is handed over.
type Source interface {
	Names() ([]string, error)
	Reveal(name string) ([]byte, error)
}

// Call is one question from a tool.
type Call struct {
	Operation string // "" if the protocol has none
	In        io.Reader
	Out       io.Writer
	Source    Source
	Version   string // of the program, for tools that ask
	// Obtain returns what the source gives that gives a variable, or nil if there is none.
	Obtain func(variable string) (*Given, error)
}

// Given is what a source gives, by variable.
type Given struct {
	Values  map[string]string
	Expires time.Time // zero for never
}

// Protocol describes how a tool asks. Serve writes the answer as its last step, or writes
// nothing.
type Protocol struct {
	Name       string
	Operations []string // empty if it has none; others may be answered too
	Serve      func(Call) error

	// Declined is the exit code that tells the tool there is no answer.
	Declined int
	// TellsErrors reports whether the tool reads the reason for a failure from Out.
	TellsErrors bool
	// Stores reports whether people will think that the tool stored something.
	Stores bool
}

// ErrDeclined reports that there is no answer, and that Out has what the tool expects in
// that case.
var ErrDeclined = errors.New("no matching credential")

// AmbiguousError refuses to choose. Out has what the tool expects if there is no answer.
type AmbiguousError struct{ Names []string }

func (e *AmbiguousError) Error() string {
	return "several credentials match equally well: " + strings.Join(e.Names, ", ")
}

// MissingError lists the credentials that a protocol requires.
type MissingError struct{ Names []string }

func (e *MissingError) Error() string { return "no " + strings.Join(e.Names, " or ") }

// ValueError reports a value that the protocol can't carry.
type ValueError struct{ Name, Reason string }

func (e *ValueError) Error() string { return "the value of " + e.Name + " " + e.Reason }

// RequestError reports a question that violates the protocol.
type RequestError struct{ Reason string }

func (e *RequestError) Error() string { return e.Reason }

// maxInput is far more than any tool sends.
const maxInput = 1 << 20

// readInput reads all of a tool's input, so that the tool never writes to a closed pipe.
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
