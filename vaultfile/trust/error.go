package trust

import (
	"errors"
	"fmt"
)

// Reasons why a profile is refused, for errors.Is.
var (
	ErrNewFile    = errors.New("a new file in its repository, and no known file vouches for it")
	ErrOtherFile  = errors.New("not the file that used to be at this path")
	ErrSwapped    = errors.New("two files of the repository changed places")
	ErrShadow     = errors.New("it hides a known file")
	ErrPassed     = errors.New("a nearer file is missing")
	ErrOwner      = errors.New("it belongs to another user")
	ErrUnvouched  = errors.New("new, and no trusted profile vouches for it")
	ErrSuperseded = errors.New("signed by a key that has been replaced")
	ErrRemoved    = errors.New("removed and restored")
	ErrForeign    = errors.New("signed by a new key that no known key vouches for")
	ErrGone       = errors.New("missing, with no record of its removal")
	ErrName       = errors.New("replaced by a different profile of the same name")
	ErrBehind     = errors.New("older than the version last seen")
)

// Refusal reports that a profile is not the known one.
type Refusal struct {
	Verdict *Verdict
	Why     error // one of the above
	// Stops reports whether these bytes were accepted before and can be read, but not
	// written: the file is behind and should be merged first.
	Stops bool
}

func (e *Refusal) Error() string {
	return fmt.Sprintf("profile %q: %v", e.Verdict.Name, e.Why)
}

func (e *Refusal) Unwrap() error { return e.Why }

// Pinned reports whether CREDFILE_TRUST, and not the memory, caused the refusal.
func (e *Refusal) Pinned() bool { return e.Verdict.known.Pinned }

// Others reports whether anything else is known of the file.
func (e *Refusal) Others() bool { return len(e.Verdict.known.Profiles) > 0 }

// Known returns what is known of the profile, or nil.
func (e *Refusal) Known() *Profile { return e.Verdict.known.profile(e.Verdict.ID) }

// Misfit describes why the file does not fit its place, or is nil.
func (e *Refusal) Misfit() *Misfit { return e.Verdict.known.Misfit }

// NameOwner returns the profile that had the name before (ErrName), or nil.
func (e *Refusal) NameOwner() *Profile {
	return e.Verdict.known.owner(e.Verdict.Name, e.Verdict.ID)
}

// MemoryError reports that a file of the memory can't be read or parsed.
type MemoryError struct {
	Path string
	Err  error
}

func (e *MemoryError) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }
func (e *MemoryError) Unwrap() error { return e.Err }

// PinError reports that CREDFILE_TRUST is invalid.
type PinError struct{ Entry int }

func (e *PinError) Error() string {
	if e.Entry == 0 {
		return "CREDFILE_TRUST is set but empty"
	}
	return fmt.Sprintf("entry %d of CREDFILE_TRUST must be FILE-ID:PROFILE-ID:KEY:NAME", e.Entry)
}
