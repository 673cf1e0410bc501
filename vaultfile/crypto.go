package vaultfile

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/credfile/credfile/format"
	"golang.org/x/crypto/chacha20poly1305"
)

// keys are derived from a profile's key; see spec/credfile.md, section Keys.
type keys struct {
	check [32]byte
	value []byte // a PRK: values are sealed under expansions of it
	name  []byte // for the labels of hidden names
}

func deriveKeys(key []byte, file, profile format.ID) (k keys) {
	// The salt binds the keys to the file and profile, so a wrap moved to another one opens
	// nothing there.
	salt := append(file[:], profile[:]...)
	prk := must(hkdf.Extract(sha256.New, key, salt))
	copy(k.check[:], must(hkdf.Expand(sha256.New, prk, "credfile/1 check", 32)))
	k.value = must(hkdf.Expand(sha256.New, prk, "credfile/1 value", 32))
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
func pae(parts ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)))
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
func seal(valueKey, plain, aad []byte) []byte {
	nonce := make([]byte, nonceSize, nonceSize+paddedLen(len(plain))+chacha20poly1305.Overhead)
	rand.Read(nonce)
	return sealWith(nonce, valueKey, plain, aad)
}

func sealWith(nonce, valueKey, plain, aad []byte) []byte {
	return valueAEAD(valueKey, nonce).Seal(nonce, zeroNonce[:], pad(plain), aad)
}

func open(valueKey, sealed, aad []byte) ([]byte, error) {
	if len(sealed) < nonceSize {
		return nil, errOpen
	}
	nonce := sealed[:nonceSize]
	padded, err := valueAEAD(valueKey, nonce).Open(nil, zeroNonce[:], sealed[nonceSize:], aad)
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

func valueAEAD(valueKey, nonce []byte) aead {
	k := must(hkdf.Expand(sha256.New, valueKey, "credfile/1 seal"+string(nonce), 32))
	aead, err := chacha20poly1305.New(k)
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
