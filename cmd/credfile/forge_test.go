package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/agessh"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// Attackers have a text editor, the public keys, and signing keys that they generated or
// once had access to.

func parseFile(t testing.TB, b []byte) *format.File {
	t.Helper()
	f, err := format.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func newSigner() ed25519.PrivateKey {
	_, signer, _ := ed25519.GenerateKey(nil)
	return signer
}

func publicOf(signer ed25519.PrivateKey) (k format.Key) {
	copy(k[:], signer[32:])
	return k
}

// identities returns the identities of a box.
func (b *box) identities() []age.Identity {
	b.t.Helper()
	f, err := os.Open(filepath.Join(b.home, ".config", "credfile", "identities.txt"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	ids, err := age.ParseIdentities(f)
	if err != nil {
		b.t.Fatal(err)
	}
	return ids
}

// signer returns the signing key of a profile, which a former writer still has.
func (b *box) signer(file []byte, profile string) ed25519.PrivateKey {
	b.t.Helper()
	for _, r := range parseFile(b.t, file).Find(profile).Recipients {
		if plain, err := age.Decrypt(bytes.NewReader(r.Wrap), b.identities()...); err == nil {
			secret, err := io.ReadAll(plain)
			if err != nil || len(secret) != 64 {
				b.t.Fatal("not a writer's wrap")
			}
			return ed25519.NewKeyFromSeed(secret[32:])
		}
	}
	b.t.Fatal("no wrap opens")
	return nil
}

// seal signs a section again.
func seal(f *format.File, s *format.Profile, signer ed25519.PrivateKey) {
	s.Key = publicOf(signer)
	copy(s.Signature[:], ed25519.Sign(signer, format.AppendSigned(nil, f.ID, s)))
}

// forged returns an attacker's version of a profile, with new keys for the same recipients.
func forged(t testing.TB, like *format.Profile) (*format.Profile, ed25519.PrivateKey) {
	t.Helper()
	key, signer := make([]byte, 32), newSigner()
	rand.Read(key)
	s := &format.Profile{Name: like.Name, ID: like.ID, Revision: like.Revision + 1, Entries: slices.Clone(like.Entries)}
	for _, r := range like.Recipients {
		secret := key
		if r.Writer {
			secret = append(slices.Clone(key), signer.Seed()...)
		}
		var b bytes.Buffer
		w, err := age.Encrypt(&b, ageRecipient(t, r.String))
		if err != nil {
			t.Fatal(err)
		}
		w.Write(secret)
		w.Close()
		r.Wrap = b.Bytes()
		s.Recipients = append(s.Recipients, r)
	}
	return s, signer
}

func ageRecipient(t testing.TB, s string) age.Recipient {
	t.Helper()
	if strings.HasPrefix(s, "ssh-") {
		r, err := agessh.ParseRecipient(s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	rs, err := age.ParseRecipients(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return rs[0]
}

func testPAE(first string, parts ...[]byte) []byte {
	parts = append([][]byte{[]byte(first)}, parts...)
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)))
	for _, p := range parts {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// vouchBy returns a vouched line. signer need not belong to key.
func vouchBy(f *format.File, s *format.Profile, key format.Key, next format.Key, signer ed25519.PrivateKey) format.Vouched {
	v := format.Vouched{Key: key, For: next}
	copy(v.Signature[:], ed25519.Sign(signer, testPAE("credfile/1 vouch", f.ID[:], s.ID[:], key[:], next[:])))
	return v
}

// removedBy replaces a profile with a removed block.
func removedBy(f *format.File, s *format.Profile, signer ed25519.PrivateKey) {
	r := format.Removed{Name: s.Name, ID: s.ID, Key: publicOf(signer)}
	m := testPAE("credfile/1 removed", f.ID[:], r.ID[:], []byte(r.Name), r.Key[:], nil)
	copy(r.Signature[:], ed25519.Sign(signer, m))
	f.Removed = append(f.Removed, r)
	f.Profiles = slices.DeleteFunc(f.Profiles, func(p *format.Profile) bool { return p.ID == s.ID })
}

// rotated returns the file after its writer has given a profile new keys.
func (b *box) rotated(file []byte, profile string) []byte {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "f")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		b.t.Fatal(err)
	}
	err := vaultfile.Update(path, func(f *vaultfile.File) error {
		p, err := f.Unlock(profile, b.identities()...)
		if err != nil {
			return err
		}
		return p.Rotate()
	})
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}
