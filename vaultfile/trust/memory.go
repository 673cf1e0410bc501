package trust

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
)

const maxMemory = 64 << 20

// Memory is a directory in which a machine remembers credfiles. It has a file for each
// credfile, named by the file-id in hexadecimal, one for each repository, and plugins,
// which lists those that may be run although a credfile names them.
type Memory struct {
	// Dir is the directory, or "" if the machine remembers nothing.
	Dir string
	// ReadOnly is for root in another user's home, who could not read what root writes there;
	// and for earlier versions of a file, from which a machine learns nothing.
	ReadOnly bool
}

func (m Memory) path(id format.ID) string { return filepath.Join(m.Dir, hex.EncodeToString(id[:])) }

// load returns what is known of a file, at any place, and the text read.
func (m Memory) load(id format.ID) (*Known, []byte, error) {
	k := &Known{File: id}
	if m.Dir == "" {
		return k, nil, nil
	}
	b, err := atomicfile.Read(m.path(id), maxMemory)
	if err == nil {
		k, err = parseKnown(id, b)
	}
	if NoPlace(err) && !there(m.path(id)) {
		return &Known{File: id, Blind: blind(m.Dir)}, nil, nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, &MemoryError{m.path(id), err}
	}
	return k, b, nil
}

// readRecord returns what is known of a repository, or an empty record.
func (m Memory) readRecord(name string) (*record, error) {
	if m.Dir == "" {
		return newRecord(name), nil
	}
	path := filepath.Join(m.Dir, name)
	b, err := atomicfile.Read(path, maxMemory)
	if errors.Is(err, fs.ErrNotExist) || NoPlace(err) && !there(path) {
		return newRecord(name), nil
	}
	var r *record
	if err == nil {
		r, err = parseRecord(name, b)
	}
	if err != nil {
		return newRecord(name), &MemoryError{path, err}
	}
	return r, nil
}

// updateRecord changes what is known of a repository.
func (m Memory) updateRecord(name string, edit func(*record)) error {
	return m.update(filepath.Join(m.Dir, name), func(old []byte) ([]byte, error) {
		r := newRecord(name)
		if len(old) > 0 {
			var err error
			if r, err = parseRecord(name, old); err != nil {
				return nil, err
			}
		}
		edit(r)
		return r.marshal(), nil
	})
}

// NoPlace reports whether an error means that nothing can be kept here at all, as in a
// container whose user has no home. That is no sign of an attack.
func NoPlace(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EROFS)
}

// fileID returns the id of the file at path, whatever its contents.
func fileID(path string) (id format.ID, ok bool) {
	intro := len("credfile/1 ") + format.Base64.EncodedLen(len(id))
	b, err := atomicfile.Read(path, int64(intro))
	return id, err == nil && len(b) >= intro && format.Decode(id[:], string(b[len("credfile/1 "):intro]))
}

// there reports whether a file can be seen. A file of another user, as sudo may leave
// behind, holds what is known and must not be ignored.
func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func lines(b []byte) []string {
	if len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// addLine adds a line to a list.
func (m Memory) addLine(path, line string) error {
	return m.update(path, func(old []byte) ([]byte, error) {
		list := lines(old)
		if slices.Contains(list, line) {
			return nil, nil
		}
		return []byte(strings.Join(append(list, line), "\n") + "\n"), nil
	})
}

// update changes a file of the memory. If the file is missing, update creates it from nil.
func (m Memory) update(path string, edit func(old []byte) ([]byte, error)) error {
	if m.ReadOnly {
		return &MemoryError{path, fs.ErrPermission}
	}
	err := atomicfile.Update(path, maxMemory, edit)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(m.Dir, 0o700); err == nil {
			var b []byte
			if b, err = edit(nil); err == nil {
				err = atomicfile.Create(path, 0o600, b)
			}
		}
		if errors.Is(err, fs.ErrExist) {
			err = atomicfile.Update(path, maxMemory, edit) // another process created it meanwhile
		}
	}
	if err != nil {
		return &MemoryError{path, err}
	}
	return nil
}

// Forget forgets what is known of a file, and any other file known at place: its next use
// there is a first one. It also removes damaged records of the repositories on the way.
func (m Memory) Forget(id format.ID, place Place) error {
	if m.Dir == "" {
		return nil
	}
	if err := m.carryOver(true); err != nil {
		return err
	}
	// Places first. The file's own memory says nothing about them and goes last.
	for i, spot := range slices.Concat(place.At, place.Passed, place.Above) {
		for _, name := range spot.Repo.names() {
			if err := m.forgetSpot(name, spot, id, i < len(place.At)); err != nil {
				return err
			}
		}
	}
	return m.remove(m.path(id))
}

func (m Memory) remove(path string) error {
	if m.ReadOnly {
		return &MemoryError{path, fs.ErrPermission}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &MemoryError{path, err}
	}
	return nil
}

func (m Memory) forgetSpot(name string, spot Spot, id format.ID, at bool) error {
	r, err := m.readRecord(name)
	if err != nil {
		return m.remove(filepath.Join(m.Dir, name))
	}
	if !at || !r.known() {
		return nil
	}
	return m.updateRecord(name, func(r *record) {
		r.order = slices.DeleteFunc(r.order, func(p string) bool { return p == spot.Path || r.paths[p] == id })
		delete(r.paths, spot.Path)
		if len(r.order) > 0 {
			r.set(spot.Path, id) // without keys
		}
	})
}

// Plugins returns the names of the plugins that may be run.
func (m Memory) Plugins() []string {
	b, err := atomicfile.Read(filepath.Join(m.Dir, "plugins"), maxMemory)
	if m.Dir == "" || err != nil {
		return nil
	}
	return lines(b)
}

// AllowPlugin remembers that a plugin may be run.
func (m Memory) AllowPlugin(name string) error {
	if m.Dir == "" {
		return &MemoryError{"the state directory", fmt.Errorf("%w: neither XDG_STATE_HOME nor HOME is set", fs.ErrNotExist)}
	}
	return m.addLine(filepath.Join(m.Dir, "plugins"), name)
}
