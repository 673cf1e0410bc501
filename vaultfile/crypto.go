package vaultfile

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"math/bits"
	"slices"

	"github.com/credfile/credfile/format"
	"golang.org/x/crypto/chacha20poly1305"
)

// keys are derived from a profile's key; see spec/credfile.md, section Keys.
type keys struct {
	check [32]byte
	value valueKey
	name  []byte // for the labels of hidden names
}

func deriveKeys(key []byte, file, profile format.ID) (k keys) {
	// The salt binds the keys to the file and profile, so a wrap moved to another one opens
	// nothing there.
	salt := append(file[:], profile[:]...)
	prk := must(hkdf.Extract(sha256.New, key, salt))
	copy(k.check[:], must(hkdf.Expand(sha256.New, prk, "credfile/1 check", 32)))
	k.value = newValueKey(must(hkdf.Expand(sha256.New, prk, "credfile/1 value", 32)))
	k.name = must(hkdf.Expand(sha256.New, prk, "credfile/1 name", 32))
	return k
}

// must is for HKDF with constant lengths, which cannot fail.
func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// pae is PASETO's pre-authentication encoding. No two lists of parts have the same
// encoding.
func pae(parts ...[]byte) []byte { return appendPAE(nil, parts...) }

func appendPAE(b []byte, parts ...[]byte) []byte {
	size := 8
	for _, p := range parts {
		size += 8 + len(p)
	}
	b = binary.LittleEndian.AppendUint64(slices.Grow(b, size), uint64(len(parts)))
	for _, p := range parts {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

const nonceSize = 16

var errOpen = errors.New("sealed value does not open")

// seal encrypts plain, bound to aad, under its own key. The key is derived from the nonce,
// so nothing repeats however often, or on whatever branch, a value is sealed.
func seal(key valueKey, plain, aad []byte) format.Sealed {
	nonce := make([]byte, nonceSize, nonceSize+paddedLen(len(plain))+chacha20poly1305.Overhead)
	rand.Read(nonce)
	return format.NewSealed(sealWith(nonce, key, plain, aad))
}

func sealWith(nonce []byte, key valueKey, plain, aad []byte) []byte {
	return key.aead(nonce).Seal(nonce, zeroNonce[:], pad(plain), aad)
}

func open(key valueKey, text format.Sealed, aad []byte) ([]byte, error) {
	sealed := text.Bytes()
	if len(sealed) < nonceSize {
		return nil, errOpen
	}
	nonce := sealed[:nonceSize]
	padded, err := key.aead(nonce).Open(sealed[nonceSize:nonceSize], zeroNonce[:], sealed[nonceSize:], aad)
	if err != nil {
		return nil, errOpen
	}
	return unpad(padded)
}

var zeroNonce [chacha20poly1305.NonceSize]byte

// aead is the part of crypto/cipher's AEAD that this package uses.
type aead interface {
	Seal(dst, nonce, plaintext, additionalData []byte) []byte
	Open(dst, nonce, ciphertext, additionalData []byte) ([]byte, error)
}

// valueKey is a PRK. Values are sealed under expansions of it.
type valueKey struct {
	prk []byte
	mac hash.Hash // HMAC-SHA-256 under prk: setting it up takes longer than using it
	key []byte    // the last expansion
}

func newValueKey(prk []byte) valueKey {
	return valueKey{prk, hmac.New(sha256.New, prk), make([]byte, 0, sha256.Size)}
}

// expand returns the key for one value: HKDF-Expand(prk, "credfile/1 seal" || nonce, 32).
// The length is that of the hash, so RFC 5869 (section 2.3) has one step. The key is valid
// until the next call.
func (k valueKey) expand(nonce []byte) []byte {
	k.mac.Reset()
	k.mac.Write([]byte("credfile/1 seal"))
	k.mac.Write(nonce)
	k.mac.Write([]byte{1})
	return k.mac.Sum(k.key[:0])
}

// aead returns the cipher for one value.
func (k valueKey) aead(nonce []byte) aead {
	aead, err := chacha20poly1305.New(k.expand(nonce))
	if err != nil {
		panic(err)
	}
	return aead
}

// pad appends 0x80 and zeros up to paddedLen.
func pad(plain []byte) []byte {
	padded := make([]byte, paddedLen(len(plain)))
	copy(padded, plain)
	padded[len(plain)] = 0x80
	return padded
}

// unpad accepts only the length that pad produces. Any other would be a second
// representation of the same value.
func unpad(padded []byte) ([]byte, error) {
	n := len(padded) - 1
	for n >= 0 && padded[n] == 0 {
		n--
	}
	if n < 0 || padded[n] != 0x80 || len(padded) != paddedLen(n) {
		return nil, errOpen
	}
	return padded[:n], nil
}

// paddedLen returns the padded length of n bytes: the smallest multiple of 64 that is at
// least PADMÉ(n + 1).
func paddedLen(n int) int { return (padme(n+1) + 63) / 64 * 64 }

// padme rounds up so that a length reveals only O(log log n) bits about itself (Nikitin et
// al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
// PoPETs 2019, section 4).
func padme(n int) int {
	e := bits.Len(uint(n)) - 1 // ⌊log2 n⌋
	s := bits.Len(uint(e))     // ⌊log2 e⌋ + 1
	if e <= s {
		return n
	}
	mask := 1<<(e-s) - 1
	return (n + mask) &^ mask
}

func tooLong(b []byte) bool { return len(b) > format.MaxValue }

func profileSubject(kind, name string) string { return fmt.Sprintf("%s %q", kind, name) }
