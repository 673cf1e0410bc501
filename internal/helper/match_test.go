package helper

import (
	"strings"
	"testing"
)

// A host is compared as it is written, so it has one form.
func TestSplitHost(t *testing.T) {
	for s, ok := range map[string]bool{
		"a": true, "A.example:8080": true, "a-b_c.example": true, "127.0.0.1:1": true, "a:": true, "a:65535": true,
		"": false, ":80": false, "a:123456": false, "a:8x": false, "a:-1": false, "a b": false, "a/b": false, "a@b": false, "é": false, "[::1]": false, "a:1:2": false,
	} {
		host, _, got := splitHost(s)
		if got != ok || got && host != strings.ToLower(host) {
			t.Errorf("%q: %q, %v", s, host, got)
		}
	}
}

// A name is a login only if its path can't lead elsewhere.
func TestParseLogin(t *testing.T) {
	for name, ok := range map[string]bool{
		"me@a.example": true, "me@a.example/x/y": true, "me@b@a.example": true, "me@a.example/x..y": true,
		"a.example": false, "@a.example": false, "me@": false, "me@a b": false, "me@a.example:x": false, "me@a.example/..": false, "me@a.example/x/../y": false, "me@a.example/./x": false,
	} {
		if l, got := parseLogin(name); got != ok {
			t.Errorf("%q: %+v, %v", name, l, got)
		}
	}
	for _, host := range []string{"", "a b", "a:x"} {
		if q, ok := newQuestion("https", host, "", ""); ok || q.protocol != "" {
			t.Errorf("%q is asked for: %+v", host, q)
		}
	}
	if _, err := readInput(strings.NewReader(strings.Repeat("x", maxInput+1))); err == nil {
		t.Error("too much is read")
	}
	if b, err := readInput(strings.NewReader(strings.Repeat("x", maxInput))); err != nil || len(b) != maxInput {
		t.Errorf("as much as allowed: %d bytes, %v", len(b), err)
	}
}
