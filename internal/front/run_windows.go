package front

import (
	"errors"
	"os"
	"os/exec"
)

// Command is a command to run, and what to hide in its output.
type Command struct {
	Path      string
	Args, Env []string
	Stdin     *os.File
	Mask      []string
}

// Run runs a command and returns its exit code. Untested.
func Run(c Command) (code int, err error) {
	cmd := &exec.Cmd{Path: c.Path, Args: c.Args, Env: c.Env, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if c.Stdin != nil {
		cmd.Stdin = c.Stdin
	}
	if c.Mask != nil {
		out, errOut := NewMasker(os.Stdout, c.Mask), NewMasker(os.Stderr, c.Mask)
		cmd.Stdout, cmd.Stderr = out, errOut
		defer out.Close()
		defer errOut.Close()
	}
	if err = cmd.Start(); err == nil {
		err = cmd.Wait()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// SecretFile returns a file that holds a value.
func SecretFile(getenv func(string) string, value []byte) (f *os.File, onDisk bool, err error) {
	dir, err := PrivateDir(getenv, Files)
	if err != nil {
		return nil, false, err
	}
	path, err := WriteFile(dir.Path, "value", value)
	if err != nil {
		return nil, false, err
	}
	f, err = os.Open(path)
	return f, dir.OnDisk, err
}

// Stdin is for systems where a program can replace the process.
func Stdin(*os.File) error { return errors.ErrUnsupported }
