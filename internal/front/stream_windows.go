package front

import (
	"os"

	"golang.org/x/term"
)

// sameTerminal reports whether both are the console: a process has only one.
func sameTerminal(a, b *os.File) bool {
	return term.IsTerminal(int(a.Fd())) && term.IsTerminal(int(b.Fd()))
}

// stream returns a pipe, even in place of the console.
func (o *output) stream(to *os.File, values []string) (*os.File, error) {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	o.theirs = append(o.theirs, theirs)
	o.streams = append(o.streams, &stream{from: ours, mask: NewMasker(to, values)})
	return theirs, nil
}
