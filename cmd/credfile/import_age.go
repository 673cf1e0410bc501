package main

import (
	"bytes"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/credfile/credfile/internal/credentials"
)

// openAge opens an age file with the identities at hand, in memory. It returns the content as it is if it
// is no age file, or if none of them opens it: then the user is told how age itself would.
func (a *app) openAge(name string, b []byte) (content []byte, of string, opened bool) {
	var r io.Reader = bytes.NewReader(b)
	switch {
	case bytes.HasPrefix(b, []byte("age-encryption.org/v1\n")):
	case bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte(armor.Header)):
		r = armor.NewReader(r)
	default:
		return b, name, false
	}
	var ids []age.Identity
	for _, source := range a.keys.Sources() {
		if list, err := source.Identities(); err == nil {
			ids = append(ids, list...)
		}
	}
	if len(ids) == 0 {
		return b, name, false
	}
	plain, err := age.Decrypt(r, ids...)
	if err != nil {
		return b, name, false
	}
	content, err = io.ReadAll(io.LimitReader(plain, credentials.MaxFile+1))
	if err != nil {
		return b, name, false // damaged
	}
	return content, strings.TrimSuffix(name, ".age"), true
}
