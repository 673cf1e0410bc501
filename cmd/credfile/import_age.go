package main

import (
	"strings"

	"github.com/credfile/credfile/internal/agefile"
	"github.com/credfile/credfile/internal/credentials"
)

// openAge opens an age file with the identities at hand, in memory. It returns the content as it is if it
// is no age file, or if none of them opens it: then the user is told how age itself would.
func (a *app) openAge(name string, b []byte) (content []byte, of string, opened bool) {
	if !agefile.Is(b) {
		return b, name, false
	}
	for _, source := range a.keys.Sources() {
		ids, err := source.Identities()
		if err != nil || len(ids) == 0 {
			continue
		}
		if content, err := agefile.Decrypt(b, credentials.MaxFile, ids...); err == nil {
			return content, strings.TrimSuffix(name, ".age"), true
		}
	}
	return b, name, false
}
