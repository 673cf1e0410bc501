package unlock

import (
	"errors"
	"fmt"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
)

// Failure reports that nothing opened a profile.
type Failure struct {
	Section  *format.Profile
	Attempts []Attempt // in order

	NoIdentity      bool // there is no identity at all
	NoTerminal      bool // a question was needed, but there was no terminal
	WrongPassphrase bool
}

func (e *Failure) Error() string { return fmt.Sprintf("can't open profile %q", e.Section.Name) }

// Attempt is one source that was tried. Its zero fields don't apply.
type Attempt struct {
	Source string // of identities: [keys.Source.Name]
	Lock   string // the name of a lock
	Key    string // the id of the OpenPGP key of a lock
	With   string // the source of the passphrase for the lock
	Kept   bool   // the lock was kept unlocked
	Err    error
}

// Facts about a source that opened nothing. The errors of packages keys, openpgp and
// vaultfile are others.
var (
	ErrNoRecipient  = errors.New("matches no recipient of this profile")
	ErrNoPassphrase = errors.New("there is no terminal to ask for its passphrase")
)

// NotRecipientError reports that none of the identities of a source is a recipient.
type NotRecipientError struct {
	IDs     []age.Identity
	Plugins []error // what plugins said
}

func (e *NotRecipientError) Error() string { return "none of its identities is a recipient" }

// ChoiceError reports that there are several passphrase locks, and none was chosen.
type ChoiceError struct {
	Locks []string
	Asked bool
}

func (e *ChoiceError) Error() string { return "there are several locks" }

// NoLockError reports that a profile has no lock of the name that the user chose.
type NoLockError struct{ Profile, Name string }

func (e *NoLockError) Error() string {
	return fmt.Sprintf("profile %q has no lock named %q", e.Profile, e.Name)
}

// BadLockError reports that the message of an openpgp lock is damaged.
type BadLockError struct {
	Recipient string
	Err       error
}

func (e *BadLockError) Error() string { return e.Recipient + "'s OpenPGP lock is damaged" }
func (e *BadLockError) Unwrap() error { return e.Err }
