// Package keycache keeps unlocked identities for a while in a key store of the system: on
// Linux in the kernel's session keyring; elsewhere, and if the kernel does not let us, in
// the desktop's (Secret Service, Keychain, Credential Manager). It leaves no process behind.
package keycache

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Entry is one kept secret.
type Entry struct {
	ID     string    `json:"id"`
	Label  string    `json:"label"` // for people: what it opens
	Secret []byte    `json:"secret"`
	Until  time.Time `json:"until"`
}

// Store is a key store. Every method treats an entry as gone once its time is up.
type Store interface {
	// Name is for messages: "the kernel's session keyring".
	Name() string
	// Put stores an entry and replaces one with the same ID.
	Put(e Entry, now time.Time) error
	// All returns all entries, by label.
	All(now time.Time) ([]Entry, error)
	// Forget removes all entries and returns their number.
	Forget(now time.Time) (int, error)
}

// ErrUnavailable reports that the system has no usable key store, as in most containers.
var ErrUnavailable = errors.New("no usable key store on this system (neither the kernel's keyring nor a desktop's)")

// Open returns the first key store that works. Errors: [ErrUnavailable].
func Open(getenv func(string) string) (Store, error) {
	if s := kernel(); s != nil {
		return s, nil
	}
	if s := openDesktop(getenv); s != nil {
		return s, nil
	}
	return nil, ErrUnavailable
}

// Forget removes everything from every key store: when it was stored, another may have been
// the first that worked.
func Forget(getenv func(string) string, now time.Time) (n int, err error) {
	for _, s := range []Store{kernel(), openDesktop(getenv)} {
		if s != nil {
			forgotten, storeErr := s.Forget(now)
			n += forgotten
			if storeErr != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", s.Name(), storeErr))
			}
		}
	}
	return n, err
}

func sorted(all []Entry) []Entry {
	slices.SortFunc(all, func(a, b Entry) int {
		if c := strings.Compare(a.Label, b.Label); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}
