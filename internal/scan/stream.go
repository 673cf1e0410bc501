package scan

import (
	"bytes"
	"cmp"
	"errors"
	"hash/maphash"
	"io"
	"slices"
	"sort"
)

// Match is a place where a value is.
type Match struct {
	Value      int
	Form       Form
	Split      bool   // over lines or literals
	Start, End int64  // in bytes
	Line       int    // of the first byte, from 1
	Around     uint64 // the same for two matches of a run of the program that have the same text around them
}

const (
	chunkSize  = 512 << 10
	mostSpan   = 16 << 10 // bytes of text that a match may take
	mostAround = 256      // bytes of its lines before and after a match that count
	overlap    = mostSpan + mostAround
	markEvery  = 256
)

var seed = maphash.MakeSeed()

// Scanner scans one text after another.
type Scanner struct {
	*Values
	raw      []byte // a part of the text
	squashed []byte // raw without layout
	marks    []int  // length of squashed after each markEvery bytes of raw
	base     int64  // position of raw in the text
	line     int    // of the byte at lineAt in raw
	lineAt   int
	matches  []Match

	scanned int64   // bytes of raw in earlier chunks, of all texts
	ended   []int64 // after so many, the last match of each pattern ended
}

// NewScanner returns a scanner for the values.
func (v *Values) NewScanner() *Scanner {
	return &Scanner{Values: v, ended: make([]int64, len(v.patterns))}
}

// Scan calls found for each match in a text, in the order of their beginnings within each half
// megabyte. It returns the size of the text.
func (s *Scanner) Scan(r io.Reader, found func(Match)) (int64, error) {
	if s.raw == nil {
		s.raw = make([]byte, 0, chunkSize+overlap)
	}
	s.raw, s.base, s.line, s.lineAt = s.raw[:0], 0, 1, 0
	reported := int64(0) // matches that end before or here are known
	for {
		n, err := io.ReadFull(r, s.raw[len(s.raw):cap(s.raw)])
		s.raw = s.raw[:len(s.raw)+n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		until := s.base + int64(len(s.raw))
		if !last {
			until -= mostAround // what is around those after that is not known yet
		}
		s.chunk(reported, until, found)
		reported = until
		if last || err != nil {
			size := s.base + int64(len(s.raw))
			if last {
				err = nil
			}
			return size, err
		}
		s.drop(len(s.raw) - overlap - mostAround)
	}
}

// drop forgets the beginning of what was read.
func (s *Scanner) drop(n int) {
	s.moveLine(n)
	s.raw = s.raw[:copy(s.raw, s.raw[n:])]
	s.base += int64(n)
	s.lineAt = 0
}

// moveLine counts the lines up to a position.
func (s *Scanner) moveLine(at int) {
	if at >= s.lineAt {
		s.line += bytes.Count(s.raw[s.lineAt:at], newline)
	} else {
		s.line -= bytes.Count(s.raw[at:s.lineAt], newline)
	}
	s.lineAt = at
}

var newline = []byte{'\n'}

// chunk reports the matches in raw that end after from, at most at to.
func (s *Scanner) chunk(from, to int64, found func(Match)) {
	s.matches = s.matches[:0]
	defer func() { s.scanned += int64(len(s.raw)) }()
	if !s.Values.squashed.empty() {
		s.squash()
		s.Values.squashed.search(s.squashed, func(at, pattern int) { s.verify(s.rawAt(at), pattern) })
	}
	if !s.plain.empty() {
		s.plain.search(s.raw, func(at, pattern int) {
			s.verify(at+s.patterns[pattern].first, pattern)
		})
	}
	slices.SortFunc(s.matches, func(a, b Match) int {
		split := func(m Match) int {
			if m.Split {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Value, b.Value), cmp.Compare(split(a), split(b)), cmp.Compare(a.Form, b.Form), cmp.Compare(a.End, b.End))
	})
	for i, m := range s.matches {
		end := s.base + m.End
		if end <= from || end > to || i > 0 && m.Start == s.matches[i-1].Start && m.Value == s.matches[i-1].Value {
			continue
		}
		s.moveLine(int(m.Start))
		m.Line = s.line
		m.Around = s.around(int(m.Start), int(m.End))
		m.Start, m.End = s.base+m.Start, end
		found(m)
	}
}

// around identifies a match with the rest of its lines.
func (s *Scanner) around(start, end int) uint64 {
	before, after := s.raw[max(0, start-mostAround):start], s.raw[end:min(len(s.raw), end+mostAround)]
	if i := bytes.LastIndexByte(before, '\n'); i >= 0 {
		before = before[i+1:]
	}
	if i := bytes.IndexByte(after, '\n'); i >= 0 {
		after = after[:i]
	}
	return maphash.Bytes(seed, s.raw[start-len(before):end+len(after)])
}

// squash leaves the layout out.
func (s *Scanner) squash() {
	if cap(s.squashed) < len(s.raw) {
		s.squashed = make([]byte, cap(s.raw))
	}
	out, n := s.squashed[:cap(s.squashed)], 0
	s.marks = s.marks[:0]
	for rest := s.raw; len(rest) > 0; {
		part := rest[:min(markEvery, len(rest))]
		rest = rest[len(part):]
		s.marks = append(s.marks, n)
		for _, c := range part {
			out[n] = c
			n += int(keep[c])
		}
	}
	s.squashed = out[:n]
}

// rawAt returns where in raw a byte of squashed is.
func (s *Scanner) rawAt(at int) int {
	part := sort.Search(len(s.marks), func(i int) bool { return s.marks[i] > at }) - 1
	i := part * markEvery
	for n := s.marks[part]; ; i++ {
		if n += int(keep[s.raw[i]]); n > at {
			return i
		}
	}
}

// verify records a match if a pattern is in raw. at is where its first byte that is no layout
// stands. A match within a match of the same pattern is none: of a value that repeats itself,
// there could be one at every byte.
func (s *Scanner) verify(at, pattern int) {
	p := &s.patterns[pattern]
	start := at - p.first
	if start < 0 || s.scanned+int64(start) < s.ended[pattern] || string(s.raw[start:at]) != p.text[:p.first] {
		return
	}
	r := reader{raw: s.raw[start:min(len(s.raw), start+mostSpan)], text: p.text, at: p.first, seen: p.first}
	if !r.read() {
		return
	}
	s.ended[pattern] = s.scanned + int64(start+r.at)
	m := Match{Value: p.value, Form: p.form, Split: r.split, Start: int64(start), End: int64(start + r.at)}
	switch {
	case p.form == Exact && r.wide:
		m.Form = Wide
	case p.form == Exact && r.escaped:
		m.Form = Escaped
	}
	s.matches = append(s.matches, m)
}
