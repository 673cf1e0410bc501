package front

import (
	"fmt"
	"os"
	"slices"
)

// Use is how a value reaches a command.
type Use int

// The uses of a value.
const (
	Environment Use = iota // in its environment
	File                   // in a private file, whose path is in its environment
	Input                  // on its standard input
)

// Handover is what a command gets: variables, private files and its standard input.
type Handover struct {
	Env     []Variable // what goes into the environment
	OnDisk  string     // the directory of the files, if it is on a disk
	InputOn bool       // the standard input is in an unnamed file on a disk

	dir   *Dir
	input *os.File
}

// NewHandover writes the files and the standard input.
func NewHandover(getenv func(string) string, vars []Variable) (*Handover, error) {
	h := &Handover{}
	err := h.prepare(getenv, vars)
	if err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

func (h *Handover) prepare(getenv func(string) string, vars []Variable) (err error) {
	if !slices.ContainsFunc(vars, func(v Variable) bool { return v.Use != Environment }) {
		h.Env = vars
		return nil
	}
	for _, v := range vars {
		switch v.Use {
		case Input:
			if h.input, h.InputOn, err = SecretFile(getenv, []byte(v.Value)); err != nil {
				return fmt.Errorf("can't prepare standard input: %w", err)
			}
			continue
		case File:
			if v.Value, err = h.write(getenv, v); err != nil {
				return fmt.Errorf("can't write the file for %s: %w", v.Name, err)
			}
		}
		h.Env = append(h.Env, v)
	}
	return nil
}

func (h *Handover) write(getenv func(string) string, v Variable) (path string, err error) {
	if h.dir == nil {
		if h.dir, err = PrivateDir(getenv, Files); err != nil {
			return "", err
		}
		if h.dir.OnDisk {
			h.OnDisk = h.dir.Path
		}
	}
	return WriteFile(h.dir.Path, v.Name, []byte(v.Value))
}

// Close removes the files.
func (h *Handover) Close() {
	if h.dir != nil {
		h.dir.Remove()
	}
}

// Start runs the command. It becomes the command and does not return, unless files have to
// be removed or output to be masked afterwards: then it returns the command's exit code.
//
// Errors: those of [Become] and [Run].
func (h *Handover) Start(c Command) (code int, err error) {
	c.Stdin = h.input
	if h.dir != nil || c.Mask != nil {
		return Run(c)
	}
	if h.input != nil {
		if err := Stdin(h.input); err != nil {
			return 0, err
		}
	}
	return 0, Become(c.Path, c.Args, c.Env)
}
