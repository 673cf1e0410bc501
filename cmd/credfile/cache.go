package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/keycache"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile"
)

// usualTime is how long an identity is kept by default, and longest is the limit.
const (
	usualTime = 15 * time.Minute
	longest   = 24 * time.Hour
)

// cache keeps unlocked identities in the system's key store.
type cache struct {
	*app
	for_   time.Duration // how long to keep what is unlocked now; 0 means not at all
	must   bool          // the user ran unlock: ignore what is kept, and fail if nothing can be kept
	kept   []string      // labels of what was kept
	err    error         // why something was not kept
	store  keycache.Store
	opened bool
	found  map[string][]byte // the store's contents when first read, by ID
	// recovery is set if the recovery lock was opened. Its identity is never kept.
	recovery bool
	hinted   bool
}

// fromEnv reads CREDFILE_UNLOCK, which makes every command keep what it unlocks.
func (c *cache) fromEnv() (err error) {
	if text, ok := c.lookupEnv("CREDFILE_UNLOCK"); ok && c.for_ == 0 {
		if c.for_, err = parseFor(text); err != nil {
			return &usageError{text: fmt.Sprintf("CREDFILE_UNLOCK: %v", err), hint: "for example: CREDFILE_UNLOCK=15m"}
		}
	}
	return nil
}

func parseFor(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d > longest {
		return 0, fmt.Errorf("must be a time between 1s and 24h, such as 15m or 8h")
	}
	return d, nil
}

// open opens the key store, once. It returns nil if there is none.
func (c *cache) open() keycache.Store {
	if !c.opened {
		c.opened = true
		var err error
		if c.store, err = keycache.Open(c.getenv); err != nil && c.for_ > 0 {
			c.failed(err)
		}
	}
	return c.store
}

// failed notes that something can't be kept. unlock then fails at the end; other commands
// warn once and continue.
func (c *cache) failed(err error) {
	if c.err == nil && !c.must {
		c.warn("you will be asked for the passphrase again: %v", err)
	}
	c.err = err
}

func lockID(recipient string) string {
	sum := sha256.Sum256([]byte(recipient))
	return "lock-" + hex.EncodeToString(sum[:])
}

func (c *cache) keepLock(recipient, label string, id age.Identity) {
	if text, ok := id.(fmt.Stringer); ok {
		c.keep(lockID(recipient), label, []byte(text.String()))
	}
}

// absolute returns an absolute path, or - for standard input.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil && path != "-" {
		return abs
	}
	return path
}

func (c *cache) keepLocked(l *keys.Locked) { c.keep("file-"+l.ID, absolute(l.Name), l.Plain()) }

func (c *cache) keep(id, label string, secret []byte) {
	if c.for_ == 0 || c.open() == nil {
		return
	}
	e := keycache.Entry{ID: id, Label: label, Secret: secret, Until: c.now().Add(c.for_)}
	if err := c.store.Put(e, c.now()); err != nil {
		c.failed(fmt.Errorf("%s: %w", c.store.Name(), err))
	} else if !contains(c.kept, label) {
		c.kept = append(c.kept, label)
	}
}

// get returns the secret kept under an ID, or nil. A store that fails counts as empty.
func (c *cache) get(id string) []byte {
	if c.must || c.open() == nil {
		return nil
	}
	if c.found == nil {
		c.found = map[string][]byte{}
		all, _ := c.store.All(c.now())
		for _, e := range all {
			c.found[e.ID] = e.Secret
		}
	}
	return c.found[id]
}

// hint says once how not to be asked again.
func (c *cache) hint() {
	if !c.hinted && c.for_ == 0 && c.open() != nil {
		c.say("to be remembered for 15 minutes: credfile unlock")
	}
	c.hinted = true
}

// tryKept tries the identities that unlock keeps: those from the file's locks, and those
// protected by a passphrase.
func (o *opener) tryKept(later []*keys.Source) (*vaultfile.Profile, error) {
	for i := range o.s.Recipients {
		r := &o.s.Recipients[i]
		if r.Lock == "" || o.as() != "" && r.Name != o.as() {
			continue
		}
		ids, err := keys.Parse(bytes.NewReader(o.cache.get(lockID(r.String))))
		if err != nil || len(ids) != 1 || keys.Recipient(ids[0]) != r.String {
			continue
		}
		o.unlocked.keep(r.String, ids[0], nil)
		if p, err := o.try("the lock of "+r.Name+", which is unlocked", ids); p != nil || err != nil {
			return p, err
		}
	}
	for _, source := range later {
		for _, l := range source.Locked() {
			if !l.Open() && l.MayOpen(recipientStrings(o.s)) {
				if plain := o.cache.get("file-" + l.ID); plain == nil || l.Restore(plain) != nil {
					continue
				}
			}
			if !l.Open() {
				continue
			}
			ids, _ := l.Identities(nil)
			if o.quiet {
				ids = slices.DeleteFunc(slices.Clone(ids), isPlugin)
			}
			if p, err := o.try(source.Name, ids); p != nil || err != nil {
				return p, err
			}
		}
	}
	return nil, nil
}
