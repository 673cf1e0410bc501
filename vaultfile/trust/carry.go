package trust

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
)

// carryOver imports, once, the places remembered by earlier versions, both in one list of
// all places and in what they knew of each file. With damaged, it skips invalid lines.
func (m Memory) carryOver(damaged bool) error {
	list := filepath.Join(m.Dir, "places")
	if !there(list) || m.ReadOnly {
		return nil
	}
	old := oldPlaces{}
	if err := old.addFiles(m.Dir); err != nil {
		return &MemoryError{m.Dir, err}
	}
	b, err := atomicfile.Read(list, maxMemory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process did it
	} else if err != nil {
		return &MemoryError{list, err}
	}
	for _, line := range lines(b) {
		id, quoted, _ := strings.Cut(line, " ")
		if !old.add(id, quoted) && !damaged {
			return &MemoryError{list, errMemory}
		}
	}
	for name, r := range old {
		err := m.updateRecord(name, func(now *record) {
			now.at = r.at
			now.add(r)
		})
		if NoPlace(err) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return m.remove(list)
}

// oldPlaces maps names to records. A place was the common directory of a repository, "//"
// and the path in it, or an absolute path.
type oldPlaces map[string]*record

func (old oldPlaces) add(hexID, quoted string) bool {
	place, err := strconv.Unquote(quoted)
	b, err2 := hex.DecodeString(hexID)
	var id format.ID
	if err != nil || err2 != nil || copy(id[:], b) != len(b) || len(b) != len(id) {
		return false
	}
	common, path, _ := strings.Cut(place, "//") // outside git, there is no path
	name := pathName(common)
	if old[name] == nil {
		old[name] = newRecord(name)
		old[name].at = common
	}
	old[name].set(path, id)
	return true
}

// addFiles adds the places recorded in what is known of each file. It skips damaged files,
// which are reported when they are used.
func (old oldPlaces) addFiles(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		b, err := atomicfile.Read(filepath.Join(dir, e.Name()), maxMemory)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			if quoted, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "place "); ok {
				old.add(e.Name(), quoted)
			}
		}
	}
	return nil
}
