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

// String returns the form that a user can copy. It is all of it: who writes two definitions could find
// a shorter one that both have.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// digest computes the digest of a source; uses are those of the sources that it uses, in the order of
// their names.
func digest(p *vaultfile.Profile, s *vaultfile.Source, uses []Digest) Digest {
	parts := [][]byte{[]byte("credfile/1 consent"), fileID(p), profileID(p), []byte(s.Name), []byte(s.Kind), s.Definition.Bytes()}
	for _, u := range uses {
		parts = append(parts, u[:])
	}
	return sha256.Sum256(pae(parts...))
}

// isAgreed reports whether the user agreed to a source as it is defined now, on this machine, or in
// CREDFILE_SOURCES, which has the form NAME:DIGEST[,…].
func (m *Manager) isAgreed(p *vaultfile.Profile, n *Node) bool {
	if slices.Contains(strings.Split(m.Pins, ","), n.Name+":"+n.Digest.String()) {
		return true
	}
	return m.isAgreedHere(p, n)
}

func (m *Manager) isAgreedHere(p *vaultfile.Profile, n *Node) bool {
	b, err := atomicfile.Read(m.store().consent(p, n.Name), 8192)
	return err == nil && string(b) == m.consentText(n)
}

// consentText is what is remembered: the definition, and which program is run for a kind that is not built
// in. Another program of that name, in another directory of PATH, is not what the user agreed to.
func (m *Manager) consentText(n *Node) string {
	text := n.Digest.String() + "\n"
	if n.Kind == nil && m.Where != nil {
		text += m.Where(n.Source.Kind) + "\n"
	}
	return text
}

// Agree remembers that the user agreed to a source as it is defined now: one definition for each source,
// the newest.
func (m *Manager) Agree(plan *Plan, n *Node) error {
	return write(m.store().consent(plan.Profile, n.Name), []byte(m.consentText(n)))
}

func (s *store) consent(p *vaultfile.Profile, name string) string {
	return filepath.Join(s.agreed, id(p, name))
}
