// Mutate breaks the code on purpose, a little at a time, and tells what no test notices.
//
//	mutate [-every N] [-short] checks     removes each check of checks.txt
//	mutate [-every N] [-short] mutants    changes each operator, condition and statement of the packages that are trusted
//	mutate guards PACKAGE...              lists what looks like a check, as in checks.txt
//
// All mutants of a package are compiled into one test binary, which reads in a file which of them
// it shall be. A mutant is tried with the tests that reach its code, until one fails. Those that
// survive must be in survivors.txt, each with the reason. With -every, only one mutant in N is tried, and none of
// those that may survive.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"go/ast"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/tally"
)

// trusted are the packages whose mutants count.
var trusted = []string{"kdf", "format", "vaultfile", "vaultfile/trust", "vaultfile/merge"}

// enough is how many of a package's mutants must die, in percent.
const enough = 85

//go:embed checks.txt
var checksText string

//go:embed survivors.txt
var survivorsText string

func main() {
	log.SetFlags(0)
	every := flag.Int("every", 1, "try one in so many")
	only := flag.String("only", "", "a `package`: leave out the others")
	short := flag.Bool("short", false, "leave out what go test -short does, so that more survives")
	verbose := flag.Bool("v", false, "print each mutant")
	flag.Parse()
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		log.Fatal(err)
	}
	r := &runner{every: *every, only: *only, short: *short, verbose: *verbose, scratch: scratch}
	good := false
	switch flag.Arg(0) {
	case "checks":
		good, err = r.checks()
	case "mutants":
		good, err = r.mutants()
	case "guards":
		good, err = true, printGuards(flag.Args()[1:])
	default:
		flag.Usage()
	}
	os.RemoveAll(scratch)
	if err != nil {
		log.Fatal(err)
	}
	if !good {
		log.Fatal("not all of them were noticed")
	}
}

// A runner tries the mutants of many packages.
type runner struct {
	every   int
	only    string // a package, or "" for all
	verbose bool
	short   bool
	scratch string
	known   map[string]string // why a survivor is harmless
	without string            // the tests that are left out
	trouble bool
}

// fault prints what is wrong.
func (r *runner) fault(format string, args ...any) {
	r.trouble = true
	fmt.Printf(format+"\n", args...)
}

// try tries mutants of a package, and returns their results.
func (r *runner) try(p *pkg, ms []*mutant) (results []result, err error) {
	s, err := build(p, ms, filepath.Join(r.scratch, strings.ReplaceAll(p.path, "/", "-")))
	if err != nil {
		return nil, err
	}
	s.short = r.short
	if err := s.measure(); err != nil {
		return nil, err
	}
	r.without = ""
	if len(s.failed) > 0 {
		r.without = ", without " + strings.Join(s.failed, ", ") + " (fails in this form)"
	}
	for i, m := range ms {
		if _, listed := r.known[m.key()]; i%r.every != 0 || r.every > 1 && listed {
			continue // a part is for what must die
		}
		start := time.Now()
		one, err := s.try(m)
		if err != nil {
			return nil, err
		}
		if r.verbose {
			fmt.Printf("%s\t%s\t%s\n", one, time.Since(start).Round(time.Millisecond), m.key())
		}
		results = append(results, one)
	}
	return results, nil
}

// wanted leaves out the packages that nobody asked for.
func (r *runner) wanted(paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return r.only != "" && path != r.only })
}

// checks removes each security check. A test of the package must notice it.
func (r *runner) checks() (good bool, err error) {
	list, err := readChecks(checksText)
	if err != nil {
		return false, err
	}
	if r.known, err = readSurvivors(survivorsText); err != nil {
		return false, err
	}
	pkgs, err := load(r.wanted(packagesOf(list)))
	if err != nil {
		return false, err
	}
	for _, p := range pkgs {
		ms, err := p.removed(of(list, p.path))
		if err != nil {
			return false, err
		}
		start := time.Now()
		results, err := r.try(p, ms)
		if err != nil {
			return false, err
		}
		sum := r.count(results, true)
		fmt.Printf("%-26s %3d checks removed, %3d noticed, %2d listed with a reason, in %s%s\n", p.path, sum.tried, sum.killed, sum.listed, time.Since(start).Round(time.Second), r.without)
		if err := tally.Note(tally.Checks, sum.tried, sum.tried-sum.killed-sum.listed); err != nil {
			return false, err
		}
	}
	return !r.trouble, nil
}

// mutants tries the general mutants of the trusted packages.
func (r *runner) mutants() (good bool, err error) {
	if r.known, err = readSurvivors(survivorsText); err != nil {
		return false, err
	}
	pkgs, err := load(r.wanted(trusted))
	if err != nil {
		return false, err
	}
	for _, p := range pkgs {
		start := time.Now()
		results, err := r.try(p, p.mutants())
		if err != nil {
			return false, err
		}
		sum := r.count(results, false)
		score := 100 * float64(sum.killed) / float64(max(sum.tried-sum.unreached, 1))
		fmt.Printf("%-26s %4d mutants, %4d killed (%d endless), %3d survived (%d listed), %2d in code that no test reaches: %.1f %%, in %s%s\n",
			p.path, sum.tried, sum.killed, sum.endless, sum.tried-sum.unreached-sum.killed, sum.listed, sum.unreached, score, time.Since(start).Round(time.Second), r.without)
		if score < enough {
			r.fault("%s: less than %d %%", p.path, enough)
		}
		if err := tally.Note(tally.Mutants, sum.tried-sum.unreached, sum.tried-sum.unreached-sum.killed-sum.listed); err != nil {
			return false, err
		}
	}
	return !r.trouble, nil
}

// A sum counts results.
type sum struct{ tried, killed, endless, unreached, listed int }

// count counts results, and prints those that survived without being listed. A removed check must
// be reached. Other code without a test only counts.
func (r *runner) count(results []result, reach bool) (c sum) {
	for _, one := range results {
		c.tried++
		_, listed := r.known[one.m.key()]
		switch {
		case one.killed:
			c.killed++
			if one.endless {
				c.endless++
			}
			if listed {
				fmt.Printf("survivors.txt has one that is killed: %s\n", one.m.key())
			}
			continue
		case !one.reached && !reach:
			c.unreached++
			continue
		}
		if listed {
			c.listed++
		} else {
			r.fault("%s: %s", one, one.m.key())
		}
	}
	return c
}

func printGuards(paths []string) error {
	pkgs, err := load(paths)
	for _, p := range pkgs {
		p.guards(func(c check, _ *source, _ ast.Expr) { fmt.Println(c) })
	}
	return err
}
