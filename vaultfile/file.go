// Package vaultfile opens, verifies, changes and saves credfiles: files that
// hold credentials by profile, each profile encrypted for its own recipients
// and signed by its own writers. spec/credfile.md is the format.
//
// Nothing is taken from a section whose signature was not verified: [File.Profile]
// and [File.Unlock] verify it first, without any secret. Whether the key that
// signed a section is the one that it should be is a question of continuity,
// which the caller answers before it uses what it opened.
//
// The package keeps no state, reads no environment and asks nobody anything.
// A [File] and its [Profile] values must not be used by several goroutines at
// once.
package vaultfile

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
)

// File is a credfile in memory.
type File struct {
	// Clock gives the time of a change; nil means time.Now.
	Clock func() time.Time

	// Plugin is asked before the program age-plugin-NAME is run to wrap for a
	// recipient, and gives the dialogue with it. Nil allows none.
	Plugin func(name string) (*plugin.ClientUI, error)

	text     *format.File
	verified map[*format.Profile]bool
	unlocked map[*format.Profile]*Profile
	proofs   map[string]func(message []byte) ([]byte, error) // by the message
	dirty    bool                                            // changed outside of its profiles
}

// New returns an empty file with an id of its own. It needs a profile before
// it can be written: see [File.Add].
func New() *File {
	f := &File{text: &format.File{}}
	rand.Read(f.text.ID[:])
	return f
}

// Parse reads a file and verifies its removed blocks; each section is verified
// when it is first used. A file in which every line ends in CRLF, as git on
// Windows may leave it, is read as if they ended in LF.
//
// Its errors are [*format.SyntaxError] and [*DamageError].
func Parse(b []byte) (*File, error) {
	if n := bytes.Count(b, []byte("\r\n")); n > 0 && n == bytes.Count(b, []byte("\n")) {
		b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	}
	text, err := format.Parse(b)
	if err != nil {
		return nil, err
	}
	f := &File{text: text}
	for i := range text.Removed {
		if err := verifyRemoved(text.ID, &text.Removed[i]); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// ID returns the file's id, which is bound into every key and signature.
func (f *File) ID() format.ID { return f.text.ID }

// Names returns the names of the profiles, in byte order. They are not
// verified.
func (f *File) Names() []string {
	names := make([]string, len(f.text.Profiles))
	for i, p := range f.text.Profiles {
		names[i] = p.Name
	}
	return names
}

// Removed returns the removed blocks, verified; they must not be changed.
func (f *File) Removed() []format.Removed { return f.text.Removed }

// Profile returns the section of that name, its seal verified. (Whose word its vouched lines
// are says [File.Vouches].) It must not be changed. Errors: [*NotFoundError], [*DamageError].
func (f *File) Profile(name string) (*format.Profile, error) {
	return f.section(name, true)
}

// section returns a section, verified as far as sealAlone says.
func (f *File) section(name string, sealAlone bool) (*format.Profile, error) {
	s := f.text.Find(name)
	if s == nil {
		return nil, &NotFoundError{Profile: name, Known: f.Names()}
	}
	if whole, ok := f.verified[s]; ok && (whole || sealAlone) {
		return s, nil
	}
	if err := verifySection(f.text.ID, s, sealAlone); err != nil {
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

// Verify checks everything that can be checked without a key: all sections,
// and the form of everything in them. Errors: [*DamageError], joined.
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
			errs = append(errs, &DamageError{Class: class, Profile: r.Name, Line: r.Line, Subject: "the record of its removal"})
		}
	}
	return errors.Join(errs...)
}

// VerifyProfile is [File.Verify] for one section. Whoever gives or takes access does it
// for the sections in use: a writer of another profile, who can spoil a wrap there, must not
// keep anybody from removing him here. Errors: [*DamageError], [*NotFoundError].
func (f *File) VerifyProfile(name string) error {
	s, err := f.section(name, false)
	if err != nil {
		return err
	}
	return checkForms(s)
}

// Marshal signs every profile that was changed and returns the file's bytes.
// It reads them once more, as a reader would, before it lets them out.
func (f *File) Marshal() ([]byte, error) {
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

// HasChanges reports whether Marshal would write something new.
func (f *File) HasChanges() bool { return f.dirty || len(f.Changed()) > 0 }

// Changed returns the profiles that were changed since they were read or signed,
// in byte order of their names.
func (f *File) Changed() []*Profile {
	var ps []*Profile
	for _, p := range f.unlocked {
		if p.dirty {
			ps = append(ps, p)
		}
	}
	slices.SortFunc(ps, func(a, b *Profile) int { return compareProfiles(a.s, b.s) })
	return ps
}

// keep remembers an unlocked profile, so that a change of it is signed.
func (f *File) keep(p *Profile) {
	if f.unlocked == nil {
		f.unlocked = map[*format.Profile]*Profile{}
	}
	f.unlocked[p.s] = p
}

// Recipient is somebody to give access to.
type Recipient struct {
	Name    string
	Writer  bool
	String  string // as format.Recipient has it
	Lock    string // with Message, an identity that is kept in the file
	Message []byte

	// Prove opens the message of a new lock. It is called with the bytes that are
	// about to be written; if it does not return the recipient's identity, nothing
	// is. Nil for a lock that can't be opened here.
	Prove func(message []byte) ([]byte, error)
}

func (f *File) willProve(r Recipient) {
	if r.Prove == nil {
		return
	}
	if f.proofs == nil {
		f.proofs = map[string]func([]byte) ([]byte, error){}
	}
	f.proofs[string(r.Message)] = r.Prove
}

// prove opens the new locks among those of a file, each once.
func (f *File) prove(written *File) error {
	for _, s := range written.text.Profiles {
		for i := range s.Recipients {
			r := &s.Recipients[i]
			prove := f.proofs[string(r.Message)]
			if r.Lock == "" || prove == nil {
				continue
			}
			// A lock for somebody else's key is taken as it is.
			if _, err := openLock(r, prove); err != nil && !forOthers(err) {
				return &ProofError{Recipient: r.Name, Err: err}
			}
			delete(f.proofs, string(r.Message))
		}
	}
	return nil
}

// Add makes a new profile with a key of its own and returns it unlocked.
// voucher is an unlocked profile of the same file that the caller can write:
// its key vouches for the new one. It is nil only for a file's first profile.
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
	if voucher == nil && len(f.text.Profiles) > 0 {
		return nil, errors.New("internal error: a new profile without a voucher")
	}
	p := newProfile(f, name)
	if voucher != nil {
		if err := voucher.writable(); err != nil {
			return nil, err
		}
		if err := checkForms(voucher.s); err != nil {
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
		return nil, fmt.Errorf("profile %q would have no writer", name)
	}
	at := sort.Search(len(f.text.Profiles), func(i int) bool { return f.text.Profiles[i].Name > name })
	f.text.Profiles = slices.Insert(f.text.Profiles, at, p.s)
	f.setVerified(p.s, true)
	f.keep(p)
	return p, nil
}

// now returns the time that a change of s made at this moment bears.
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

// WriterNames returns the names of the writers of a section, for messages.
func WriterNames(s *format.Profile) []string {
	var names []string
	for i := range s.Recipients {
		if s.Recipients[i].Writer {
			names = append(names, s.Recipients[i].Name)
		}
	}
	return names
}

func compareProfiles(a, b *format.Profile) int { return strings.Compare(a.Name, b.Name) }

func compareFormer(a, b format.Former) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	return strings.Compare(a.Name, b.Name)
}

func compareRecipients(a, b format.Recipient) int { return strings.Compare(a.Name, b.Name) }

// UnverifiedSections returns the profiles as they stand in the file, without a
// look at their signatures. They must not be changed, and nothing in them may
// be believed: it is [File.Profile] that verifies. [File.Digest] tells whether
// one is the same, byte for byte, as one that was verified before.
func (f *File) UnverifiedSections() []*format.Profile { return f.text.Profiles }

// Digest identifies a section: the first 16 bytes of SHA-256 of its bytes, the
// intro line's before them.
func (f *File) Digest(s *format.Profile) (d [16]byte) {
	h := sha256.Sum256(append(format.AppendSigned(nil, f.text.ID, s), s.Signature[:]...))
	copy(d[:], h[:])
	return d
}

// Fingerprint returns 16 characters by which people can tell recipients apart:
// base32, in lower case, of the first 80 bits of SHA-256 of the recipient.
func Fingerprint(recipient string) string {
	sum := sha256.Sum256([]byte(recipient))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}
