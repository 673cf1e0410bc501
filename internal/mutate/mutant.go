package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A mutant is a change of the code. Its key stays the same while code around it moves.
type mutant struct {
	file, function, operator, text string
	copy                           int // counts those with the same key in a function, from 1
	src                            *source
	start, end                     int // of what changes
	wrap                           func(on, code string) string
}

// key identifies a mutant in a list.
func (m *mutant) key() string {
	key := strings.Join([]string{m.file, m.function, m.operator, m.text}, "\t")
	if m.copy > 1 {
		key += fmt.Sprintf("\t#%d", m.copy)
	}
	return key
}

// number counts the mutants with the same key.
func number(ms []*mutant) {
	seen := map[string]int{}
	for _, m := range ms {
		m.copy = 0
		key := m.key()
		seen[key]++
		m.copy = seen[key]
	}
}

// A schema is a source with mutants in it, each of which is off until its number is chosen.
type schema struct {
	text string
	ms   []*mutant
	n    map[*mutant]int
}

// rewrite returns the text of a source with all of its mutants. n has their numbers.
func rewrite(src *source, ms []*mutant, n map[*mutant]int) string {
	ms = slices.Clone(ms)
	slices.SortStableFunc(ms, func(a, b *mutant) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	s := schema{text: src.text, ms: ms, n: n}
	return s.render(0, len(src.text), ms)
}

// render returns a part of the text with the mutants in it, which are in order: those around
// others first.
func (s *schema) render(start, end int, ms []*mutant) string {
	var b strings.Builder
	for len(ms) > 0 {
		m := ms[0]
		inside := 1
		for inside < len(ms) && ms[inside].start < m.end {
			inside++
		}
		b.WriteString(s.text[start:m.start])
		b.WriteString(m.wrap(fmt.Sprintf("mutant_(%d)", s.n[m]), s.render(m.start, m.end, ms[1:inside])))
		start, ms = m.end, ms[inside:]
	}
	b.WriteString(s.text[start:end])
	return b.String()
}
