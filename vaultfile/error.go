package vaultfile

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
)

// The classes of a [DamageError]; errors.Is tells them apart. spec/vectors
// uses the same words.
var (
	ErrKey       = errors.New("the verifying key is not acceptable")
	ErrSignature = errors.New("invalid signature")
	ErrWrap      = errors.New("the profile key can't be unwrapped")
	ErrCheck     = errors.New("the wrapped key belongs to another profile")
	ErrValue     = errors.New("a value can't be decrypted")
	ErrDeep      = errors.New("wrong form")
	ErrLock      = errors.New("the lock contains the wrong identity")
)

// Why a lock was not opened.
var (
	ErrPassphrase     = errors.New("wrong passphrase")
	ErrPassphraseForm = errors.New("a passphrase must have 1 to 1024 bytes of UTF-8")
	ErrNotOurs        = errors.New("none of your identities opens it")
)

// DamageError says that a file was changed by somebody who could not sign the
// change, or was damaged. Nothing of the section may be used.
type DamageError struct {
	Class   error  // one of the classes above
	Profile string // its name as it stands in the file
	Line    int    // where its section begins
	Subject string // what it is about: a recipient, a credential; may be empty
}

func (e *DamageError) Error() string {
	s := fmt.Sprintf("profile %q (line %d): %v", e.Profile, e.Line, e.Class)
	if e.Subject != "" {
		s += ": " + e.Subject
	}
	return s
}

func (e *DamageError) Unwrap() error { return e.Class }

// NotFoundError says that a file has no such profile, or a profile no such
// credential.
type NotFoundError struct {
	Profile    string
	Credential string   // empty if it is the profile that is missing
	Recipient  string   // set if it is a recipient
	Known      []string // the names that there are
}

func (e *NotFoundError) Error() string {
	if e.Recipient != "" {
		return fmt.Sprintf("no recipient %q in profile %q", e.Recipient, e.Profile)
	}
	if e.Credential == "" {
		return fmt.Sprintf("no profile %q", e.Profile)
	}
	return fmt.Sprintf("no credential %q in profile %q", e.Credential, e.Profile)
}

// ExistsError says that a new name is taken.
type ExistsError struct{ Profile, Credential string }

func (e *ExistsError) Error() string {
	if e.Credential == "" {
		return fmt.Sprintf("profile %q already exists", e.Profile)
	}
	return fmt.Sprintf("credential %q already exists in profile %q", e.Credential, e.Profile)
}

// NoMatchError says that none of the identities that were tried belongs to a
// recipient of the profile.
type NoMatchError struct {
	Profile    string
	Recipients []string // their names
	Tried      int      // how many identities were tried
	Plugins    []error  // what the plugins that were run said
}

func (e *NoMatchError) Error() string {
	return fmt.Sprintf("none of the %d identities is a recipient of profile %q (recipients: %s)",
		e.Tried, e.Profile, strings.Join(e.Recipients, ", "))
}

// RoleError says that a profile was opened by a reader and can't be changed.
type RoleError struct {
	Profile string
	Reader  string   // the recipient that opened it
	Writers []string // who could change it
}

func (e *RoleError) Error() string {
	return fmt.Sprintf("%q can read profile %q, but not change it", e.Reader, e.Profile)
}

// LastWriterError says that a profile would have no writer left.
type LastWriterError struct{ Profile string }

func (e *LastWriterError) Error() string {
	return fmt.Sprintf("profile %q would have no writer", e.Profile)
}

// LastProfileError says that a file would have no profile left.
type LastProfileError struct{ Profile string }

func (e *LastProfileError) Error() string {
	return fmt.Sprintf("profile %q is the only profile of the file", e.Profile)
}

// ProofError says that a new lock does not open, so that nothing was written.
type ProofError struct {
	Recipient string
	Err       error
}

func (e *ProofError) Error() string {
	return fmt.Sprintf("the new lock of %q does not open; nothing was written", e.Recipient)
}

func (e *ProofError) Unwrap() error { return e.Err }

// NameError says that a name is outside the grammar of names.
type NameError struct{ Kind, Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("%q is not a valid name for a %s", e.Name, e.Kind)
}

// RecipientError says that a recipient can't be used.
type RecipientError struct {
	Name   string
	Reason string
}

func (e *RecipientError) Error() string { return fmt.Sprintf("recipient %q: %s", e.Name, e.Reason) }

// SizeError says that a value is longer than the format allows.
type SizeError struct{ Credential string }

func (e *SizeError) Error() string {
	return fmt.Sprintf("the value of %q is larger than 1 MiB", e.Credential)
}

// CommentError says that a comment is not whole lines, each blank or with a #.
type CommentError struct{}

func (e *CommentError) Error() string {
	return "each line of a comment must be empty or begin with #, without control characters"
}

// ClockError says that this machine's clock is more than a day behind the
// times in the file.
type ClockError struct {
	Profile   string
	Now, Need time.Time
}

func (e *ClockError) Error() string {
	return fmt.Sprintf("profile %q has times in the future; this machine's clock says %s", e.Profile, e.Now.Format(time.RFC3339))
}

// Why a plugin was not run.
var (
	ErrPlugin   = errors.New("the plugin is not allowed to run")
	ErrNoPlugin = errors.New("it is not installed")
)

// PluginError says that a recipient needs an age plugin that was not run.
type PluginError struct {
	Name      string // of the plugin: its program is age-plugin-NAME
	Recipient string // the name of the recipient
	Err       error
}

func (e *PluginError) Error() string {
	return fmt.Sprintf("recipient %q needs age-plugin-%s: %v", e.Recipient, e.Name, e.Err)
}

func (e *PluginError) Unwrap() error { return e.Err }

var errRemoved = fmt.Errorf("%w: more than %d removed profiles", format.ErrLimit, format.MaxRemoved)
