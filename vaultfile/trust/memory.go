package trust

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/vaultfile"
)

const (
	maxMemory = 64 << 20
	maxPlaces = 4096 // in the file of all places; the oldest go
	ownPlaces = 16   // in the file of one credfile
)

// Memory is what a machine remembers, in a directory: a file for each credfile,
// whose name is the file-id in hexadecimal; places, which says what lay where;
// and plugins, which may be run although a credfile names them.
type Memory struct {
	// Dir is the directory; "" for a machine that remembers nothing.
	Dir string
	// ReadOnly is for root in another user's home: what root writes there, that user
	// could not read.
	ReadOnly bool
}

func (m Memory) path(id format.ID) string { return filepath.Join(m.Dir, hex.EncodeToString(id[:])) }
func (m Memory) places() string           { return filepath.Join(m.Dir, "places") }

// Load returns what is known of a file that lies at place.
// Errors: [*MemoryError].
func (m Memory) Load(id format.ID, place Place) (*Known, error) {
	k := &Known{File: id}
	if m.Dir == "" {
		return k, nil
	}
	b, err := atomicfile.Read(m.path(id), maxMemory)
	if err == nil {
		k, err = parseKnown(id, b)
	}
	if NoPlace(err) && !there(m.path(id)) {
		return &Known{File: id, Blind: blind(m.Dir)}, nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &MemoryError{m.path(id), err}
	}
	k.Instead, err = m.instead(k, place)
	return k, err
}

// NoPlace reports whether an error says that nothing can be kept here at all, as
// in a container whose user has no home: which is no sign of an attack.
func NoPlace(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EROFS)
}

// there reports whether a file can be seen. One of another user's, as sudo may
// leave it behind, holds what is known, and must not be passed over.
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

// Remember takes over all that is let through of a file that lies at place, and
// the profiles named in trusted, and writes what changed. Nothing is written if
// nothing did.
//
// Errors: [*MemoryError], which never means that the file is not to be trusted.
func (m Memory) Remember(f *vaultfile.File, place Place, trusted ...string) error {
	if m.Dir == "" {
		return nil
	}
	err := m.change(f.ID(), place, func(k *Known) {
		k.Learn(Judge(k, f), trusted...)
		k.addPlaces(place)
	})
	if err == nil && slices.Contains(trusted, AllProfiles) && len(place.Paths) > 0 {
		err = m.retire(f.ID(), place)
	}
	return err
}

// AllowName remembers f, as [Memory.Remember] does, and that a credential of
// that name may be passed on although programs run code because of it.
func (m Memory) AllowName(f *vaultfile.File, place Place, name string) error {
	return m.change(f.ID(), place, func(k *Known) {
		k.Learn(Judge(k, f))
		k.addPlaces(place)
		if k.Instead == "" && !slices.Contains(k.AllowNames, name) {
			k.AllowNames = append(k.AllowNames, name)
		}
	})
}

// Told remembers that the user was told what was taken on faith of a file.
func (m Memory) Told(f *vaultfile.File, place Place) error {
	if m.Dir == "" {
		return nil
	}
	return m.change(f.ID(), place, func(k *Known) { k.Untold = false })
}

// UsedLock remembers which of a file's passphrase locks was opened, of a file that is
// remembered.
func (m Memory) UsedLock(f *vaultfile.File, place Place, name string) error {
	if m.Dir == "" {
		return nil
	}
	return m.change(f.ID(), place, func(k *Known) {
		if k.Seen {
			k.LastLock = name
		}
	})
}

func (m Memory) change(id format.ID, place Place, edit func(*Known)) error {
	k, err := m.Load(id, place)
	if err != nil {
		return err
	}
	seen, before, places, instead := k.Seen, k.marshal(), slices.Clone(k.places), k.Instead
	edit(k)
	if !k.Seen || seen && bytes.Equal(before, k.marshal()) {
		return nil
	}
	if slices.ContainsFunc(k.places, func(p string) bool { return !slices.Contains(places, p) }) {
		if err := m.firstSight(place); err != nil {
			return err
		}
	}
	for _, p := range k.places {
		if slices.Contains(places, p) {
			continue
		}
		if err := m.addPlace(hex.EncodeToString(id[:]), p); err != nil {
			return err
		}
	}
	// Once more under the lock: another process may have learned meanwhile.
	return m.update(m.path(id), func(old []byte) ([]byte, error) {
		k := &Known{File: id}
		if len(old) > 0 {
			if k, err = parseKnown(id, old); err != nil {
				return nil, err
			}
		}
		k.Instead = instead
		edit(k)
		return k.marshal(), nil
	})
}

func (m Memory) addPlace(id, place string) error {
	line := id + " " + strconv.QuoteToASCII(place)
	return m.addLine(m.places(), line, maxPlaces)
}

// addLine adds a line to a list, of which the oldest lines go beyond limit.
func (m Memory) addLine(path, line string, limit int) error {
	return m.update(path, func(old []byte) ([]byte, error) {
		list := lines(old)
		if slices.Contains(list, line) {
			return nil, nil
		}
		list = append(list, line)
		list = list[max(0, len(list)-limit):]
		return []byte(strings.Join(list, "\n") + "\n"), nil
	})
}

// update changes a file of the memory, or makes it: its content was "" then.
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
			err = atomicfile.Update(path, maxMemory, edit) // made by another process meanwhile
		}
	}
	if err != nil {
		return &MemoryError{path, err}
	}
	return nil
}

// Forget forgets a file, and what lay at place.
func (m Memory) Forget(id format.ID, place Place) error {
	if m.Dir == "" {
		return nil
	}
	if there(m.places()) { // first: what says nothing of places is forgotten last
		err := m.update(m.places(), func(old []byte) ([]byte, error) {
			kept := slices.DeleteFunc(lines(old), func(line string) bool {
				other, p, ok := parsePlace(line)
				return !ok || other == hex.EncodeToString(id[:]) || slices.Contains(place.Paths, p)
			})
			return []byte(strings.Join(append(kept, ""), "\n")), nil
		})
		if err != nil {
			return err
		}
	}
	if err := os.Remove(m.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &MemoryError{m.path(id), err}
	}
	return nil
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
	return m.addLine(filepath.Join(m.Dir, "plugins"), name, maxPlaces)
}
