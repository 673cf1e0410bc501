// Package vaultfile opens, verifies, changes and saves credfiles: files that hold
// credentials in profiles, each encrypted for its own recipients and signed by its own
// writers. spec/credfile.md defines the format.
//
// [File.Profile] and [File.Unlock] verify a section's signature, which needs no secret,
// before they return anything from it. Whether it was signed by the right key is a question of
// continuity: anyone who can write to a repository can put another file there. Package
// [github.com/credfile/credfile/vaultfile/trust] answers it, and its Judgement.Unlock is the way
// to open a profile that comes from elsewhere.
//
// The package keeps no state, reads no environment and never prompts. A [File] and its
// [Profile] values must not be used by several goroutines at once.
package vaultfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
)

// File is a credfile in memory.
type File struct {
	// Clock returns the time of a change; nil means time.Now.
	Clock func() time.Time

	// Plugin is called before age-plugin-NAME is run to wrap for a recipient. It returns
	// the UI for the plugin, or an error to refuse it. Nil refuses every plugin.
	Plugin func(name string) (*plugin.ClientUI, error)

	// Other, if set, returns another profile of the file unlocked for writing, or nil. A
	// change that replaces a profile's key calls it for the profiles that this key vouched
	// for, so that the new key vouches for them. Profiles that are already unlocked are used
	// without it.
	Other func(name string) *Profile

	text     *format.File
	digests  map[*format.Profile][16]byte // of sections as they were read
	verified map[*format.Profile]bool
	formed   map[*format.Profile]bool // see checkForms
	decoded  map[string]age.Recipient // by recipient string
	unlocked map[*format.Profile]*Profile
	proofs   map[string]func(message []byte) ([]byte, error) // by message
	dirty    bool                                            // changed outside its profiles
	orphans  []string                                        // see Orphans
}

// New returns an empty file with a random id. It needs a profile before it can be written:
// see [File.Add].
func New() *File {
	f := &File{text: &format.File{}, digests: map[*format.Profile][16]byte{}}
	rand.Read(f.text.ID[:])
	return f
}

// ID returns the file's id. Every key and signature is bound to it.
func (f *File) ID() format.ID { return f.text.ID }

// Names returns the names of the profiles, in byte order. They are not verified.
func (f *File) Names() []string {
	names := make([]string, len(f.text.Profiles))
	for i, p := range f.text.Profiles {
		names[i] = p.Name
	}
	return names
}

// Removed returns the verified removed blocks. The caller must not change them.
func (f *File) Removed() []format.Removed { return f.text.Removed }

// Profile returns the named section after verifying its seal. It does not verify the
// vouched lines: see [File.Vouches]. The caller must not change the section. Errors:
// [*NotFoundError], [*DamageError].
func (f *File) Profile(name string) (*format.Profile, error) {
	return f.section(name, true)
}

// section returns a verified section; with sealAlone, only its seal is verified.
func (f *File) section(name string, sealAlone bool) (*format.Profile, error) {
	s := f.text.Find(name)
	if s == nil {
		return nil, &NotFoundError{Profile: name, Known: f.Names()}
	}
	err := s.Read()
	if err != nil {
		return nil, err
	}
	switch whole, sealed := f.verified[s]; {
	case whole, sealed && sealAlone:
		return s, nil
	case sealed: // a large section's seal is what takes the time
		err = checkVouched(f.text.ID, s)
	default:
		err = verifySection(f.text.ID, s, f.signed(s), sealAlone)
	}
	if err != nil {
		return nil, err
	}
	f.setVerified(s, !sealAlone)
	return s, nil
}

func (f *File) setVerified(s *format.Profile, whole bool) {
	if f.verified == nil {
		f.verified = map[*format.Profile]bool{}
	}
	f.verified[s] = whole
}

// Verify checks everything that can be checked without a key: all sections, and the form of
// everything in them. Errors: [*DamageError], joined.
func (f *File) Verify() error {
	var errs []error
	for _, name := range f.Names() {
		if err := f.VerifyProfile(name); err != nil {
			errs = append(errs, err)
		}
	}
	for i := range f.text.Removed {
		r := &f.text.Removed[i]
		if class := verifyVouched(f.text.ID, r.ID, r.Vouched); class != nil {
			errs = append(errs, &DamageError{Class: class, Profile: r.Name, Line: r.Line, Subject: "record of removal"})
		}
	}
	return errors.Join(errs...)
}

// VerifyProfile is [File.Verify] for one section. Use it to change access: a writer who
// spoils a wrap in another profile must not be able to block their own removal from this
// one. Errors: [*DamageError], [*NotFoundError].
func (f *File) VerifyProfile(name string) error {
	s, err := f.section(name, false)
	if err != nil {
		return err
	}
	return f.checkForms(s)
}

// Marshal renews the vouching lines that the changes affect, signs every changed profile and
// returns the file's bytes. It reads them back, as a reader would, before it returns them.
func (f *File) Marshal() ([]byte, error) {
	if err := f.renewVouching(); err != nil {
		return nil, err
	}
	for _, p := range f.unlocked {
		if err := p.sign(); err != nil {
			return nil, err
		}
	}
	b := format.Marshal(f.text)
	again, err := Parse(b)
	if err != nil {
		return nil, fmt.Errorf("internal error: would write a file that can't be read: %w", err)
	}
	for s := range f.unlocked {
		if _, err := again.Profile(s.Name); err != nil {
			return nil, fmt.Errorf("internal error: would write a file that does not verify: %w", err)
		}
	}
	if err := f.prove(again); err != nil {
		return nil, err
	}
	f.dirty = false
	return b, nil
}

// HasChanges reports whether [File.Marshal] would write anything new.
func (f *File) HasChanges() bool { return f.dirty || len(f.changed()) > 0 }

// changed returns the profiles changed since they were read or signed, sorted by name in
// byte order.
func (f *File) changed() []*Profile {
	var ps []*Profile
	for _, p := range f.unlocked {
		if p.dirty {
			ps = append(ps, p)
		}
	}
	slices.SortFunc(ps, func(a, b *Profile) int { return compareProfiles(a.s, b.s) })
	return ps
}

// keep remembers an unlocked profile, so that Marshal signs its changes.
func (f *File) keep(p *Profile) {
	if f.unlocked == nil {
		f.unlocked = map[*format.Profile]*Profile{}
	}
	f.unlocked[p.s] = p
}

// Add creates a profile with a new key and returns it unlocked. voucher is an unlocked
// profile of the same file that the caller can write; its key vouches for the new one. It
// is nil only for a file's first profile.
//
// Errors: [ErrVoucher], [*NameError], [*ExistsError], those of [Profile.AddRecipient].
func (f *File) Add(name string, recipients []Recipient, voucher *Profile) (*Profile, error) {
	if !format.ValidName(name) {
		return nil, &NameError{Kind: "profile", Name: name}
	}
	if f.text.Find(name) != nil {
		return nil, &ExistsError{Profile: name}
	}
	if len(f.text.Profiles) == format.MaxProfiles {
		return nil, fmt.Errorf("%w: more than %d profiles", format.ErrLimit, format.MaxProfiles)
	}
	if voucher == nil && len(f.text.Profiles) > 0 || voucher != nil && voucher.f != f {
		return nil, ErrVoucher
	}
	p := newProfile(f, name)
	if voucher != nil {
		if err := voucher.writable(); err != nil {
			return nil, err
		}
		if err := f.checkForms(voucher.s); err != nil {
			return nil, err
		}
		p.s.Vouched = []format.Vouched{vouch(f.text.ID, p.s.ID, voucher.signer, p.s.Key)}
	}
	for _, r := range recipients {
		if err := p.addRecipient(r); err != nil {
			return nil, err
		}
	}
	if !slices.ContainsFunc(p.s.Recipients, func(r format.Recipient) bool { return r.Writer }) {
		return nil, &LastWriterError{Profile: name}
	}
	at := sort.Search(len(f.text.Profiles), func(i int) bool { return f.text.Profiles[i].Name > name })
	f.text.Profiles = slices.Insert(f.text.Profiles, at, p.s)
	f.setVerified(p.s, true)
	f.keep(p)
	return p, nil
}

// now returns the time to record for a change to s. It is later than every recorded loss of
// access.
func (f *File) now(s *format.Profile) (time.Time, error) {
	clock := time.Now
	if f.Clock != nil {
		clock = f.Clock
	}
	now := clock().UTC().Truncate(time.Second)
	t := now
	if n := len(s.Former); n > 0 {
		if after := s.Former[n-1].Time.Add(time.Second); after.After(t) {
			t = after
		}
	}
	if t.After(now.Add(24*time.Hour)) || t.Year() < 1970 || t.Year() > 9999 {
		return t, &ClockError{Profile: s.Name, Now: now, Need: t}
	}
	return t, nil
}

func compareProfiles(a, b *format.Profile) int { return strings.Compare(a.Name, b.Name) }

func compareFormer(a, b format.Former) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	return strings.Compare(a.Name, b.Name)
}

// compareRemoved compares the encoded ids: the base64 alphabet is not in byte order.
func compareRemoved(a, b format.Removed) int {
	return strings.Compare(format.Base64.EncodeToString(a.ID[:]), format.Base64.EncodeToString(b.ID[:]))
}

func compareRecipients(a, b format.Recipient) int { return strings.Compare(a.Name, b.Name) }
