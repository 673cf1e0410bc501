package front

import (
	"encoding/binary"
	"math"
)

// matcher finds patterns in a stream of bytes that each have a position. It ignores the
// bytes in between.
type matcher struct {
	anchors map[uint64][]string // patterns by their first 8 bytes
	starts  map[string]bool     // beginnings of anchors
	maybe   [1 << 13]uint64     // a filter on anchors
	known   map[string]bool
	window  uint64         // the last bytes
	places  [MinMasked]int // their positions, as a ring
	n       uint           // number of bytes so far
	active  []candidate
	found   func(from, to int)
}

// candidate is a pattern whose beginning was seen.
type candidate struct {
	pattern string
	at      int // position of its beginning
	n       int // number of its bytes seen
}

// newMatcher returns a matcher that calls found for each pattern, with the position of its
// first byte and the one after its last.
func newMatcher(found func(from, to int)) *matcher {
	return &matcher{found: found, anchors: map[uint64][]string{}, starts: map[string]bool{}, known: map[string]bool{}}
}

// add adds a pattern if it is long enough to be masked.
func (m *matcher) add(pattern string) {
	if len(pattern) < MinMasked || m.known[pattern] {
		return
	}
	m.known[pattern] = true
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

// filter returns 19 bits of an anchor.
func filter(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> 45 }

// next processes one byte. Nearly all bytes match nothing.
func (m *matcher) next(c byte, place int) {
	m.window = m.window<<8 | uint64(c)
	m.places[m.n%MinMasked] = place
	m.n++
	if f := filter(m.window); m.maybe[f>>6]&(1<<(f&63)) != 0 || len(m.active) > 0 {
		m.follow(c, place)
	}
}

// follow continues or begins the patterns that the byte may belong to.
func (m *matcher) follow(c byte, place int) {
	m.advance(c, place)
	if m.n < MinMasked {
		return
	}
	first := m.places[m.n%MinMasked]
	for _, pattern := range m.anchors[m.window] {
		if len(pattern) == MinMasked {
			m.found(first, place+1)
		} else {
			m.active = append(m.active, candidate{pattern, first, MinMasked})
		}
	}
}

// advance compares the byte with the next byte of each candidate.
func (m *matcher) advance(c byte, place int) {
	kept := m.active[:0]
	for _, x := range m.active {
		switch {
		case x.pattern[x.n] != c:
		case x.n == len(x.pattern)-1:
			m.found(x.at, place+1)
		default:
			x.n++
			kept = append(kept, x)
		}
	}
	m.active = kept
}

// held returns the first position that may still become part of a pattern.
func (m *matcher) held() int {
	place := math.MaxInt
	for _, x := range m.active {
		place = min(place, x.at)
	}
	last := binary.BigEndian.AppendUint64(nil, m.window)
	for n := min(MinMasked-1, m.n); n > 0; n-- {
		if m.starts[string(last[MinMasked-n:])] {
			return min(place, m.places[(m.n-n)%MinMasked])
		}
	}
	return place
}

// reset forgets the bytes seen.
func (m *matcher) reset() { m.n, m.active = 0, nil }
