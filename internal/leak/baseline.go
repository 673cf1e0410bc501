package leak

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// A baseline is a text of lines:
//
//	credfile-baseline 1
//	profile NAME CHECK
//	ID PLACES
//
// CHECK and ID are MACs under a key that only those have who can open the profile. To others
// they are random: nobody can guess at values, credentials or paths with them.
const (
	baselineHead = "credfile-baseline 1"
	purpose      = "credfile scan"
	idSize       = 18 // bytes of a MAC; 24 characters
	mostPlaces   = 1 << 30
)

// ErrBaseline reports that a text is no baseline.
var ErrBaseline = errors.New("not a baseline of credfile scan")

// MaxBaseline is the most bytes that a baseline has.
const MaxBaseline = 16 << 20

// Baseline has the findings that are known. A nil one has none.
type Baseline struct{ sections []*section }

type section struct {
	profile string
	check   string
	known   map[string]int
	found   map[string]bool // entries that a finding matched
}

// ParseBaseline reads a baseline.
func ParseBaseline(text []byte) (*Baseline, error) {
	b := &Baseline{}
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	if lines[0] != baselineHead || lines[len(lines)-1] != "" {
		return nil, ErrBaseline
	}
	for n, line := range lines[1 : len(lines)-1] {
		fields := strings.Split(line, " ")
		ok := false
		switch {
		case len(fields) == 3 && fields[0] == "profile":
			ok = format.ValidName(fields[1]) && isID(fields[2])
			b.sections = append(b.sections, &section{profile: fields[1], check: fields[2], known: map[string]int{}, found: map[string]bool{}})
		case len(fields) == 2 && len(b.sections) > 0:
			places, err := strconv.Atoi(fields[1])
			ok = err == nil && places > 0 && places < mostPlaces && isID(fields[0])
			b.sections[len(b.sections)-1].known[fields[0]] = places
		}
		if !ok {
			return nil, fmt.Errorf("line %d: %w", n+2, ErrBaseline)
		}
	}
	return b, nil
}

func isID(text string) bool {
	b, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && len(b) == idSize
}

func check(p *vaultfile.Profile) string { return encodeID(p.MAC(purpose, []byte("profile"))[:idSize]) }

func encodeID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

func (b *Baseline) section(p *vaultfile.Profile) *section {
	if b == nil {
		return nil
	}
	c := check(p)
	for _, s := range b.sections {
		if s.check == c {
			return s
		}
	}
	return nil
}

// known returns in how many places a finding is known.
func (b *Baseline) known(f *Finding) int {
	s := b.section(f.Profile)
	if s == nil {
		return 0
	}
	id := encodeID(f.id)
	s.found[id] = true
	return s.known[id]
}

// Gone counts the entries for the profiles that no finding matched.
func (b *Baseline) Gone(profiles []*vaultfile.Profile) (n int) {
	for _, p := range profiles {
		if s := b.section(p); s != nil {
			for id := range s.known {
				if !s.found[id] {
					n++
				}
			}
		}
	}
	return n
}

// Replaced returns the profiles whose keys were replaced since the baseline was written, so
// that their entries match nothing.
func (b *Baseline) Replaced(profiles []*vaultfile.Profile) (names []string) {
	if b == nil {
		return nil
	}
	for _, p := range profiles {
		named := slices.ContainsFunc(b.sections, func(s *section) bool { return s.profile == p.Name() && len(s.known) > 0 })
		if named && b.section(p) == nil {
			names = append(names, p.Name())
		}
	}
	return names
}

// With returns the text of a baseline with these findings of the profiles. It keeps the
// entries for others.
func (b *Baseline) With(profiles []*vaultfile.Profile, findings []Finding) []byte {
	all := map[string]*section{}
	if b != nil {
		for _, s := range b.sections {
			all[s.profile] = s
		}
	}
	for _, p := range profiles {
		all[p.Name()] = &section{profile: p.Name(), check: check(p), known: map[string]int{}}
	}
	for _, f := range findings {
		all[f.Profile.Name()].known[encodeID(f.id)] = f.Places
	}
	var sorted []*section
	for _, s := range all {
		sorted = append(sorted, s)
	}
	slices.SortFunc(sorted, func(a, b *section) int { return cmp.Compare(a.profile, b.profile) })
	var text bytes.Buffer
	fmt.Fprintln(&text, baselineHead)
	for _, s := range sorted {
		if len(s.known) == 0 {
			continue
		}
		fmt.Fprintf(&text, "profile %s %s\n", s.profile, s.check)
		var lines []string
		for id, places := range s.known {
			lines = append(lines, fmt.Sprintf("%s %d\n", id, places))
		}
		slices.Sort(lines)
		text.WriteString(strings.Join(lines, ""))
	}
	return text.Bytes()
}
