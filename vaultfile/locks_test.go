package vaultfile

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/agefile"
	"github.com/credfile/credfile/kdf"
)

// cheap derives nothing: these tests are about what is around a derivation.
func cheap(p kdf.Params, passphrase, salt []byte) ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return bytes.Repeat([]byte{byte(len(passphrase))}, kdf.KeySize), nil
}

func passphrase(t *testing.T, text string) *Passphrase {
	t.Helper()
	p, err := NewPassphrase([]byte(text), cheap)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPassphraseForm(t *testing.T) {
	for text, ok := range map[string]bool{"x": true, strings.Repeat("x", 1024): true, "é": true, "": false, strings.Repeat("x", 1025): false, "\xff": false} {
		if _, err := NewPassphrase([]byte(text), nil); (err == nil) != ok || err != nil && err != ErrPassphraseForm {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
}

// Row 13: what a stanza asks for is checked before it is derived.
func TestParseDerivation(t *testing.T) {
	salt, body := format.Base64.EncodeToString(make([]byte, 16)), make([]byte, 32)
	for _, c := range []struct {
		kind string
		args []string
		body []byte
		ok   bool
	}{
		{"scrypt", []string{salt, "15"}, body, true},
		{"credfile/argon2id", []string{salt, "65536", "1", "1"}, body, true},
		{"argon2id", []string{salt, "65536", "1", "1"}, body, false},
		{"X25519", []string{salt}, body, false},
		{"X25519", []string{}, body, false},
		{"scrypt", []string{salt}, body, false},
		{"scrypt", []string{salt, "15", "15"}, body, false},
		{"credfile/argon2id", []string{salt, "65536", "1"}, body, false},
		{"scrypt", []string{salt[1:], "15"}, body, false},
		{"scrypt", []string{salt + "A", "15"}, body, false},
		{"scrypt", []string{salt[:21] + "B", "15"}, body, false},
		{"scrypt", []string{salt, "x"}, body, false},
		{"scrypt", []string{salt, "015"}, body, false},
		{"scrypt", []string{salt, "+15"}, body, false},
		{"scrypt", []string{salt, "14"}, body, false},
		{"scrypt", []string{salt, "21"}, body, false},
		{"credfile/argon2id", []string{salt, "65536", "17", "1"}, body, false},
		{"scrypt", []string{salt, "15"}, body[1:], false},
		{"scrypt", []string{salt, "15"}, append(body, 0), false},
		{"scrypt", []string{salt, "15"}, nil, false},
	} {
		s := &age.Stanza{Type: c.kind, Args: c.args, Body: c.body}
		if _, err := parseDerivation(s); (err == nil) != c.ok {
			t.Errorf("%s %q, %d bytes: %v", c.kind, c.args, len(c.body), err)
		}
		derived := false
		p, err := NewPassphrase([]byte("x"), func(p kdf.Params, _, _ []byte) ([]byte, error) { derived = true; return make([]byte, kdf.KeySize), nil })
		if err != nil {
			t.Fatal(err)
		}
		if key, err := p.Unwrap([]*age.Stanza{s}); key != nil || err == nil || derived != c.ok {
			t.Errorf("%s %q, %d bytes: derived %v, %v", c.kind, c.args, len(c.body), derived, err)
		}
		for _, stanzas := range [][]*age.Stanza{nil, {s, s}} {
			derived = false
			if _, err := p.Unwrap(stanzas); err != errStanza || derived {
				t.Errorf("%d stanzas: %v", len(stanzas), err)
			}
		}
	}
	failing, err := NewPassphrase([]byte("x"), func(kdf.Params, []byte, []byte) ([]byte, error) { return nil, errStanza })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := failing.Unwrap([]*age.Stanza{{Type: "scrypt", Args: []string{salt, "15"}, Body: body}}); err != errStanza {
		t.Errorf("a derivation that fails: %v", err)
	}
	if _, err := NewLock(person(t), failing, kdf.Scrypt{LogN: 15}); err == nil {
		t.Error("a lock without a key")
	}
	for _, p := range []kdf.Params{kdf.Scrypt{LogN: 14}, kdf.Argon2id{KiB: 1 << 21, Passes: 1, Lanes: 1}} {
		if _, err := NewLock(person(t), passphrase(t, "x"), p); !errors.Is(err, kdf.ErrLimits) {
			t.Errorf("%v: %v", p, err)
		}
	}
}

// Row 13b: a lock holds its recipient's identity and nothing else.
func TestKeptIdentity(t *testing.T) {
	id, other := person(t), person(t)
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	r, hr := id.Recipient().String(), hybrid.Recipient().String()
	line := id.String() + "\n"
	for what, c := range map[string]struct {
		recipient, plain string
		ok               bool
	}{
		"its identity": {r, line, true}, "its hybrid identity": {hr, hybrid.String() + "\n", true},
		"another's": {r, other.String() + "\n", false}, "no end of line": {r, id.String(), false}, "two ends": {r, line + "\n", false},
		"a comment before": {r, "# x\n" + line, false}, "lower case": {r, strings.ToLower(line), false}, "nothing": {r, "", false}, "an empty line": {r, "\n", false},
		"mail": {r, "Dear Bob,\n", false}, "a space": {r, id.String() + " \n", false}, "long": {r, line + strings.Repeat("\n", 256), false},
		"another kind": {hr, line, false}, "the other kind": {r, hybrid.String() + "\n", false},
	} {
		got, err := keptIdentity(c.recipient, []byte(c.plain))
		if (err == nil) != c.ok || err != nil && err != ErrLock || (got != nil) != c.ok {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// stanzaMessage is an age message whose header has these stanzas.
type fixed []*age.Stanza

func (f fixed) Wrap([]byte) ([]*age.Stanza, error) { return f, nil }

func message(t *testing.T, stanzas ...*age.Stanza) []byte {
	t.Helper()
	b, err := agefile.Encrypt([]byte("x"), fixed(stanzas))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Each kind of lock has one form, which the cost and the key's id are read from.
func TestLockForms(t *testing.T) {
	salt := format.Base64.EncodeToString(make([]byte, 16))
	scrypt := &age.Stanza{Type: "scrypt", Args: []string{salt, "15"}, Body: make([]byte, 32)}
	argon := &age.Stanza{Type: "credfile/argon2id", Args: []string{salt, "65536", "1", "1"}, Body: make([]byte, 32)}
	costly := &age.Stanza{Type: "scrypt", Args: []string{salt, "21"}, Body: make([]byte, 32)}
	x := &age.Stanza{Type: "X25519", Args: []string{"x"}, Body: make([]byte, 32)}
	pq := &age.Stanza{Type: "mlkem768x25519", Args: []string{"x"}, Body: make([]byte, 32)}
	pgp := []byte{0xc1, 13, 3, 0x01, 0xab, 0, 0, 0, 0, 0, 9, 18, 1, 2, 3, 0xd2, 3, 1, 2, 3}
	id := person(t)
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	r, hr := id.Recipient().String(), hybrid.Recipient().String()
	for what, c := range map[string]struct {
		recipient, lock string
		message         []byte
		form            bool
		cost            string
		postQuantum     bool
	}{
		"scrypt":                    {r, "scrypt", message(t, scrypt), true, "scrypt:15", false},
		"argon2id":                  {r, "argon2id", message(t, argon), true, "argon2id:65536:1:1", false},
		"scrypt, hybrid":            {hr, "scrypt", message(t, scrypt), true, "scrypt:15", true},
		"scrypt, not age":           {r, "scrypt", []byte("x"), false, "", false},
		"scrypt, costly":            {r, "scrypt", message(t, costly), false, "", false},
		"scrypt, two":               {r, "scrypt", message(t, scrypt, scrypt), false, "", false},
		"scrypt with argon2id":      {r, "scrypt", message(t, argon), false, "", false},
		"argon2id with scrypt":      {r, "argon2id", message(t, scrypt), false, "", false},
		"scrypt for a key":          {r, "scrypt", message(t, x), false, "", false},
		"an unknown lock":           {r, "other", message(t, x), false, "", false},
		"no lock":                   {r, "", message(t, x), false, "", false},
		"age":                       {r, "age", message(t, x, x), true, "", false},
		"age, hybrid":               {hr, "age", message(t, pq), true, "", true},
		"age, hybrid, in part":      {hr, "age", message(t, pq, x), true, "", false},
		"age, hybrid, and not":      {r, "age", message(t, pq), true, "", false},
		"age, hybrid, not age":      {hr, "age", []byte("x"), false, "", false},
		"age with scrypt":           {r, "age", message(t, x, scrypt), false, "", false},
		"age with argon2id":         {r, "age", message(t, argon, x), false, "", false},
		"openpgp":                   {r, "openpgp", pgp, true, "", false},
		"openpgp, hybrid":           {hr, "openpgp", pgp, true, "", false},
		"openpgp that is age":       {r, "openpgp", message(t, x), false, "", false},
		"age that is openpgp":       {r, "age", pgp, false, "", false},
		"for an SSH key":            {"ssh-ed25519 AAAA", "age", message(t, x), true, "", false},
		"a message beyond the most": {r, "age", append(message(t, x), make([]byte, format.MaxWrap)...), true, "", false},
	} {
		has := &format.Recipient{Name: "me", String: c.recipient, Lock: c.lock, Message: c.message}
		if got := lockForm(c.lock, c.message); got != c.form {
			t.Errorf("%s: form %v", what, got)
		}
		cost, ok := LockCost(has)
		if ok != (c.cost != "") || ok && cost.String() != c.cost {
			t.Errorf("%s: cost %v, %v", what, cost, ok)
		}
		key, err := OpenPGPKeyID(has)
		if pgp := c.lock == "openpgp" && c.form; pgp != (err == nil) || pgp && key != "01AB000000000009" || !pgp && err != ErrLock {
			t.Errorf("%s: key %s, %v", what, key, err)
		}
		if got := PostQuantum(has); got != c.postQuantum {
			t.Errorf("%s: post-quantum %v", what, got)
		}
		lock := Recipient{Name: "me", String: c.recipient, Lock: c.lock, Message: c.message}
		lockable := c.form && what != "for an SSH key" && what != "a message beyond the most"
		if err := lock.CheckLock(); (err == nil) != lockable || err != nil && err != ErrLock {
			t.Errorf("%s: %v", what, err)
		}
		_, p, _, _ := withReader(t)
		lock.Name = "new"
		if err := p.AddRecipient(lock); c.lock != "" && (err == nil) != lockable {
			t.Errorf("%s, added: %v", what, err)
		}
	}
	if PostQuantum(&format.Recipient{String: r}) || !PostQuantum(&format.Recipient{String: hr}) {
		t.Error("without a lock, the key decides")
	}
}

// A new lock is opened before anything is written, with the bytes that will be.
func TestProof(t *testing.T) {
	id, other := person(t), person(t)
	pass := passphrase(t, "correct horse")
	for what, c := range map[string]struct {
		prove func(message []byte) ([]byte, error)
		ok    bool
	}{
		"it opens":           {func(m []byte) ([]byte, error) { return OpenAgeMessage(m, pass) }, true},
		"nobody can open it": {nil, true},
		"it is for others":   {func(m []byte) ([]byte, error) { return OpenAgeMessage(m, other) }, true},
		"another passphrase": {func(m []byte) ([]byte, error) { return OpenAgeMessage(m, passphrase(t, "x")) }, false},
		"another identity":   {func([]byte) ([]byte, error) { return keep(other), nil }, false},
		"an error":           {func([]byte) ([]byte, error) { return nil, errStanza }, false},
	} {
		lock, err := NewLock(id, pass, kdf.Scrypt{LogN: 15})
		if err != nil {
			t.Fatal(err)
		}
		lock.Name, lock.Prove = "new", c.prove
		f, p, _, _ := withReader(t)
		if err := p.AddRecipient(lock); err != nil {
			t.Fatal(err)
		}
		if b, err := f.Marshal(); (err == nil) != c.ok || !c.ok && (b != nil || !isA[*ProofError](err)) {
			t.Errorf("%s: %v", what, err)
		}
		if err := lock.CheckLock(); (err == nil) != (c.ok && what != "it is for others") {
			t.Errorf("%s, checked: %v", what, err)
		}
	}
}

// Whoever opens a lock learns whether it is damaged, for others, or has another passphrase.
func TestOpenMessage(t *testing.T) {
	id, other := person(t), person(t)
	good, err := agefile.Encrypt(keep(id), other.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	cut, changed := good[:len(good)-1], bytes.Clone(good)
	changed[len(changed)-1] ^= 1
	header := bytes.Replace(good, []byte("--- "), []byte("--- A"), 1)
	long, err := agefile.Encrypt(make([]byte, 5000), other.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		message []byte
		ids     []age.Identity
		want    error
	}{
		"good": {good, []age.Identity{id, other}, nil}, "for others": {good, []age.Identity{id}, ErrNotOurs}, "for nobody": {good, nil, ErrNotOurs},
		"no message": {[]byte("x"), []age.Identity{other}, ErrLock}, "cut": {cut, []age.Identity{other}, ErrLock}, "changed": {changed, []age.Identity{other}, ErrLock},
		"another header": {header, []age.Identity{other}, ErrLock}, "a passphrase": {good, []age.Identity{passphrase(t, "x"), other}, errStanza},
	} {
		if plain, err := OpenAgeMessage(c.message, c.ids...); !errors.Is(err, c.want) || (plain != nil) != (c.want == nil) {
			t.Errorf("%s: %q, %v", what, plain, err)
		}
	}
	if plain, err := OpenAgeMessage(long, other); err != nil || len(plain) != maxIdentity+1 {
		t.Errorf("of a long one, %d bytes: %v", len(plain), err)
	}
	f, p, _, _ := withReader(t)
	lock, err := f.NewLockFor(id, other.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	lock.Name = "new"
	if err := p.AddRecipient(lock); err != nil {
		t.Fatal(err)
	}
	g := reread(t, f)
	if got, err := g.OpenLock("a", "new", other); err != nil || got.(*age.X25519Identity).String() != id.String() {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := g.OpenLock("a", "new", id); !errors.Is(err, ErrNotOurs) || !forOthers(err) {
		t.Errorf("for others: %v", err)
	}
	var damage *DamageError
	if _, err := g.OpenLockWith("a", "new", func([]byte) ([]byte, error) { return []byte("mail"), nil }); !errors.As(err, &damage) || damage.Class != ErrLock || damage.Profile != "a" {
		t.Errorf("something else: %v", err)
	}
	if _, err := g.OpenLockWith("a", "me", func([]byte) ([]byte, error) { return keep(id), nil }); !errors.Is(err, ErrLock) {
		t.Errorf("no lock: %v", err)
	}
	for _, s := range []string{"x", "age1yubikey1qqqqqq", "AGE-SECRET-KEY-1X", "age1qqqqqq"} {
		if _, err := f.NewLockFor(id, s); err == nil {
			t.Errorf("a lock for %s", s)
		}
		if _, err := f.EncryptFor(s, nil); err == nil {
			t.Errorf("encrypted for %s", s)
		}
	}
}
