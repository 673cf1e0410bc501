package codec

import (
	"bytes"
	"unicode/utf8"
)

// blanks are the two blanks that every tool accepts.
const blanks = " \t"

// withoutBOM drops the mark that some editors on Windows put first. The tools differ in
// whether they do, but none has a use for it in a name.
func withoutBOM(b []byte) []byte {
	return bytes.TrimPrefix(b, []byte(mark))
}

// mark is the byte order mark in UTF-8.
const mark = "\uFEFF"

// lineAt returns the end of the line that contains offset i, without its line end, and the
// start of the next line. CR LF ends a line, as does a CR that is the last byte of the input.
func lineAt(b []byte, i int) (end, next int) {
	end, next = len(b), len(b)
	if n := bytes.IndexByte(b[i:], '\n'); n >= 0 {
		end, next = i+n, i+n+1
	}
	if end > i && b[end-1] == '\r' {
		end--
	}
	return end, next
}

// skipBlanks returns the first offset at or after i that is not a blank.
func skipBlanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') {
		i++
	}
	return i
}

// badBytes returns the reason why no tool, or not every tool, could pass on this text.
func badBytes(b []byte) (reason, bool) {
	switch {
	case bytes.IndexByte(b, 0) >= 0:
		return whyNUL, true
	case !utf8.Valid(b):
		return whyUTF8, true
	case loneCR(b):
		return whyCR, true
	}
	return "", false
}

// loneCR finds a carriage return that ends no line. Some tools take it as a line end,
// others as a blank, others as part of the value.
func loneCR(b []byte) bool {
	for i, c := range b {
		if c == '\r' && i+1 < len(b) && b[i+1] != '\n' {
			return true
		}
	}
	return false
}

// oddBlank finds unquoted characters that some languages' libraries trim from a value, or
// take as the end of a line, and others don't.
func oddBlank(b []byte) bool {
	for _, r := range string(b) {
		switch {
		case r < ' ' && r != '\t', r == 0x85, r == 0xA0, r == 0x1680:
			return true
		case 0x2000 <= r && r <= 0x200A, r == 0x2028, r == 0x2029, r == 0x202F, r == 0x205F, r == 0x3000, r == 0xFEFF:
			return true
		}
	}
	return false
}
