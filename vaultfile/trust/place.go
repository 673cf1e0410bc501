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
	// Repositories are those that it lies in.
	Repositories []Repository
}

// Repository is a work tree, and how the names of places in it begin.
type Repository struct {
	Scope string // its common directory, "//"
	Root  string
}

// instead returns the place of another file which this one may have been put in
// the place of; "" if it fits where it lies. A file fits where it was let through
// before. Elsewhere, known or not, it does not fit where another one is known,
// nor below one. And one that was never in the repository does not fit where a
// known one of the same repository is gone from its place: it may have been
// moved aside, to where nothing is known.
func (m Memory) instead(k *Known, place Place) (string, error) {
	if !slices.ContainsFunc(place.Paths, func(p string) bool { return !slices.Contains(k.places, p) }) {
		return "", nil
	}
	known, err := m.readPlaces()
	if err != nil {
		return "", err
	}
	for _, p := range slices.Concat(place.Paths, place.Near) {
		if known.other(p, k.File) {
			return p, nil
		}
	}
	for _, r := range place.Repositories {
		if known.at(r.Scope, k.File) {
			return "", nil
		}
	}
	for _, r := range place.Repositories {
		for _, p := range known.order {
			rel, inside := strings.CutPrefix(p, r.Scope)
			if inside && !known.holds(p, filepath.Join(r.Root, filepath.FromSlash(rel))) {
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
func (k places) other(p string, id format.ID) bool {
	ids := k.ids[p]
	return len(ids) > 0 && !slices.Contains(ids, hex.EncodeToString(id[:]))
}

// at reports whether a file is known anywhere in a repository.
func (k places) at(scope string, id format.ID) bool {
	return slices.ContainsFunc(k.order, func(p string) bool {
		return strings.HasPrefix(p, scope) && slices.Contains(k.ids[p], hex.EncodeToString(id[:]))
	})
}

// holds reports whether the file at path is one that is known at p.
func (k places) holds(p, path string) bool {
	intro := len("credfile/1 ") + b64.EncodedLen(len(format.ID{}))
	b, err := atomicfile.Read(path, int64(intro))
	var id format.ID
	if err != nil || len(b) < intro || !decode(id[:], string(b[len("credfile/1 "):intro])) {
		return false
	}
	return slices.Contains(k.ids[p], hex.EncodeToString(id[:]))
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
