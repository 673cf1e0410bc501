//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"filippo.io/age"
)

func (b *bench) manyProfiles(r *report) error {
	const middle = "p50"
	var list []*contestant
	for _, n := range []int{100, 1} {
		x, err := b.person(b.credfile, classic)
		if err != nil {
			return err
		}
		if _, err := x.output("", b.credfile, "-p", middle, "init", "--name", "me"); err != nil {
			return err
		}
		for i := range n {
			profile := fmt.Sprint("p", i)
			if n == 1 {
				profile = middle
			}
			if profile != middle {
				if _, err := x.output("", b.credfile, "-p", middle, "profile", "add", profile); err != nil {
					return err
				}
			}
			if _, err := x.output(dotenv(credentials(100)), b.credfile, "-p", profile, "import", "--from", "dotenv", "-"); err != nil {
				return err
			}
		}
		list = append(list, b.env(fmt.Sprintf("credfile env -p p50, 100 credentials, in a file of %s", count(n, "profile")), b.credfile, x, 100, "-p", middle))
	}
	s, err := b.compare(r, list...)
	if err != nil {
		return err
	}
	r.goals = append(r.goals, atMost("`env -p p50 -- true` in a file of 100 profiles: CPU in times of a file of one", 1.5, ratio(s[0], s[1], cpu)))
	return nil
}

func count(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// manyRecipients opens a profile as its last recipient, as the names are sorted.
func (b *bench) manyRecipients(r *report) error {
	var list []*contestant
	for _, n := range []int{500, 1} {
		x, err := b.person(b.credfile, classic)
		if err != nil {
			return err
		}
		if _, err := x.output("", b.credfile, "init", "--name", "zz"); err != nil {
			return err
		}
		args := []string{b.credfile, "rekey"}
		for i := range n - 1 {
			id, err := age.GenerateX25519Identity()
			if err != nil {
				return err
			}
			args = append(args, "--add-reader", fmt.Sprintf("person%d=%s", i, id.Recipient()))
		}
		if n > 1 {
			if _, err := x.output("", args...); err != nil {
				return err
			}
		}
		if _, err := x.output(dotenv(credentials(100)), b.credfile, "import", "--from", "dotenv", "-"); err != nil {
			return err
		}
		list = append(list, b.env("credfile env, 100 credentials, "+count(n, "recipient"), b.credfile, x, 100))
	}
	s, err := b.compare(r, list...)
	if err != nil {
		return err
	}
	r.goals = append(r.goals, atMost("`env -- true` with 500 recipients: CPU in times of one", 1.5, ratio(s[0], s[1], cpu)))
	return nil
}

// manyFiles runs env on a machine that has seen 300 files.
func (b *bench) manyFiles(r *report) error {
	var list []*contestant
	for _, n := range []int{300, 1} {
		x, err := b.filled(b.credfile, classic, 100)
		if err != nil {
			return err
		}
		for i := range n - 1 {
			dir := x.path(fmt.Sprint("repository", i))
			if _, err := x.output("", "git", "init", "-q", dir); err != nil {
				return err
			}
			if _, err := x.output("", b.credfile, "-f", filepath.Join(dir, credfileName), "init", "--name", "me"); err != nil {
				return err
			}
		}
		if seen, err := os.ReadDir(filepath.Join(x.home, ".local", "state", "credfile", "trust")); err != nil || len(seen) < n {
			return fmt.Errorf("it remembers %d files: %w", len(seen), err)
		}
		list = append(list, b.env(fmt.Sprintf("credfile env, 100 credentials, on a machine that remembers %s", count(n, "file")), b.credfile, x, 100))
	}
	s, err := b.compare(r, list...)
	if err != nil {
		return err
	}
	r.goals = append(r.goals, atMost("`env -- true` on a machine that remembers 300 files: CPU in times of one", 1.05, ratio(s[0], s[1], cpu)))
	return nil
}

func (b *bench) largeFile(r *report) error {
	large, err := b.filled(b.credfile, classic, 10000)
	if err != nil {
		return err
	}
	small, err := b.filled(b.credfile, classic, 10)
	if err != nil {
		return err
	}
	s, err := b.compare(r, b.list(b.credfile, large, 10000), b.verify(b.credfile, large, 10000),
		b.env("credfile env, 10 credentials", b.credfile, small, 10))
	if err != nil {
		return err
	}
	for i, verb := range []string{"list", "verify"} {
		r.goals = append(r.goals, atMost("`"+verb+"`, 10000 credentials: CPU in times of `env -- true` with 10", 3, ratio(s[i], s[2], cpu)))
	}
	return nil
}

var allocates = regexp.MustCompile(`env allocates ([0-9]+) bytes`)

// allocated asks a test, since a program can't count what another one allocates.
func (b *bench) allocated(r *report) error {
	g := atMost("`env`, 1000 credentials: bytes allocated", 1, spread{}).in("MB")
	out, err := exec.Command("go", "test", "-count=1", "-run", "^TestEnvAllocates$", "-v", "./cmd/credfile").CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if found := allocates.FindSubmatch(out); found != nil {
		bytes, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			return err
		}
		g = g.counts(bytes / 1e6)
	} else if err != nil {
		return fmt.Errorf("TestEnvAllocates: %w\n%s", err, out)
	} else {
		g.skipped = "no test TestEnvAllocates"
	}
	r.goals = append(r.goals, g)
	return nil
}
