package scan

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

func scanAll(t testing.TB, v *Values, text string) []Match {
	t.Helper()
	var list []Match
	n, err := v.NewScanner().Scan(strings.NewReader(text), func(m Match) { list = append(list, m) })
	if err != nil || n != int64(len(text)) {
		t.Fatal(n, err)
	}
	return list
}

// random returns text of base64's alphabet.
func random(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[r.IntN(64)]
	}
	return string(b)
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func wrap(text string, width int, end string) string {
	var b strings.Builder
	for i, c := range text {
		if i > 0 && i%width == 0 {
			b.WriteString(end)
		}
		b.WriteRune(c)
	}
	return b.String()
}

func pem(r *rand.Rand, n int) string {
	return "-----BEGIN FAKE KEY-----\n" + wrap(random(r, n), 64, "\n") + "\n-----END FAKE KEY-----\n"
}

func quoted(v any, html bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(html)
	e.Encode(v)
	return strings.TrimSpace(b.String())
}

func wide(text string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestForms(t *testing.T) {
	r := newRand()
	odd, long, key := `p<a>&ss "w\rd/ é+1`, random(r, 150), pem(r, 400)
	b64 := base64.StdEncoding.EncodeToString([]byte(long))
	for _, c := range []struct {
		name, value, text string
		form              Form
		split             bool
	}{
		{"alone", odd, odd, Exact, false},
		{"within text", odd, "x = " + odd + ";", Exact, false},
		{"in Go's JSON", odd, quoted(odd, true), JSON, false},
		{"in other JSON", odd, quoted(odd, false), JSON, false},
		{"in Python's JSON", odd, `"p<a>&ss \"w\\rd/ \u00e9+1"`, JSON, false},
		{"with escaped slashes", odd, `"p<a>&ss \"w\\rd\/ \u00E9+1"`, JSON, false},
		{"with escaped slashes alone", "https/abc/DEF/123", `"https\/abc\/DEF\/123"`, JSON, false},
		{"in a shell's quotes", "pa$$w0rd!X", `pa\$\$w0rd\!X`, Escaped, false},
		{"in a query", odd, url.QueryEscape(odd), URL, false},
		{"in a path", odd, url.PathEscape(odd), URL, false},
		{"in lower case", odd, strings.ToLower(url.QueryEscape(odd)), URL, false},
		{"as JavaScript does", odd + "!", "p%3Ca%3E%26ss%20%22w%5Crd%2F%20%C3%A9%2B1!", URL, false},
		{"as Python does", odd, "p%3Ca%3E%26ss%20%22w%5Crd/%20%C3%A9%2B1", URL, false},
		{"in base64", odd, base64.StdEncoding.EncodeToString([]byte(odd)), Base64, false},
		{"at the second place", odd, base64.StdEncoding.EncodeToString([]byte("u" + odd + "zz")), Base64, false},
		{"at the third place", odd, base64.RawURLEncoding.EncodeToString([]byte("u:" + odd + "z")), Base64, false},
		{"of URLs", "\xff\xfe\xfd?>?>?>~~~", base64.URLEncoding.EncodeToString([]byte("\xff\xfe\xfd?>?>?>~~~")), Base64, false},
		{"in hex", odd, hex.EncodeToString([]byte(odd)), Hex, false},
		{"in upper case", odd, strings.ToUpper(hex.EncodeToString([]byte(odd))), Hex, false},
		{"as UTF-16", long, "\xff\xfe" + wide("x="+long+"\n"), Wide, false},

		{"after a backslash", long, "export X=" + long[:20] + "\\\n    " + long[20:], Exact, true},
		{"folded", long, "x: >-\r\n  " + wrap(long, 40, "\r\n  "), Exact, true},
		{"folded at a space", "correct horse battery staple", "x: >\n  correct horse\n  battery staple\n", Exact, true},
		{"in adjacent literals", long, `"` + wrap(long, 40, "\"\n\t\t\"") + `"`, Exact, true},
		{"in joined literals", long, `'` + wrap(long, 40, "' +\n\t\t'") + `'`, Exact, true},
		{"in literals after a plus", long, `"` + wrap(long, 40, "\"\r\n\t+ \"") + `"`, Exact, true},
		{"in literals with backslashes", long, `"` + wrap(long, 40, "\" \\\n  \"") + `"`, Exact, true},
		{"in a patch", long, "+x: " + wrap(long, 40, "\n+"), Exact, true},
		{"in base64 of 64 columns", long, wrap(b64, 64, "\r\n"), Base64, true},
		{"in base64 of 76 columns", long, wrap(b64, 76, "\n"), Base64, true},
		{"in indented base64", long, "  x: " + wrap(b64, 76, "\n    "), Base64, true},

		{"of several lines", key, key, Exact, false},
		{"with CRLF", key, strings.ReplaceAll(key, "\n", "\r\n"), Exact, false},
		{"indented", key, "key: |\n  " + strings.ReplaceAll(key, "\n", "\n  "), Exact, false},
		{"indented with CRLF", key, "key: |\r\n\t" + strings.ReplaceAll(key, "\n", "\r\n\t"), Exact, false},
		{"on one line", key, `KEY="` + strings.ReplaceAll(key, "\n", `\n`) + `"`, JSON, false},
		{"on one line with \\r", key, `KEY="` + strings.ReplaceAll(key, "\n", `\r\n`) + `"`, JSON, false},
		{"by a line", key, "x\n" + key[len("-----BEGIN FAKE KEY-----\n"):][:64] + "\ny", Line, false},
		{"by a line of a large one", key + pem(r, 9000), key, Line, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			other := []byte("unrelated-Value-77")
			v := NewValues([][]byte{other, []byte(c.value + "\n")})
			for _, text := range []string{c.text, strings.Repeat("some other text, 12\n", 30) + c.text + "\nand more"} {
				list := scanAll(t, v, text)
				if len(list) == 0 {
					t.Fatalf("not found in %.300q", text)
				}
				if m := list[0]; m.Value != 1 || m.Form != c.form || m.Split != c.split {
					t.Errorf("%+v in %.300q", m, text)
				}
			}
		})
	}
}

// The layout at the ends of a value is a part of it.
func TestEnds(t *testing.T) {
	v := NewValues([][]byte{[]byte(`+'Zq8fK2mWx9Lr4TnB7vYc"`)})
	for text, want := range map[string]int{`+'Zq8fK2mWx9Lr4TnB7vYc"`: 1, `Zq8fK2mWx9Lr4TnB7vYc"`: 0, `'Zq8fK2mWx9Lr4TnB7vYc"`: 0, `+'Zq8fK2mWx9Lr4TnB7vYc`: 0, `-'Zq8fK2mWx9Lr4TnB7vYc"`: 0} {
		if list := scanAll(t, v, text); len(list) != want {
			t.Errorf("%s: %+v", text, list)
		}
	}
}

// What only looks like a value is none.
func TestNotFound(t *testing.T) {
	value := "Zq8fK2mWx9Lr4TnB7vYc"
	for _, text := range []string{
		"Zq8fK2mWx9Lr4TnB7vY", "Zq8fK2mWx9 Lr4TnB7vYc", "Zq8fK2mWx9-Lr4TnB7vYc", `Zq8fK2mWx9", "Lr4TnB7vYc`, `Zq8fK2mWx9" + x + "Lr4TnB7vYc`,
		"Zq8fK2mWx9\n\n\nLr4TnB7vYx", "zq8fk2mwx9lr4tnb7vyc", "Zq8fK2mWx9\x00\x00Lr4TnB7vYc", "Zq8fK2mWx9\"" + strings.Repeat(" ", mostGap) + "\"Lr4TnB7vYc",
		`Zq8fK2mWx9'++'Lr4TnB7vYc`, `Zq8fK2mWx9\Lr4TnB7vYc`, "Zq8fK2mWx9+Lr4TnB7vYc",
	} {
		if list := scanAll(t, NewValues([][]byte{[]byte(value)}), text); len(list) > 0 {
			t.Errorf("%+v in %.60q", list, text)
		}
	}
}

func TestSkip(t *testing.T) {
	for text, want := range map[string]Reason{
		"": Short, "hunter2": Short, "  short  \n": Short, "ключик": Short,
		"localhost": Common, "changeme": Common, "Password": Common, "example.com": Common, "production": Common, "2026-11-27": Common,
		"1700000000": Common, "eu-central-1": Common, "************************": Common, "postgres:5432": 0, "5432.5432": Common, "127.0.0.1:8080": Common,
		"AbCdEfGhIj": 0, "hunter2!": 0, "https://a.io": 0, "correct horse battery staple": 0, "sk_test_4eC39HqLyjWDarjtT1zdp7dc": 0, "abcdefghijklmnop": 0,
		"пароль12": 0, "4111111111111111": 0, "deadbeef00": Common, "deadbeef0011": 0,
	} {
		if got := Skip([]byte(text)); got != want {
			t.Errorf("%q: %v, not %v", text, got, want)
		}
	}
	if list := scanAll(t, NewValues([][]byte{[]byte("localhost")}), "localhost"); len(list) > 0 {
		t.Error(list)
	}
}

// A value is found wherever the text is cut, once, and on its line.
func TestChunks(t *testing.T) {
	r := newRand()
	value := random(r, 40)
	v := NewValues([][]byte{[]byte(value)})
	filler := bytes.Repeat([]byte("0123456789 abcdef\n"), 2*chunkSize/18)
	s := v.NewScanner()
	split := `"` + wrap(value, 13, "\"\n  \"") + `"`
	for _, end := range []int{chunkSize, chunkSize + overlap, chunkSize + overlap - mostAround, chunkSize - mostSpan} {
		for _, planted := range []string{value, split} {
			for at := end - len(planted) - 4; at <= end+4; at += 3 {
				text := slices.Clone(filler[:end+2*overlap])
				copy(text[at:], planted)
				var list []Match
				if _, err := s.Scan(bytes.NewReader(text), func(m Match) { list = append(list, m) }); err != nil {
					t.Fatal(err)
				}
				if len(list) != 1 || list[0].Line != 1+bytes.Count(text[:list[0].Start], newline) || list[0].End-list[0].Start < 40 {
					t.Fatalf("at %d: %+v", at, list)
				}
				// The lines around it count wherever the text was cut.
				if alone := scanAll(t, v, string(text[at-2*mostAround:at+2*mostAround])); alone[0].Around != list[0].Around {
					t.Fatalf("at %d: something else around it", at)
				}
			}
		}
	}
}

// However a reader hands out a text, the matches are the same.
func TestReaders(t *testing.T) {
	value := random(newRand(), 40)
	v := NewValues([][]byte{[]byte(value)})
	text := strings.Repeat("x\n"+value+"\n"+strings.Repeat("y", 1000), 1500)
	want := scanAll(t, v, text)
	if len(want) != 1500 {
		t.Fatal(len(want))
	}
	for _, r := range []io.Reader{iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
		var list []Match
		if _, err := v.NewScanner().Scan(r, func(m Match) { list = append(list, m) }); err != nil || !slices.Equal(list, want) {
			t.Error(err, len(list))
		}
	}
	broken := io.MultiReader(strings.NewReader(text), iotest.ErrReader(io.ErrClosedPipe))
	if _, err := v.NewScanner().Scan(broken, func(Match) {}); err != io.ErrClosedPipe {
		t.Error(err)
	}
}

// Two matches on equal lines are the same, elsewhere too.
func TestAround(t *testing.T) {
	value := random(newRand(), 40)
	list := scanAll(t, NewValues([][]byte{[]byte(value)}), fmt.Sprintf("a=%s\nb=%[1]s\nother\na=%[1]s\n", value))
	if len(list) != 3 || list[0].Around != list[2].Around || list[0].Around == list[1].Around {
		t.Errorf("%+v", list)
	}
}
