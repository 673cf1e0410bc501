// Package generate makes secrets from the system's random numbers.
package generate

import (
	"crypto/rand"
	_ "embed"
	"math/big"
	"strings"
	"sync"
)

// words.txt is the EFF's large wordlist: 7776 words, one per line.
//
//go:embed words.txt
var wordlist string

// PassphraseWords is the default number of words in a passphrase: 77 bits, so that guessing
// costs too much whatever the KDF.
const PassphraseWords = 6

// Words returns n words of the EFF's large wordlist, joined by hyphens. Each has log2 7776,
// 12.9 bits. (Four words of the list contain a hyphen, so the bits come from the list and
// not from the look.)
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

// number returns a uniform random number in [0, n).
func number(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand ends the process before it returns an error
	}
	return int(i.Int64())
}
