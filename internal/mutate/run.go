package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A test is one test of a package, with what it took without a mutant.
type test struct {
	name    string
	cpu     time.Duration
	wall    time.Duration
	reaches map[int]bool
}

// soon is how much of the processor the tests of the first process may take together. Most mutants die there.
const soon = 300 * time.Millisecond

// measure runs each test by itself, and takes down which mutants it reaches.
func (s *suite) measure() error {
	list, err := s.command("-test.list", ".").Output()
	if err != nil {
		return fmt.Errorf("%s: the list of tests: %w", s.p.path, err)
	}
	for name := range strings.Lines(string(list)) {
		name = strings.TrimSpace(name)
		if some := testsOf[s.p.path]; strings.HasPrefix(name, "Benchmark") || some != nil && !slices.Contains(some, name) {
			continue
		}
		t := &test{name: name, reaches: map[int]bool{}}
		log := filepath.Join(s.dir, "reached")
		if err := errors.Join(os.RemoveAll(log), s.choose(log)); err != nil {
			return err
		}
		end := s.run([]*test{t}, 5*time.Minute, 5*time.Minute)
		if end.killed() {
			s.failed = append(s.failed, name)
			continue
		}
		t.cpu, t.wall = end.cpu, end.wall
		text, _ := os.ReadFile(log) // there is none if nothing was reached
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				return err
			}
			t.reaches[n] = true
		}
		s.tests = append(s.tests, t)
	}
	slices.SortStableFunc(s.tests, func(a, b *test) int { return cmp.Compare(a.cpu, b.cpu) })
	return nil
}

func (s *suite) choose(what string) error { return os.WriteFile(s.choice(), []byte(what), 0o666) }

func (s *suite) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.binary, args...)
	cmd.Dir = s.testDir()
	return cmd
}

// testDir is where the tests of the package are run.
func (s *suite) testDir() string {
	root := strings.TrimSuffix(s.p.dir, filepath.FromSlash("/"+s.p.path))
	return filepath.Join(root, filepath.FromSlash(cmp.Or(testedBy[s.p.path], s.p.path)))
}

// An outcome is how tests ended.
type outcome struct {
	failed, endless bool
	cpu, wall       time.Duration
}

func (o outcome) killed() bool { return o.failed || o.endless }

// run runs tests until one fails. They are endless if they take more than so much of the
// processor or, if they wait for something, more than so much time. A process that fills the
// memory ends too.
func (s *suite) run(tests []*test, cpu, wall time.Duration) (end outcome) {
	var names []string
	for _, t := range tests {
		names = append(names, t.name)
	}
	limits := fmt.Sprintf(`ulimit -t %d; ulimit -v 8000000; exec "$0" "$@"`, int(cpu.Seconds())+1)
	cmd := exec.Command("sh", "-c", limits, s.binary, "-test.failfast", fmt.Sprintf("-test.short=%t", s.short), "-test.run", "^("+strings.Join(names, "|")+")$")
	cmd.Dir = s.testDir()
	cmd.WaitDelay = time.Second
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return outcome{failed: true}
	}
	late := time.AfterFunc(wall, func() { cmd.Process.Kill() })
	err := cmd.Wait()
	end.wall = time.Since(start)
	intime := late.Stop()
	end.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	end.failed = err != nil
	end.endless = err != nil && (!intime || end.cpu >= cpu)
	return end
}

// try runs the tests that reach a mutant, the fast ones first, until one fails.
func (s *suite) try(m *mutant) (result, error) {
	n := s.n[m]
	if err := s.choose(strconv.Itoa(n)); err != nil {
		return result{}, err
	}
	r := result{m: m}
	var batch []*test
	var cpu, wall time.Duration
	run := func() bool {
		end := s.run(batch, 3*cpu+2*time.Second, 10*wall+30*time.Second)
		r.killed, r.endless = end.killed(), end.endless
		batch, cpu, wall = nil, 0, 0
		return r.killed
	}
	for _, t := range s.tests {
		if !t.reaches[n] {
			continue
		}
		r.reached = true
		if len(batch) > 0 && cpu+t.cpu > soon && run() {
			return r, nil
		}
		batch, cpu, wall = append(batch, t), cpu+t.cpu, wall+t.wall
	}
	if len(batch) > 0 {
		run()
	}
	return r, nil
}

// A result is what became of a mutant.
type result struct {
	m                        *mutant
	reached, killed, endless bool
}

func (r result) String() string {
	switch {
	case r.endless:
		return "endless"
	case r.killed:
		return "killed"
	case !r.reached:
		return "not reached"
	}
	return "survived"
}
