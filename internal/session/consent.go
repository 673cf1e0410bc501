package session

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/vaultfile"
)

// Digest identifies a definition, with those of the sources that it uses. The user agrees to a digest.
type Digest [32]byte

// String returns the form that a user can copy.
func (d Digest) String() string { return hex.EncodeToString(d[:16]) }

// digest computes the digest of a source; uses are those of the sources that it uses, in the order of
// their names.
func digest(p *vaultfile.Profile, s *vaultfile.Source, uses []Digest) Digest {
	parts := [][]byte{[]byte("credfile/1 consent"), fileID(p), profileID(p), []byte(s.Name), []byte(s.Kind), s.Definition.Bytes()}
	for _, u := range uses {
		parts = append(parts, u[:])
	}
	return sha256.Sum256(pae(parts...))
}

// agreed reports whether the user agreed to a definition on this machine, or in CREDFILE_SOURCES, which
// has the form NAME:DIGEST[,…].
func (s *store) isAgreed(p *vaultfile.Profile, name string, d Digest, pins string) bool {
	if slices.Contains(strings.Split(pins, ","), name+":"+d.String()) {
		return true
	}
	b, err := atomicfile.Read(s.consent(p, name), 256)
	return err == nil && string(b) == d.String()+"\n"
}

// agree remembers that the user agreed: one definition for each source, the newest.
func (s *store) agree(p *vaultfile.Profile, name string, d Digest) error {
	return write(s.consent(p, name), []byte(d.String()+"\n"))
}

func (s *store) consent(p *vaultfile.Profile, name string) string {
	return filepath.Join(s.agreed, id(p, name))
}
