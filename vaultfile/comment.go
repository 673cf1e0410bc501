package vaultfile

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// validComment reports whether text is valid in a comment record: whole lines of UTF-8,
// each blank or starting with #. Without this check, a writer of one profile could put a
// line into a colleague's editor that reads as another profile's credential.
func validComment(text []byte) bool {
	if len(text) == 0 || text[len(text)-1] != '\n' || !utf8.Valid(text) {
		return false
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimLeft(line[:len(line)-1], " \t")
		if len(line) > 0 && line[0] != '#' {
			return false
		}
		for _, c := range line {
			if c < ' ' && c != '\t' || c == 0x7f {
				return false
			}
		}
	}
	return true
}

// aboveLastEmptyLine returns a comment's lines up to and including its last empty line.
// They do not belong to the credential below.
func aboveLastEmptyLine(text []byte) []byte {
	end, pos := 0, 0
	for line := range bytes.Lines(text) {
		pos += len(line)
		if len(bytes.TrimSpace(line)) == 0 {
			end = pos
		}
	}
	return slices.Clone(text[:end])
}
