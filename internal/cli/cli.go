// Package cli has the parts of a command line that no verb has for itself: strict flags, the
// number of arguments, and the help. It knows cobra, and nothing of what the program does.
package cli

import (
	"io"
	"io/fs"
	"os"
)

// UsageError is an error in the command line, and what to do instead.
type UsageError struct{ Text, Hint string }

func (e *UsageError) Error() string { return e.Text }

// Output remembers a failed write, so that the program does not exit as if all its output
// had been written.
type Output struct {
	io.Writer
	Err error
}

// Write implements [io.Writer].
func (w *Output) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	if err != nil && w.Err == nil {
		w.Err = err
	}
	return n, err
}

// Fd lets package term recognize a terminal.
func (w *Output) Fd() uintptr {
	if f, ok := w.Writer.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// Piped reports whether a stream is a file or a pipe, so that it may have data for a command
// that was not told to read it.
func Piped(stream io.Reader) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && (info.Mode().IsRegular() || info.Mode()&fs.ModeNamedPipe != 0)
}
