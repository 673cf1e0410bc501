//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	truePath = "/usr/bin/true"
	envPath  = "/usr/bin/env"
)

// bench is one run of the programme.
type bench struct {
	runner
	dir      string // for everything it makes
	tools    string // where the peers are kept
	credfile string
	path     string // the PATH of what is measured
}

// newBench builds the programs that it needs into a temporary directory.
func newBench(runs int) (*bench, error) {
	dir, err := os.MkdirTemp("", "credfile-bench")
	if err != nil {
		return nil, err
	}
	tools, err := filepath.Abs(filepath.Join(".tools", "bench"))
	if err != nil {
		return nil, err
	}
	b := &bench{dir: dir, tools: tools, path: "/usr/local/bin:/usr/bin:/bin"}
	b.runner = runner{launch: b.bin("launch"), runs: runs, progress: os.Stderr}
	b.credfile = b.bin("credfile")
	b.say("building credfile and the floors")
	for _, pkg := range []string{"internal/bench/launch", "internal/bench/floor/exec", "internal/bench/floor/open", "internal/bench/floor/read", "internal/bench/floor/hash", "cmd/credfile"} {
		if err := build(".", pkg, b.bin(filepath.Base(pkg))); err != nil {
			os.RemoveAll(dir)
			return nil, err
		}
	}
	return b, nil
}

func (b *bench) bin(name string) string { return filepath.Join(b.dir, "bin", name) }

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.progress, format+"\n", args...) }

// build builds a program as make build does.
func build(tree, pkg, output string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", output, "./"+pkg)
	cmd.Dir, cmd.Env = tree, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return copyProgram(output, output)
}

// copyProgram writes a program anew. What the linker wrote through a memory mapping starts up to a
// quarter more slowly on Linux, as long as it is in the cache, than a copy of it.
func copyProgram(from, to string) error {
	program, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to+".copy", program, 0o755); err != nil {
		return err
	}
	return os.Rename(to+".copy", to)
}

func (b *bench) newBox() (*box, error) { return newBox(b.dir, b.path) }

// kind is what the identity of a box is.
type kind string

const (
	classic kind = "classic"
	hybrid  kind = "hybrid"
)

// person returns a box whose user has an identity.
func (b *bench) person(program string, k kind) (*box, error) {
	x, err := b.newBox()
	if err != nil {
		return nil, err
	}
	args := []string{program, "keygen", "--name", "me"}
	if k == classic {
		args = append(args, "--classic")
	}
	_, err = x.output("", args...)
	return x, err
}

// filled returns a box with a credfile of n credentials in the profile "default", made by
// program.
func (b *bench) filled(program string, k kind, n int) (*box, error) {
	x, err := b.person(program, k)
	if err != nil {
		return nil, err
	}
	if _, err := x.output("", program, "init", "--name", "me"); err != nil {
		return nil, err
	}
	_, err = x.output(dotenv(credentials(n)), program, "import", "--from", "dotenv", "-")
	return x, err
}

// env is the main job: a command with n credentials in its environment.
func (b *bench) env(name, program string, x *box, n int, flags ...string) *contestant {
	args := append([]string{program, "env"}, flags...)
	return &contestant{
		name: name,
		args: append(args, "--", truePath),
		box:  x,
		check: func() error {
			out, err := x.output("", append(args, "--", envPath)...)
			if err != nil {
				return err
			}
			return hasAll(out, credentials(n))
		},
	}
}

// printing checks, before a command is measured, that it prints what it has to.
func printing(x *box, want func(output string) error, args ...string) func() error {
	return func() error {
		out, err := x.output("", args...)
		if err != nil {
			return err
		}
		return want(out)
	}
}

// exactly is what printing wants of a command that prints one text.
func exactly(want string) func(string) error {
	return func(output string) error {
		if strings.TrimSuffix(output, "\n") != want {
			return fmt.Errorf("it prints something else than %q", want)
		}
		return nil
	}
}
