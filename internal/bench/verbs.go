//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// The commands of credfile that are measured, apart from env. The file has n credentials.

func (b *bench) version(program string, x *box) *contestant {
	return &contestant{name: "credfile version", args: []string{program, "version"}, box: x}
}

func (b *bench) get(program string, x *box, n int) *contestant {
	c := credentials(n)[n/2]
	args := []string{program, "get", c.name}
	return &contestant{name: fmt.Sprintf("credfile get, of %d", n), args: args, box: x, check: printing(x, exactly(c.value), args...)}
}

func (b *bench) list(program string, x *box, n int) *contestant {
	args := []string{program, "list"}
	every := func(out string) error {
		for _, c := range credentials(n) {
			if !strings.Contains(out, c.name+" ") {
				return fmt.Errorf("%s is not in the list", c.name)
			}
		}
		return nil
	}
	return &contestant{name: fmt.Sprintf("credfile list, of %d", n), args: args, box: x, check: printing(x, every, args...)}
}

// verify also has to refuse the file after one character was changed.
func (b *bench) verify(program string, x *box, n int) *contestant {
	args := []string{program, "verify"}
	refuses := func() error {
		text, err := os.ReadFile(x.path(credfileName))
		if err != nil {
			return err
		}
		changed := bytes.Replace(text, []byte("credential NAME_1 "), []byte("credential NAME_X "), 1)
		if err := x.write("changed", string(changed)); err != nil {
			return err
		}
		defer os.Remove(x.path("changed"))
		if _, err := x.output("", program, "-f", "changed", "verify"); err == nil {
			return fmt.Errorf("it accepts a changed file")
		}
		return nil
	}
	return &contestant{name: fmt.Sprintf("credfile verify, of %d", n), args: args, box: x, check: refuses}
}

// set gives one credential another value in each run, on the same file.
func (b *bench) set(program string, x *box, n int) (*contestant, error) {
	name := credentials(n)[n/2].name
	restore, err := x.restorer()
	if err != nil {
		return nil, err
	}
	var value string
	return &contestant{
		name:  fmt.Sprintf("credfile set, of %d", n),
		args:  []string{program, "set", name, "-"},
		box:   x,
		stdin: x.path("value"),
		prepare: func(run int) error {
			if err := restore(); err != nil {
				return err
			}
			value = newValue(run)
			return x.write("value", value)
		},
		check: func() error { return printing(x, exactly(value), program, "get", name)() },
	}, nil
}

// newValue differs from run to run: the same value again would be less work.
func newValue(run int) string { return fmt.Sprintf("fake-new-%031d", run) }

func (b *bench) rotate(program string, x *box, n int) (*contestant, error) {
	restore, err := x.restorer()
	if err != nil {
		return nil, err
	}
	before, err := os.ReadFile(x.path(credfileName))
	if err != nil {
		return nil, err
	}
	return &contestant{
		name:    fmt.Sprintf("credfile rotate, of %d", n),
		args:    []string{program, "rotate"},
		box:     x,
		prepare: func(int) error { return restore() },
		check: func() error {
			if err := allChanged(x, credfileName, string(before), "credential "); err != nil {
				return err
			}
			return printing(x, func(out string) error { return hasAll(out, credentials(n)) }, program, "env", "--", envPath)()
		},
	}, nil
}

// allChanged fails if a line of a file that has the text is as it was before.
func allChanged(x *box, name, before, text string) error {
	after, err := os.ReadFile(x.path(name))
	if err != nil {
		return err
	}
	old := map[string]bool{}
	for line := range strings.Lines(before) {
		old[line] = true
	}
	n := 0
	for line := range strings.Lines(string(after)) {
		if !strings.Contains(line, text) {
			continue
		}
		if n++; old[line] {
			return fmt.Errorf("a value is not encrypted again")
		}
	}
	if n == 0 {
		return fmt.Errorf("it has no values")
	}
	return nil
}
