package trust

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/vaultfile"
)

// Place is where a file is and how the caller found it.
type Place struct {
	// At has every name of the place: as requested and with links resolved, in the
	// innermost repository and in those around it that may have brought that one. It is
	// empty for a file without a place, such as standard input.
	At     []Spot
	Passed []Spot // where the search looked first, and found nothing
	Above  []Spot // where it would have continued, had it not found the file
	Others []Other
	// Meant reports whether the user named the file, or CREDFILE_TRUST lists it. Ownership
	// does not matter then.
	Meant bool
}

// Spot is a slash-separated path in a repository. Outside git it is "", since each path is
// a repository of its own.
type Spot struct {
	Repo *Repository
	Path string
}

// Repository is a git repository and one of its work trees.
type Repository struct {
	Common string // its common directory; outside git, the absolute path of the file
	Root   string // of the work tree; "" outside git
	Mark   Mark   // as found in the repository
	// Unusable reports whether something unusable is in the mark's place. The repository is
	// then the one known at its path.
	Unusable bool
	// MakeMark leaves a mark in the repository, or returns the existing one. Nil outside git.
	MakeMark func() (Mark, error)
	// Files lists the files tracked by git that may be credfiles, as paths from the root.
	// It is called when the first file of the repository is remembered, and for a new file
	// if a known one was moved.
	Files func() []string
}

// Other is a part of a place that belongs to another user.
type Other struct {
	Path string
	UID  uint32
	File bool // the file itself: does not matter if it is known at its place
	Here bool // owns the working directory: enough for root to read what is known
}

// Misfit describes why a file does not fit its place.
type Misfit struct {
	Why   error  // ErrNewFile, ErrOtherFile, ErrSwapped, ErrShadow, ErrPassed, ErrOwner
	Here  string // ErrShadow: the place
	Path  string // ErrOtherFile, ErrSwapped: the place; ErrShadow, ErrPassed: where another file is known
	Was   string // ErrSwapped: where this file was before
	UID   uint32 // ErrOwner: the owner of Path
	Known []string
	Reads bool // reading is still allowed

	// Vouchers are the current keys of the repository's other files (ErrNewFile). A new
	// file fits if they vouch for it.
	Vouchers map[format.Key]bool
}

// fit compares a file with what is known of its place.
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

// spots checks each name of the place. unknown lists the repositories in which the file is
// not known at that path, fresh the spots in those that know other files but not this one.
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

// shadowed returns a path at which the search would have found another file. If a
// repository knows the file at its place, that is settled; outside git, each path counts.
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

// owner returns the part of the place that belongs to a user who is not allowed.
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

// newFile collects the keys that may vouch for a file that is new in its repositories.
func (s *Sight) newFile(fresh []Spot) *Misfit {
	misfit := &Misfit{Why: ErrNewFile}
	for i, spot := range fresh {
		keys := s.vouchers(spot.Repo)
		if i == 0 {
			misfit.Vouchers = keys
		}
		for key := range misfit.Vouchers {
			if !keys[key] { // every repository must accept it
				delete(misfit.Vouchers, key)
			}
		}
		for _, p := range s.record(spot.Repo).last() {
			misfit.Known = append(misfit.Known, Spot{spot.Repo, p}.name())
		}
	}
	return misfit
}

// vouchers returns the current keys of a repository's known files as they are now, if these
// match what is known of them.
func (s *Sight) vouchers(repo *Repository) map[format.Key]bool {
	keys := map[format.Key]bool{}
	s.eachThere(repo, func(_ string, f *vaultfile.File) {
		known, _, err := s.memory.load(f.ID())
		if err != nil || !known.Seen {
			return // damage in that file's memory does not affect this file
		}
		for _, v := range Judge(known, f).Verdicts {
			if (v.State == Present || v.State == Forward) && !v.NameTaken {
				keys[v.Section.Key] = true
			}
		}
	})
	return keys
}

// eachThere calls do for each known file of a repository that is at one of its known paths.
// If a file was moved from all of them, it looks among the files that git tracks.
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

// name returns the path shown to people: in the repository or, outside git, the whole path.
func (spot Spot) name() string {
	if spot.Repo.Root == "" {
		return spot.Repo.Common
	}
	return spot.Path
}

// idAt returns the id of a credfile in a repository. It skips links: a commit can contain
// thousands at no cost.
func idAt(repo *Repository, rel string) (id format.ID, ok bool) {
	path := filepath.Join(repo.Root, filepath.FromSlash(rel))
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || !filepath.IsLocal(filepath.FromSlash(rel)) {
		return id, false
	}
	return fileID(path)
}

// openAt reads a credfile in a repository. It returns nil if that fails.
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

// Neighbours returns the paths of the other known files in the file's repositories, sorted
// within each repository.
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

// gone returns the last paths of a repository's files that are at none of their paths.
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
