package machine

import (
	"errors"

	"github.com/credfile/credfile/vaultfile"
)

// ErrNoPlace reports that a file on standard input can't be written.
var ErrNoPlace = errors.New("can't write to standard input")

// Change changes a file. It may be called on a newer version of the file than was looked
// at. It returns the names of profiles that it made or renamed, which are remembered
// whatever was known before.
type Change func(*File) (made []string, err error)

// Update changes the file: it calls change on its present version while no one else can
// write it. What takes time, such as getting a key, belongs before it.
//
// Errors: [ErrNoPlace], those of [vaultfile.Update] and of change.
func (f *File) Update(change Change) error {
	if !f.HasPlace() {
		return ErrNoPlace
	}
	now := f
	var made []string
	err := vaultfile.Update(f.Path, func(v *vaultfile.File) (err error) {
		now = f.machine.At(f.Path, v)
		now.told = f.told // tell nothing twice
		if f.sight != nil && v.ID() == f.ID() {
			now.sight = f.sight
		}
		v.Clock, v.Other = f.machine.Now, now.Quietly
		made, err = change(now)
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range now.Orphans() {
		f.machine.Tell(now, Note{Kind: Orphan, Profile: name})
	}
	now.Remember(made...)
	return nil
}
