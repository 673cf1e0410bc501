// Package clip puts a value into the clipboard and clears it later, with the programs that
// the system has for that.
package clip

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// ErrNone means that no clipboard works here.
var ErrNone = errors.New("no clipboard found")

// clipboard is a pair of programs. One copies its standard input to the clipboard, the
// other prints the clipboard. On Windows we do that ourselves.
type clipboard struct {
	needs       string // a variable that is set where this clipboard exists
	copy, paste []string
}

func (c clipboard) put(env []string, value []byte) error {
	if c.copy == nil {
		return setNative(value)
	}
	cmd := exec.Command(c.copy[0], c.copy[1:]...)
	cmd.Env, cmd.Stdin = env, bytes.NewReader(value)
	return cmd.Run()
}

func (c clipboard) get(env []string) ([]byte, error) {
	if c.paste == nil {
		return getNative()
	}
	cmd := exec.Command(c.paste[0], c.paste[1:]...)
	cmd.Env = env
	return cmd.Output()
}

// Clipboards are those of a user's session, which getenv tells. Environ is the environment
// of the programs.
type Clipboards struct {
	Getenv  func(string) string
	Environ []string
}

func (cs Clipboards) here() (list []clipboard) {
	for _, c := range clipboards {
		if c.needs == "" || cs.Getenv(c.needs) != "" {
			list = append(list, c)
		}
	}
	return list
}

// Copy puts a value into the first clipboard that works. It then starts this program again
// with args, which must call Clear with the value that it reads from standard input. If
// that fails, it takes the value out again. Errors: [ErrNone].
func (cs Clipboards) Copy(value []byte, args ...string) error {
	for _, c := range cs.here() {
		if c.copy != nil {
			if _, err := exec.LookPath(c.copy[0]); err != nil {
				continue
			}
		}
		if c.put(cs.Environ, value) != nil {
			continue
		}
		if err := cs.clearLater(value, args); err != nil {
			return errors.Join(fmt.Errorf("can't clear the clipboard later: %w", err), c.put(cs.Environ, nil))
		}
		return nil
	}
	return ErrNone
}

// clearLater starts a process of ours that outlives this one, with the value on standard
// input, where no other program sees it.
func (cs Clipboards) clearLater(value []byte, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, args...)
	cmd.Env = cs.Environ
	detach(cmd)
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err
	}
	if _, err := in.Write(value); err != nil {
		return err
	}
	return in.Close()
}

// Clear clears the clipboards that still hold the value. Some programs add a line end.
func (cs Clipboards) Clear(value []byte) {
	for _, c := range cs.here() {
		got, err := c.get(cs.Environ)
		if err == nil && bytes.Equal(bytes.TrimRight(got, "\r\n"), bytes.TrimRight(value, "\r\n")) {
			c.put(cs.Environ, nil)
		}
	}
}
