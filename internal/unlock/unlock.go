// Package unlock opens profiles with what the user has: identities, locks in the file,
// passphrases, gpg, and what an earlier command kept unlocked. It tries them in one order
// and returns a profile, or a [*Failure] with a fact about each source. It asks through an
// [Asker], and has no words for people.
package unlock

import (
	"errors"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// Recovery is the name of a lock that is opened only on request, since its passphrase is in
// a safe, and whose identity is never kept.
const Recovery = "recovery"

// Tries is how many attempts the user has at a passphrase.
const Tries = 3

// Keys is what the user can open profiles with in one run of a program. What it opens once,
// it remembers until the run ends.
type Keys struct {
	Sources     func() []*keys.Source // of identities, in order
	DefaultFile string                // where the user's own identities are, or would be
	Chosen      Chosen
	Derive      Derive // nil for package kdf's own
	Ask         Asker
	Cache       *Cache
	GPG         GPG

	LastLock string // that a passphrase opened, if the profile has several
	Unasked  bool   // a plugin had a question, but there was no terminal
	opened   opened
}

// Derive derives a key from a passphrase, as [kdf.Params] Key does.
type Derive func(p kdf.Params, passphrase, salt []byte) ([]byte, error)

// Chosen is what the user said about locks. Its zero value chooses nothing.
type Chosen struct {
	Lock string // the name of the one to open
	// Passphrase returns the passphrase that the user gave, and the name of its source.
	Passphrase func() (p *vaultfile.Passphrase, source string, err error)
}

// Asker asks the user. An error other than [term.ErrNoTerminal] ends the opening: the user
// does not want to answer.
type Asker interface {
	// Passphrase asks for the passphrase of a thing.
	Passphrase(Question) ([]byte, error)
	// Checked takes the outcome of a passphrase that was typed. It returns it, or the signal
	// that arrived meanwhile.
	Checked(outcome error) error
	// Choose asks which of several passphrases the user has.
	Choose(q Question, locks []string) (string, error)
}

// Question says what a passphrase is asked for.
type Question struct {
	Thing         Thing
	Name          string // of the thing
	Profile, Path string // what is to be opened
	Again         error  // why the last answer was no good
}

// Thing is a kind of thing with a passphrase.
type Thing int

// The things with a passphrase.
const (
	File       Thing = iota // an identity file or SSH key
	Lock                    // a lock in the credentials file
	OpenPGPKey              // an exported private key
)

// Request says what to open, and how.
type Request struct {
	File    *vaultfile.File
	Path    string          // of the file, for questions and labels
	Section *format.Profile // verified
	Write   bool            // look for a writer's identity
	Quiet   bool            // ask nothing and start nothing
	Last    string          // the lock that a passphrase opened last time
}

// sources lists where identities come from, in order. What asks comes last, so that no one
// types a passphrase for nothing.
var sources = []struct {
	asks bool
	of   func(*opening, yield)
}{
	{false, fromOpened},    // locks opened earlier in this run
	{false, fromSources},   // identities without a passphrase
	{false, fromKeptLocks}, // locks that an earlier command kept unlocked
	{false, fromKeptFiles}, // identity files, likewise
	{true, fromChosenLock}, // a lock that the user named or gave the passphrase for
	{true, fromProtected},  // identity files and SSH keys with a passphrase
	{true, fromLocks},      // any lock
}

// yield tries identities. It reports whether to go on.
type yield func(from Attempt, ids ...age.Identity) bool

// opening is one attempt to open a profile.
type opening struct {
	*Keys
	Request
	failure Failure
	profile *vaultfile.Profile // the result
	reader  *vaultfile.Profile // opened with a reader's key where a writer's is needed
	damage  error              // of a damaged lock
	err     error              // ends the opening
	missed  int                // locks for an age recipient that did not open
}

// Open opens a profile with the first identity that can. For writing, it looks for a
// writer's identity, but returns a profile that can only be read if there is none.
//
// Errors: [*Failure], [*NoLockError], those of an [Asker], and [*vaultfile.DamageError] or
// [*BadLockError] if the only lock that might open is damaged.
func (k *Keys) Open(r Request) (*vaultfile.Profile, error) {
	p, err := k.open(r)
	if interrupted := k.Ask.Checked(nil); err == nil && interrupted != nil { // a wrong passphrase, then another way to open it
		return nil, interrupted
	}
	return p, err
}

func (k *Keys) open(r Request) (*vaultfile.Profile, error) {
	o := &opening{Keys: k, Request: r, failure: Failure{Section: r.Section, NoIdentity: true}}
	for _, source := range sources {
		if source.asks && r.Quiet {
			continue
		}
		if source.of(o, o.try); o.profile != nil || o.err != nil {
			return o.profile, o.err
		}
	}
	switch {
	case o.reader != nil:
		return o.reader, nil
	case o.damage != nil:
		return nil, o.damage
	}
	o.failure.NoTerminal = o.failure.NoTerminal || k.Unasked
	return nil, &o.failure
}

func (o *opening) try(from Attempt, ids ...age.Identity) bool {
	if len(ids) == 0 {
		return true
	}
	p, err := o.File.Unlock(o.Section.Name, ids...)
	var none *vaultfile.NoMatchError
	switch {
	case errors.As(err, &none):
		from.Err = &NotRecipientError{IDs: ids, Plugins: none.Plugins}
		o.note(from)
	case err != nil:
		o.err = err
	case p.Writer() || !o.Write:
		o.profile = p
	default:
		o.reader = p
	}
	return o.profile == nil && o.err == nil
}

// note adds a fact about a source that opened nothing.
func (o *opening) note(a Attempt) { o.failure.Attempts = append(o.failure.Attempts, a) }

// damaged notes a damaged lock. It is the error if nothing else opens the profile.
func (o *opening) damaged(a Attempt) {
	o.note(a)
	if o.damage == nil {
		o.damage = a.Err
	}
}

// chosen reports whether the user named a lock or gave a passphrase.
func (o *opening) chosen() bool { return o.Chosen.Lock != "" || o.Chosen.Passphrase != nil }

// opened holds what was opened in this run, by recipient. An identity from a lock serves
// every profile that names its recipient.
type opened struct {
	ids         map[string]age.Identity
	passphrases map[string]*vaultfile.Passphrase
}

func (u *opened) keep(recipient string, id age.Identity, p *vaultfile.Passphrase) {
	if u.ids == nil {
		u.ids, u.passphrases = map[string]age.Identity{}, map[string]*vaultfile.Passphrase{}
	}
	u.ids[recipient] = id
	if p != nil {
		u.passphrases[recipient] = p
	}
}

// FromLocks returns the identities of the locks that were opened in this run.
func (k *Keys) FromLocks() []age.Identity {
	var ids []age.Identity
	for _, id := range k.opened.ids {
		ids = append(ids, id)
	}
	return ids
}
