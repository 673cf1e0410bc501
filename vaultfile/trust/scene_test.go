package trust_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// A scene is a file in shorthand: one word per profile, of the form
//
//	NAME=ID/KEY:REVISION<KEY<KEY    its vouched lines, newest first
//	-NAME=ID/KEY<KEY                a removed block
//	?NAME=…                         a section whose seal does not verify
//
// where ids and keys are single letters or short words. Each vouched line is for the key
// before it; a line for another key is written <KEY>FOR.
type scene string

func parseScene(t *testing.T, file string, s scene) *vaultfile.File {
	t.Helper()
	b := sceneBytes(t, file, s)
	f, err := vaultfile.Parse(b)
	if err != nil {
		t.Fatalf("scene %q: %v\n%s", s, err, b)
	}
	return f
}

func sceneBytes(t *testing.T, file string, s scene) []byte {
	t.Helper()
	text := &format.File{ID: id(file)}
	for _, word := range strings.Fields(string(s)) {
		switch signed := signedWord(file, word).(type) {
		case *format.Profile:
			text.Profiles = append(text.Profiles, signed)
		case format.Removed:
			text.Removed = append(text.Removed, signed)
		}
	}
	slices.SortFunc(text.Profiles, func(a, b *format.Profile) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(text.Removed, func(a, b format.Removed) int { return strings.Compare(b64(a.ID[:]), b64(b.ID[:])) })
	return format.Marshal(text)
}

// signed caches every section and line signed so far. The same words recur all the time,
// and signing takes longer than everything else.
var signed sync.Map

func signedWord(file, word string) any {
	if w, ok := signed.Load(file + " " + word); ok {
		return w
	}
	w := signWord(id(file), word)
	signed.Store(file+" "+word, w)
	return w
}

func signWord(file format.ID, word string) any {
	name, rest, _ := strings.Cut(word, "=")
	parts := strings.Split(rest, "<")
	head, revision, _ := strings.Cut(parts[0], ":")
	profile, key, _ := strings.Cut(head, "/")
	var lines []format.Vouched
	last := key
	for _, line := range parts[1:] {
		by, next, ok := strings.Cut(line, ">")
		if !ok {
			next = last
		}
		lines, last = append(lines, vouch(file, id(profile), by, next)), by
	}
	if name, ok := strings.CutPrefix(name, "-"); ok {
		r := format.Removed{Name: name, ID: id(profile), Key: public(key), Vouched: lines}
		m := pae("credfile/1 removed", file[:], r.ID[:], []byte(r.Name), r.Key[:], format.AppendVouched(nil, lines))
		copy(r.Signature[:], ed25519.Sign(private(key), m))
		return r
	}
	name, bad := strings.CutPrefix(name, "?")
	p := &format.Profile{Name: name, ID: id(profile), Key: public(key), Vouched: lines, Revision: 1}
	p.Recipients = []format.Recipient{{Name: "alice", Writer: true, String: aliceRecipient, Wrap: []byte("a wrap")}}
	if revision != "" {
		p.Revision, _ = strconv.ParseUint(revision, 10, 64)
	}
	copy(p.Signature[:], ed25519.Sign(private(key), format.AppendSigned(nil, file, p)))
	if bad {
		p.Revision++
	}
	return p
}

const aliceRecipient = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"

func id(s string) (i format.ID) {
	sum := sha256.Sum256([]byte("id " + s))
	copy(i[:], sum[:])
	return i
}

func private(s string) ed25519.PrivateKey {
	if k, ok := signed.Load(s); ok {
		return k.(ed25519.PrivateKey)
	}
	sum := sha256.Sum256([]byte("key " + s))
	k := ed25519.NewKeyFromSeed(sum[:])
	signed.Store(s, k)
	return k
}

func public(s string) (k format.Key) {
	copy(k[:], private(s)[32:])
	return k
}

func vouch(file, profile format.ID, key, next string) format.Vouched {
	type line struct {
		file, profile format.ID
		key, next     string
	}
	if v, ok := signed.Load(line{file, profile, key, next}); ok {
		return v.(format.Vouched)
	}
	v := format.Vouched{Key: public(key), For: public(next)}
	copy(v.Signature[:], ed25519.Sign(private(key), pae("credfile/1 vouch", file[:], profile[:], v.Key[:], v.For[:])))
	signed.Store(line{file, profile, key, next}, v)
	return v
}

func pae(first string, parts ...[]byte) []byte {
	parts = append([][]byte{[]byte(first)}, parts...)
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)))
	for _, p := range parts {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// reseal signs a section of a scene again.
func reseal(text *format.File, p *format.Profile, key string) {
	copy(p.Signature[:], ed25519.Sign(private(key), format.AppendSigned(nil, text.ID, p)))
}
