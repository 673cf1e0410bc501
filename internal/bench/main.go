//go:build unix

// Command bench measures credfile as a whole process, next to other tools: see
// docs/performance.md, which it writes.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	runs := flag.Int("n", 100, "number of `runs` (with -quick: 400)")
	only := flag.String("only", "", "measure only the jobs `NAME,…`")
	output := flag.String("o", "", "also write the document to `FILE`")
	quick := flag.Bool("quick", false, "compare this tree with the previous commit")
	old := flag.String("old", "", "with -quick: compare this tree with `PROGRAM` instead")
	flag.Parse()
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	if *quick && !given("n") {
		*runs = 400 // a change of some percent is to be seen
	}
	b, err := newBench(*runs)
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if *quick {
		return b.quick(os.Stdout, *old)
	}
	return b.full(os.Stdout, chosen, *output)
}

func given(name string) (is bool) {
	flag.Visit(func(f *flag.Flag) { is = is || f.Name == name })
	return is
}

// choose returns the jobs of a list of names, or all.
func choose(only string) ([]job, error) {
	if only == "" {
		return jobs, nil
	}
	var chosen []job
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(jobs, func(j job) bool { return j.name == name })
		if i < 0 {
			var names []string
			for _, j := range jobs {
				names = append(names, j.name)
			}
			return nil, fmt.Errorf("no job %q: there are %s", name, strings.Join(names, ", "))
		}
		chosen = append(chosen, jobs[i])
	}
	return chosen, nil
}

// full runs jobs, and goes on after one that fails. Then it writes no document, which would
// lack something, but prints what there is.
func (b *bench) full(out io.Writer, chosen []job, output string) error {
	facts, err := gather(b.runs)
	if err != nil {
		return err
	}
	r := &report{Facts: facts}
	var faults []error
	for _, j := range chosen {
		b.say("%s", j.name)
		before := len(r.Figures)
		if err := j.run(b, r); err != nil {
			b.say("  failed: %v", err)
			faults = append(faults, fmt.Errorf("%s: %w", j.name, err))
		}
		for i := range r.Figures[before:] {
			r.Figures[before+i].job = j.name
		}
	}
	var text bytes.Buffer
	if err := r.write(&text); err != nil {
		return err
	}
	if _, err := out.Write(text.Bytes()); err != nil {
		return err
	}
	if output != "" && len(chosen) < len(jobs) {
		faults = append(faults, errors.New("the document needs all jobs: it was not written"))
	}
	if output != "" && len(faults) == 0 {
		return os.WriteFile(output, text.Bytes(), 0o644)
	}
	return errors.Join(faults...)
}
