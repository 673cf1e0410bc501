package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// chooser goes into each package with mutants. Processes that a test starts don't always get its
// environment, so the choice is in a file.
const chooser = `package %s

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

var mutantChosen_, mutantLog_ = mutantChoice_()

var mutantSeen_ [%d]atomic.Bool

// mutantChoice_ reads what the file says: a number, or the name of a file for the numbers that
// are reached.
func mutantChoice_() (int, string) {
	text, _ := os.ReadFile(%q)
	if strings.HasPrefix(string(text), "/") {
		return -1, string(text)
	}
	n, _ := strconv.Atoi(string(text))
	return n, ""
}

func mutant_(n int) bool {
	if mutantChosen_ < 0 {
		mutantReached_(n)
	}
	return n == mutantChosen_
}

func mutantReached_(n int) {
	if mutantSeen_[n].Load() || mutantSeen_[n].Swap(true) {
		return
	}
	if f, err := os.OpenFile(mutantLog_, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666); err == nil {
		f.WriteString(strconv.Itoa(n) + "\n")
		f.Close()
	}
}
`

// A suite is the tests of a package, built with all of its mutants.
type suite struct {
	p      *pkg
	ms     []*mutant
	n      map[*mutant]int
	dir    string // scratch
	binary string
	tests  []*test
	failed []string // tests that fail without a mutant, such as those that count allocations

	short bool // leave out the tests that are long
}

// build compiles the tests of a package with mutants.
func build(p *pkg, ms []*mutant, dir string) (*suite, error) {
	s := &suite{p: p, ms: ms, n: map[*mutant]int{}, dir: dir, binary: filepath.Join(dir, "tests")}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	in := map[*source][]*mutant{}
	for i, m := range ms {
		s.n[m] = i + 1
		in[m.src] = append(in[m.src], m)
	}
	replaced := map[string]string{}
	put := func(full, text string) error {
		name := filepath.Join(dir, filepath.Base(full))
		replaced[full] = name
		return os.WriteFile(name, []byte(text), 0o666)
	}
	for src, list := range in {
		if err := put(src.full, rewrite(src, list, s.n)); err != nil {
			return nil, err
		}
	}
	if err := put(filepath.Join(p.dir, "mutant_chooser.go"), fmt.Sprintf(chooser, p.name, len(ms)+1, s.choice())); err != nil {
		return nil, err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o666); err != nil {
		return nil, err
	}
	compile := exec.Command("go", "test", "-c", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json"), "-o", s.binary, ".")
	compile.Dir = s.testDir()
	out, err := compile.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s with mutants: %s", p.path, strings.TrimSpace(string(out)))
	}
	return s, nil
}

// choice is the file that the chooser reads.
func (s *suite) choice() string { return filepath.Join(s.dir, "choice") }
