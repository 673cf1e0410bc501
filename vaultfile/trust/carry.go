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

// carryOver takes over, once, what earlier programs remembered of places: in one list of
// all of them, and in what they knew of each file. A place was the common directory of a
// repository, "//" and the path in it, or an absolute path. With damaged, lines that say
// nothing are passed over.
func (m Memory) carryOver(damaged bool) error {
	list := filepath.Join(m.Dir, "places")
	if !there(list) || m.ReadOnly {
		return nil
	}
	records := map[string]*record{}
	add := func(id format.ID, place string) {
		common, path, inGit := strings.Cut(place, "//")
		if !inGit {
			common, path = place, ""
		}
		name := pathName(common)
		if records[name] == nil {
			records[name] = newRecord(name)
			records[name].at = common
		}
		records[name].set(path, id)
	}
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		return &MemoryError{m.Dir, err}
	}
	for _, e := range entries {
		var id format.ID
		if n, err := hex.Decode(id[:], []byte(e.Name())[:min(len(e.Name()), 2*len(id))]); err != nil || n != len(id) || len(e.Name()) != 2*len(id) {
			continue
		}
		b, err := atomicfile.Read(filepath.Join(m.Dir, e.Name()), maxMemory)
		if err != nil {
			continue // its own command says so
		}
		for line := range strings.Lines(string(b)) {
			if quoted, ok := strings.CutPrefix(line, "place "); ok {
				if place, err := strconv.Unquote(strings.TrimSpace(quoted)); err == nil {
					add(id, place)
				}
			}
		}
	}
	b, err := atomicfile.Read(list, maxMemory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process did it
	} else if err != nil {
		return &MemoryError{list, err}
	}
	for _, line := range lines(b) {
		text, quoted, _ := strings.Cut(line, " ")
		place, err := strconv.Unquote(quoted)
		var id format.ID
		if len(text) != 2*len(id) {
			err = errMemory
		}
		if n, e := hex.Decode(id[:], []byte(text)[:min(len(text), 2*len(id))]); err != nil || e != nil || n != len(id) {
			if damaged {
				continue
			}
			return &MemoryError{list, errMemory}
		}
		add(id, place)
	}
	for name, r := range records {
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
	if err := os.Remove(list); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &MemoryError{list, err}
	}
	return nil
}
