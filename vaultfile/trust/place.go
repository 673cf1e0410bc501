package trust

import (
	"path/filepath"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/vaultfile"
)

// Place is where a file lies, and how it was found. The caller finds that out.
type Place struct {
	// At has every name of the place: as it was asked for, and with links resolved; in
	// the innermost repository, and in those around it that may have brought that one.
	// It is empty for a file that lies nowhere, as on standard input.
	At     []Spot
	Passed []Spot // where the search looked before, and found nothing
	Above  []Spot // where it would have gone on, had the file not been there
	Others []Other
	// Meant says that the user named the file, or CREDFILE_TRUST lists it: whose it is
	// is no question then.
	Meant bool
}

// Spot is a path in a repository, with slashes; "" outside git, where each path is a
// repository of its own.
type Spot struct {
	Repo *Repository
	Path string
}

// Repository is a git repository, and one of its work trees.
type Repository struct {
	Common string // its common directory; outside git, the absolute path of the file
	Root   string // of the work tree; "" outside git
	Mark   Mark   // that was found in it
	// Unusable says that what lies in the mark's place can't be used: the repository is the
	// one that was known at its path.
	Unusable bool
	// MakeMark leaves a mark in it, or returns one that is there; nil outside git.
	MakeMark func() (Mark, error)
	// Files lists the files that git tracks in it and that may be credfiles, as paths
	// from its root. It is asked once, when the first file of it is remembered.
	Files func() []string
}

// Other is a part of a place that belongs to another user.
type Other struct {
	Path string
	UID  uint32
	File bool // the file itself: of no concern where it is known at its place
	Here bool // who owns the working directory: enough for root to read what is known
}

// Misfit says why a file does not fit its place.
type Misfit struct {
	Why   error  // ErrNewFile, ErrOtherFile, ErrSwapped, ErrShadow, ErrPassed, ErrOwner
	Here  string // ErrShadow: the place
	Path  string // ErrOtherFile, ErrSwapped: the place; ErrShadow, ErrPassed: where another file is known
	Was   string // ErrSwapped: where this file was
	UID   uint32 // ErrOwner: whose Path is
	Known []string
	Reads bool // reading is none the worse for it

	// Vouchers are the current keys of other files of the repository (ErrNewFile): a new
	// file for which they vouch fits.
	Vouchers map[format.Key]bool
}

// fit compares a file with what is known of the place where it lies.
func (s *Sight) fit(k *Known) (*Misfit, error) {
	known, fresh, misfit := s.spots(k)
	if misfit != nil {
		return misfit, nil
	}
	owner := s.owner(k, known)
	if owner != nil && !owner.Reads {
		return owner, nil
	}
	if !known {
		for _, spot := range slices.Concat(s.place.Passed, s.place.Above) {
			if s.another(spot, k.File) {
				return &Misfit{Why: ErrShadow, Here: s.place.At[0].name(), Path: spot.name()}, nil
			}
		}
	}
	if len(fresh) > 0 {
		return s.newFile(fresh)
	}
	if owner != nil {
		return owner, nil
	}
	for _, spot := range s.place.Passed {
		if s.another(spot, k.File) {
			return &Misfit{Why: ErrPassed, Path: spot.name(), Reads: true}, nil
		}
	}
	return nil, nil
}

// spots goes through the names of the place: known says that the file is known at all of
// them; fresh are those in repositories that know others, and not this one.
func (s *Sight) spots(k *Known) (known bool, fresh []Spot, _ *Misfit) {
	known = true
	for _, spot := range s.place.At {
		r := s.record(spot.Repo)
		at, ok := r.paths[spot.Path]
		own := r.has(k.File) && k.Seen
		switch {
		case ok && at == k.File:
			continue
		case ok && own:
			return false, nil, &Misfit{Why: ErrSwapped, Path: spot.name(), Was: Spot{spot.Repo, r.where(k.File)}.name()}
		case ok:
			return false, nil, &Misfit{Why: ErrOtherFile, Path: spot.name()}
		}
		known = false
		if r.known() && !own {
			fresh = append(fresh, spot)
		}
	}
	return known, fresh, nil
}

// another reports whether another file is known at a spot.
func (s *Sight) another(spot Spot, id format.ID) bool {
	at, ok := s.record(spot.Repo).paths[spot.Path]
	return ok && at != id
}

// owner returns what belongs to a user of whom nobody said that this is right.
func (s *Sight) owner(k *Known, known bool) (reads *Misfit) {
	for _, o := range s.place.Others {
		if s.place.Meant || o.File && known || s.allowed(o.UID) {
			continue
		}
		misfit := &Misfit{Why: ErrOwner, Path: o.Path, UID: o.UID, Reads: o.Here && k.Seen && known}
		if !misfit.Reads {
			return misfit
		}
		reads = misfit
	}
	return reads
}

func (s *Sight) allowed(uid uint32) bool {
	return slices.ContainsFunc(s.place.At, func(spot Spot) bool {
		return slices.Contains(s.record(spot.Repo).owners, uid)
	})
}

// newFile gathers the keys that may vouch for a file that is new in its repositories.
func (s *Sight) newFile(fresh []Spot) (*Misfit, error) {
	misfit := &Misfit{Why: ErrNewFile}
	for i, spot := range fresh {
		keys, err := s.vouchers(spot.Repo)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			misfit.Vouchers = keys
		}
		for key := range misfit.Vouchers {
			if !keys[key] { // each repository has to accept it
				delete(misfit.Vouchers, key)
			}
		}
		for _, p := range s.record(spot.Repo).last() {
			misfit.Known = append(misfit.Known, Spot{spot.Repo, p}.name())
		}
	}
	return misfit, nil
}

// vouchers are the current keys of the known files of a repository, as those lie there now,
// if they are what is known of them.
func (s *Sight) vouchers(repo *Repository) (map[format.Key]bool, error) {
	keys := map[format.Key]bool{}
	err := s.eachThere(repo, func(_ string, f *vaultfile.File) error {
		known, _, err := s.memory.load(f.ID())
		if err != nil || !known.Seen {
			return err
		}
		for _, v := range Judge(known, f).Verdicts {
			if (v.State == Present || v.State == Forward) && !v.NameTaken {
				keys[v.Section.Key] = true
			}
		}
		return nil
	})
	return keys, err
}

// eachThere goes through the known files of a repository that lie at a path known for
// them; those that lie at none of these were moved, and are looked for where git tracks them.
func (s *Sight) eachThere(repo *Repository, do func(rel string, f *vaultfile.File) error) error {
	r, found := s.record(repo), map[format.ID]bool{}
	for _, rel := range r.order {
		if f := openAt(repo, rel); f != nil && f.ID() == r.paths[rel] {
			found[f.ID()] = true
			if err := do(rel, f); err != nil {
				return err
			}
		}
	}
	if len(found) == len(r.ids()) || repo.Files == nil {
		return nil
	}
	for _, rel := range repo.Files() {
		if _, known := r.paths[rel]; known {
			continue
		}
		if f := openAt(repo, rel); f != nil && r.has(f.ID()) && !found[f.ID()] {
			found[f.ID()] = true
			if err := do(rel, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// name is a spot as people know it: the path in the repository; outside git, the path.
func (spot Spot) name() string {
	if spot.Repo.Root == "" {
		return spot.Repo.Common
	}
	return spot.Path
}

// openAt reads a credfile of a repository; nil if there is none.
func openAt(repo *Repository, rel string) *vaultfile.File {
	if !filepath.IsLocal(filepath.FromSlash(rel)) {
		return nil
	}
	b, err := atomicfile.Read(filepath.Join(repo.Root, filepath.FromSlash(rel)), format.MaxFile)
	if err != nil {
		return nil
	}
	f, err := vaultfile.Parse(b)
	if err != nil {
		return nil
	}
	return f
}

// Neighbours are the paths of the other files that are known in the file's repositories, of
// each in their order.
func (s *Sight) Neighbours() (paths []string) {
	for _, at := range s.place.At {
		if at.Repo.Root == "" {
			continue
		}
		var rels []string
		s.eachThere(at.Repo, func(rel string, _ *vaultfile.File) error {
			rels = append(rels, rel)
			return nil
		})
		slices.Sort(rels)
		for _, rel := range rels {
			path := filepath.Join(at.Repo.Root, filepath.FromSlash(rel))
			if rel != at.Path && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// gone are the files of a repository that lie at none of their paths.
func (r *record) gone(root string) (paths []string) {
	there := map[format.ID]bool{}
	for _, p := range r.order {
		if id, ok := fileID(filepath.Join(root, filepath.FromSlash(p))); ok {
			there[id] = true
		}
	}
	for _, p := range r.last() {
		if !there[r.paths[p]] {
			paths = append(paths, p)
		}
	}
	return paths
}
