package unlock

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/keycache"
	"github.com/credfile/credfile/internal/keys"
)

// Cache keeps unlocked identities in the system's key store, for later commands.
type Cache struct {
	For   time.Duration // how long to keep what is unlocked now; 0 keeps nothing
	Fresh bool          // ignore what is kept
	Open  func() (keycache.Store, error)
	Now   func() time.Time

	Typed    bool     // the user typed a passphrase that a cache could spare them
	Recovery bool     // the recovery lock was opened last; its identity is never kept
	Kept     []string // labels of what was kept
	Err      error    // why something was not kept

	store  keycache.Store
	found  map[string][]byte // what the store had when it was first read, by id
	opened bool
}

// Store returns the key store, or nil if there is none.
func (c *Cache) Store() keycache.Store {
	if !c.opened {
		c.opened = true
		var err error
		if c.store, err = c.Open(); err != nil && c.For > 0 {
			c.Err = err
		}
	}
	return c.store
}

func lockID(recipient string) string {
	sum := sha256.Sum256([]byte(recipient))
	return "lock-" + hex.EncodeToString(sum[:])
}

func fileID(l *keys.Locked) string { return "file-" + l.ID }

// keepLock keeps the identity of a lock.
func (c *Cache) keepLock(recipient, path, name string, id age.Identity) {
	if c.Recovery = name == Recovery; c.Recovery {
		return
	}
	if text, ok := id.(fmt.Stringer); ok {
		c.keep(lockID(recipient), fmt.Sprintf("%s (lock of %s)", absolute(path), name), []byte(text.String()))
	}
}

// keepFile keeps the content of an identity file or SSH key.
func (c *Cache) keepFile(l *keys.Locked) { c.keep(fileID(l), absolute(l.Name), l.Plain()) }

func (c *Cache) keep(id, label string, secret []byte) {
	if c.For == 0 || c.Store() == nil {
		return
	}
	now := c.Now()
	e := keycache.Entry{ID: id, Label: label, Secret: secret, Until: now.Add(c.For)}
	if err := c.store.Put(e, now); err != nil {
		c.Err = fmt.Errorf("%s: %w", c.store.Name(), err)
	} else if !slices.Contains(c.Kept, label) {
		c.Kept = append(c.Kept, label)
	}
}

// get returns the secret kept under an id, or nil. A store that fails counts as empty.
func (c *Cache) get(id string) []byte {
	if c.Fresh || c.Store() == nil {
		return nil
	}
	if c.found == nil {
		c.found = map[string][]byte{}
		all, _ := c.store.All(c.Now())
		for _, e := range all {
			c.found[e.ID] = e.Secret
		}
	}
	return c.found[id]
}

// absolute returns an absolute path, or path if that fails.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil && path != "-" {
		return abs
	}
	return path
}
