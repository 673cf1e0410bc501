package trust

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/credfile/credfile/format"
)

// MaxPaths is the number of paths remembered for each repository. Further ones are not
// learned and none is dropped for another, so nothing that a repository brings pushes out
// what is known.
const MaxPaths = 4096

// record is what is remembered of a repository, in a file of its own: one fact per line,
// parsed strictly. Its name is derived from the repository's mark or path.
//
//	credfile-repository/1 NAME
//	at "PATH"       its last common directory; outside git, the file
//	mark MARK       the mark of the repository that was last there
//	owner UID       another user, whom the user approved
//	file ID "PATH"  the last file known at a path
type record struct {
	name   string
	at     string
	mark   Mark
	owners []uint32
	paths  map[string]format.ID
	order  []string

	changed bool // since it was read
}

const recordIntro = "credfile-repository/1"

// Mark identifies a repository wherever it is moved: 16 random bytes that we leave in it.
// The zero Mark means none.
type Mark [16]byte

func markName(m Mark) string { return "repository-" + hex.EncodeToString(m[:]) }

func pathName(path string) string {
	sum := sha256.Sum256([]byte(path))
	return "path-" + hex.EncodeToString(sum[:])
}

// names returns the names of a repository's records: that of its mark, if it has one, and
// that of its path.
func (repo *Repository) names() []string {
	if repo.Mark != (Mark{}) {
		return []string{markName(repo.Mark), pathName(repo.Common)}
	}
	return []string{pathName(repo.Common)}
}

func newRecord(name string) *record { return &record{name: name, paths: map[string]format.ID{}} }

// known reports whether any file of the repository is remembered.
func (r *record) known() bool { return len(r.paths) > 0 }

// has reports whether a file belongs to the repository.
func (r *record) has(id format.ID) bool {
	return slices.ContainsFunc(r.order, func(p string) bool { return r.paths[p] == id })
}

// where returns the path that had the file last.
func (r *record) where(id format.ID) string {
	for _, p := range slices.Backward(r.order) {
		if r.paths[p] == id {
			return p
		}
	}
	return ""
}

// ids returns the files that belong to the repository.
func (r *record) ids() (ids []format.ID) {
	seen := map[format.ID]bool{}
	for _, p := range r.order {
		if id := r.paths[p]; !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// last returns the last path of each file of the repository, sorted.
func (r *record) last() (paths []string) {
	for _, id := range r.ids() {
		paths = append(paths, r.where(id))
	}
	slices.Sort(paths)
	return paths
}

// set records which file is at a path.
func (r *record) set(path string, id format.ID) {
	at, known := r.paths[path]
	if !known && len(r.order) >= MaxPaths {
		return
	}
	if !known {
		r.order = append(r.order, path)
	}
	r.changed = r.changed || !known || at != id
	r.paths[path] = id
}

// add copies from another record the paths that this one doesn't know, and its owners.
func (r *record) add(other *record) {
	for _, p := range other.order {
		if _, known := r.paths[p]; !known {
			r.set(p, other.paths[p])
		}
	}
	for _, uid := range other.owners {
		r.own(uid)
	}
}

func (r *record) own(uid uint32) {
	if !slices.Contains(r.owners, uid) {
		r.owners, r.changed = append(r.owners, uid), true
	}
}

func (r *record) marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", recordIntro, r.name)
	if r.at != "" {
		fmt.Fprintf(&b, "at %s\n", strconv.QuoteToASCII(r.at))
	}
	if r.mark != (Mark{}) {
		fmt.Fprintf(&b, "mark %s\n", format.Base64.EncodeToString(r.mark[:]))
	}
	for _, uid := range r.owners {
		fmt.Fprintf(&b, "owner %d\n", uid)
	}
	for _, p := range r.order {
		id := r.paths[p]
		fmt.Fprintf(&b, "file %s %s\n", format.Base64.EncodeToString(id[:]), strconv.QuoteToASCII(p))
	}
	return b.Bytes()
}

func parseRecord(name string, b []byte) (*record, error) {
	list, err := cutIntro(b, recordIntro+" "+name)
	if err != nil {
		return nil, err
	}
	r := newRecord(name)
	for _, line := range list {
		what, rest, _ := strings.Cut(line, " ")
		ok := false
		switch what {
		case "at":
			r.at, err = strconv.Unquote(rest)
			ok = err == nil
		case "mark":
			ok = format.Decode(r.mark[:], rest)
		case "owner":
			var uid uint64
			uid, err = strconv.ParseUint(rest, 10, 32)
			r.owners, ok = append(r.owners, uint32(uid)), err == nil
		case "file":
			var id format.ID
			text, quoted, _ := strings.Cut(rest, " ")
			var path string
			path, err = strconv.Unquote(quoted)
			ok = err == nil && format.Decode(id[:], text)
			r.set(path, id)
		}
		if !ok {
			return nil, errMemory
		}
	}
	r.changed = false
	return r, nil
}
