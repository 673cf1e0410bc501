//go:build unix

package openpgp_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	pgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
)

// fake is a gpg that says what a test wants.
type fake struct {
	status, words string // lines
	out           []byte
	code          int
}

// gpg writes the program. The arguments go to the file args next to it.
func (f fake) gpg(t *testing.T) (g *openpgp.GPG, args func() string) {
	t.Helper()
	dir := t.TempDir()
	put := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var status strings.Builder
	for line := range strings.Lines(f.status) {
		status.WriteString("[GNUPG:] " + line)
	}
	put("status", status.String()+"\nPLAINTEXT without the mark\n", 0o600)
	put("words", f.words, 0o600)
	put("out", string(f.out), 0o600)
	program := put("gpg", fmt.Sprintf("#!/bin/sh\ncd '%s'\necho \"$*\" > args\ncat status >&2\ncat words >&3\ncat out\nexit %d\n", dir, f.code), 0o700)
	return &openpgp.GPG{Program: program}, func() string {
		text, err := os.ReadFile(filepath.Join(dir, "args"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// said tells whether an error is want, and says what gpg said.
func said(err, want error, words string) bool {
	return errors.Is(err, want) && (words == "" && err == want || words != "" && err.Error() == fmt.Sprintf("%v (gpg says: %s)", want, words))
}

// Row 15: only gpg's status counts, and all of it.
func TestStatus(t *testing.T) {
	const good = "BEGIN_DECRYPTION\nPLAINTEXT 62 0 \nDECRYPTION_OKAY\nGOODMDC\nEND_DECRYPTION\n"
	plain := []byte(secret)
	for name, c := range map[string]struct {
		fake
		want  error
		cause string
	}{
		"as it must be":                {fake{status: good, out: plain}, nil, ""},
		"words besides":                {fake{status: good, words: "gpg: agent\n", out: plain}, nil, ""},
		"a failure at the end":         {fake{status: good, out: plain, code: 2}, openpgp.ErrFailed, ""},
		"256 bytes":                    {fake{status: good, out: make([]byte, 256)}, nil, ""},
		"257 bytes":                    {fake{status: good, out: make([]byte, 257)}, openpgp.ErrRefused, ""},
		"without integrity":            {fake{status: strings.Replace(good, "GOODMDC\n", "", 1), out: plain}, openpgp.ErrRefused, ""},
		"without encryption":           {fake{status: "PLAINTEXT 62 0 \n", out: plain}, openpgp.ErrRefused, ""},
		"without plaintext":            {fake{status: strings.Replace(good, "PLAINTEXT 62 0 \n", "", 1), out: plain}, openpgp.ErrRefused, ""},
		"without a beginning":          {fake{status: strings.Replace(good, "BEGIN_DECRYPTION\n", "", 1), out: plain}, openpgp.ErrRefused, ""},
		"without its success":          {fake{status: strings.Replace(good, "DECRYPTION_OKAY\n", "", 1), out: plain}, openpgp.ErrRefused, ""},
		"two messages":                 {fake{status: good + good, out: plain}, openpgp.ErrRefused, ""},
		"two ends":                     {fake{status: good + "END_DECRYPTION\n", out: plain}, openpgp.ErrRefused, ""},
		"two keys considered":          {fake{status: "KEY_CONSIDERED A\nKEY_CONSIDERED B\n" + good, out: plain}, nil, ""},
		"a signature":                  {fake{status: good + "GOODSIG x\n", out: plain}, openpgp.ErrRefused, ""},
		"no key":                       {fake{status: "ENC_TO X\nNO_SECKEY X\n", code: 2}, openpgp.ErrNoKey, ""},
		"no key, says gpg":             {fake{status: "NO_SECKEY X\n", words: "gpg: can't connect to the agent\n", code: 2}, openpgp.ErrNoKey, "can't connect to the agent"},
		"no key, but it asked":         {fake{status: "PINENTRY_LAUNCHED\nNO_SECKEY X\n", code: 2}, openpgp.ErrPassphrase, ""},
		"no key, and plaintext":        {fake{status: "NO_SECKEY X\nPLAINTEXT 62 0 \n", out: plain}, openpgp.ErrRefused, ""},
		"a passphrase":                 {fake{status: "NEED_PASSPHRASE X\n", code: 2}, openpgp.ErrPassphrase, ""},
		"a passphrase, says gpg":       {fake{status: "NEED_PASSPHRASE X\n", words: "hello\ngpg: agent_x failed: Timeout\n", code: 2}, openpgp.ErrPassphrase, "agent_x failed: Timeout"},
		"no passphrase":                {fake{status: "MISSING_PASSPHRASE\n", code: 2}, openpgp.ErrPassphrase, ""},
		"nobody to ask":                {fake{status: "PINENTRY_LAUNCHED\n", words: "gpg: Inappropriate ioctl for device\n", code: 2}, openpgp.ErrNoPinentry, "Inappropriate ioctl for device"},
		"nothing":                      {fake{code: 2}, openpgp.ErrFailed, ""},
		"nothing, says gpg":            {fake{words: "gpg: no smartcard\n", code: 2}, openpgp.ErrFailed, "no smartcard"},
		"a warning of gpg":             {fake{words: "gpg: WARNING: the agent is old\n", code: 2}, openpgp.ErrFailed, ""},
		"long words of gpg":            {fake{words: "gpg: agent " + strings.Repeat("x", 300) + "\n", code: 2}, openpgp.ErrFailed, ""},
		"words that are no reason":     {fake{words: "gpg: hello\n", code: 2}, openpgp.ErrFailed, ""},
		"plaintext without any status": {fake{out: plain}, openpgp.ErrFailed, ""},
	} {
		g, _ := c.gpg(t)
		got, err := g.Open([]byte("message"))
		if c.want == nil {
			if err != nil || !bytes.Equal(got, c.out) {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		} else if got != nil || !said(err, c.want, c.cause) {
			t.Errorf("%s: %q, %v, want %v", name, got, err, c.want)
		}
	}
}

// keyLine is a line of gpg --with-colons.
func keyLine(kind, validity, id, uses string) string {
	return fmt.Sprintf("%s:%s:2048:1:%s:1:::u:::%s:::::\n", kind, validity, id, uses)
}

func fingerprint(id string) string { return "fpr:::::::::" + strings.Repeat("A", 24) + id + ":\n" }

// A key is found if it is the only one that can encrypt.
func TestFind(t *testing.T) {
	const one, two = "1111111111111111", "2222222222222222"
	sub := keyLine("pub", "u", "9999999999999999", "scESC") + fingerprint("9999999999999999") + "uid:u::::::::bob:\n"
	good := sub + keyLine("sub", "u", one, "e") + fingerprint(one) + keyLine("sub", "u", two, "e") + fingerprint(two)
	alone := keyLine("pub", "u", one, "escESC") + fingerprint(one)
	other := keyLine("pub", "u", two, "escESC") + fingerprint(two)
	full := strings.Repeat("A", 24)
	for _, c := range []struct {
		key, list string
		code      int
		words     string
		want      string // a fingerprint, or the reason
	}{
		{key: "bob", list: good, want: full + "9999999999999999"},
		{key: "bob", list: alone, want: full + one},
		{key: "bob", list: "", want: "gpg has no such key"},
		{key: "bob", list: alone, code: 2, want: "gpg has no such key"},
		{key: "bob", list: alone, code: 2, words: "gpg: can't connect to the agent\n", want: "gpg has no such key"},
		{key: "bob", list: alone, words: "gpg: can't connect to the agent\n", want: "gpg has no such key"},
		{key: "bob", list: alone + other, want: "gpg has several such keys; use a fingerprint"},
		{key: "bob", list: alone + strings.Replace(other, "pub:u", "pub:e", 1), want: full + one},
		{key: "bob", list: strings.Replace(alone+other, "pub:u", "pub:r", 2), want: "it can't encrypt: it is expired, revoked or for signatures only"},
		{key: "bob", list: strings.Replace(alone, "pub:u", "pub:d", 1), want: "it can't encrypt: it is expired, revoked or for signatures only"},
		{key: "bob", list: sub, want: "it can't encrypt: it is expired, revoked or for signatures only"},
		{key: "", list: alone, want: "gpg has no such key"},
		{key: "-bob", list: alone, want: "gpg has no such key"},
		{key: "89abcDEF", list: alone, want: "eight digits do not identify a key; use its fingerprint"},
		{key: "0x89abcdef", list: alone, want: "eight digits do not identify a key; use its fingerprint"},
		{key: "0x89abcdef!", list: alone, want: "eight digits do not identify a key; use its fingerprint"},
		{key: "bobanddy", list: alone, want: full + one},
		{key: "89abcdef0", list: alone, want: full + one},
		{key: two + "!", list: good, want: full + "9999999999999999"},
		{key: two[1:] + "!", list: good, want: "that subkey can't encrypt"},
		{key: "3333333333333333!", list: good, want: "that subkey can't encrypt"},
	} {
		g, args := fake{out: []byte(c.list), code: c.code, words: c.words}.gpg(t)
		k, err := g.Find(c.key)
		var bad *openpgp.KeyError
		if errors.As(err, &bad) && bad.Reason == c.want {
			continue
		}
		if err != nil || k.Fingerprint != c.want {
			t.Errorf("%q: %+v, %v, want %s", c.key, k, err, c.want)
			continue
		}
		if exact := strings.HasSuffix(c.key, "!"); exact { // gpg then encrypts to that subkey
			g.Seal(k, nil)
			if !strings.Contains(args(), "-r "+full+two+"! ") {
				t.Errorf("%s: gpg gets %s", c.key, args())
			}
		}
	}
}

func TestNoGPG(t *testing.T) {
	none := &openpgp.GPG{Program: "no-such-gpg"}
	broken := &openpgp.GPG{Program: filepath.Join(t.TempDir(), "gpg")}
	if err := os.WriteFile(broken.Program, []byte("#!/no/such/interpreter\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		err  func(g *openpgp.GPG) error
	}{
		{"Open", func(g *openpgp.GPG) error { _, err := g.Open(nil); return err }},
		{"SecretKeys", func(g *openpgp.GPG) error { _, err := g.SecretKeys(); return err }},
		{"Find", func(g *openpgp.GPG) error { _, err := g.Find("bob"); return err }},
		{"Seal", func(g *openpgp.GPG) error { _, err := g.Seal(&openpgp.PublicKey{}, nil); return err }},
	} {
		if err := c.err(none); err != openpgp.ErrNoProgram {
			t.Errorf("%s, without a program: %v", c.name, err)
		}
		if err := c.err(broken); c.name != "SecretKeys" && (err == nil || errors.Is(err, openpgp.ErrNoProgram)) {
			t.Errorf("%s, with one that does not start: %v", c.name, err)
		}
	}
	t.Chdir(filepath.Dir(broken.Program))
	t.Setenv("PATH", ".")
	if _, err := (&openpgp.GPG{}).Open(nil); err != openpgp.ErrNoProgram {
		t.Errorf("a gpg in the working directory: %v", err)
	}
}

func TestSecretKeys(t *testing.T) {
	list := keyLine("sec", "u", "1111111111111111", "") + fingerprint("1111111111111111") + keyLine("ssb", "u", "2222222222222222", "")
	for name, c := range map[string]struct {
		fake
		keys int
		want error
	}{
		"some":                 {fake{out: []byte(list)}, 3, nil},
		"none":                 {fake{}, 0, nil},
		"none, and a failure":  {fake{code: 2}, 0, nil},
		"no agent":             {fake{code: 2, words: "gpg: can't connect to the agent\n"}, 0, openpgp.ErrAgent},
		"an agent that sulked": {fake{out: []byte(list), words: "gpg: can't connect to the agent\n"}, 3, openpgp.ErrAgent},
	} {
		g, _ := c.gpg(t)
		keys, err := g.SecretKeys()
		if len(keys) != c.keys || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v", name, keys, err)
		}
	}
}

// What gpg returns must have the form of a lock, and gpg must not fail.
func TestSealWrongly(t *testing.T) {
	list := keyLine("pub", "u", "01AB000000000009", "e") + fingerprint("01AB000000000009")
	g, _ := fake{out: []byte(list)}.gpg(t)
	k, err := g.Find("bob")
	if err != nil {
		t.Fatal(err)
	}
	message := []byte{0xc1, 13, 3, 0x01, 0xab, 0, 0, 0, 0, 0, 9, 18, 1, 2, 3, 0xd2, 3, 1, 2, 3}
	var bad *openpgp.KeyError
	for name, c := range map[string]struct {
		fake
		as   func(err error) bool
		want []byte
	}{
		"a lock":          {fake{out: message}, func(err error) bool { return err == nil }, message},
		"for another key": {fake{out: bytes.Replace(message, []byte{0, 9, 18}, []byte{0, 8, 18}, 1)}, func(err error) bool { return err == vaultfile.ErrLock }, nil},
		"plaintext":       {fake{out: literal(secret)}, func(err error) bool { return err == vaultfile.ErrLock }, nil},
		"nothing":         {fake{}, func(err error) bool { return err == vaultfile.ErrLock }, nil},
		"a failure":       {fake{out: message, code: 2}, func(err error) bool { return errors.As(err, &bad) && bad.Reason == "gpg can't encrypt to it" }, nil},
		"an agent's fault": {fake{code: 2, words: "gpg: no agent\n"}, func(err error) bool {
			return errors.As(err, &bad) && strings.HasSuffix(err.Error(), "(gpg says: no agent)")
		}, nil},
	} {
		g, _ := c.gpg(t)
		if got, err := g.Seal(k, []byte(secret)); !c.as(err) || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
}

// Row 15, for the exported key: what isn't encrypted to it alone is refused.
func TestExportedKey(t *testing.T) {
	entity, err := pgp.NewEntity("bob", "", "bob@example.org", nil)
	if err != nil {
		t.Fatal(err)
	}
	armored := func(kind string, body []byte) []byte {
		var b bytes.Buffer
		w, err := armor.Encode(&b, kind, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(body)
		w.Close()
		return b.Bytes()
	}
	var private, public bytes.Buffer
	if err := errors.Join(entity.SerializePrivate(&private, nil), entity.Serialize(&public)); err != nil {
		t.Fatal(err)
	}
	const kind = "PGP PRIVATE KEY BLOCK"
	key, err := openpgp.ReadPrivateKey(armored(kind, private.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"nothing": nil, "no armor": private.Bytes(), "another block": armored("PGP PUBLIC KEY BLOCK", private.Bytes()),
		"no key": armored(kind, nil), "no packet": armored(kind, []byte("hello, world")),
	} {
		if k, err := openpgp.ReadPrivateKey(text); k != nil || err != openpgp.ErrKeyFile {
			t.Errorf("%s: %v", name, err)
		}
	}
	encrypt := func(signers []*pgp.Entity) []byte {
		var b bytes.Buffer
		w, err := pgp.Encrypt(&b, []*pgp.Entity{entity}, nil, signers, nil, nil)
		if err == nil {
			_, err = w.Write([]byte(secret))
		}
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	both := func() []byte { // a session key for bob, and one for a passphrase
		bobs, ok := entity.EncryptionKey(time.Now(), nil)
		if !ok {
			t.Fatal("no encryption key")
		}
		session := bytes.Repeat([]byte{7}, 32)
		var b bytes.Buffer
		err := packet.SerializeEncryptedKey(&b, bobs.PublicKey, packet.CipherAES256, session, nil)
		err = errors.Join(err, packet.SerializeSymmetricKeyEncryptedReuseKey(&b, session, []byte("x"), &packet.Config{DefaultCipher: packet.CipherAES256}))
		w, err2 := packet.SerializeSymmetricallyEncrypted(&b, packet.CipherAES256, false, packet.CipherSuite{}, session, nil)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		w.Write(literal(secret))
		w.Close()
		return b.Bytes()
	}
	if got, err := key.Open(encrypt(nil)); err != nil || string(got) != secret {
		t.Fatalf("%q, %v", got, err)
	}
	for name, message := range map[string][]byte{"signed": encrypt([]*pgp.Entity{entity}), "plaintext": literal(secret), "for a passphrase too": both()} {
		if got, err := key.Open(message); got != nil || err != openpgp.ErrRefused {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := key.Open([]byte("no message")); got != nil || err != openpgp.ErrFailed {
		t.Errorf("%q, %v", got, err)
	}
}
