package term

import "testing"

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain /päth 名":       "plain /päth 名",
		"\x1b]0;x\a":          `\u{1b}]0;x\u{7}`,
		"a\rb\nc\td":          `a\u{d}b\u{a}c\u{9}d`,
		"\u202egnp.exe":       `\u{202e}gnp.exe`,
		"\u2028|\u0085|\x7f|": `\u{2028}|\u{85}|\u{7f}|`,
		"\xff\x9b31m":         `\xff\x9b31m`,
		"\u200b\u2066\ufeff":  `\u{200b}\u{2066}\u{feff}`,
	} {
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHasControl(t *testing.T) {
	for in, want := range map[string]bool{
		"": false, "a\n\tb": false, "\x1b[2J": true, "\r": true, "\x00": true, "\xc3(": true, "\u202e": true,
	} {
		if got := HasControl([]byte(in)); got != want {
			t.Errorf("HasControl(%q) = %v, want %v", in, got, want)
		}
	}
}
