// Wycheproof tries the cryptography that credfile links with the vectors of Project Wycheproof, and prints
// how many there are. It is a module of its own, since the vectors are large.
package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/mlkem"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"

	"github.com/c2sp/wycheproof"
	"golang.org/x/crypto/chacha20poly1305"
)

// text is bytes in hexadecimal.
type text []byte

func (b *text) UnmarshalText(s []byte) (err error) {
	*b, err = hex.DecodeString(string(s))
	return err
}

type test struct {
	ID                        int `json:"tcId"`
	Result                    string
	Key, IV, AAD, Msg, Ct     text
	Tag, IKM, Salt, Info, OKM text
	Size                      int
	Sig                       text
	Public, Private, Shared   text
	Seed, EK, C, K            text
}

type group struct {
	PublicKey struct{ PK text }
	Tests     []test
}

// what is tried: each reports whether a test has the outcome that it should have.
var tries = []struct {
	file string
	try  func(g *group, t *test) bool
}{
	{"chacha20_poly1305_test.json", func(_ *group, t *test) bool { return sealed(t, chacha20poly1305.NonceSize) }},
	{"xchacha20_poly1305_test.json", func(_ *group, t *test) bool { return sealed(t, chacha20poly1305.NonceSizeX) }},
	{"hkdf_sha256_test.json", derived},
	{"ed25519_test.json", signed},
	{"x25519_test.json", agreed},
	{"mlkem_768_test.json", decapsulated},
	{"mlkem_768_keygen_seed_test.json", generated},
	{"mlkem_768_encaps_test.json", encapsulated},
}

func main() {
	all := 0
	for _, try := range tries {
		b, err := fs.ReadFile(wycheproof.TestVectors, try.file)
		if err != nil {
			log.Fatal(err)
		}
		var file struct{ TestGroups []group }
		if err := json.Unmarshal(b, &file); err != nil {
			log.Fatalf("%s: %v", try.file, err)
		}
		n := 0
		for i := range file.TestGroups {
			g := &file.TestGroups[i]
			for j := range g.Tests {
				if n++; !try.try(g, &g.Tests[j]) {
					log.Fatalf("%s: test %d is not %s", try.file, g.Tests[j].ID, g.Tests[j].Result)
				}
			}
		}
		if n == 0 {
			log.Fatalf("%s: no tests", try.file)
		}
		fmt.Printf("%s %d\n", try.file, n)
		all += n
	}
	fmt.Printf("all %d\n", all)
}

func (t *test) valid() bool { return t.Result == "valid" }

func sealed(t *test, nonce int) bool {
	aead, err := chacha20poly1305.New(t.Key)
	if nonce == chacha20poly1305.NonceSizeX {
		aead, err = chacha20poly1305.NewX(t.Key)
	}
	if err != nil || len(t.IV) != nonce { // the package panics: our code fixes the size
		return !t.valid()
	}
	box := append(bytes.Clone(t.Ct), t.Tag...)
	plain, err := aead.Open(nil, t.IV, box, t.AAD)
	if !t.valid() {
		return err != nil
	}
	return err == nil && bytes.Equal(plain, t.Msg) && bytes.Equal(aead.Seal(nil, t.IV, t.Msg, t.AAD), box)
}

func derived(_ *group, t *test) bool {
	key, err := hkdf.Key(sha256.New, t.IKM, t.Salt, string(t.Info), t.Size)
	return (err == nil) == t.valid() && (err != nil || bytes.Equal(key, t.OKM))
}

func signed(g *group, t *test) bool {
	return len(g.PublicKey.PK) == ed25519.PublicKeySize && ed25519.Verify(ed25519.PublicKey(g.PublicKey.PK), t.Msg, t.Sig) == t.valid()
}

func agreed(_ *group, t *test) bool {
	private, err := ecdh.X25519().NewPrivateKey(t.Private)
	if err != nil {
		return !t.valid()
	}
	public, err := ecdh.X25519().NewPublicKey(t.Public)
	if err != nil {
		return !t.valid()
	}
	shared, err := private.ECDH(public)
	if err != nil { // a point of small order, which may be refused
		return !t.valid()
	}
	return t.Result != "invalid" && bytes.Equal(shared, t.Shared)
}

func decapsulated(_ *group, t *test) bool {
	key, err := mlkem.NewDecapsulationKey768(t.Seed)
	if err != nil {
		return !t.valid()
	}
	shared, err := key.Decapsulate(t.C)
	return (err == nil) == t.valid() && (err != nil || bytes.Equal(shared, t.K))
}

func generated(_ *group, t *test) bool {
	key, err := mlkem.NewDecapsulationKey768(t.Seed)
	if err != nil {
		return !t.valid()
	}
	return t.valid() && bytes.Equal(key.EncapsulationKey().Bytes(), t.EK)
}

// The package takes no randomness from us, so only what it refuses can be compared.
func encapsulated(_ *group, t *test) bool {
	_, err := mlkem.NewEncapsulationKey768(t.EK)
	return (err == nil) == t.valid()
}
