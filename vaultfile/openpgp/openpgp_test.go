package openpgp_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	pgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/credfile/credfile/vaultfile/openpgp"
)

// keyring is a GNUPGHOME with one key that has no passphrase.
type keyring struct {
	t        *testing.T
	env      []string
	gpg      *openpgp.GPG
	exported []byte // the private key
	entity   *pgp.Entity
}

func newKeyring(t *testing.T) *keyring {
	t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		t.Skip("needs gpg")
	}
	home, err := os.MkdirTemp("", "g")
	if err != nil {
		t.Fatal(err)
	}
	k := &keyring{t: t, env: append(os.Environ(), "GNUPGHOME="+home)}
	t.Cleanup(func() {
		kill := exec.Command("gpgconf", "--kill", "all")
		kill.Env = k.env
		kill.Run()
		os.RemoveAll(home)
	})
	k.run("", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "bob <bob@example.org>", "rsa2048", "default", "never")
	fpr := ""
	for line := range strings.Lines(k.run("", "--with-colons", "--list-keys")) {
		if f := strings.Split(line, ":"); f[0] == "fpr" && fpr == "" {
			fpr = f[9]
		}
	}
	k.run("", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-add-key", fpr, "rsa2048", "encr", "never")
	k.exported = []byte(k.run("", "--armor", "--export-secret-keys", fpr))
	list, err := pgp.ReadArmoredKeyRing(bytes.NewReader(k.exported))
	if err != nil {
		t.Fatal(err)
	}
	k.gpg, k.entity = &openpgp.GPG{Environ: k.env}, list[0]
	// A user's configuration must not weaken the checks.
	if err := os.WriteFile(home+"/gpg.conf", []byte("ignore-mdc-error\narmor\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *keyring) run(stdin string, args ...string) string {
	k.t.Helper()
	cmd := exec.Command("gpg", append([]string{"--batch", "--no-tty", "--quiet"}, args...)...)
	cmd.Env, cmd.Stdin = k.env, strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		k.t.Fatalf("gpg %q: %v %s", args, err, &stderr)
	}
	return string(out)
}

// message encrypts arbitrary packets unchanged.
func (k *keyring) message(inner []byte) []byte {
	k.t.Helper()
	key, ok := k.entity.EncryptionKey(time.Now(), nil)
	if !ok {
		k.t.Fatal("no encryption key")
	}
	session := bytes.Repeat([]byte{7}, 32)
	var b bytes.Buffer
	if err := packet.SerializeEncryptedKey(&b, key.PublicKey, packet.CipherAES256, session, nil); err != nil {
		k.t.Fatal(err)
	}
	w, err := packet.SerializeSymmetricallyEncrypted(&b, packet.CipherAES256, false, packet.CipherSuite{}, session, nil)
	if err != nil {
		k.t.Fatal(err)
	}
	w.Write(inner)
	if err := w.Close(); err != nil {
		k.t.Fatal(err)
	}
	return b.Bytes()
}

func literal(text string) []byte {
	body := append([]byte{'b', 0, 0, 0, 0, 0}, text...)
	if len(body) < 192 {
		return append([]byte{0xc0 | 11, byte(len(body))}, body...)
	}
	return append([]byte{0xc0 | 11, 255, byte(len(body) >> 24), byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

const secret = "the-plaintext-of-a-lock\n"

// Row 15, for messages whose outer form is right: neither gpg's word nor the library's is
// enough for what is inside.
func TestHostileMessages(t *testing.T) {
	k := newKeyring(t)
	key, err := openpgp.ReadPrivateKey(k.exported)
	if err != nil {
		t.Fatal(err)
	}
	good := k.message(literal(secret))
	signed := []byte(k.run(secret, "--no-armor", "--rfc4880", "-z", "0", "--trust-model", "always", "-r", "bob@example.org", "--sign", "--encrypt"))
	bomb := []byte(k.run(strings.Repeat("\x00", 50<<20), "--no-armor", "--rfc4880", "-z", "9", "--trust-model", "always", "-r", "bob@example.org", "--encrypt"))
	tampered := bytes.Clone(good)
	tampered[len(tampered)-30] ^= 1
	for _, c := range []struct {
		name    string
		message []byte
		ok      bool
	}{
		{"one literal packet", good, true},
		{"compressed once", []byte(k.run(secret, "--no-armor", "--rfc4880", "-z", "9", "--trust-model", "always", "-r", "bob@example.org", "--encrypt")), true},
		{"tampered, with ignore-mdc-error", tampered, false},
		{"cut off", good[:len(good)-8], false},
		{"nested", k.message(k.message(literal(secret))), false},
		{"signed", signed, false},
		{"a bomb", bomb, false},
		{"longer than any identity", k.message(literal(strings.Repeat("x", 5000))), false},
		{"two literal packets", k.message(append(literal(secret), literal(secret)...)), false},
		{"symmetric inside", k.message([]byte{0xc0 | 3, 13, 4, 9, 3, 8, 1, 2, 3, 4, 5, 6, 7, 8, 96, 0xc0 | 18, 2, 1, 0}), false},
		{"nothing inside", k.message(nil), false},
	} {
		for _, by := range []struct {
			name string
			open func([]byte) ([]byte, error)
		}{{"gpg", k.gpg.Open}, {"the exported key", key.Open}} {
			got, err := by.open(c.message)
			if c.ok && (err != nil || string(got) != secret) {
				t.Errorf("%s, by %s: %q, %v", c.name, by.name, got, err)
			}
			if !c.ok && (err == nil || got != nil) {
				t.Errorf("%s, by %s: accepted, %d bytes", c.name, by.name, len(got))
			}
		}
	}
}

// A sealed message has the form of a lock, opens both ways, and is for one key only.
func TestSeal(t *testing.T) {
	k := newKeyring(t)
	public, err := k.gpg.Find("bob@example.org")
	if err != nil {
		t.Fatal(err)
	}
	message, err := k.gpg.Seal(public, []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	key, _ := openpgp.ReadPrivateKey(k.exported)
	for _, open := range []func([]byte) ([]byte, error){k.gpg.Open, key.Open} {
		if got, err := open(message); err != nil || string(got) != secret {
			t.Errorf("%q, %v", got, err)
		}
	}
	if secret, err := k.gpg.SecretKeys(); err != nil || !secret[public.Fingerprint] || secret["0123456789ABCDEF"] || secret[""] {
		t.Error("whose private key is there is not told rightly")
	}
	var bad *openpgp.KeyError
	for _, name := range []string{"", "--list-keys", "nobody"} {
		if _, err := k.gpg.Find(name); !errors.As(err, &bad) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := openpgp.ReadPrivateKey([]byte(k.run("", "--armor", "--export", "bob@example.org"))); !errors.Is(err, openpgp.ErrKeyFile) {
		t.Errorf("a public key: %v", err)
	}
	if _, err := (&openpgp.GPG{Program: "no-such-gpg"}).Open(message); !errors.Is(err, openpgp.ErrNoProgram) {
		t.Error(err)
	}
}
