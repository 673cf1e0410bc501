package remote

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/credfile/credfile/internal/source"
)

// FuzzRefused: what a server says is short, can't act on a terminal, and has nothing of the secret that it may have
// echoed. What is no answer is an error, too, unless its status says that it is good.
func FuzzRefused(f *testing.F) {
	for _, s := range []string{
		`{"error":"access_denied","error_description":"not for not-a-real-secret"}`, `{"error":"slow_down"}`, `{"error":"x\u001b[2J","error_description":"not%2Da%2Dreal-secret"}`,
		`{"error":1}`, `{}`, "", "\xff", `{"error":"e","error_description":"` + strings.Repeat("not-a-real-secret", 40) + `"}`,
	} {
		f.Add([]byte(s), "not-a-real-secret", uint16(400))
		f.Add([]byte(s), "a secret/+=", uint16(200))
	}
	f.Fuzz(func(t *testing.T, body []byte, secret string, status uint16) {
		c := &Client{Secrets: []string{secret}}
		err := c.RefusedIn("h.example", int(status), body)
		if err == nil {
			if status < 200 || status > 299 {
				t.Errorf("status %d is good", status)
			}
			return
		}
		var e *source.Error
		if !errors.As(err, &e) || e.Class == "" || len(e.Message) > 4*(64+300)+100 || !utf8.ValidString(e.Message) {
			t.Fatalf("%T %v", err, err)
		}
		if strings.ContainsFunc(e.Message, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e }) {
			t.Errorf("%q acts on a terminal", e.Message)
		}
		// What the message itself says, or the writing of it, may look like a secret of the fuzzer's.
		if len(secret) < 12 || !IsToken(secret) || strings.ContainsAny(secret, `\":[]. `) {
			return
		}
		for _, form := range []string{secret, url.QueryEscape(secret)} {
			if strings.Contains(e.Message, form) {
				t.Errorf("%q has the secret %q", e.Message, form)
			}
		}
	})
}
