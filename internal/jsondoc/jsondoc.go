// Package jsondoc has the documents that the command prints with --json, as docs/json.md
// describes them, and makes them from sections. Their words are stable, and fields are only
// ever added.
package jsondoc

import (
	"bytes"
	"encoding/json"
	"io"
	"time"
	"unicode/utf8"

	"github.com/credfile/credfile/internal/term"
)

// Schema is the version of every document.
const Schema = 1

type (
	// Error is an error, on one line.
	Error struct {
		Schema int       `json:"schema"`
		Error  ErrorBody `json:"error"`
	}
	// ErrorBody says what went wrong. Code is the exit code, and Kind the word for it.
	ErrorBody struct {
		Code    int      `json:"code"`
		Kind    string   `json:"kind"`
		Message string   `json:"message"`
		Details []string `json:"details,omitempty"`
		Hint    string   `json:"hint,omitempty"`
	}
	// Verify is what a verified file contains.
	Verify struct {
		Schema      int    `json:"schema"`
		File        string `json:"file"`
		Profiles    int    `json:"profiles"`
		Credentials int    `json:"credentials"`
		FirstSight  bool   `json:"first_sight"`
	}
	// Value is a credential. A value that is not UTF-8 is in base64 (RFC 4648, section 4,
	// with padding).
	Value struct {
		Schema  int     `json:"schema"`
		File    string  `json:"file"`
		Commit  string  `json:"commit,omitempty"` // of an earlier version
		Profile string  `json:"profile"`
		Name    string  `json:"name"`
		Value   *string `json:"value,omitempty"`
		Base64  []byte  `json:"base64,omitempty"`
	}
	// Env has the variables that a command would get.
	Env struct {
		Schema    int               `json:"schema"`
		File      string            `json:"file"`
		Commit    string            `json:"commit,omitempty"` // of an earlier version
		Variables map[string]string `json:"variables"`
	}
	// Unlocked lists what is kept unlocked, and where.
	Unlocked struct {
		Schema int    `json:"schema"`
		Store  string `json:"store"`
		Kept   []Kept `json:"kept"`
	}
	// Kept is an identity that is kept unlocked.
	Kept struct {
		What  string    `json:"what"`
		Until time.Time `json:"until"`
	}
)

// NewValue returns a credential's value.
func NewValue(path, profile, name string, value []byte) Value {
	doc := Value{Schema: Schema, File: path, Profile: profile, Name: name}
	if utf8.Valid(value) {
		text := string(value)
		doc.Value = &text
	} else {
		doc.Base64 = value
	}
	return doc
}

// Encode writes a document. It escapes what a terminal would act on or what could deceive a
// reader: anyone can choose the name of a file.
func Encode(w io.Writer, document any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", indent)
	e.SetEscapeHTML(false)
	if err := e.Encode(document); err != nil {
		return err
	}
	_, err := io.WriteString(w, term.EscapeJSON(b.String()))
	return err
}
