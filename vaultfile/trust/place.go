package trust

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
)

// Place is where a file lies, by all the names that the place has: as it was
// asked for, and with links resolved; in a git repository its common directory,
// "//" and the path in it, else the absolute path. The caller finds them out.
type Place struct {
	Paths []string
	Near  []string // the places at which the search would have gone on, had it not been there
	// Repositories are those that it lies in, the innermost first.
	Repositories []Repository
}

// Repository is a work tree, and how the names of places in it begin.
type Repository struct {
	Scope string // its common directory, "//"
	Root  string
	// Files lists the files that git knows in it and that may be credfiles, as paths from
	// its root. It is asked once, when the first file of the repository is seen.
	Files func() []string
}

// instead returns the place of another file which this one may have been put in
// the place of; "" if it fits where it lies. A file fits where it was let through
// before, and where it lay when the repository was first seen. Elsewhere it does not
// fit where another one is known, nor below one, nor in a repository in which others
// are known and it is not. One that is known there has been moved; it does not fit
// if another known file is gone, in whose stead it may have come.
func (m Memory) instead(k *Known, place Place) (string, error) {
	if !slices.ContainsFunc(place.Paths, func(p string) bool { return !slices.Contains(k.places, p) }) {
		return "", nil
	}
	known, err := m.readPlaces()
	if err != nil {
		return "", err
	}
	id := hex.EncodeToString(k.File[:])
	if !slices.ContainsFunc(place.Paths, func(p string) bool { return !slices.Contains(known.ids[p], id) }) && len(place.Paths) > 0 {
		return "", nil
	}
	for _, p := range slices.Concat(place.Paths, place.Near) {
		if known.other(p, id) {
			return p, nil
		}
	}
	for _, r := range place.Repositories {
		if known.in(r.Scope, id) {
			return known.gone(place.Repositories, id), nil
		}
	}
	for _, r := range place.Repositories {
		for _, p := range known.order {
			if strings.HasPrefix(p, r.Scope) {
				return p, nil
			}
		}
	}
	return "", nil
}

// places says which files, by their ids in hexadecimal, are known at a place.
type places struct {
	ids   map[string][]string
	order []string
}

func (m Memory) readPlaces() (places, error) {
	known := places{ids: map[string][]string{}}
	b, err := atomicfile.Read(m.places(), maxMemory)
	if errors.Is(err, fs.ErrNotExist) {
		return known, nil
	} else if err != nil {
		return known, &MemoryError{m.places(), err}
	}
	for _, line := range lines(b) {
		id, p, ok := parsePlace(line)
		if !ok {
			return known, &MemoryError{m.places(), errMemory}
		}
		if known.ids[p] == nil {
			known.order = append(known.order, p)
		}
		known.ids[p] = append(known.ids[p], id)
	}
	return known, nil
}

// other reports whether a file is known at p, and not this one.
func (k places) other(p, id string) bool {
	return len(k.ids[p]) > 0 && !slices.Contains(k.ids[p], id)
}

// in reports whether a file is known anywhere in a repository.
func (k places) in(scope, id string) bool {
	return slices.ContainsFunc(k.order, func(p string) bool {
		return strings.HasPrefix(p, scope) && slices.Contains(k.ids[p], id)
	})
}

// gone returns a place of another file, known in one of the repositories, that lies
// at none of its places any more; "" if there is none.
func (k places) gone(rs []Repository, id string) string {
	there, last := map[string]bool{}, map[string]string{}
	for _, r := range rs {
		for _, p := range k.order {
			rel, inside := strings.CutPrefix(p, r.Scope)
			if !inside {
				continue
			}
			here := fileID(filepath.Join(r.Root, filepath.FromSlash(rel)))
			for _, known := range k.ids[p] {
				there[known] = there[known] || known == here
				last[known] = p
			}
		}
	}
	for _, p := range k.order {
		for _, known := range k.ids[p] {
			if known != id && last[known] == p && !there[known] {
				return p
			}
		}
	}
	return ""
}

// fileID returns the id of the file at path, in hexadecimal; "" if that is none.
func fileID(path string) string {
	intro := len("credfile/1 ") + b64.EncodedLen(len(format.ID{}))
	b, err := atomicfile.Read(path, int64(intro))
	var id format.ID
	if err != nil || len(b) < intro || !decode(id[:], string(b[len("credfile/1 "):intro])) {
		return ""
	}
	return hex.EncodeToString(id[:])
}

// firstSight records what else lies in a repository of which no file is known: who
// comes anew takes all that is there.
func (m Memory) firstSight(place Place) error {
	known, err := m.readPlaces()
	if err != nil {
		return err
	}
	for _, r := range place.Repositories {
		if r.Files == nil || slices.ContainsFunc(known.order, func(p string) bool { return strings.HasPrefix(p, r.Scope) }) {
			continue
		}
		for _, rel := range r.Files() {
			if id := fileID(filepath.Join(r.Root, filepath.FromSlash(rel))); id != "" {
				if err := m.addPlace(id, r.Scope+rel); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// retire forgets that other files were let through where the user says that this
// one is right: else an older file could be put back there.
func (m Memory) retire(id format.ID, place Place) error {
	own := hex.EncodeToString(id[:])
	others := map[string]bool{}
	err := m.update(m.places(), func(old []byte) ([]byte, error) {
		var kept []string
		for _, line := range lines(old) {
			other, p, ok := parsePlace(line)
			if ok && other != own && slices.Contains(place.Paths, p) {
				others[other] = true
				continue
			}
			kept = append(kept, line)
		}
		if len(others) == 0 {
			return nil, nil
		}
		return []byte(strings.Join(append(kept, ""), "\n")), nil
	})
	for other := range others {
		var id format.ID
		hex.Decode(id[:], []byte(other))
		if !there(m.path(id)) {
			continue // known by its place alone
		}
		err = errors.Join(err, m.update(m.path(id), func(old []byte) ([]byte, error) {
			k, err := parseKnown(id, old)
			if err != nil {
				return nil, err
			}
			k.places = slices.DeleteFunc(k.places, func(p string) bool { return slices.Contains(place.Paths, p) })
			return k.marshal(), nil
		}))
	}
	return err
}

func parsePlace(line string) (id, place string, ok bool) {
	id, quoted, _ := strings.Cut(line, " ")
	place, err := strconv.Unquote(quoted)
	return id, place, err == nil && len(id) == 2*len(format.ID{})
}

// addPlaces records where a file was let through.
func (k *Known) addPlaces(place Place) {
	if k.Instead != "" {
		return
	}
	for _, p := range place.Paths {
		if !slices.Contains(k.places, p) {
			k.places = append(k.places, p)
		}
	}
	k.places = k.places[max(0, len(k.places)-ownPlaces):]
}
