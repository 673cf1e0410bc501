package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"unicode/utf8"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// The documents described in docs/json.md. Fields are only ever added.
type (
	jsonProfiles struct {
		Schema   int           `json:"schema"`
		File     string        `json:"file"`
		Profiles []jsonProfile `json:"profiles"`
	}
	jsonProfile struct {
		Name        string           `json:"name"`
		ID          string           `json:"id"`
		Key         string           `json:"key"`
		Revision    uint64           `json:"revision"`
		Hidden      bool             `json:"hidden"`
		Credentials []jsonCredential `json:"credentials,omitempty"`
		Recipients  []jsonRecipient  `json:"recipients,omitempty"`
	}
	jsonCredential struct {
		Name    string `json:"name"`
		Changed string `json:"changed"`
		Expires string `json:"expires,omitempty"`
	}
	jsonRecipient struct {
		Name        string `json:"name"`
		Role        string `json:"role"`
		Kind        string `json:"kind"`
		Lock        string `json:"lock,omitempty"`
		Fingerprint string `json:"fingerprint"`
		Recipient   string `json:"recipient"`
	}
	jsonVerify struct {
		Schema      int    `json:"schema"`
		File        string `json:"file"`
		Profiles    int    `json:"profiles"`
		Credentials int    `json:"credentials"`
		FirstSight  bool   `json:"first_sight"`
	}
	jsonError struct {
		Schema int           `json:"schema"`
		Error  jsonErrorBody `json:"error"`
	}
	jsonErrorBody struct {
		Code    int      `json:"code"`
		Kind    string   `json:"kind"`
		Message string   `json:"message"`
		Details []string `json:"details,omitempty"`
		Hint    string   `json:"hint,omitempty"`
	}
)

type (
	// jsonValue is what get prints. A value that is not UTF-8 is in base64 (RFC 4648,
	// section 4, with padding).
	jsonValue struct {
		Schema  int     `json:"schema"`
		File    string  `json:"file"`
		Profile string  `json:"profile"`
		Name    string  `json:"name"`
		Value   *string `json:"value,omitempty"`
		Base64  []byte  `json:"base64,omitempty"`
	}
	jsonEnv struct {
		Schema    int               `json:"schema"`
		File      string            `json:"file"`
		Variables map[string]string `json:"variables"`
	}
)

func newJSONValue(path, profile, name string, value []byte) jsonValue {
	doc := jsonValue{Schema: 1, File: path, Profile: profile, Name: name}
	if utf8.Valid(value) {
		text := string(value)
		doc.Value = &text
	} else {
		doc.Base64 = value
	}
	return doc
}

// kinds maps exit codes to words, since env -- CMD turns most codes into 125.
var kinds = map[int]string{
	exitOther: "other", exitUsage: "usage", exitNoKey: "cannot-open", exitNotFound: "not-found", exitBusy: "behind",
	exitDamaged: "untrusted", exitNoTerminal: "needs-terminal", exitInterrupted: "interrupted",
	exitNotRunning: "cannot-execute", exitNoCommand: "command-not-found",
}

func (a *app) printJSON(document any) error {
	return encodeJSON(a.stdout, document, "  ")
}

// encodeJSON writes a document. It escapes what a terminal would act on or what could
// deceive a reader: anyone can choose the name of a file.
func encodeJSON(w io.Writer, document any, indent string) error {
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

func newJSONProfile(s *format.Profile) jsonProfile {
	return jsonProfile{Name: s.Name, ID: base64Text(s.ID[:]), Key: base64Text(s.Key[:]), Revision: s.Revision, Hidden: s.Hidden}
}

func jsonList(path string, sections []*format.Profile) jsonProfiles {
	doc := jsonProfiles{Schema: 1, File: path, Profiles: []jsonProfile{}}
	for _, s := range sections {
		p := newJSONProfile(s)
		for i := range s.Entries {
			e := &s.Entries[i]
			if e.IsComment() {
				continue
			}
			c := jsonCredential{Name: e.Name, Changed: format.FormatTime(e.Time)}
			if !e.Expires.IsZero() {
				c.Expires = format.FormatDate(e.Expires)
			}
			p.Credentials = append(p.Credentials, c)
		}
		doc.Profiles = append(doc.Profiles, p)
	}
	return doc
}

func jsonRecipients(path string, sections []*format.Profile) jsonProfiles {
	doc := jsonProfiles{Schema: 1, File: path, Profiles: []jsonProfile{}}
	for _, s := range sections {
		p := newJSONProfile(s)
		for i := range s.Recipients {
			r := &s.Recipients[i]
			p.Recipients = append(p.Recipients, jsonRecipient{Name: r.Name, Role: role(r), Kind: kind(r), Lock: r.Lock,
				Fingerprint: vaultfile.Fingerprint(r.String), Recipient: r.String})
		}
		doc.Profiles = append(doc.Profiles, p)
	}
	return doc
}

// reportJSON prints an error as JSON.
func (a *app) reportJSON(f finding) {
	_ = encodeJSON(a.stderr, jsonError{1, jsonErrorBody{Code: f.code, Kind: kinds[f.kind], Message: f.text, Details: f.details, Hint: f.hint}}, "")
}

// base64Text encodes ids and keys as the file does.
func base64Text(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }
