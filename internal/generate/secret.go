package generate

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Forms lists the forms that [Secret] makes, for messages.
const Forms = "password[:LENGTH[:RULES]], words[:NUMBER], hex[:BYTES], base64[:BYTES] or uuid"

// ErrForm reports an unknown or unusable form.
var ErrForm = errors.New("must be one of " + Forms)

// The limits of Secret. Below the minimum, guessing is too cheap.
const (
	minLength, maxLength = 8, 1024 // characters, or bytes
	minWords, maxWords   = 4, 64
)

// Secret makes a secret of a form:
//
//   - password[:LENGTH[:RULES]]: 32 characters, lower and upper case letters and digits.
//     RULES selects other classes, with at least one character of each: l for lower case,
//     u for upper case, d for digits, s for symbols.
//   - words[:NUMBER]: 6 words of the EFF's large wordlist.
//   - hex[:BYTES], base64[:BYTES]: 32 bytes, in lower case or as in RFC 4648 section 4.
//   - uuid: version 4, RFC 9562.
func Secret(form string) (string, error) {
	kind, rest, given := strings.Cut(form, ":")
	size, rules, ruled := strings.Cut(rest, ":")
	n, err := strconv.Atoi(size)
	if given && (err != nil || strconv.Itoa(n) != size) || ruled && kind != "password" {
		return "", ErrForm
	}
	if !given {
		n = map[string]int{"password": 32, "words": PassphraseWords, "hex": 32, "base64": 32, "uuid": 16}[kind]
	}
	least, most := minLength, maxLength
	if kind == "words" {
		least, most = minWords, maxWords
	}
	if !known(kind) || kind == "uuid" && given {
		return "", ErrForm
	}
	if n < least || n > most {
		return "", fmt.Errorf("%w, with %d to %d", ErrForm, least, most)
	}
	switch kind {
	case "password":
		if !ruled {
			rules = "lud"
		}
		return password(n, rules)
	case "words":
		return Words(n), nil
	case "hex":
		return hex.EncodeToString(random(n)), nil
	case "base64":
		return base64.StdEncoding.EncodeToString(random(n)), nil
	}
	b := random(n) // a UUID
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

func known(kind string) bool {
	switch kind {
	case "password", "words", "hex", "base64", "uuid":
		return true
	}
	return false
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// classes are the characters of each rule. Symbols exclude those with a meaning to shells,
// URLs and configuration files, as far as any are left.
var classes = map[rune]string{
	'l': "abcdefghijklmnopqrstuvwxyz", 'u': "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 'd': "0123456789", 's': "-_.~+,@^*!",
}

// password draws the whole password until it has one character of each class, so that all
// such passwords are equally likely.
func password(n int, rules string) (string, error) {
	alphabet := ""
	for _, r := range rules {
		if classes[r] == "" || strings.ContainsAny(alphabet, classes[r]) {
			return "", ErrForm
		}
		alphabet += classes[r]
	}
	if alphabet == "" {
		return "", ErrForm
	}
	for {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[number(len(alphabet))]
		}
		complete := true
		for _, r := range rules {
			complete = complete && strings.ContainsAny(string(b), classes[r])
		}
		if complete {
			return string(b), nil
		}
	}
}
