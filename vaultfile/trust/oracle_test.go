package trust_test

import (
	"fmt"
	"slices"
	"strings"
)

// The second judge. It was written from spec/credfile.md, Continuity, alone, and shares
// nothing with the package: no bytes, no signatures, no order of steps. It is slow and
// plain, so that it can be read next to the text of the rules. It does not cover places.

// mark is a vouched line: key vouches for next.
type mark struct{ key, next string }

// piece is a section or, if removed, a removed block.
type piece struct {
	name, id, key string
	revision      int
	lines         []mark
	removed, bad  bool
}

// word returns the piece in the shorthand of a scene. Pieces with equal words have the same
// bytes, so the word also stands for the digest.
func (p piece) word() string {
	var b strings.Builder
	if p.bad {
		b.WriteString("?")
	}
	if p.removed {
		fmt.Fprintf(&b, "-%s=%s/%s", p.name, p.id, p.key)
	} else {
		fmt.Fprintf(&b, "%s=%s/%s:%d", p.name, p.id, p.key, p.revision)
	}
	last := p.key
	for _, l := range p.lines {
		b.WriteString("<" + l.key)
		if l.next != last {
			b.WriteString(">" + l.next)
		}
		last = l.key
	}
	return b.String()
}

func (p piece) by(key string) bool {
	for _, l := range p.lines {
		if l.key == key {
			return true
		}
	}
	return false
}

// sheet is a file.
type sheet []piece

func (s sheet) scene() scene {
	words := make([]string, len(s))
	for i, p := range s {
		words[i] = p.word()
	}
	return scene(strings.Join(words, " "))
}

func (s sheet) living(name string) (piece, bool) {
	for _, p := range s {
		if !p.removed && p.name == name {
			return p, true
		}
	}
	return piece{}, false
}

func (s sheet) of(id string) (piece, bool) {
	for _, p := range s {
		if p.id == id {
			return p, true
		}
	}
	return piece{}, false
}

// memo is what is known of one profile id.
type memo struct {
	present   map[string]int // the keys, and the highest revision seen under each
	old       map[string]bool
	names     []string // the present one last
	removedBy string
}

// second is what the second judge knows of a file.
type second struct {
	seen, pinned bool
	ids          map[string]*memo
	accepted     map[string]bool // words, which stand for digests
	newFile      bool
	vouchers     map[string]bool // of a new file
}

func newSecond() *second {
	return &second{ids: map[string]*memo{}, accepted: map[string]bool{}}
}

func (k *second) id(id string) *memo {
	if k.ids[id] == nil {
		k.ids[id] = &memo{present: map[string]int{}, old: map[string]bool{}}
	}
	return k.ids[id]
}

// taken reports whether the name was another id's, or CREDFILE_TRUST lists the id without it.
func (k *second) taken(name, id string) bool {
	if k.pinned {
		m, listed := k.ids[id]
		return listed && !slices.Contains(m.names, name)
	}
	for other, m := range k.ids {
		if slices.Contains(m.names, name) && other != id {
			return true
		}
	}
	return false
}

func (k *second) bore(name string) bool {
	for _, m := range k.ids {
		if slices.Contains(m.names, name) {
			return true
		}
	}
	return false
}

func (m *memo) has(key string) bool {
	_, ok := m.present[key]
	return ok
}

func (m *memo) highest() (n int) {
	for _, revision := range m.present {
		n = max(n, revision)
	}
	return n
}

// isCalled reports whether name is the present name, that of the highest revision.
func (m *memo) isCalled(name string) bool {
	return len(m.names) > 0 && m.names[len(m.names)-1] == name
}

// call records a name. The text does not define which of two names is the present one if
// both have the highest revision, as on two branches. Here it is the one seen last.
func (m *memo) call(name string, highest bool) {
	at := slices.Index(m.names, name)
	switch {
	case highest:
		if at >= 0 {
			m.names = slices.Delete(m.names, at, at+1)
		}
		m.names = append(m.names, name)
	case at < 0:
		m.names = slices.Insert(m.names, 0, name)
	}
}

// ruling is the second judge's result for a file. All maps are by profile id.
type ruling struct {
	k       *second
	s       sheet
	state   map[string]string
	good    map[string]bool // accepted by the id and the name
	counted map[string]bool // removed blocks
	fits    map[string]bool // if the file is new: vouched for by other files
}

func (k *second) judge(s sheet) *ruling {
	r := &ruling{k: k, s: s, state: map[string]string{}, good: map[string]bool{}, counted: map[string]bool{}, fits: map[string]bool{}}
	for _, p := range s {
		if !p.bad && !p.removed {
			r.state[p.id] = k.state(p)
			switch r.state[p.id] {
			case "first sight", "present", "forward":
				r.good[p.id] = !k.taken(p.name, p.id)
			}
		}
	}
	// Find what vouches for new profiles, until no more become trusted.
	for again := true; again; {
		again = false
		for _, p := range s {
			state := r.state[p.id]
			if r.good[p.id] || state != "new" && state != "returned" || k.pinned || k.taken(p.name, p.id) {
				continue
			}
			if r.vouched(p) {
				r.good[p.id], again = true, true
			}
		}
	}
	for _, p := range s {
		if !p.removed {
			continue
		}
		switch _, known := k.ids[p.id]; {
		case !k.seen:
			r.counted[p.id] = true
		case known:
			state := k.state(p)
			r.counted[p.id] = state == "present" || state == "forward" ||
				state == "returned" && r.vouched(p)
		case !k.pinned:
			r.counted[p.id] = r.vouched(p)
		}
	}
	for again := k.newFile; again; {
		again = false
		for _, p := range s {
			if p.bad || p.removed || r.fits[p.id] || !r.good[p.id] {
				continue
			}
			for _, l := range p.lines {
				fits := k.vouchers[l.key]
				for _, o := range s {
					fits = fits || o.id != p.id && !o.removed && r.fits[o.id] && o.key == l.key
				}
				if fits && !r.fits[p.id] {
					r.fits[p.id], again = true, true
				}
			}
		}
	}
	return r
}

// state is the step "the id".
func (k *second) state(p piece) string {
	m := k.ids[p.id]
	if !k.seen {
		return "first sight"
	}
	if m == nil {
		return "new"
	}
	if m.has(p.key) {
		return "present"
	}
	if m.spent(p.key) {
		return "old"
	}
	for _, l := range p.lines {
		if m.has(l.key) && !m.spent(l.next) {
			return "forward"
		}
	}
	if m.removedBy != "" && len(m.present) == 0 {
		return "returned"
	}
	return "foreign"
}

// spent reports whether the key is known as old, or removed the profile.
func (m *memo) spent(key string) bool { return m != nil && (m.old[key] || key == m.removedBy) }

// vouched reports whether the lines contain the current key of another accepted profile of
// this file, in a line that is not for a spent key.
func (r *ruling) vouched(p piece) bool {
	for _, l := range p.lines {
		if r.k.ids[p.id].spent(l.next) {
			continue
		}
		for _, o := range r.s {
			if !o.removed && !o.bad && o.id != p.id && r.good[o.id] && o.key == l.key {
				return true
			}
		}
	}
	return false
}

// wish is the intended use of a section.
type wish struct{ write, strict, superseded bool }

// ask returns the same answers as answer.
func (r *ruling) ask(name string, w wish) string {
	p, ok := r.s.living(name)
	if !ok {
		for id := range r.missing() {
			if r.k.ids[id].isCalled(name) {
				return "refused gone"
			}
		}
		return "none"
	}
	if p.bad {
		return "damaged"
	}
	m := r.k.ids[p.id]
	isPresent, behind := false, false
	if m != nil {
		isPresent = m.has(p.key)
		behind = isPresent && p.revision < m.highest()
	}
	state := r.state[p.id]
	if r.good[p.id] {
		switch {
		case r.k.newFile && !r.fits[p.id]:
			return "refused new file"
		case w.strict && behind:
			return "refused behind"
		case m != nil && isPresent && p.key == m.removedBy:
			return "rotate"
		}
		return ""
	}
	why := map[string]string{"old": "superseded", "foreign": "foreign", "new": "unvouched", "returned": "removed"}[state]
	if m != nil && p.key == m.removedBy {
		why = "removed"
	}
	taken := r.k.taken(p.name, p.id)
	if taken {
		why = "name"
	}
	if r.k.accepted[p.word()] && !r.k.newFile {
		switch {
		case w.write:
			return "stops " + why
		case !w.strict || isPresent && !behind:
			return ""
		}
		return "refused " + why
	}
	if w.superseded && !w.write && state == "old" && !taken {
		return ""
	}
	return "refused " + why
}

// missing returns the ids of known, living, named profiles that are not in the file.
func (r *ruling) missing() map[string]bool {
	ids := map[string]bool{}
	for id, m := range r.k.ids {
		p, there := r.s.of(id)
		if len(m.present) > 0 && len(m.names) > 0 && (!there || p.removed && !r.counted[id]) {
			ids[id] = true
		}
	}
	return ids
}

// learn remembers what is accepted, and whatever the user made.
func (k *second) learn(r *ruling, made ...string) {
	if k.newFile {
		return // the caller decides whether the file is taken
	}
	for _, p := range r.s {
		own := false
		for _, name := range made {
			own = own || !p.removed && p.name == name
		}
		switch {
		case p.bad:
		case p.removed && r.counted[p.id]:
			k.remove(p, r.s)
		case !p.removed && (r.good[p.id] || own):
			k.hold(p)
		}
	}
	k.seen = true
}

func (k *second) hold(p piece) {
	for id, m := range k.ids {
		if id != p.id {
			m.names = slices.DeleteFunc(m.names, func(name string) bool { return name == p.name })
		}
	}
	m := k.id(p.id)
	m.call(p.name, len(m.names) == 0 || p.revision >= m.highest() || !m.has(p.key))
	m.present[p.key] = max(m.present[p.key], p.revision)
	delete(m.old, p.key)
	if m.removedBy != "" && m.removedBy != p.key {
		m.old[m.removedBy], m.removedBy = true, "" // it lives again under another key
	}
	m.past(p)
	k.accepted[p.word()] = true
}

// past makes the keys in the lines old.
func (m *memo) past(p piece) {
	for _, l := range p.lines {
		delete(m.present, l.key)
		m.old[l.key] = true
	}
}

func (k *second) remove(p piece, s sheet) {
	m, known := k.ids[p.id]
	if !known {
		m = k.id(p.id)
		if _, there := s.living(p.name); !there && !k.bore(p.name) {
			m.call(p.name, true)
		}
	}
	for key := range m.present {
		m.old[key] = true
	}
	m.present = map[string]int{}
	m.past(p)
	if m.removedBy != "" {
		m.old[m.removedBy] = true
	}
	m.removedBy = p.key
}

// trust has the user trust a name, or the whole file ("*"). Of the rest it remembers what
// is accepted. The text does not define what trusting the file means for missing profiles:
// here they are gone, as if the user had named each.
func (k *second) trust(r *ruling, name string) {
	missing := r.missing()
	for _, p := range r.s {
		switch {
		case p.bad:
		case !p.removed && (name == "*" || p.name == name):
			m := k.id(p.id)
			back := m.removedBy != "" && len(m.present) == 0 && !r.good[p.id]
			for key := range m.present {
				m.old[key] = true
			}
			m.present = map[string]int{}
			k.hold(p)
			if back {
				m.removedBy = p.key // the next write is a rotation
			}
		case !p.removed && r.good[p.id]:
			k.hold(p)
		case p.removed && (name == "*" || r.counted[p.id]):
			k.remove(p, r.s)
		}
	}
	_, there := r.s.living(name)
	for id := range missing {
		if m := k.ids[id]; name == "*" || !there && m.isCalled(name) {
			for key := range m.present {
				m.old[key] = true
			}
			m.present = map[string]int{}
		}
	}
	k.seen = true
}
