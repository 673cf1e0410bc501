package format

import (
	"slices"
	"time"
)

// Leavers lists the former recipients of a profile, each once, ordered by the time they
// last lost access. Those who left when a credential last changed, or later, know its
// value.
type Leavers []Former

// Leavers returns the former recipients of p.
func (p *Profile) Leavers() (list Leavers) {
	last := make(map[string]int, len(p.Former))
	for _, f := range p.Former {
		i, ok := last[f.Name]
		if !ok {
			i = len(list)
			last[f.Name] = i
			list = append(list, f)
		}
		if f.Time.After(list[i].Time) {
			list[i].Time = f.Time
		}
	}
	slices.SortStableFunc(list, func(a, b Former) int { return a.Time.Compare(b.Time) })
	return list
}

// Names returns the names of the former recipients.
func (l Leavers) Names() []string {
	names := make([]string, len(l))
	for i := range l {
		names[i] = l[i].Name
	}
	return names
}

// Know returns those who know a value that last changed at the given time.
func (l Leavers) Know(changed time.Time) Leavers {
	i, _ := slices.BinarySearchFunc(l, changed, func(f Former, t time.Time) int { return f.Time.Compare(t) })
	return l[i:]
}
