//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// quick compares this tree's credfile with an older one: a program, or else the last commit, or
// the one before if nothing has changed since.
func (b *bench) quick(out io.Writer, old string) error {
	name, err := b.older(old)
	if err != nil {
		return err
	}
	old = b.bin("credfile-old")
	fmt.Fprintf(out, "this tree against %s: medians of %d runs, and ratios new/old with their quartiles.\n\"slower\" and \"faster\" are hardly chance.\n\n", name, b.runs)
	fmt.Fprintf(out, "%-26s %9s %9s  %-22s %-22s %s\n", "", "old ms", "new ms", "CPU", "memory", "page faults")
	news, err := b.quickJobs(b.credfile)
	if err != nil {
		return err
	}
	olds, err := b.quickJobs(old)
	if err != nil {
		return err
	}
	b.progress = io.Discard // the table grows as it is measured
	for i := range news {
		s, err := b.measure(news[i], olds[i])
		if err != nil {
			return err
		}
		r := ratio(s[0], s[1], cpu)
		mark := map[int]string{1: "  slower", -1: "  faster"}[differs(s[0], s[1], cpu)]
		fmt.Fprintf(out, "%-26s %9.2f %9.2f  %-22s %-22s %s%s\n", news[i].name, s[1].spread(cpu).median, s[0].spread(cpu).median,
			plain(r), plain(ratio(s[0], s[1], memory)), plain(ratio(s[0], s[1], faults)), mark)
	}
	return nil
}

// older makes the program to compare with, and returns what it is.
func (b *bench) older(old string) (string, error) {
	program := b.bin("credfile-old")
	if old != "" {
		return old, copyProgram(old, program)
	}
	commit, err := previous()
	if err != nil {
		return "", err
	}
	b.say("building %s", commit)
	return commit, b.buildCommit(commit, program)
}

func plain(s spread) string { return fmt.Sprintf("%.3f (%.3f–%.3f)", s.median, s.low, s.high) }

func (b *bench) quickJobs(program string) (list []*contestant, err error) {
	var thousand *box
	for _, n := range []int{10, 100, 1000} {
		x, err := b.filled(program, classic, n)
		if err != nil {
			return nil, err
		}
		if n == 10 {
			list = append(list, b.version(program, x))
		}
		list = append(list, b.env(fmt.Sprintf("credfile env, of %d", n), program, x, n))
		thousand = x
	}
	list = append(list, b.get(program, thousand, 1000), b.list(program, thousand, 1000), b.verify(program, thousand, 1000))
	for _, writing := range []func(string, *box, int) (*contestant, error){b.set, b.rotate} {
		x, err := b.filled(program, classic, 1000)
		if err != nil {
			return nil, err
		}
		c, err := writing(program, x, 1000)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func git(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

// previous returns the commit to compare this tree with.
func previous() (string, error) {
	changes, err := git("status", "--porcelain")
	if err != nil {
		return "", err
	}
	if changes != "" {
		return git("rev-parse", "--short", "HEAD")
	}
	return git("rev-parse", "--short", "HEAD~1")
}

func (b *bench) buildCommit(commit, output string) error {
	tree, err := os.MkdirTemp(b.dir, "tree")
	if err != nil {
		return err
	}
	archive, err := exec.Command("git", "archive", commit).Output()
	if err != nil {
		return fmt.Errorf("git archive: %w", err)
	}
	tar := exec.Command("tar", "-x", "-C", tree)
	tar.Stdin = bytes.NewReader(archive)
	if err := tar.Run(); err != nil {
		return fmt.Errorf("tar: %w", err)
	}
	return build(tree, "cmd/credfile", output)
}
