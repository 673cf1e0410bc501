package vaultfile

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
)

// The classes of a [DamageError], for errors.Is. spec/vectors uses the same words.
var (
	ErrKey       = errors.New("invalid verifying key")
	ErrSignature = errors.New("invalid signature")
	ErrWrap      = errors.New("can't unwrap the profile key")
	ErrCheck     = errors.New("contains the wrapped key of another profile")
	ErrValue     = errors.New("can't be decrypted")
	ErrDeep      = errors.New("malformed")
	ErrLock      = errors.New("contains the wrong identity")
)

// Reasons why a lock was not opened.
var (
	ErrPassphrase     = errors.New("wrong passphrase")
	ErrPassphraseForm = errors.New("a passphrase must have 1 to 1024 bytes of UTF-8")
	ErrNotOurs        = errors.New("none of your identities opens it")
)

// ErrVoucher reports that a new profile needs a voucher from the same file: an unlocked
// profile that can be written.
var ErrVoucher = errors.New("a new profile needs another profile of the file to vouch for it")

// ErrComment reports a comment that has a partial line, or a line that is neither blank nor
// starts with #.
var ErrComment = errors.New("each line of a comment must be empty or begin with #, and must not contain control characters")

// ErrNotEmpty reports that names can be hidden only before there are credentials.
var ErrNotEmpty = errors.New("the profile already has credentials, whose names can no longer be hidden")

// DamageError reports that a file is damaged, or was changed by someone who could not sign
// the change. Nothing in the section may be used.
type DamageError struct {
	Class   error  // one of the classes above
	Profile string // as written in the file
	Line    int    // where the section begins
	Subject string // the recipient or credential concerned; may be empty
}

func (e *DamageError) Error() string {
	subject := ""
	if e.Subject != "" {
		subject = ", " + e.Subject
	}
	return fmt.Sprintf("profile %q (line %d)%s: %v", e.Profile, e.Line, subject, e.Class)
}

func (e *DamageError) Unwrap() error { return e.Class }

// NotFoundError reports that a file has no such profile, or a profile no such credential or
// recipient.
type NotFoundError struct {
	Profile    string
	Credential string   // empty if the profile is missing
	Recipient  string   // set if a recipient is missing
	Known      []string // the existing names
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

// ExistsError reports that a new name is already in use.
type ExistsError struct{ Profile, Credential string }

func (e *ExistsError) Error() string {
	if e.Credential == "" {
		return fmt.Sprintf("profile %q already exists", e.Profile)
	}
	return fmt.Sprintf("credential %q already exists in profile %q", e.Credential, e.Profile)
}

// NoMatchError reports that none of the identities belongs to a recipient of the profile.
type NoMatchError struct {
	Profile    string
	Recipients []string // their names
	Tried      int      // number of identities tried
	Plugins    []error  // errors from the plugins that were run
}

func (e *NoMatchError) Error() string {
	return fmt.Sprintf("none of the %d identities is a recipient of profile %q (recipients: %s)",
		e.Tried, e.Profile, strings.Join(e.Recipients, ", "))
}

// RoleError reports that a profile was opened by a reader, who can't change it.
type RoleError struct {
	Profile string
	Reader  string   // the recipient that opened it
	Writers []string // who can change it
}

func (e *RoleError) Error() string {
	return fmt.Sprintf("%q can read profile %q, but not change it", e.Reader, e.Profile)
}

// LastWriterError reports that a profile would have no writer left.
type LastWriterError struct{ Profile string }

func (e *LastWriterError) Error() string {
	return fmt.Sprintf("profile %q would have no writer", e.Profile)
}

// LastProfileError reports that a file would have no profile left.
type LastProfileError struct{ Profile string }

func (e *LastProfileError) Error() string {
	return fmt.Sprintf("profile %q is the only profile in the file", e.Profile)
}

// ProofError reports that a new lock does not open and nothing was written.
type ProofError struct {
	Recipient string
	Err       error
}

func (e *ProofError) Error() string {
	return fmt.Sprintf("%s's new lock does not open; nothing was written", e.Recipient)
}

func (e *ProofError) Unwrap() error { return e.Err }

// NameError reports that a name does not match the grammar of names.
type NameError struct{ Kind, Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("%q is not a valid name for a %s", e.Name, e.Kind)
}

// RecipientError reports that a recipient can't be used.
type RecipientError struct {
	Name   string
	Reason string
}

func (e *RecipientError) Error() string { return fmt.Sprintf("recipient %q: %s", e.Name, e.Reason) }

// OtherRoleError reports that a recipient to add has the other role already.
type OtherRoleError struct {
	Profile, Recipient string
	Writer             bool // the role that it has
}

func (e *OtherRoleError) Error() string {
	role := "reader"
	if e.Writer {
		role = "writer"
	}
	return fmt.Sprintf("%s is already a %s of profile %q", e.Recipient, role, e.Profile)
}

// SizeError reports that a value is longer than the format allows.
type SizeError struct{ Credential string }

func (e *SizeError) Error() string {
	return fmt.Sprintf("the value of %q is larger than 1 MiB", e.Credential)
}

// ClockError reports that this machine's clock is more than a day behind the times in the
// file.
type ClockError struct {
	Profile   string
	Now, Need time.Time
}

func (e *ClockError) Error() string {
	return fmt.Sprintf("profile %q has times in the future; this machine's clock says %s", e.Profile, e.Now.Format(time.RFC3339))
}

// Reasons why a plugin was not run.
var (
	ErrPlugin   = errors.New("the plugin is not allowed to run")
	ErrNoPlugin = errors.New("it is not installed")
)

// PluginError reports that a recipient needs an age plugin that was not run.
type PluginError struct {
	Name      string // its program is age-plugin-NAME
	Recipient string // name of the recipient
	Profile   string // whose keys were to be replaced; empty for a new recipient or lock
	Err       error
}

func (e *PluginError) Error() string {
	return fmt.Sprintf("recipient %q needs age-plugin-%s: %v", e.Recipient, e.Name, e.Err)
}

func (e *PluginError) Unwrap() error { return e.Err }

var errRemoved = fmt.Errorf("%w: more than %d removed profiles", format.ErrLimit, format.MaxRemoved)
