package session

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/tool"
)

// Programs runs the programs that obtain values: credfile-connect for the kinds that are built in, which
// lies beside this program, and credfile-source-KIND in PATH for others.
type Programs struct {
	Environ []string // without key material
	Inside  []string // directories in whose work trees no program is looked for
	Version string   // that credfile-connect must have
}

// ProgramError reports that a program did not do its part. Said is what it wrote on stderr.
type ProgramError struct {
	Program string // its name
	Said    string
	Err     error
}

func (e *ProgramError) Error() string { return e.Program + " " + e.Err.Error() }
func (e *ProgramError) Unwrap() error { return e.Err }

// Reasons of a [*ProgramError].
var (
	ErrMissing = errors.New("is not installed")
	ErrShared  = errors.New("can be replaced by other users, so it was not run")
	ErrVersion = errors.New("is of another version")
	ErrFormat  = errors.New("gave an answer of the wrong form")
	ErrTime    = errors.New("took too long")
	ErrFailed  = errors.New("failed")
)

// Limits of a program.
const (
	waitAlone  = 30 * time.Second // without a person
	waitPerson = 5 * time.Minute
	waitEnd    = 2 * time.Second // after its response
	maxAnswer  = 1 << 20
	maxSaid    = 64 << 10
)

// connectOther is the exit code of credfile-connect for another version.
const connectOther = 3

// Run is a [Runner].
func (ps *Programs) Run(kind string, r *source.Request, event func(source.Event) (string, error), stop <-chan struct{}) (*source.Response, error) {
	builtIn := kind == ""
	name, path, args, environ := "credfile-connect", "", []string{ps.Version}, ps.Environ
	var err error
	if builtIn {
		r.Inside = ps.Inside
		path, err = beside(name)
	} else {
		name, args = "credfile-source-"+kind, nil
		path, environ, err = ps.find(name)
	}
	if err != nil {
		return nil, &ProgramError{Program: name, Err: err}
	}
	wait := waitAlone
	if r.Interactive {
		wait = waitPerson
	}
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	go func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	said := &head{left: maxSaid}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Stderr, cmd.WaitDelay = environ, said, time.Second
	ownGroup(cmd)
	response, err := talk(cmd, r, event)
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		err = ErrTime
	case builtIn && errors.As(err, &exit) && exit.ExitCode() == connectOther:
		err = ErrVersion
	case errors.As(err, &exit):
		err = ErrFailed
	}
	if err != nil {
		var asked *askError
		if errors.As(err, &asked) {
			return nil, asked.err
		}
		return nil, &ProgramError{name, string(said.kept), err}
	}
	return response, nil
}

// Where returns the path of the program for a kind that is not built in, or "".
func (ps *Programs) Where(kind string) string {
	path, _, err := ps.find("credfile-source-" + kind)
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// find looks for a program that a user installed, outside of the work trees. What it starts itself is
// looked for there, too.
func (ps *Programs) find(name string) (path string, environ []string, err error) {
	t, err := tool.Find(name, ps.Environ, ps.Inside, []string{"*"})
	if err != nil {
		return "", nil, ErrMissing
	}
	return t.Path, t.Environ, nil
}

// beside returns the path of a program in this program's directory. It is no one else's to replace.
func beside(name string) (string, error) {
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err != nil {
		return "", ErrMissing
	}
	return unshared(filepath.Join(filepath.Dir(self), name+filepath.Ext(self)))
}

// unshared follows the links of a program's path, if no one else can put another one in its place.
func unshared(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", ErrMissing
	}
	for _, p := range []string{filepath.Dir(path), real, filepath.Dir(real)} {
		info, err := os.Stat(p)
		if err != nil {
			return "", ErrMissing
		}
		if shared(info) {
			return "", ErrShared
		}
	}
	return real, nil
}

// askError is an answer that the user did not give.
type askError struct{ err error }

func (e *askError) Error() string { return e.err.Error() }

// talk sends a request, answers what the program asks, and returns its response.
func talk(cmd *exec.Cmd, r *source.Request, event func(source.Event) (string, error)) (*source.Response, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, ErrMissing
	}
	response, err := converse(in, out, append(text, '\n'), event)
	in.Close()
	if err != nil {
		endGroup(cmd)
	} else { // it has nothing more to say, and what it said is not lost
		defer time.AfterFunc(waitEnd, func() { endGroup(cmd) }).Stop()
	}
	failed := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(failed, &exit) && exit.ExitCode() > 0 && (err == nil || errors.Is(err, ErrFormat)) {
		err = failed // and it was not we who ended it
	}
	return response, err
}

// message is an event or the response.
type message struct {
	source.Event
	source.Response
}

func converse(in io.Writer, out io.Reader, request []byte, event func(source.Event) (string, error)) (*source.Response, error) {
	go in.Write(request) // it may answer before it has read everything
	lines := bufio.NewScanner(io.LimitReader(out, maxAnswer))
	lines.Buffer(nil, maxAnswer)
	for lines.Scan() {
		var m message
		if json.Unmarshal(bytes.TrimSpace(lines.Bytes()), &m) != nil {
			return nil, ErrFormat
		}
		if m.Answers != nil {
			if m.V != source.Version {
				return nil, ErrFormat
			}
			return &m.Response, nil
		}
		if m.Event.Event == "" {
			return nil, ErrFormat
		}
		reply, err := event(m.Event)
		if err != nil {
			return nil, &askError{err}
		}
		if m.Event.Event == "ask" {
			text, err := json.Marshal(source.Reply{Reply: reply})
			if err != nil {
				return nil, err
			}
			if _, err := in.Write(append(text, '\n')); err != nil {
				return nil, ErrFormat
			}
		}
	}
	return nil, ErrFormat
}

// head keeps the beginning of what is written, and takes all of it.
type head struct {
	kept []byte
	left int
}

func (h *head) Write(b []byte) (int, error) {
	n := min(h.left, len(b))
	h.kept, h.left = append(h.kept, b[:n]...), h.left-n
	return len(b), nil
}
