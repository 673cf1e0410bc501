package vaultfile

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
)

// MAC authenticates parts for a purpose outside of the file, under a key that only those who
// can open the profile have. Replacing the profile's keys changes it. purpose is ASCII and
// names a program and what it does; see spec/credfile.md, section Keys.
func (p *Profile) MAC(purpose string, parts ...[]byte) []byte {
	salt := append(p.f.text.ID[:], p.s.ID[:]...)
	mac := hmac.New(sha256.New, must(hkdf.Key(sha256.New, p.key, salt, "credfile/1 mac "+purpose, 32)))
	mac.Write(pae(parts...))
	return mac.Sum(nil)
}
