// Package generate makes secrets from the system's random numbers.
package generate

import (
	"crypto/rand"
	_ "embed"
	"math/big"
	"strings"
	"sync"
)

// words.txt is the EFF's large wordlist: 7776 words, one a line.
//
//go:embed words.txt
var wordlist string

// PassphraseWords is how many words a passphrase has unless somebody wants
// another number: 77 bits, so that guessing costs too much whatever the KDF.
const PassphraseWords = 6

// Words returns n words of the EFF's large wordlist, with a hyphen between them:
// log2 7776, 12.9 bits, each. (Four words of the list have a hyphen themselves,
// so it is the list that makes the bits, not the look.)
func Words(n int) string {
	words := strings.Fields(wordlist)
	chosen := make([]string, n)
	for i := range chosen {
		chosen[i] = words[number(len(words))]
	}
	return strings.Join(chosen, "-")
}

var wordSet = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(wordlist) {
		set[word] = true
	}
	return set
})

// IsWord reports whether a word is in the list.
func IsWord(word string) bool { return wordSet()[word] }

// number is one of 0 to below n, all alike.
func number(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand ends the process before it returns an error
	}
	return int(i.Int64())
}
