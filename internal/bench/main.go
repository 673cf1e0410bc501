//go:build unix

// Command bench measures credfile as a whole process, next to other tools: see
// docs/performance.md, which it writes.
package main

import (
	"flag"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	runs := flag.Int("n", 0, "number of `runs` (default 50, and 100 with -quick)")
	quick := flag.Bool("quick", false, "compare this tree with the previous commit")
	old := flag.String("old", "", "with -quick: compare this tree with `PROGRAM` instead")
	flag.Parse()
	if *runs == 0 {
		*runs = 50
		if *quick {
			*runs = 100
		}
	}
	b, err := newBench(*runs)
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	return b.quick(os.Stdout, *old)
}
