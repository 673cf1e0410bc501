package generate

import (
	"slices"
	"strings"
	"testing"
)

// The list is the EFF's, whole: 7776 words are five dice.
func TestWordlist(t *testing.T) {
	words := strings.Fields(wordlist)
	if len(words) != 7776 || words[0] != "abacus" || words[7775] != "zoom" {
		t.Errorf("%d words, %s to %s", len(words), words[0], words[len(words)-1])
	}
	slices.Sort(words)
	if len(slices.Compact(words)) != 7776 {
		t.Error("a word stands twice")
	}
}

func TestWords(t *testing.T) {
	list := strings.Fields(wordlist)
	seen := map[string]bool{}
	for range 200 {
		text := Words(1)
		if !slices.Contains(list, text) {
			t.Fatalf("%q is none of the words", text)
		}
		seen[text] = true
	}
	if len(seen) < 150 {
		t.Errorf("of 200 words %d differ", len(seen))
	}
	if a, b := Words(6), Words(6); a == b || strings.Count(a, "-") < 5 {
		t.Error(a, b)
	}
}
