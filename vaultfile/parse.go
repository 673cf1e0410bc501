package vaultfile

import (
	"crypto/sha256"
	"strings"

	"github.com/credfile/credfile/format"
)

// Parse reads a file and verifies its removed blocks. Sections are verified when they are
// first used. If every line ends in CRLF, as in some Git checkouts on Windows, Parse reads
// CRLF as LF.
//
// Errors: [*format.SyntaxError], [*DamageError].
func Parse(b []byte) (*File, error) { return Skim(string(b), nil) }

// Skim is [Parse] for a program that remembers which sections it verified before. Unless
// known is nil, the entries of a section for which it is true, by its id and [File.Digest], are
// only read when [File.Profile] or another method uses the section. What they return is then as
// well formed as after Parse, but [*format.SyntaxError] is among their errors.
func Skim(text string, known func(file, profile format.ID, digest [16]byte) bool) (*File, error) {
	if n := strings.Count(text, "\r\n"); n > 0 && n == strings.Count(text, "\n") {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	f := &File{digests: map[*format.Profile][16]byte{}}
	var skip func(format.ID, *format.Profile) bool
	if known != nil {
		skip = func(id format.ID, s *format.Profile) bool {
			f.digests[s] = digestRead(id, s)
			return known(id, s.ID, f.digests[s])
		}
	}
	var err error
	if f.text, err = format.Skim(text, skip); err != nil {
		return nil, err
	}
	for i := range f.text.Removed {
		if err := verifyRemoved(f.text.ID, &f.text.Removed[i]); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// UnverifiedSections returns the profiles without verifying their signatures. The caller
// must not change them or trust anything in them: use [File.Profile] for that. After [Skim],
// some have no entries yet.
// [File.Digest] tells whether a section is byte for byte the same as one verified before.
func (f *File) UnverifiedSections() []*format.Profile { return f.text.Profiles }

// Digest identifies a section: it is the first 16 bytes of the SHA-256 hash of the intro
// line and the section.
func (f *File) Digest(s *format.Profile) (d [16]byte) {
	if f.changedSince(s) || !s.FromFile() {
		h := sha256.New()
		h.Write(format.AppendSigned(nil, f.text.ID, s))
		h.Write(s.Signature[:])
		copy(d[:], h.Sum(nil))
		return d
	}
	d, known := f.digests[s]
	if !known {
		d = digestRead(f.text.ID, s)
		f.digests[s] = d
	}
	return d
}

// digestRead returns the digest of a section as it was read.
func digestRead(file format.ID, s *format.Profile) (d [16]byte) {
	h := sha256.New()
	format.HashRead(h, file, s)
	h.Write(s.Signature[:])
	copy(d[:], h.Sum(nil))
	return d
}

// changedSince reports whether a section was changed since it was read.
func (f *File) changedSince(s *format.Profile) bool {
	p := f.unlocked[s]
	return p != nil && (p.dirty || p.signed)
}

// signed returns what the seal of a section signs: the bytes that were read, unless the
// section is new or was changed since.
func (f *File) signed(s *format.Profile) []byte {
	if !f.changedSince(s) {
		if b := format.AppendRead(nil, f.text.ID, s); b != nil {
			return b
		}
	}
	return format.AppendSigned(nil, f.text.ID, s)
}
