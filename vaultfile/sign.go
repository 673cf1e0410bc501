package vaultfile

import (
	"crypto/ed25519"
	"crypto/sha512"
	"fmt"
	"slices"

	"filippo.io/edwards25519"

	"github.com/credfile/credfile/format"
)

// verifySection checks every key and signature of a section, whose seal signs signed. With
// sealAlone it checks only the key and the seal, which covers everything else. It needs no
// secret.
func verifySection(file format.ID, s *format.Profile, signed []byte, sealAlone bool) error {
	fail := func(class error) error { return &DamageError{Class: class, Profile: s.Name, Line: s.Line} }
	if !acceptable(s.Key) {
		return fail(ErrKey)
	}
	if !sealAlone {
		if err := checkVouched(file, s); err != nil {
			return err
		}
	}
	if !ed25519.Verify(s.Key[:], signed, s.Signature[:]) {
		return fail(ErrSignature)
	}
	return nil
}

// checkVouched checks every key and signature in a section's vouched records.
func checkVouched(file format.ID, s *format.Profile) error {
	if class := verifyVouched(file, s.ID, s.Vouched); class != nil {
		return &DamageError{Class: class, Profile: s.Name, Line: s.Line, Subject: "vouched record"}
	}
	return nil
}

// verifyRemoved checks a removed block's key and its signature, which covers the block's
// lines.
func verifyRemoved(file format.ID, r *format.Removed) error {
	fail := func(class error) error {
		return &DamageError{Class: class, Profile: r.Name, Line: r.Line, Subject: "record of removal"}
	}
	if !acceptable(r.Key) {
		return fail(ErrKey)
	}
	if !ed25519.Verify(r.Key[:], removedMessage(file, r), r.Signature[:]) {
		return fail(ErrSignature)
	}
	return nil
}

func removedMessage(file format.ID, r *format.Removed) []byte {
	return pae([]byte("credfile/1 removed"), file[:], r.ID[:], []byte(r.Name), r.Key[:], format.AppendVouched(nil, r.Vouched))
}

// Vouches reports whether the key in a vouched line of the profile with that id, removed or
// not, really signed it. A file can have a hundred thousand such lines, so only those that
// matter are verified, and all those of a section that is opened.
func (f *File) Vouches(id format.ID, line format.Vouched) bool {
	return verifyVouched(f.text.ID, id, []format.Vouched{line}) == nil
}

func verifyVouched(file, profile format.ID, vs []format.Vouched) (class error) {
	for i := range vs {
		if !acceptable(vs[i].Key) {
			return ErrKey
		}
	}
	for i := range vs {
		v := &vs[i]
		if !ed25519.Verify(v.Key[:], vouchMessage(file, profile, v.Key, v.For), v.Signature[:]) {
			return ErrSignature
		}
	}
	return nil
}

func vouchMessage(file, profile format.ID, key, next format.Key) []byte {
	return pae([]byte("credfile/1 vouch"), file[:], profile[:], key[:], next[:])
}

// vouch signs next as a profile's key, with an earlier key or the key of another profile.
func vouch(file, profile format.ID, signer ed25519.PrivateKey, next format.Key) format.Vouched {
	v := format.Vouched{Key: publicKey(signer), For: next}
	copy(v.Signature[:], ed25519.Sign(signer, vouchMessage(file, profile, v.Key, next)))
	return v
}

// signerOf is ed25519.NewKeyFromSeed (RFC 8032, section 5.1.5). That one begins with a table of
// multiples of the base point, which takes a process that signs nothing a millisecond.
func signerOf(seed []byte) ed25519.PrivateKey {
	h := sha512.Sum512(seed)
	s, err := edwards25519.NewScalar().SetBytesWithClamping(h[:32])
	if err != nil {
		panic(err) // only for another length
	}
	public := new(edwards25519.Point).ScalarMult(s, edwards25519.NewGeneratorPoint())
	return slices.Concat(seed, public.Bytes())
}

func publicKey(signer ed25519.PrivateKey) (k format.Key) {
	copy(k[:], signer[32:])
	return k
}

// smallOrder lists the y coordinates of the eight points of small order. Under such a key
// one signature fits every message, and libraries accept it.
var smallOrder = [5]format.Key{
	{},
	{1},
	{0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
	{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
	{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
}

// acceptable reports whether k is canonical (y < 2^255-19) and not of small order.
// crypto/ed25519 checks neither.
func acceptable(k format.Key) bool {
	k[31] &= 0x7f // the sign of x
	for _, y := range smallOrder {
		if k == y {
			return false
		}
	}
	if k[31] != 0x7f || k[0] < 0xed {
		return true
	}
	for _, b := range k[1:31] {
		if b != 0xff {
			return true
		}
	}
	return false
}

// sign signs a changed section under a new revision.
func (p *Profile) sign() error {
	if !p.dirty {
		return nil
	}
	last := max(p.s.Revision, p.floor)
	if last >= format.MaxRevision {
		return fmt.Errorf("%w: profile %q has used up its revisions", format.ErrLimit, p.s.Name)
	}
	p.s.Revision = last + 1
	p.dropFormer()
	copy(p.s.Signature[:], ed25519.Sign(p.signer, format.AppendSigned(nil, p.f.text.ID, p.s)))
	p.dirty, p.signed, p.replaced = false, true, nil
	return nil
}
