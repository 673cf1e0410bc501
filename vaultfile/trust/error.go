package trust

import (
	"errors"
	"fmt"
)

// Reasons why a profile is refused, for errors.Is.
var (
	ErrNewFile    = errors.New("a new file in its repository that none of the known ones vouches for")
	ErrOtherFile  = errors.New("another file was known in its place")
	ErrSwapped    = errors.New("it lies where another file of its repository was")
	ErrShadow     = errors.New("it lies where another file would be found")
	ErrPassed     = errors.New("a nearer file is gone")
	ErrOwner      = errors.New("it belongs to another user")
	ErrUnvouched  = errors.New("a new profile that no trusted one vouches for")
	ErrSuperseded = errors.New("signed by a key that was replaced since")
	ErrRemoved    = errors.New("it was removed, and is back")
	ErrForeign    = errors.New("signed by a key that nothing known vouches for")
	ErrGone       = errors.New("it is gone, and nothing says that it was removed")
	ErrName       = errors.New("its name was another profile's")
	ErrBehind     = errors.New("older than what was seen before")
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
		return "CREDFILE_TRUST is set, but empty"
	}
	return fmt.Sprintf("entry %d of CREDFILE_TRUST is not FILE-ID:PROFILE-ID:KEY:NAME", e.Entry)
}
