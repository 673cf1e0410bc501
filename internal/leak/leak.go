// Package leak finds the values of profiles in texts, and tells known findings from new ones.
// It has no words for people.
package leak

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/scan"
	"github.com/credfile/credfile/vaultfile"
)

// Credential is a credential, or several of the same value in one search.
type Credential struct {
	Profile *vaultfile.Profile
	Name    string
	Shown   string // its name, or its label if names are hidden
}

// Skipped is a credential that is not looked for.
type Skipped struct {
	Credential
	Reason scan.Reason
}

// Kind says where a text is from.
type Kind uint8

// Kinds of texts.
const (
	File   Kind = iota
	Commit      // a commit itself: its message, its author
	Path        // the path of a file
)

// Text is what is searched.
type Text struct {
	Kind   Kind
	Path   string // "" for a commit
	Commit string // that brought it in; "" outside of the history
}

// Finding is one credential in one text, in one form.
type Finding struct {
	Credential
	Text
	Form  scan.Form
	Split bool
	Line  int // of the first place
	// Places is how many there are, New how many of them neither HEAD nor the baseline has, and
	// Texts how many versions of a file have some.
	Places, New, Texts int
	id                 []byte
}

// Search looks for values in one text after another.
type Search struct {
	Skipped []Skipped
	Values  int // that are looked for
	Texts   int
	Bytes   int64

	scanner *scan.Scanner
	values  [][]byte
	owners  [][]Credential // by value
	hits    map[place]*hit
	current map[form]*hit  // in the text that is read
	known   map[uint64]int // of HEAD's version of that
	masks   map[string]string
}

// form is a value in a form.
type form struct {
	value int
	form  scan.Form
	split bool
}

// place is a form in a text. All versions of a file are one text.
type place struct {
	kind Kind
	path string // or the commit's name
	form
}

type hit struct {
	commit            string
	line              int
	places, new, many int
}

// New prepares the search for all values of profiles. With reveal, credentials with hidden
// names are shown by these.
//
// Errors: those of [vaultfile.Profile.All].
func New(profiles []*vaultfile.Profile, reveal bool) (*Search, error) {
	s := &Search{hits: map[place]*hit{}, masks: map[string]string{}}
	byValue := map[string]int{}
	for _, p := range profiles {
		i := -1
		for item, err := range p.All() {
			if err != nil {
				return nil, err
			}
			if i++; !item.HasValue() {
				continue
			}
			c := Credential{Profile: p, Name: item.Name, Shown: item.Name}
			if !reveal {
				c.Shown = p.Section().Entries[i].Name
			}
			value := item.Value.Reveal()
			if reason := scan.Skip(value); reason != 0 {
				s.Skipped = append(s.Skipped, Skipped{c, reason})
				continue
			}
			n, ok := byValue[string(value)]
			if !ok {
				n = len(s.values)
				byValue[string(value)] = n
				s.values, s.owners = append(s.values, value), append(s.owners, nil)
			}
			s.owners[n] = append(s.owners[n], c)
			s.Values++
		}
	}
	s.scanner = scan.NewValues(s.values).NewScanner()
	return s, nil
}

// Read searches a text.
func (s *Search) Read(t Text, r io.Reader) error {
	s.current = map[form]*hit{}
	n, err := s.scanner.Scan(r, func(m scan.Match) {
		f := form{m.Value, m.Form, m.Split}
		h := s.current[f]
		if h == nil {
			h = &hit{}
			s.current[f] = h
		}
		h.places++
		key := around(m)
		if s.known[key] > 0 {
			s.known[key]--
			return
		}
		if h.new++; h.line == 0 {
			h.line = m.Line
		}
	})
	s.Texts++
	s.Bytes += n
	s.known = nil
	s.keep(t)
	return err
}

// Known takes HEAD's version of the file that is read next. What it has on the same line is
// not new there.
func (s *Search) Known(r io.Reader) error {
	s.known = map[uint64]int{}
	_, err := s.scanner.Scan(r, func(m scan.Match) { s.known[around(m)]++ })
	return err
}

func around(m scan.Match) uint64 { return m.Around*31 + uint64(m.Value) }

// keep adds what was found in a text. The lines of a value are parts of it where the whole was
// found, too.
func (s *Search) keep(t Text) {
	whole := map[int]bool{}
	for f := range s.current {
		whole[f.value] = whole[f.value] || f.form != scan.Line
	}
	for f, h := range s.current {
		if h.new == 0 || f.form == scan.Line && whole[f.value] {
			continue
		}
		p := place{t.Kind, t.Path, f}
		if t.Kind == Commit {
			p.path = t.Commit
		}
		before := s.hits[p]
		if before == nil {
			h.commit, h.many = t.Commit, 1
			s.hits[p] = h
			continue
		}
		before.many++
		before.places, before.new = max(before.places, h.places), max(before.new, h.new)
	}
}

// Masked takes the place of a value in a path.
const Masked = "[masked]"

// Mask searches a path and returns it without values.
func (s *Search) Mask(path string) string { return s.maskIn(path, "") }

// Path searches the path of a text.
func (s *Search) Path(t Text) { s.maskIn(t.Path, t.Commit) }

func (s *Search) maskIn(path, commit string) string {
	if masked, ok := s.masks[path]; ok {
		return masked
	}
	var b strings.Builder
	end := 0
	s.current = map[form]*hit{}
	_, _ = s.scanner.Scan(strings.NewReader(path), func(m scan.Match) {
		s.current[form{m.Value, m.Form, m.Split}] = &hit{places: 1, new: 1}
		if from := int(m.Start); from >= end {
			b.WriteString(path[end:from] + Masked)
		}
		end = max(end, int(m.End))
	})
	b.WriteString(path[end:])
	s.keep(Text{Kind: Path, Path: path, Commit: commit})
	s.masks[path] = b.String()
	return b.String()
}

// Findings returns what was found, in the order of paths and lines, with what the baseline
// does not know as new.
func (s *Search) Findings(b *Baseline) (list []Finding) {
	for p, h := range s.hits {
		text := Text{Kind: p.kind, Path: p.path, Commit: h.commit}
		if p.kind == Commit {
			text.Path = ""
		}
		for _, c := range s.owners[p.value] {
			f := Finding{Credential: c, Text: text, Form: p.form.form, Split: p.split, Line: h.line, Places: h.places, New: h.new, Texts: h.many}
			f.id = s.id(&f, p)
			f.New = min(f.New, max(0, f.Places-b.known(&f)))
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Commit, b.Commit), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Profile.Name(), b.Profile.Name()),
			cmp.Compare(a.Shown, b.Shown), cmp.Compare(a.Form, b.Form), compareBool(a.Split, b.Split))
	})
	for i := range list {
		list[i].Path = s.Mask(list[i].Path)
	}
	return list
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// id identifies a finding in a baseline. It has the value, so that a new one is a new finding,
// and no line, so that moving it is none.
func (s *Search) id(f *Finding, p place) []byte {
	kind := string(rune('0' + p.kind))
	how := string(rune('0'+p.form.form)) + map[bool]string{true: "s"}[p.split]
	return f.Profile.MAC(purpose, []byte("finding"), []byte(f.Name), s.values[p.value], []byte(kind), []byte(p.path), []byte(how))[:idSize]
}
