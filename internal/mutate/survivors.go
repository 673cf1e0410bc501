package main

import (
	"fmt"
	"strings"
)

// readSurvivors reads survivors.txt: a reason, and below it the keys of the mutants that may
// survive for that reason.
func readSurvivors(text string) (reasons map[string]string, err error) {
	reasons = map[string]string{}
	reason := ""
	for n, line := range strings.Split(text, "\n") {
		switch after, comment := strings.CutPrefix(line, "# "); {
		case comment:
			reason = after
		case line == "":
			reason = ""
		case reason == "" || strings.Count(line, "\t") < 3:
			return nil, fmt.Errorf("survivors.txt, line %d: no key of a mutant below a reason", n+1)
		case reasons[line] != "":
			return nil, fmt.Errorf("survivors.txt, line %d: it is there twice", n+1)
		default:
			reasons[line] = reason
		}
	}
	return reasons, nil
}
