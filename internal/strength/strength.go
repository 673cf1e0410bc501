// Package strength estimates how many guesses a passphrase withstands, by an attacker who
// knows how people choose them.
//
// It follows the idea of zxcvbn (Wheeler, "zxcvbn: Low-Budget Password Strength
// Estimation", USENIX Security 2016) with small lists: it splits a passphrase into the
// parts that are cheapest to guess (words, names, dates, repetitions, sequences and single
// characters) and adds their costs. The lists of zxcvbn ports would take three megabytes.
package strength

import (
	_ "embed"
	"math"
	"strings"
	"unicode"
)

// Least is the number of bits below which a passphrase is weak. Three random words from a
// list of 7,776 have 39, twelve random letters 56.
const Least = 38

// MinLength is the number of characters below which any passphrase is weak.
const MinLength = 12

//go:embed common.txt
var common string // passwords, names, months: what is tried first

const (
	commonBits = 9.0  // log2 of roughly the size of common.txt
	wordBits   = 12.9 // log2 of 7,776
	readBits   = 20.0 // a word in no list, in any language
	yearBits   = 7.0
	dateBits   = 15.0 // of 100 years
	runBits    = 6.0  // a sequence, or a keyboard row
)

// Weak returns the reason why a passphrase is weak, or "". isWord reports whether a
// lower-case word is in a list of common words.
func Weak(passphrase string, isWord func(string) bool) string {
	if len([]rune(passphrase)) < MinLength {
		return "it has fewer than 12 characters"
	}
	if Bits(passphrase, isWord) < Least {
		return "it consists of a few words, names, dates or patterns"
	}
	return ""
}

// Bits estimates the base-2 logarithm of the guesses that a passphrase withstands.
func Bits(passphrase string, isWord func(string) bool) float64 {
	s := []rune(passphrase)
	if len(s) > 128 {
		s = s[:128] // enough, and it limits the time
	}
	plain, folded := fold(s)
	best := make([]float64, len(s)+1)
	for i := 1; i <= len(s); i++ {
		best[i] = best[i-1] + single(s[i-1])
		for j := max(0, i-32); j < i-1; j++ {
			if bits, ok := part(s[j:i], string(plain[j:i]), string(folded[j:i]), isWord); ok {
				best[i] = min(best[i], best[j]+bits)
			}
		}
		best[i] = min(best[i], repeated(plain[:i], best))
	}
	return best[len(s)]
}

// fold returns the text in lower case, and also with letters in place of the digits and
// signs that stand for them.
func fold(s []rune) (plain, folded []rune) {
	leet := strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")
	for _, r := range s {
		r = unicode.ToLower(r)
		plain = append(plain, r)
		folded = append(folded, []rune(leet.Replace(string(r)))[0])
	}
	return plain, folded
}

func single(r rune) float64 {
	switch {
	case r == ' ':
		return 1
	case r >= '0' && r <= '9':
		return 3.3
	case unicode.IsLetter(r) || r == '-' || r == '.' || r == '_':
		return 4.7
	}
	return 5
}

// part returns the cost of two or more characters as one unit.
func part(s []rune, plain, folded string, isWord func(string) bool) (bits float64, ok bool) {
	bits = math.Inf(1)
	if len(s) >= 3 {
		extra := 0.0
		if plain != string(s) {
			extra++
		}
		for i, word := range []string{plain, folded} {
			if i == 1 && word == plain {
				break
			}
			extra += float64(i)
			switch {
			case contains(common, word):
				bits = min(bits, commonBits+extra)
			case isWord(word):
				bits = min(bits, wordBits+extra)
			case i == 0 && len(s) >= 7 && oneCase(s) && readable(word) && !splits(word, isWord):
				bits = min(bits, readBits+extra)
			}
		}
		if sequence(plain) {
			bits = min(bits, runBits+math.Log2(float64(len(s))))
		}
	}
	if digits(plain) {
		switch {
		case len(s) == 4 && (strings.HasPrefix(plain, "19") || strings.HasPrefix(plain, "20")):
			bits = min(bits, yearBits)
		case len(s) == 6 || len(s) == 8:
			bits = min(bits, dateBits)
		}
	}
	return bits, !math.IsInf(bits, 1)
}

func contains(list, word string) bool {
	return strings.Contains(list, "\n"+word+"\n")
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// oneCase reports whether letters are in the same case, except for an initial capital, as
// in a word.
func oneCase(s []rune) bool {
	upper := 0
	for _, r := range s {
		if unicode.IsUpper(r) {
			upper++
		}
	}
	return upper == 0 || upper == len(s) || upper == 1 && unicode.IsUpper(s[0])
}

// readable reports whether letters read as one word: vowels throughout, never many
// consonants in a row.
func readable(s string) bool {
	vowels, row, n := 0, 0, 0
	for _, r := range s {
		if !unicode.IsLetter(r) {
			return false
		}
		n++
		if strings.ContainsRune("aeiouyäöüáéíóúàèìòùâêîôû", r) {
			vowels, row = vowels+1, 0
		} else if row++; row > 3 {
			return false
		}
	}
	return vowels*4 >= n && vowels*10 <= n*7
}

// splits reports whether a text is three or more words of the list.
func splits(s string, isWord func(string) bool) bool {
	words := make([]int, len(s)+1) // most words that end there; 0 for none
	for i := 1; i <= len(s); i++ {
		for j := max(0, i-12); j <= i-3; j++ {
			if (j == 0 || words[j] > 0) && isWord(s[j:i]) {
				words[i] = max(words[i], words[j]+1)
			}
		}
	}
	return words[len(s)] >= 3
}

// rows has keyboard rows and sequences.
const rows = "abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop azertyuiop yxcvbnm 1q2w3e4r5t6z 1q2w3e4r5t6y qazwsxedc"

func sequence(s string) bool {
	backward := []rune(s)
	for i, j := 0, len(backward)-1; i < j; i, j = i+1, j-1 {
		backward[i], backward[j] = backward[j], backward[i]
	}
	return strings.Contains(rows, s) || strings.Contains(rows, string(backward))
}

// repeated returns the cost of a text whose end repeats what precedes it.
func repeated(s []rune, best []float64) float64 {
	least := math.Inf(1)
	for n := 1; n <= len(s)/2; n++ {
		times := 1
		for at := len(s) - 2*n; at >= 0 && string(s[at:at+n]) == string(s[len(s)-n:]); at -= n {
			times++
		}
		if times > 1 {
			least = min(least, best[len(s)-(times-1)*n]+math.Log2(float64(times)))
		}
	}
	return least
}
