package front

import (
	"errors"
	"fmt"
	"io/fs"
)

// OutputError reports that a command succeeded but its output could not be passed on.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return "the output could not be written: " + e.Err.Error() }
func (e *OutputError) Unwrap() error { return e.Err }

// MissingError reports that there is no such command.
type MissingError struct{ Command string }

func (e *MissingError) Error() string { return "command not found: " + e.Command }

// StartError reports why a command that exists can't be run.
type StartError struct {
	Command string
	Err     error
}

func (e *StartError) Error() string { return fmt.Sprintf("can't run %s: %v", e.Command, e.Err) }
func (e *StartError) Unwrap() error { return e.Err }

// Exited reports that the command in whose place we ran has ended.
type Exited struct{ Code int }

func (e *Exited) Error() string { return fmt.Sprintf("exit code %d", e.Code) }

// NotStarted returns a [MissingError] or [StartError] for the reason why a command did not
// start.
func NotStarted(command string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &MissingError{command}
	}
	return &StartError{command, err}
}
