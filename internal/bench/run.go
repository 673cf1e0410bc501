//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// slow is how long a run may take before its contestant gets a fifth of the runs.
const slow = 500 * time.Millisecond

// copies is how many copies of a program its runs are spread over. Where in memory the system keeps
// a program makes it start up to a tenth faster or more slowly, as long as it stays there.
const copies = 20

// contestant is a command that is measured. What it prints goes to /dev/null.
type contestant struct {
	name    string
	args    []string
	box     *box
	stdin   string              // a file; empty means /dev/null
	prepare func(run int) error // before each run, and not measured
	check   func() error        // once, after the warm-up: what the command does is right
}

// runner starts contestants through the program launch.
type runner struct {
	launch   string
	runs     int
	progress io.Writer
}

// measure runs each contestant once to warm up, and then all of them in turn. A run that fails
// is an error: a command that gives up early would seem to be fast.
func (r *runner) measure(list ...*contestant) ([]samples, error) {
	every := make([]int, len(list))
	for i, c := range list {
		begin := time.Now()
		if _, err := r.once(c, 0); err != nil {
			return nil, err
		}
		every[i] = 1
		if time.Since(begin) > slow {
			every[i] = 5
		}
		if c.check != nil {
			if err := c.check(); err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	all := make([]samples, len(list))
	for round := range r.runs {
		if round%max(1, r.runs/copies) == 0 {
			if err := r.renew(list); err != nil {
				return nil, err
			}
		}
		for turn := range list {
			i := (turn + round) % len(list) // nobody always comes after the same one
			if round%every[i] != 0 {
				continue
			}
			s, err := r.once(list[i], round+1)
			if err != nil {
				return nil, err
			}
			s.round = round
			all[i] = append(all[i], s)
		}
	}
	for i, c := range list {
		fmt.Fprintf(r.progress, "  %-68s %9.2f ms  %8.0f KiB  %4d runs\n", c.name, all[i].spread(cpu).median, all[i].spread(memory).median, len(all[i]))
	}
	return all, nil
}

// renew copies the programs that the benchmark built. The others stay where they are.
func (r *runner) renew(list []*contestant) error {
	for _, c := range list {
		if program := c.args[0]; filepath.Dir(program) == filepath.Dir(r.launch) {
			if err := copyProgram(program, program); err != nil {
				return err
			}
		}
	}
	return nil
}

// once runs a contestant and returns what it used.
func (r *runner) once(c *contestant, run int) (s sample, err error) {
	if c.prepare != nil {
		if err := c.prepare(run); err != nil {
			return s, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	cmd := exec.Command(r.launch, c.args...)
	cmd.Dir, cmd.Env = c.box.work, c.box.env
	if c.stdin != "" {
		f, err := os.Open(c.stdin)
		if err != nil {
			return s, err
		}
		defer f.Close()
		cmd.Stdin = f
	}
	// A file, since what a command leaves behind, such as gpg's agent, would keep a pipe open.
	stderr, err := os.CreateTemp(c.box.tmp, "stderr")
	if err != nil {
		return s, err
	}
	defer os.Remove(stderr.Name())
	defer stderr.Close()
	cmd.Stderr = stderr
	read, write, err := os.Pipe()
	if err != nil {
		return s, err
	}
	defer read.Close()
	cmd.ExtraFiles = []*os.File{write}
	err = cmd.Run()
	write.Close()
	said, _ := os.ReadFile(stderr.Name())
	if err != nil {
		return s, fmt.Errorf("%s: %w\n%s", c.name, err, said)
	}
	line, err := io.ReadAll(read)
	if err != nil {
		return s, err
	}
	var system float64
	var code int
	if _, err := fmt.Sscan(string(line), &s.user, &system, &s.memory, &s.faults, &code); err != nil {
		return s, fmt.Errorf("%s: launch wrote %q: %w", c.name, line, err)
	}
	if code != 0 {
		return s, fmt.Errorf("%s: exit code %d\n%s", c.name, code, said)
	}
	s.user, s.cpu = s.user/1000, (s.user+system)/1000
	if runtime.GOOS == "darwin" {
		s.memory /= 1024 // it counts bytes
	}
	return s, nil
}

// output runs a command in a box, outside of any measurement.
func (b *box) output(stdin string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = b.work, b.env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	cmd.WaitDelay = time.Second // for what a command leaves behind
	if err := cmd.Run(); err != nil && err != exec.ErrWaitDelay {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String(), nil
}
