package trust

import (
	"bytes"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// Sight is what a machine remembers of a file at its place. A command reads it once, and
// writes it if it learns something.
type Sight struct {
	*Known

	memory  Memory
	place   Place
	text    []byte // of Known, as read
	records map[*Repository]*record
	before  *Before
	err     error // of the first record that can't be read
}

// Before is another repository that was known at the path of this one.
type Before struct {
	Common string
	Gone   []string // its files that are missing here
}

// Before returns the repository that was known at the path of this new one, or nil if there
// was none.
func (s *Sight) Before() *Before {
	if s.Known.Misfit == nil {
		return s.before
	}
	return nil
}

// Load returns what is known of a file at place. Errors: [*MemoryError].
func (m Memory) Load(id format.ID, place Place) (*Sight, error) {
	s := &Sight{memory: m, place: place, records: map[*Repository]*record{}}
	var err error
	if s.Known, s.text, err = m.load(id); err != nil || m.Dir == "" {
		if m.Dir == "" {
			s.Known.Misfit = s.owner(s.Known, false)
		}
		return s, err
	}
	if err := m.carryOver(false); err != nil {
		return nil, err
	}
	s.Known.Misfit = s.fit(s.Known)
	return s, s.err
}

// record returns what is known of a repository.
func (s *Sight) record(repo *Repository) *record {
	r := s.records[repo]
	if r != nil {
		return r
	}
	r = s.find(repo)
	s.records[repo] = r
	return r
}

func (s *Sight) find(repo *Repository) *record {
	r := newRecord(markName(repo.Mark))
	if repo.Mark != (Mark{}) {
		if r = s.read(r.name); r.known() {
			return r
		}
	}
	byPath := s.read(pathName(repo.Common))
	switch {
	case repo.Unusable && byPath.mark != Mark{}:
		r = s.read(markName(byPath.mark)) // the one known at this path
	case repo.MakeMark == nil, repo.Mark == Mark{} && byPath.mark == Mark{}:
		return byPath // it has no mark yet, or can't have one
	case byPath.mark == Mark{}:
		r.add(byPath) // it has received its mark since
	case byPath.mark != repo.Mark:
		// If it can't be read, don't refuse: it only says what was here before.
		if other, _ := s.memory.readRecord(markName(byPath.mark)); other.known() {
			s.before = &Before{Common: repo.Common, Gone: other.gone(repo.Root)}
		}
	}
	return r
}

func (s *Sight) read(name string) *record {
	r, err := s.memory.readRecord(name)
	if err != nil && s.err == nil {
		s.err = err
	}
	return r
}

// Learn remembers everything accepted in a file and the profiles that the user made in it. It
// writes only if something changed, and learns nothing from a file with unwritten changes.
//
// Errors: [*MemoryError], which never means that the file is not to be trusted.
func (s *Sight) Learn(f *vaultfile.File, made ...string) error {
	return s.learn(f, func(k *Known, j *Judgement) { k.Learn(j, made...) }, slices.Contains(made, AllProfiles))
}

// Trust is Learn for profiles that the user confirms. With [AllProfiles], the file is also
// right at its place, whatever was known there.
func (s *Sight) Trust(f *vaultfile.File, names ...string) error {
	all := slices.Contains(names, AllProfiles)
	if all {
		s.allow()
	}
	return s.learn(f, func(k *Known, j *Judgement) { k.Trust(j, names...) }, all)
}

func (s *Sight) learn(f *vaultfile.File, learn func(*Known, *Judgement), whole bool) error {
	if s.memory.Dir == "" || f.HasChanges() {
		return nil
	}
	err := s.Note(func(k *Known) { learn(k, Judge(k, f)) })
	if err != nil || !s.Known.Seen || s.Known.Misfit != nil && s.Known.Misfit.Why != ErrPassed {
		return err
	}
	return s.settle(f, whole)
}

// AllowName remembers that a credential of that name may be passed on although it can make
// programs run code.
func (s *Sight) AllowName(name string) error {
	return s.Note(func(k *Known) {
		if !slices.Contains(k.AllowNames, name) {
			k.AllowNames = append(k.AllowNames, name)
		}
	})
}

// Note changes what is remembered of a file that is known and fits its place.
func (s *Sight) Note(edit func(*Known)) error {
	misfit := s.Known.Misfit
	edit(s.Known)
	if s.memory.Dir == "" || !s.Known.Seen || s.Known.Misfit != nil && !s.Known.Misfit.Reads || bytes.Equal(s.Known.marshal(), s.text) {
		return nil
	}
	var text []byte
	// Repeat under the lock: another process may have learned something meanwhile.
	err := s.memory.update(s.memory.path(s.Known.File), func(old []byte) ([]byte, error) {
		if !bytes.Equal(old, s.text) {
			k := &Known{File: s.Known.File}
			if len(old) > 0 {
				var err error
				if k, err = parseKnown(k.File, old); err != nil {
					return nil, err
				}
			}
			k.Misfit, k.Blind = misfit, s.Known.Blind
			edit(k)
			s.Known = k
		}
		text = s.Known.marshal()
		return text, nil
	})
	if err == nil {
		s.text = text
	}
	return err
}

// settle records where the file is. With whole, it also records the file at the known paths
// that the search passed by.
func (s *Sight) settle(f *vaultfile.File, whole bool) error {
	spots := slices.Clone(s.place.At)
	if whole {
		for _, spot := range s.place.Passed {
			if s.another(spot, f.ID()) {
				spots = append(spots, spot)
			}
		}
	}
	for _, spot := range spots {
		at, known := s.record(spot.Repo).paths[spot.Path]
		if known && at != f.ID() && !whole {
			continue
		}
		if err := s.write(spot, f.ID(), whole); err != nil {
			return err
		}
	}
	return nil
}

// write records that a file is at a spot. If nothing is known of the repository, it records
// every file that git tracks there.
func (s *Sight) write(spot Spot, id format.ID, whole bool) error {
	r, repo := s.record(spot.Repo), spot.Repo
	first := !r.known()
	if repo.MakeMark != nil && repo.Mark == (Mark{}) {
		if mark, err := repo.MakeMark(); err == nil {
			repo.Mark = mark
		}
	}
	name := repo.names()[0]
	r.set(spot.Path, id)
	if !r.changed && r.name == name && r.at == repo.Common {
		return nil
	}
	if first && repo.Files != nil {
		if err := s.takeAll(repo, r); err != nil {
			return err
		}
	}
	err := s.memory.updateRecord(name, func(now *record) {
		if whole {
			now.set(spot.Path, id)
		}
		now.add(r)
		now.at, now.mark, now.changed = repo.Common, Mark{}, false
		s.records[repo] = now
	})
	if err != nil || repo.Mark == (Mark{}) {
		return err
	}
	return s.memory.updateRecord(pathName(repo.Common), func(now *record) {
		*now = *newRecord(now.name)
		now.at, now.mark = repo.Common, repo.Mark
	})
}

// takeAll remembers the files that git tracks in a repository. A newcomer accepts
// everything there.
func (s *Sight) takeAll(repo *Repository, listed *record) error {
	for _, rel := range repo.Files() {
		id, ok := idAt(repo, rel)
		if _, known := listed.paths[rel]; !ok || known {
			continue
		}
		taken := listed.has(id)
		listed.set(rel, id)
		f := (*vaultfile.File)(nil)
		if !taken && !there(s.memory.path(id)) {
			f = openAt(repo, rel)
		}
		if f == nil {
			continue // without keys, or with those that are known
		}
		other := &Sight{memory: s.memory, Known: &Known{File: id}}
		err := other.Note(func(k *Known) {
			if !k.Seen {
				k.Learn(Judge(k, f))
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// allow remembers the other users who own this repository or file.
func (s *Sight) allow() {
	for _, o := range s.place.Others {
		s.record(s.place.At[0].Repo).own(o.UID)
	}
}
