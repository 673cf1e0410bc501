// Package vectorgen writes spec/vectors. It has its own writer of the format, which can
// build invalid files, and imports nothing from the product.
package vectorgen

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// Case is one vector. Its random numbers come from its name.
type Case struct {
	Name, Expect, Comment string
	Build                 func(k *kit) []byte
}

// kit is what a case builds with. Its header lines are added on the way.
type kit struct {
	name  string
	head  []string
	zlib  bool
	count int
}

const when = "2026-11-20T08:00:00Z"

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// bytes returns n bytes that depend on the case's name and the number of earlier calls.
func (k *kit) bytes(n int) []byte {
	k.count++
	var out []byte
	for i := 0; len(out) < n; i++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", k.name, k.count, i))
		out = append(out, sum[:]...)
	}
	return out[:n]
}

func (k *kit) set(key, format string, args ...any) {
	k.head = append(k.head, key+": "+fmt.Sprintf(format, args...))
}

// open records that the profile is to be opened with these identities.
func (k *kit) open(p *profile, ids ...fmt.Stringer) {
	k.set("profile", "%s", p.name)
	for _, id := range ids {
		k.set("identity", "%s", id)
	}
}

// holds records the profile's content: names and values in turn, "" for a comment.
func (k *kit) holds(role string, pairs ...string) {
	k.set("role", "%s", role)
	for i := 0; i < len(pairs); i += 2 {
		if text := b64([]byte(pairs[i+1])); pairs[i] == "" {
			k.set("comment-text", "%s", text)
		} else {
			k.set("credential", "%s %s", pairs[i], text)
		}
	}
}

// defines records that the profile has a source.
func (k *kit) defines(name, kind, definition string) {
	k.set("source", "%s %s %s", name, kind, b64([]byte(definition)))
}

type file struct {
	k        *kit
	id       []byte
	profiles []*profile
	removed  []*removed
}

func (k *kit) file() *file { return &file{k: k, id: k.bytes(16)} }

// profile is a section whose parts can be made invalid one by one.
type profile struct {
	f          *file
	name       string
	id, key    []byte
	check, pub []byte
	seed       []byte
	signer     ed25519.PrivateKey
	hidden     bool
	rev        string
	sign       func(message []byte) []byte
	vouched    []string
	recipients []string
	former     []string
	entries    []string
}

func (f *file) profile(name string) *profile {
	p := &profile{f: f, name: name, id: f.k.bytes(16), key: f.k.bytes(32), rev: "1"}
	p.newSeed()
	p.check = p.derive("credfile/1 check")
	f.profiles = append(f.profiles, p)
	return p
}

func (p *profile) newSeed() {
	p.seed = p.f.k.bytes(32)
	p.signer = ed25519.NewKeyFromSeed(p.seed)
	p.pub = p.signer.Public().(ed25519.PublicKey)
	p.sign = func(m []byte) []byte { return ed25519.Sign(p.signer, m) }
}

func (p *profile) derive(info string) []byte {
	return must(hkdf.Key(sha256.New, p.key, slices.Concat(p.f.id, p.id), info, 32))
}

func (p *profile) text() string {
	line := fmt.Sprintf("profile %s %s %s %s", p.name, b64(p.id), b64(p.check), b64(p.pub))
	if p.hidden {
		line += " hidden"
	}
	lines := slices.Concat([]string{line}, p.vouched, p.recipients, p.former, p.entries, []string{"seal " + p.rev + " "})
	signed := strings.Join(lines, "\n")
	return signed + b64(p.sign([]byte("credfile/1 "+b64(p.f.id)+"\n"+signed))) + "\n"
}

type removed struct {
	f        *file
	name     string
	id, pub  []byte
	vouched  []string
	sign     func(message []byte) []byte
	unsigned bool // the vouched lines are not signed
}

// remove leaves the record of a removed profile.
func (f *file) remove(p *profile) *removed {
	f.profiles = slices.DeleteFunc(f.profiles, func(q *profile) bool { return q == p })
	r := &removed{f: f, name: p.name, id: p.id, pub: p.pub, vouched: p.vouched, sign: p.sign}
	f.removed = append(f.removed, r)
	return r
}

func (r *removed) text() string {
	lines := ""
	for _, v := range r.vouched {
		lines += v + "\n"
	}
	covered := lines
	if r.unsigned {
		covered = ""
	}
	sig := r.sign(pae([]byte("credfile/1 removed"), r.f.id, r.id, []byte(r.name), r.pub, []byte(covered)))
	return fmt.Sprintf("removed %s %s %s %s\n%s", r.name, b64(r.id), b64(r.pub), b64(sig), lines)
}

func (f *file) bytes() []byte {
	slices.SortStableFunc(f.profiles, func(a, b *profile) int { return strings.Compare(a.name, b.name) })
	slices.SortStableFunc(f.removed, func(a, b *removed) int { return strings.Compare(b64(a.id), b64(b.id)) })
	text := "credfile/1 " + b64(f.id) + "\n"
	for _, p := range f.profiles {
		text += "\n" + p.text()
	}
	for _, r := range f.removed {
		text += "\n" + r.text()
	}
	return []byte(text)
}

func pae(parts ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)))
	for _, p := range parts {
		b = append(binary.LittleEndian.AppendUint64(b, uint64(len(p))), p...)
	}
	return b
}

// vouch adds a line on top, by the signer by, for p's key.
func (p *profile) vouch(by ed25519.PrivateKey) {
	p.vouched = slices.Insert(p.vouched, 0, vouchLine(p.f.id, p.id, by, p.pub))
}

func vouchLine(file, id []byte, by ed25519.PrivateKey, next []byte) string {
	pub := by.Public().(ed25519.PublicKey)
	sig := ed25519.Sign(by, pae([]byte("credfile/1 vouch"), file, id, pub, next))
	return fmt.Sprintf("vouched %s %s %s", b64(pub), b64(next), b64(sig))
}

// rotate gives p a new seed, which the old one vouches for.
func (p *profile) rotate() {
	old := p.signer
	p.newSeed()
	p.vouch(old)
}

func (p *profile) secret(role string) []byte {
	if role == "writer" {
		return slices.Concat(p.key, p.seed)
	}
	return p.key
}

// add adds a recipient line. Recipients must be added in the order of their names.
func (p *profile) add(role, name, recipient string, r age.Recipient) {
	p.addWrap(role, name, recipient, encrypt(p.secret(role), r))
}

func (p *profile) addWrap(role, name, recipient string, wrap []byte) {
	p.recipients = append(p.recipients, fmt.Sprintf("%s %s %s %s", role, name, recipient, b64(wrap)))
}

func encrypt(secret []byte, rs ...age.Recipient) []byte {
	var b bytes.Buffer
	w := must(age.Encrypt(&b, rs...))
	must(w.Write(secret))
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// member makes a new identity and adds it.
func (p *profile) member(role, name string) *age.X25519Identity {
	id := must(age.GenerateX25519Identity())
	p.add(role, name, id.Recipient().String(), id.Recipient())
	return id
}

func padded(n int) int {
	l := n + 1
	if l <= 64 {
		return 64
	}
	e := bits.Len(uint(l)) - 1
	m := 1 << (e - bits.Len(uint(e)))
	l = (l + m - 1) / m * m
	return (l + 63) / 64 * 64
}

func pad(plain []byte, size int) []byte {
	b := make([]byte, size)
	copy(b, plain)
	b[len(plain)] = 0x80
	return b
}

// seal seals text that is already padded.
func (p *profile) seal(name string, paddedPlain []byte) []byte {
	return p.sealFor(pae([]byte("credfile/1"), p.f.id, p.id, []byte(name)), paddedPlain)
}

func (p *profile) sealFor(aad, paddedPlain []byte) []byte {
	nonce := p.f.k.bytes(16)
	k := must(hkdf.Expand(sha256.New, p.derive("credfile/1 value"), "credfile/1 seal"+string(nonce), 32))
	aead := must(chacha20poly1305.New(k))
	return aead.Seal(nonce, make([]byte, 12), paddedPlain, aad)
}

// define adds a source; the definition is sealed for the kind bound.
func (p *profile) define(name, kind, definition, bound string) {
	p.defineAs(name, kind, bound, []byte(definition))
}

func (p *profile) defineAs(label, kind, bound string, plain []byte) {
	aad := pae([]byte("credfile/1 source"), p.f.id, p.id, []byte(label), []byte(bound))
	p.entries = append(p.entries, fmt.Sprintf("source %s %s %s %s", label, when, kind, b64(p.sealFor(aad, pad(plain, padded(len(plain)))))))
}

func (p *profile) sealed(name string, plain []byte) []byte {
	return p.seal(name, pad(plain, padded(len(plain))))
}

func (p *profile) set(name, value string) { p.entry(name, p.sealed(name, []byte(value))) }

func (p *profile) entry(name string, sealed []byte) {
	p.entries = append(p.entries, fmt.Sprintf("credential %s %s %s", name, when, b64(sealed)))
}

func (p *profile) comment(text string) {
	p.entries = append(p.entries, "comment "+b64(p.sealed("", []byte(text))))
}

func (p *profile) label(name string) string {
	mac := hmac.New(sha256.New, p.derive("credfile/1 name"))
	mac.Write([]byte(name))
	return "~" + strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)[:15]))
}

// hide sets a credential of a profile with hidden names; size is written as the length of
// inner.
func (p *profile) hide(label, inner string, size int, value string) {
	plain := binary.LittleEndian.AppendUint16(nil, uint16(size))
	p.entry(label, p.sealed(label, slices.Concat(plain, []byte(inner), []byte(value))))
}

// one is the usual file: a profile, one writer, two credentials.
func (k *kit) one() (*file, *profile, *age.X25519Identity) {
	f := k.file()
	p := f.profile("default")
	id := p.member("writer", "me")
	p.set("ONE", "the first value")
	p.set("TWO", "the second value")
	return f, p, id
}
