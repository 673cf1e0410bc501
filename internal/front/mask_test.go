package front

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

func masked(values []string, chunks ...string) string {
	var b bytes.Buffer
	m := NewMasker(&b, values)
	for _, c := range chunks {
		io.WriteString(m, c)
	}
	m.Close()
	return b.String()
}

// No eight characters of a printed value are shown, wherever the output is cut. Everything
// else is.
func TestMaskEveryCut(t *testing.T) {
	racetest.Skip(t)
	key := "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA1234\nshort\nabcdefghijklmnop+/==\n-----END KEY-----\n"
	values := []string{"hunter2-hunter2", "abcabcabcabd", "aaaaaaaaaa", key, `with "quotes" & ümlaut`, "short", "hunter2-hunter2-more"}
	js := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	for _, c := range []struct{ text, want string }{
		{"password is hunter2-hunter2, yes", "password is [masked], yes"},
		{"hunter2-hunter2hunter2-hunter2", "[masked]"},
		{"hunter2-hunter2-mor", "[masked]-mor"},
		{"hunter2-hunter2-more", "[masked]"},
		{"hunter2-hunter", "hunter2-hunter"},
		{"abcabcabcabcabd!", "abc[masked]!"},
		{"aaaaaaaaaaaaa", "[masked]"},
		{"aaaaaaaaa", "aaaaaaaaa"},
		{"short", "short"},
		{key, "[masked]"},
		{"x MIIEowIBAAKCAQEA1234 y", "x [masked] y"},
		{base64.StdEncoding.EncodeToString([]byte("hunter2-hunter2")), "[masked]"},
		{url.QueryEscape(values[4]) + "&x=1", "[masked]&x=1"},
		{js(values[4]), `"[masked]"`},
		{"", ""},
	} {
		for i := 0; i <= len(c.text); i++ {
			for j := i; j <= len(c.text); j += 1 + len(c.text)/40 {
				if got := masked(values, c.text[:i], c.text[i:j], c.text[j:]); got != c.want {
					t.Fatalf("%q cut at %d and %d: %q, want %q", c.text, i, j, got, c.want)
				}
			}
		}
	}
	// In base64 of a longer text, no part of the value alone is shown.
	for _, prefix := range []string{"", "a", "ab", "user:"} {
		text := base64.StdEncoding.EncodeToString([]byte(prefix + "hunter2-hunter2" + "zz"))
		if got := masked(values, text); len(got) > len(text) || !strings.Contains(got, Masked) {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// A stream that rests after every byte shows at most seven characters of a value.
func TestMaskRests(t *testing.T) {
	for _, value := range []string{"hunter2-hunter2", "aaaaaaaaaaaa", "12345678", "abcabcabcabd"} {
		var b bytes.Buffer
		m := NewMasker(&b, []string{value})
		for _, c := range []byte("> " + value + "\n") {
			m.Write([]byte{c})
			m.Rest()
		}
		m.Close()
		if got := b.String(); got != "> "+value[:MinMasked-1]+Masked+"\n" {
			t.Errorf("%s: %q", value, got)
		}
	}
}

// Other programs' forms of a value, as they print them.
func TestMaskForms(t *testing.T) {
	long := strings.Repeat("0123456789-abcdefghij/", 6)
	values := []string{"ab/cd+efgh=ijkl", "p@ss!word'(x)*yz", "pässwörter-groß", "\U0001f600 and more", long}
	wrapped := func(width int) string {
		var b strings.Builder
		for rest := base64.StdEncoding.EncodeToString([]byte(long)); rest != ""; rest = rest[min(width, len(rest)):] {
			b.WriteString(rest[:min(width, len(rest))] + "\n")
		}
		return b.String()
	}
	for form, text := range map[string]string{
		"Python's quote": "ab/cd%2Befgh%3Dijkl", "in lower case": "ab%2fcd%2befgh%3dijkl", "JavaScript's encodeURIComponent": "p%40ss!word'(x)*yz",
		"Python's json": `p\u00e4ssw\u00f6rter-gro\u00df`, "a pair of surrogates": `\ud83d\ude00 and more`, "PHP's json": `ab\/cd+efgh=ijkl`,
	} {
		if got := masked(values, "<"+text+">"); got != "<[masked]>" {
			t.Errorf("%s: %q", form, got)
		}
	}
	for _, width := range []int{64, 76} {
		for line := range strings.Lines(masked(values, wrapped(width))) {
			if line = strings.TrimSpace(line); line != Masked && len(line) >= MinMasked {
				t.Errorf("base64 in lines of %d: %q", width, line)
			}
		}
	}
}

// While the stream rests, a question is shown. What follows is still masked.
func TestMaskRest(t *testing.T) {
	var b bytes.Buffer
	m := NewMasker(&b, []string{"hunter2-hunter2"})
	io.WriteString(m, "continue? h")
	if got := b.String(); got != "continue? " {
		t.Errorf("%q", got)
	}
	m.Rest()
	if got := b.String(); got != "continue? h" {
		t.Errorf("%q", got)
	}
	io.WriteString(m, "unter2-hunter2 and on")
	m.Close()
	if got := b.String(); got != "continue? h[masked] and on" {
		t.Errorf("%q", got)
	}
	b.Reset()
	m = NewMasker(&b, []string{"hunter2-hunter2"})
	io.WriteString(m, "hunter2-hun")
	m.Rest()
	if b.Len() > 0 {
		t.Errorf("more than seven characters of a value: %q", b.String())
	}
}

// A random stream of values and other text, cut at random, against a plain model.
func TestMaskRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		var values []string
		for range 1 + random.IntN(4) {
			value := ""
			for range 8 + random.IntN(12) {
				value += string("abc"[random.IntN(3)])
			}
			values = append(values, value)
		}
		text := ""
		for range random.IntN(30) {
			if random.IntN(3) == 0 {
				text += values[random.IntN(len(values))]
			} else {
				text += string("abcd"[random.IntN(4)])
			}
		}
		hide := make([]bool, len(text))
		for _, v := range values {
			for i := 0; i+len(v) <= len(text); i++ {
				if text[i:i+len(v)] == v {
					for j := range v {
						hide[i+j] = true
					}
				}
			}
		}
		want := ""
		for i := range hide {
			if !hide[i] {
				want += text[i : i+1]
			} else if i == 0 || !hide[i-1] {
				want += Masked
			}
		}
		var chunks []string
		for rest := text; rest != ""; {
			n := 1 + random.IntN(len(rest))
			chunks, rest = append(chunks, rest[:n]), rest[n:]
		}
		if got := masked(values, chunks...); got != want {
			t.Fatalf("%q of %q: %q, want %q", text, values, got, want)
		}
	}
}

func BenchmarkMask(b *testing.B) {
	var values []string
	for i := range 100 {
		values = append(values, fmt.Sprintf("a value of forty characters, number %04d", i))
	}
	line := []byte("2026-11-20T08:00:00Z INFO request served path=/api/v1/items status=200 took=12ms\n")
	chunk := bytes.Repeat(line, 400)
	m := NewMasker(io.Discard, values)
	b.SetBytes(int64(len(chunk)))
	for b.Loop() {
		m.Write(chunk)
	}
}
