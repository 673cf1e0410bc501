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

// MinMasked is the minimum length of a masked text. Shorter ones would be found everywhere.
const MinMasked = 8

// Masked replaces a value.
const Masked = "[masked]"

// Masker passes a stream on without the values that it knows. It finds a value wherever the
// stream is cut, each of its lines, its base64, URL and JSON forms, and however shells and
// languages quote it.
type Masker struct {
	w       io.Writer
	plain   *matcher
	bare    *matcher // matches the stream without quoting bytes
	skipped int      // consecutive bytes not given to bare
	pending []byte   // not yet passed on
	shown   int      // bytes of pending passed on while the stream rested
	seen    int      // bytes of the stream
	hidden  []span   // in pending, in order
	masking bool     // the last thing passed on was Masked
}

type span struct{ from, to int } // in the stream

// NewMasker returns a Masker of values that writes to w.
func NewMasker(w io.Writer, values []string) *Masker {
	m := &Masker{w: w}
	m.plain, m.bare = newMatcher(m.hide), newMatcher(m.hide)
	for _, value := range values {
		for _, text := range texts(value) {
			m.plain.add(text)
			for _, form := range encodings(text) {
				m.plain.add(form)
			}
			for _, form := range bares(text) {
				m.bare.add(form)
			}
		}
	}
	return m
}

// texts returns a value and each of its lines.
func texts(value string) []string {
	list := []string{value, strings.TrimRight(value, "\r\n")}
	if strings.Contains(value, "\n") {
		for line := range strings.Lines(value) {
			list = append(list, strings.TrimRight(line, "\r\n"))
		}
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
	// In base64 a text looks different at each of three positions. The part that does not
	// depend on its neighbors is enough.
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

// lowerHex changes the escapes of a URL to lower case.
func lowerHex(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(s[i+1:i+3]))
		}
	}
	return string(b)
}

// asciiJSON escapes non-ASCII characters, as Python and others do.
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
	m.pending = append(m.pending, b...)
	for _, c := range b {
		m.plain.next(c, m.seen)
		if quoting[c] {
			m.skip()
		} else {
			m.bare.next(c, m.seen)
			m.skipped = 0
		}
		m.seen++
	}
	return len(b), m.pass(m.safe())
}

// skip skips a byte that may be there for quoting.
func (m *Masker) skip() {
	if m.skipped++; m.skipped == mostQuotes {
		m.bare.reset()
	}
}

// hide records a hidden part of the stream, and joins it with those that it touches.
func (m *Masker) hide(from, to int) {
	for n := len(m.hidden); n > 0 && m.hidden[n-1].to >= from; n-- {
		from = min(from, m.hidden[n-1].from)
		to = max(to, m.hidden[n-1].to)
		m.hidden = m.hidden[:n-1]
	}
	m.hidden = append(m.hidden, span{from, to})
}

// safe returns the end of the part that can be passed on: where something begins that may
// still become a value.
func (m *Masker) safe() int { return min(m.seen, m.plain.held(), m.bare.held()) }

// pass passes on the stream up to a position.
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
			if m.hidden[0].to > to { // continues
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

// Rest passes on what is held back while the stream rests, so that a question can be seen:
// fewer than eight characters that may begin a value. If eight characters of a value have
// come, shown or not, they stay back.
func (m *Masker) Rest() error {
	if len(m.pending)-m.shown == 0 || len(m.pending) >= MinMasked || len(m.hidden) > 0 || len(m.plain.active) > 0 || len(m.bare.active) > 0 {
		return nil
	}
	out := m.pending[m.shown:]
	m.shown = len(m.pending)
	m.masking = false
	_, err := m.w.Write(out)
	return err
}

// Close passes on the rest, which contains no value.
func (m *Masker) Close() error {
	return m.pass(m.seen)
}
