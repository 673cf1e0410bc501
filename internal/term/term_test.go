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

// The values of a document don't change, and a terminal acts on none of them.
func TestEscapeJSON(t *testing.T) {
	for in, want := range map[string]string{
		"{\n \"a\": \"é 名\"\n}": "{\n \"a\": \"é 名\"\n}", "\"\x1b[2J\"": `"\u001b[2J"`, "\"\u202e\u2028\x7f\"": `"\u202e\u2028\u007f"`, "\"\U000e0001\"": `"\udb40\udc01"`, "\ufffd": "\ufffd",
	} {
		if got := EscapeJSON(in); got != want {
			t.Errorf("EscapeJSON(%q) = %q, want %q", in, got, want)
		}
	}
}

// A shell takes a quoted word as one word, and as nothing else.
func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"a-b_c.d/e:f@g+h,i%j=k": "a-b_c.d/e:f@g+h,i%j=k", "": "''", "a b": "'a b'", "$(x)": "'$(x)'", "`x`": "'`x`'", "a;b": "'a;b'", "a\nb": "'a\nb'", "it's": `'it'\''s'`, "~": "'~'", "ä": "'ä'",
	} {
		if got := Quote(in); got != want {
			t.Errorf("Quote(%q) = %q, want %q", in, got, want)
		}
	}
}
