//go:build unix

package front

import (
	"os"

	"github.com/creack/pty"
	"golang.org/x/term"
)

func sameTerminal(a, b *os.File) bool {
	x, errX := a.Stat()
	y, errY := b.Stat()
	return errX == nil && errY == nil && os.SameFile(x, y) && term.IsTerminal(int(a.Fd()))
}

// stream returns the command's replacement for one of our streams.
func (o *output) stream(to *os.File, values []string) (*os.File, error) {
	var ours, theirs *os.File
	var err error
	if term.IsTerminal(int(to.Fd())) {
		if ours, theirs, err = pty.Open(); err == nil {
			o.ptys = append(o.ptys, ours)
			pty.InheritSize(to, ours)
			_, err = term.MakeRaw(int(theirs.Fd())) // the real terminal turns LF into CR LF
		}
	} else {
		ours, theirs, err = os.Pipe()
	}
	if err != nil {
		return nil, err
	}
	o.theirs = append(o.theirs, theirs)
	o.streams = append(o.streams, &stream{from: ours, mask: NewMasker(to, values)})
	return theirs, nil
}

func (o *output) resize() {
	for _, p := range o.ptys {
		pty.InheritSize(os.Stdout, p)
	}
}
