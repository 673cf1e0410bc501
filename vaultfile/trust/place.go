package trust

import (
	"os"
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
	// Files lists the files that git tracks in it and that may be credfiles, as paths from
	// its root. It is asked when the first file of it is remembered, and for a new file,
	// where a known one was moved.
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
func (s *Sight) fit(k *Known) *Misfit {
	unknown, fresh, misfit := s.spots(k)
	if misfit != nil {
		return misfit
	}
	owner := s.owner(k, len(unknown) == 0)
	if owner != nil && !owner.Reads {
		return owner
	}
	if spot, ok := s.shadowed(k, unknown); ok {
		return &Misfit{Why: ErrShadow, Here: s.place.At[0].name(), Path: spot.name()}
	}
	if len(fresh) > 0 {
		return s.newFile(fresh)
	}
	if owner != nil {
		return owner
	}
	for _, spot := range s.place.Passed {
		if s.another(spot, k.File) {
			return &Misfit{Why: ErrPassed, Path: spot.name(), Reads: true}
		}
	}
	return nil
}

// spots goes through the names of the place: unknown are the repositories in which the file
// is not known at one of them; fresh those that know others, and not this one.
func (s *Sight) spots(k *Known) (unknown []*Repository, fresh []Spot, _ *Misfit) {
	for _, spot := range s.place.At {
		r := s.record(spot.Repo)
		at, ok := r.paths[spot.Path]
		own := r.has(k.File) && k.Seen
		switch {
		case ok && at == k.File:
			continue
		case ok && own:
			return nil, nil, &Misfit{Why: ErrSwapped, Path: spot.name(), Was: Spot{spot.Repo, r.where(k.File)}.name()}
		case ok:
			return nil, nil, &Misfit{Why: ErrOtherFile, Path: spot.name()}
		}
		unknown = append(unknown, spot.Repo)
		if r.known() && !own {
			fresh = append(fresh, spot)
		}
	}
	return unknown, fresh, nil
}

// shadowed returns a path at which the search would have found another file. In a repository
// that knows the file at its place that is settled; outside git, each path counts.
func (s *Sight) shadowed(k *Known, unknown []*Repository) (Spot, bool) {
	for _, spot := range slices.Concat(s.place.Passed, s.place.Above) {
		counts := slices.Contains(unknown, spot.Repo) || len(unknown) > 0 && spot.Repo.Root == ""
		if counts && s.another(spot, k.File) {
			return spot, true
		}
	}
	return Spot{}, false
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
func (s *Sight) newFile(fresh []Spot) *Misfit {
	misfit := &Misfit{Why: ErrNewFile}
	for i, spot := range fresh {
		keys := s.vouchers(spot.Repo)
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
	return misfit
}

// vouchers are the current keys of the known files of a repository, as those lie there now,
// if they are what is known of them.
func (s *Sight) vouchers(repo *Repository) map[format.Key]bool {
	keys := map[format.Key]bool{}
	s.eachThere(repo, func(_ string, f *vaultfile.File) {
		known, _, err := s.memory.load(f.ID())
		if err != nil || !known.Seen {
			return // what is damaged of that file is no matter of this one
		}
		for _, v := range Judge(known, f).Verdicts {
			if (v.State == Present || v.State == Forward) && !v.NameTaken {
				keys[v.Section.Key] = true
			}
		}
	})
	return keys
}

// eachThere goes through the known files of a repository that lie at a path known for
// them; those that lie at none of these were moved, and are looked for where git tracks them.
func (s *Sight) eachThere(repo *Repository, do func(rel string, f *vaultfile.File)) {
	r, found := s.record(repo), map[format.ID]bool{}
	for _, rel := range r.order {
		id, ok := idAt(repo, rel)
		if !ok || id != r.paths[rel] || found[id] {
			continue
		}
		found[id] = true
		if f := openAt(repo, rel); f != nil {
			do(rel, f)
		}
	}
	if len(found) == len(r.ids()) || repo.Files == nil {
		return
	}
	for _, rel := range repo.Files() {
		if _, known := r.paths[rel]; known {
			continue
		}
		id, ok := idAt(repo, rel)
		if !ok || found[id] || !r.has(id) {
			continue
		}
		found[id] = true
		if f := openAt(repo, rel); f != nil {
			do(rel, f)
		}
	}
}

// name is a spot as people know it: the path in the repository; outside git, the path.
func (spot Spot) name() string {
	if spot.Repo.Root == "" {
		return spot.Repo.Common
	}
	return spot.Path
}

// idAt returns the id of a credfile of a repository. A link is passed over: thousands cost
// nothing in a commit.
func idAt(repo *Repository, rel string) (id format.ID, ok bool) {
	path := filepath.Join(repo.Root, filepath.FromSlash(rel))
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || !filepath.IsLocal(filepath.FromSlash(rel)) {
		return id, false
	}
	return fileID(path)
}

// openAt reads a credfile of a repository; nil if there is none.
func openAt(repo *Repository, rel string) *vaultfile.File {
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
		s.eachThere(at.Repo, func(rel string, _ *vaultfile.File) { rels = append(rels, rel) })
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
