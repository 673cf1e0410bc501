// Package editdoc converts profiles to the TOML document that people edit, and back, with
// order and comments. It knows nothing about credfiles' keys.
//
// A profile is a table. A credential is a key in it: a string, { base64 = "…" } for bytes that
// are not text, or { value = "…", expires = 2027-05-01, file = true }. A source is a key, too: { source = "KIND", … } with
// its definition. A comment is above what it belongs to. Lines that begin with #| are the program's notes to the user. They are not read back.
package editdoc

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Profile is a table of the document.
type Profile struct {
	Name    string
	Entries []Entry
	Line    int // of its header; 0 if it was not read
}

// Entry is a credential with the comment above it. Without a name, it is the comment at the
// end of a profile.
type Entry struct {
	Name    string
	Kind    string   // of a source, whose definition is the value
	Comment string   // lines, each with its LF: blank, or with a #
	Notes   []string // the program's notes below it; Parse does not read them
	Value   []byte
	Expires time.Time
	File    bool // programs get it as a file
	Line    int
}

// Mark begins the program's own lines. A comment that begins the same way gets a backslash,
// in addition to any it has. Parse removes it.
const Mark = "#|"

// escapeMarks distinguishes comments from the program's own lines.
func escapeMarks(comment string) string {
	var b strings.Builder
	for line := range strings.Lines(comment) {
		if at := marked(line); at >= 0 {
			line = line[:at] + `\` + line[at:]
		}
		b.WriteString(line)
	}
	return b.String()
}

// marked returns the position of the backslashes in a line that would otherwise begin with
// Mark, or -1.
func marked(line string) int {
	rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), Mark[:1])
	if !ok || !strings.HasPrefix(strings.TrimLeft(rest, `\`), Mark[1:]) {
		return -1
	}
	return len(line) - len(rest)
}

// Render returns the document: notes to the user, then the profiles.
func Render(notes []string, ps []Profile) []byte {
	var b bytes.Buffer
	note(&b, notes)
	for _, p := range ps {
		if b.Len() > 0 {
			b.WriteByte('\n') // removed by Parse
		}
		fmt.Fprintf(&b, "[%s]\n", key(p.Name))
		for _, e := range p.Entries {
			b.WriteString(escapeMarks(e.Comment))
			note(&b, e.Notes)
			if e.Name != "" {
				fmt.Fprintf(&b, "%s = %s\n", key(e.Name), value(e))
			}
		}
	}
	return b.Bytes()
}

func note(b *bytes.Buffer, notes []string) {
	for _, note := range notes {
		fmt.Fprintln(b, strings.TrimRight(Mark+" "+strings.ReplaceAll(note, "\n", " "), " "))
	}
}

// key returns a bare key if TOML allows it.
func key(name string) string {
	for _, c := range name {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return `"` + name + `"` // names contain neither quotes nor backslashes
		}
	}
	return name
}

func value(e Entry) string {
	if e.Kind != "" {
		return sourceText(e)
	}
	text, name := quote(string(e.Value)), "value"
	if !utf8.Valid(e.Value) || bytes.IndexByte(e.Value, 0) >= 0 {
		text, name = `"`+base64.StdEncoding.EncodeToString(e.Value)+`"`, "base64"
	} else if e.Expires.IsZero() && !e.File {
		return text
	}
	if !e.Expires.IsZero() {
		text += ", expires = " + e.Expires.Format(dateLayout)
	}
	if e.File {
		text += ", file = true"
	}
	return "{ " + name + " = " + text + " }"
}

// sourceText shows a definition, which is TOML as well, in one line.
func sourceText(e Entry) string {
	text := "{ source = " + quote(e.Kind)
	for line := range strings.Lines(string(e.Value)) {
		text += ", " + strings.TrimSuffix(line, "\n")
	}
	return text + " }"
}

const dateLayout = "2006-01-02"

// quote formats text as a TOML string, in the most readable form.
func quote(s string) string {
	plain := !strings.ContainsFunc(s, func(r rune) bool { return control(r) || r == '\n' })
	switch {
	case plain && !strings.ContainsAny(s, `"\`):
		return `"` + s + `"`
	case plain && !strings.Contains(s, "'"):
		return "'" + s + "'"
	case strings.Contains(s, "\n"):
		// The first line feed is not part of the string.
		return "\"\"\"\n" + escape(s, true) + `"""`
	}
	return `"` + escape(s, false) + `"`
}

func control(r rune) bool { return r < ' ' && r != '\t' && r != '\n' || r == 0x7f }

func escape(s string, lines bool) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' && lines:
			b.WriteByte('\n')
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case control(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
