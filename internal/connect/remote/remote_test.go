package remote_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
)

// What a server says is shown in one line, without what acts on a terminal or is secret.
func TestShown(t *testing.T) {
	c := &remote.Client{Secrets: []string{"", "abc", "fake-secret", "fake+secret"}}
	for _, s := range []struct{ in, out string }{
		{`plain "words"`, `plain "words"`},
		{"a\nb\x1b[2J\u202e\x00", `a\nb\x1b[2J\u202e\x00`},
		{"x fake-secret y fake%2Bsecret", "x [secret] y [secret]"},
		{"abc", "abc"}, // is part of words
		{"\xff", "?"},
		{strings.Repeat("é", 31), strings.Repeat("é", 30) + "…"},
	} {
		if got := c.Shown(s.in, 61); got != s.out {
			t.Errorf("%q: %q, want %q", s.in, got, s.out)
		}
	}
}

func TestSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		`3600`: time.Hour, `"900"`: 15 * time.Minute, `1.5`: time.Second, `0`: 0, `-1`: 0, `1e300`: 0, `1e10`: 0, `"soon"`: 0, `"NaN"`: 0, `null`: 0, `{}`: 0,
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if got := remote.Seconds(v); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
