package front

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode/utf16"
)

// MinMasked is the length of the shortest text that is masked: what is shorter would
// be found everywhere.
const MinMasked = 8

// Masked is what stands in place of a value.
const Masked = "[masked]"

// Masker passes a stream on, without the values that it knows. A value is found
// wherever the stream is cut; so is each of its lines, and its base64, URL and JSON
// forms.
type Masker struct {
	w       io.Writer
	anchors map[uint64][]string // patterns by their first 8 bytes
	starts  map[string]bool     // what an anchor may begin with
	maybe   [1 << 13]uint64     // a filter on anchors
	pending []byte              // not passed on yet
	shown   int                 // how many bytes of pending were, while the stream rested
	window  uint64              // the last 8 bytes
	seen    int                 // bytes of the stream
	active  []candidate
	hidden  []span // in pending, in order
	masking bool   // the last thing passed on was Masked
}

// candidate is a pattern of which the beginning was seen.
type candidate struct {
	pattern string
	at      int // of its beginning, in the stream
}

type span struct{ from, to int } // in the stream

// NewMasker masks values on their way to w.
func NewMasker(w io.Writer, values []string) *Masker {
	m := &Masker{w: w, anchors: map[uint64][]string{}, starts: map[string]bool{}}
	known := map[string]bool{}
	for _, value := range values {
		for _, form := range forms(value) {
			if len(form) >= MinMasked && !known[form] {
				known[form] = true
				m.add(form)
			}
		}
	}
	return m
}

func (m *Masker) add(pattern string) {
	key := anchor(pattern)
	m.anchors[key] = append(m.anchors[key], pattern)
	m.maybe[filter(key)>>6] |= 1 << (filter(key) & 63)
	for n := 1; n < MinMasked; n++ {
		m.starts[pattern[:n]] = true
	}
}

func anchor(s string) (key uint64) {
	for i := range MinMasked {
		key = key<<8 | uint64(s[i])
	}
	return key
}

// filter takes 19 bits of an anchor.
func filter(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> 45 }

// forms are the texts by which a value is known.
func forms(value string) []string {
	texts := []string{value, strings.TrimRight(value, "\r\n")}
	if strings.Contains(value, "\n") {
		for line := range strings.Lines(value) {
			texts = append(texts, strings.TrimRight(line, "\r\n"))
		}
	}
	list := texts
	for _, text := range texts {
		list = append(list, encodings(text)...)
	}
	return list
}

func encodings(text string) []string {
	query := strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
	list := []string{url.QueryEscape(text), url.PathEscape(text), query,
		strings.ReplaceAll(query, "%2F", "/"), // Python's quote
		strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(query)} // JavaScript's encodeURIComponent
	for _, escaped := range list {
		list = append(list, lowerHex(escaped))
	}
	for _, html := range []bool{true, false} {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(html)
		e.Encode(text)
		quoted := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `"`), `"`)
		list = append(list, quoted, asciiJSON(quoted), strings.ReplaceAll(quoted, "/", `\/`))
	}
	// In base64 a text looks different at each of three positions; what of it does
	// not depend on its neighbours is enough.
	for skip := range 3 {
		if len(text) > skip {
			whole := text[skip:]
			whole = whole[:len(whole)/3*3]
			list = append(list, base64.StdEncoding.EncodeToString([]byte(whole)), base64.URLEncoding.EncodeToString([]byte(whole)))
		}
	}
	whole := base64.StdEncoding.EncodeToString([]byte(text))
	for _, width := range []int{64, 76} { // openssl, base64 and MIME break lines there
		for rest := whole; len(whole) > width && rest != ""; rest = rest[min(width, len(rest)):] {
			list = append(list, rest[:min(width, len(rest))])
		}
	}
	return append(list, whole, base64.URLEncoding.EncodeToString([]byte(text)),
		base64.RawStdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text)))
}

// lowerHex writes the escapes of a URL in lower case.
func lowerHex(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(s[i+1:i+3]))
		}
	}
	return string(b)
}

// asciiJSON escapes what is not ASCII, as Python and others do.
func asciiJSON(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		for _, u := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, u)
		}
	}
	return b.String()
}

// Write implements io.Writer.
func (m *Masker) Write(b []byte) (int, error) {
	for _, c := range b {
		m.next(c)
	}
	return len(b), m.pass(m.safe())
}

// next takes one byte.
func (m *Masker) next(c byte) {
	m.pending = append(m.pending, c)
	m.window = m.window<<8 | uint64(c)
	m.seen++
	if len(m.active) > 0 {
		m.advance(c)
	}
	if m.seen < MinMasked {
		return
	}
	if f := filter(m.window); m.maybe[f>>6]&(1<<(f&63)) == 0 {
		return
	}
	for _, pattern := range m.anchors[m.window] {
		at := m.seen - MinMasked
		if len(pattern) == MinMasked {
			m.hide(at, m.seen)
		} else {
			m.active = append(m.active, candidate{pattern, at})
		}
	}
}

// advance compares the byte with what each candidate goes on with.
func (m *Masker) advance(c byte) {
	kept := m.active[:0]
	for _, x := range m.active {
		switch i := m.seen - 1 - x.at; {
		case x.pattern[i] != c:
		case i == len(x.pattern)-1:
			m.hide(x.at, m.seen)
		default:
			kept = append(kept, x)
		}
	}
	m.active = kept
}

// hide notes a part of the stream, joined with those that it touches.
func (m *Masker) hide(from, to int) {
	for n := len(m.hidden); n > 0 && m.hidden[n-1].to >= from; n-- {
		from = min(from, m.hidden[n-1].from)
		to = max(to, m.hidden[n-1].to)
		m.hidden = m.hidden[:n-1]
	}
	m.hidden = append(m.hidden, span{from, to})
}

// safe is up to where the stream can be passed on: to the beginning of what may yet
// become a value.
func (m *Masker) safe() int {
	to := m.seen
	for _, x := range m.active {
		to = min(to, x.at)
	}
	for n := min(MinMasked-1, len(m.pending)); n > 0; n-- {
		if m.starts[string(m.pending[len(m.pending)-n:])] {
			return min(to, m.seen-n)
		}
	}
	return to
}

// pass passes the stream on up to a place.
func (m *Masker) pass(to int) error {
	begin := m.seen - len(m.pending)
	at := begin + m.shown
	var out []byte
	for at < to {
		if len(m.hidden) > 0 && m.hidden[0].from <= at {
			if !m.masking {
				out = append(out, Masked...)
			}
			m.masking = true
			if m.hidden[0].to > to { // goes on
				at = to
				break
			}
			at = max(at, m.hidden[0].to)
			m.hidden = m.hidden[1:]
			continue
		}
		end := to
		if len(m.hidden) > 0 {
			end = min(end, m.hidden[0].from)
		}
		out = append(out, m.pending[at-begin:end-begin]...)
		m.masking, at = false, end
	}
	if at > begin {
		m.pending = append(m.pending[:0], m.pending[at-begin:]...)
		m.shown = 0
	}
	if len(out) == 0 {
		return nil
	}
	_, err := m.w.Write(out)
	return err
}

// Rest passes on what is held back although the stream rests, so that a question is
// seen: fewer than eight characters, of which a value may yet come. What has eight of a
// value, shown already or not, stays back.
func (m *Masker) Rest() error {
	if len(m.pending)-m.shown == 0 || len(m.pending) >= MinMasked || len(m.hidden) > 0 || len(m.active) > 0 {
		return nil
	}
	out := m.pending[m.shown:]
	m.shown = len(m.pending)
	m.masking = false
	_, err := m.w.Write(out)
	return err
}

// Close passes the rest on: no value is in it.
func (m *Masker) Close() error {
	m.active = nil
	return m.pass(m.seen)
}
