package scan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzScan compares with a search for each form, one after the other.
func FuzzScan(f *testing.F) {
	f.Add([]byte("Zq8fK2mWx9Lr4TnB"), []byte("\"p<a>&ss\nw\\rd\""), []byte("x"), uint16(3), uint8(2))
	f.Add([]byte("aXaXaXaXaXaXaXa"), []byte("aXaXaXaX"), []byte("aXaXaX \\\n"), uint16(9), uint8(7))
	f.Add([]byte("\xff\x00+++++\x80+++"), []byte("'''''''''+\"\"\" \\"), []byte("+'"), uint16(0), uint8(0))
	f.Fuzz(func(t *testing.T, one, two, filler []byte, at uint16, which uint8) {
		v := NewValues([][]byte{one, two})
		text := string(filler)
		if len(v.patterns) > 0 {
			p := v.patterns[int(which)%len(v.patterns)].text
			cut := min(int(at), len(text))
			text = text[:cut] + p + text[cut:] + p[:len(p)-1]
		}
		found := map[int]bool{}
		for _, m := range scanAll(t, v, text) {
			found[m.Value] = true
			here := text[m.Start:m.End]
			if m.Line != 1+strings.Count(text[:m.Start], "\n") {
				t.Errorf("line %d", m.Line)
			}
			if m.Split || m.Form == Escaped || m.Form == Wide {
				continue
			}
			if !slices.ContainsFunc(v.patterns, func(p pattern) bool {
				return p.value == m.Value && squash(p.text) == squash(here)
			}) {
				t.Errorf("%q is no form of value %d", here, m.Value)
			}
		}
		for _, p := range v.patterns {
			if strings.Contains(text, p.text) && !found[p.value] {
				t.Errorf("%q, form %d of value %d, is in %q", p.text, p.form, p.value, text)
			}
		}
	})
}

// manyValues returns values as services give them, each with a prefix that many share.
func manyValues(r *rand.Rand, n int) (list [][]byte) {
	for i := range n {
		prefix := []string{"sk_live_", "ghp_", "postgres://app:", "AKIA", "eyJhbGciOiJIUzI1NiJ9."}[i%5]
		value := prefix + random(r, 20+r.IntN(40))
		if i%5 == 2 {
			value += "@db.internal:5432/app?sslmode=require"
		}
		if i%50 == 0 {
			value = pem(r, 1600)
		}
		list = append(list, []byte(value))
	}
	return list
}

// sourceText returns text like that of source files, with keys and hashes in it.
func sourceText(r *rand.Rand, size int) string {
	words := strings.Fields("func return if err != nil { } const password config database string package import := range value(key, token) postgres://localhost:5432/app " +
		"https://example.com/api/v1/users \"name\": true, // the connection is closed when 0x00 = 127 secret_key_base AWS_ACCESS_KEY_ID sk_test_ process.env.PORT")
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(strings.Repeat("\t", r.IntN(4)))
		for range 3 + r.IntN(8) {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteByte(' ')
		}
		if r.IntN(20) == 0 {
			fmt.Fprintf(&b, "%x", r.Uint64())
		}
		if r.IntN(40) == 0 {
			b.WriteString(random(r, 44))
		}
		b.WriteByte('\n')
	}
	return b.String()[:size]
}

// nearMisses returns text full of what begins, or ends, like a value.
func nearMisses(r *rand.Rand, values [][]byte, size int) string {
	var b strings.Builder
	for b.Len() < size {
		value := values[r.IntN(len(values))]
		switch cut := 1 + r.IntN(len(value)-1); r.IntN(3) {
		case 0:
			b.Write(value[:cut])
		case 1:
			b.Write(value[cut:])
		default:
			b.Write(value[:len(value)-1])
		}
		b.WriteByte(" =\n:"[r.IntN(4)])
	}
	return b.String()[:size]
}

func BenchmarkScan(b *testing.B) {
	r := newRand()
	values := manyValues(r, 1000)
	v := NewValues(values)
	for _, c := range []struct{ name, text string }{
		{"source", sourceText(r, 32<<20)},
		{"base64", random(r, 32<<20)},
		{"zeros", strings.Repeat("\x00", 32<<20)},
		{"near", nearMisses(r, values, 32<<20)},
		{"matches", strings.Repeat(string(values[1])+"\n", 32<<20/len(values[1]))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			s := v.NewScanner()
			for b.Loop() {
				if _, err := s.Scan(strings.NewReader(c.text), func(Match) {}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(v.patterns)), "patterns")
		})
	}
}

func BenchmarkNewValues(b *testing.B) {
	values := manyValues(newRand(), 1000)
	for b.Loop() {
		NewValues(values)
	}
}

// Row 26b: whatever the text is, twice as much takes about twice as long.
func TestLinear(t *testing.T) {
	r := newRand()
	period := strings.Repeat("aB3", 170)
	values := append(manyValues(r, 100), []byte(period), []byte(period[:300]+"x"), []byte(pem(r, 100000)), []byte(strings.Repeat("aB3", 50000)))
	v := NewValues(values)
	for name, unit := range map[string]string{ // which fills the text
		"a periodic value":               "aB3",
		"a periodic value, split":        "aB3\"" + strings.Repeat(" ", 900) + "\"",
		"the beginning of a long value":  string(values[102][:5000]),
		"the beginning of a short value": string(values[1][:len(values[1])-1]),
		"layout":                         " \\\n\"+' ",
		"lines":                          "\n",
		"zeros":                          "\x00",
	} {
		text := strings.Repeat(unit, (1<<20)/len(unit))
		start := time.Now()
		scanAll(t, v, text)
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%s: %v for 1 MiB", name, d)
		} else {
			t.Logf("%s: %v for 1 MiB", name, d)
		}
	}
}
