package generate

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The list is the EFF's, complete: 7776 words for five dice.
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

func TestSecret(t *testing.T) {
	for form, want := range map[string]string{
		"password": `^[A-Za-z0-9]{32}$`, "password:12": `^[A-Za-z0-9]{12}$`, "password:8:luds": `^[-A-Za-z0-9_.~+,@^*!]{8}$`,
		"password:20:d": `^[0-9]{20}$`, "words:4": `^[a-z]+(-[a-z]+){3,}$`, "hex": `^[0-9a-f]{64}$`, "hex:8": `^[0-9a-f]{16}$`,
		"base64": `^[A-Za-z0-9+/]{43}=$`, "uuid": `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
	} {
		seen := map[string]bool{}
		for range 50 {
			got, err := Secret(form)
			if err != nil || !regexp.MustCompile(want).MatchString(got) || seen[got] {
				t.Fatalf("%s: %q, %v", form, got, err)
			}
			seen[got] = true
			if form == "password:8:luds" {
				for _, class := range classes {
					if !strings.ContainsAny(got, class) {
						t.Errorf("%q has none of %q", got, class)
					}
				}
			}
		}
	}
	for _, form := range []string{"", "pass", "password:", "password:7", "password:1025", "password:32:", "password:32:x", "password:32:ll", "password:032",
		"words:3", "words:65", "hex:7", "hex:8:l", "base64:-1", "uuid:16", "uuid:", "password:8:luds:"} {
		if got, err := Secret(form); !errors.Is(err, ErrForm) {
			t.Errorf("%q: %q, %v", form, got, err)
		}
	}
}
