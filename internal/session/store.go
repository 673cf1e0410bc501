// Package session obtains what a profile's sources give, and keeps it on this machine until it
// expires: encrypted under the profile's key and a secret of the machine, so that neither a
// colleague nor a backup can open it.
package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/vaultfile"
)

// Session is what a source gave.
type Session struct {
	Kind     string            `json:"kind"`
	Values   map[string]string `json:"values,omitempty"`  // by variable
	Obtained time.Time         `json:"obtained"`          // before the request was sent
	Expires  time.Time         `json:"expires,omitzero"`  // zero for never, or not known
	Subject  string            `json:"subject,omitempty"` // for whom
	Source   json.RawMessage   `json:"source,omitempty"`  // what the source wants to see again, such as a refresh token
}

// maxSession limits a session's size.
const maxSession = 2 << 20

// store keeps sessions and consents in files of the user's.
type store struct {
	dir    string // of sessions
	agreed string // of consents
	secret string // path of the machine's secret
}

// machineSecret returns the secret of this machine, and makes it at first. It lies with the user's
// identities, and never beside the sessions, which a backup may have.
func (s *store) machineSecret() ([]byte, error) {
	for {
		b, err := atomicfile.Read(s.secret, 64)
		if err == nil && len(b) == 32 {
			return b, nil
		} else if err == nil {
			return nil, &fs.PathError{Op: "read", Path: s.secret, Err: errors.New("is damaged")}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err := os.MkdirAll(filepath.Dir(s.secret), 0o700); err != nil {
			return nil, err
		}
		b = make([]byte, 32)
		rand.Read(b)
		if err := atomicfile.Create(s.secret, 0o600, b); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
}

// id is the name of the files that belong to a source.
func id(p *vaultfile.Profile, name string) string {
	sum := sha256.Sum256(pae([]byte("credfile/1 source file"), fileID(p), profileID(p), []byte(name)))
	return hex.EncodeToString(sum[:16])
}

// box opens and seals the sessions of one source.
type box struct {
	path string
	key  []byte
	aad  []byte
}

// box returns what seals the session of a source. A change of its definition, or of a secret that it
// uses, makes the session void: a refresh token is sent nowhere else.
func (s *store) box(p *vaultfile.Profile, name string, digest [32]byte, secrets map[string]string) (*box, error) {
	machine, err := s.machineSecret()
	if err != nil {
		return nil, err
	}
	key := p.MAC("session", machine)
	var used [][]byte
	for _, k := range sortedKeys(secrets) {
		used = append(used, []byte(k), []byte(secrets[k]))
	}
	mac := p.MAC("session secrets", append([][]byte{machine}, used...)...)
	return &box{
		path: filepath.Join(s.dir, id(p, name)), key: key,
		aad: pae([]byte("credfile/1 session"), fileID(p), profileID(p), []byte(name), digest[:], mac),
	}, nil
}

// load returns the session, or nil if there is none that counts.
func (b *box) load() *Session {
	text, err := atomicfile.Read(b.path, maxSession)
	aead, keyErr := chacha20poly1305.NewX(b.key)
	if err != nil || keyErr != nil || len(text) < aead.NonceSize() {
		return nil
	}
	plain, err := aead.Open(nil, text[:aead.NonceSize()], text[aead.NonceSize():], b.aad)
	s := &Session{}
	if err != nil || json.Unmarshal(plain, s) != nil {
		return nil
	}
	return s
}

// save replaces the session. It is on the disk when save returns.
func (b *box) save(s *Session) error {
	plain, err := json.Marshal(s)
	if err != nil {
		return err
	}
	aead, err := chacha20poly1305.NewX(b.key)
	if err != nil {
		return err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	rand.Read(nonce)
	text := aead.Seal(nonce, nonce, plain, b.aad)
	return write(b.path, text)
}

// failure is what other processes are told that wait for the same.
type failure struct {
	At    time.Time    `json:"at"`
	Error source.Error `json:"error"`
}

// fail tells those who wait why there is no session.
func (b *box) fail(err error, now time.Time) {
	f := failure{now, source.Error{Class: source.Other, Message: "another process could not obtain it"}}
	var e *source.Error
	if errors.As(err, &e) {
		f.Error = *e
	}
	if text, err := json.Marshal(f); err == nil {
		_ = write(b.path+".failed", text) // then the next one tries for itself
	}
}

// failedSince returns why another process failed after a time, or nil.
func (b *box) failedSince(since time.Time) error {
	text, err := atomicfile.Read(b.path+".failed", 8192)
	var f failure
	if err != nil || json.Unmarshal(text, &f) != nil || !f.At.After(since) {
		return nil
	}
	return &f.Error
}

func (b *box) remove() error {
	if err := os.Remove(b.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// write replaces a file of the user's alone.
func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	err := atomicfile.Create(path, 0o600, text)
	if errors.Is(err, fs.ErrExist) {
		err = atomicfile.Update(path, maxSession, func([]byte) ([]byte, error) { return text, nil })
	}
	return err
}

func fileID(p *vaultfile.Profile) []byte    { id := p.FileID(); return id[:] }
func profileID(p *vaultfile.Profile) []byte { id := p.Section().ID; return id[:] }

// pae is PASETO's pre-authentication encoding, as in spec/credfile.md.
func pae(parts ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)))
	for _, p := range parts {
		b = append(binary.LittleEndian.AppendUint64(b, uint64(len(p))), p...)
	}
	return b
}
