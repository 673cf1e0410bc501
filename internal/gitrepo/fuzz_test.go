package gitrepo

import (
	"strings"
	"testing"
)

// FuzzGitOutput: whatever git prints, what is read from it has the form that it should have.
func FuzzGitOutput(f *testing.F) {
	h := strings.Repeat("a", 40)
	f.Add("commit " + h + "\n" + h + "\x00" + h + "\x001\x00n\x00e\x00\n")
	f.Add(h + "\x00:100644 100644 " + h + " " + strings.Repeat("0", 40) + " R100\x00p\x00q\x00")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseCommits(text)
		for _, c := range list {
			if err != nil || !isHash(c.Hash) || len(c.Author) > maxAuthor {
				t.Errorf("%+v %v", c, err)
			}
		}
		all, err := parseRaw(text)
		for commit, changes := range all {
			if err != nil || commit != "" && !isHash(commit) || len(changes) == 0 {
				t.Errorf("%q %+v %v", commit, changes, err)
			}
		}
	})
}
