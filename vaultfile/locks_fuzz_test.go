package vaultfile

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/pgppacket"
	"github.com/credfile/credfile/kdf"
)

// lockSeeds are the messages of the locks, and the wraps, of the vectors that are about them.
func lockSeeds(f *testing.F) {
	seen := map[string]bool{}
	for _, name := range vectorNames(f) {
		if !strings.HasPrefix(name, "deep_") && !strings.HasPrefix(name, "wrap_") {
			continue
		}
		v := readVector(f, name)
		file, err := format.Parse(v.file)
		if err != nil || len(v.file) > 4<<10 {
			continue
		}
		for _, p := range file.Profiles {
			for i := range p.Recipients {
				r := &p.Recipients[i]
				for _, message := range [][]byte{r.Message, r.Wrap} {
					if !seen[string(message)] {
						f.Add(uint8(slices.Index(lockKinds, r.Lock)), message)
					}
					seen[string(message)] = true
				}
			}
		}
	}
}

var lockKinds = []string{LockScrypt, LockArgon2id, LockOpenPGP, LockAge, "", "other"}

// FuzzLock: the form of a lock is that of one kind of passphrase lock at most, its cost is within the limits, and
// nothing is derived unless it is. Whatever a message has, opening it gives a short text or one of the known errors.
func FuzzLock(f *testing.F) {
	lockSeeds(f)
	id := testPerson(f)
	most := []string{}
	hybrid := ownRecipient(readVector(f, "ok_hybrid").identities[0])
	f.Fuzz(func(t *testing.T, n uint8, message []byte) {
		lock := lockKinds[int(n)%len(lockKinds)]
		form := lockForm(lock, message)
		r := &format.Recipient{Name: "me", String: id.Recipient().String(), Lock: lock, Message: message}
		cost, ok := LockCost(r)
		if ok != (form && format.PassphraseLock(lock)) || ok && cost.Check() != nil {
			t.Errorf("%s: cost %v, %v", lock, cost, ok)
		}
		if _, err := OpenPGPKeyID(r); (err == nil) != (form && lock == LockOpenPGP) || err != nil && err != ErrLock {
			t.Errorf("%s: %v", lock, err)
		}
		if err := (&Recipient{Name: "me", String: r.String, Lock: lock, Message: message}).CheckLock(); (err == nil) != (form && len(message) <= format.MaxWrap) {
			t.Errorf("%s: %v", lock, err)
		}
		if PostQuantum(&format.Recipient{String: hybrid, Lock: lock, Message: message}) && (lock == LockOpenPGP || lock == LockAge && !form) {
			t.Errorf("%s: post-quantum", lock)
		}
		most = most[:0]
		for _, kind := range lockKinds {
			if lockForm(kind, message) {
				most = append(most, kind)
			}
		}
		if len(most) > 1 {
			t.Errorf("it is a lock of %q", most)
		}
		derived := 0
		pass, err := NewPassphrase([]byte("x"), func(p kdf.Params, passphrase, salt []byte) ([]byte, error) {
			derived++
			if p.Check() != nil || len(salt) < 16 {
				t.Errorf("derived with %v", p)
			}
			return cheap(p, passphrase, salt)
		})
		if err != nil {
			t.Fatal(err)
		}
		plain, err := OpenAgeMessage(message, pass)
		if passphraseForm := slices.ContainsFunc(most, format.PassphraseLock); (derived == 1) != passphraseForm || derived > 1 {
			t.Errorf("derived %d times for %q", derived, most)
		}
		if len(plain) > maxIdentity+1 || err != nil && !slices.ContainsFunc([]error{ErrLock, ErrPassphrase, ErrNotOurs, errStanza, kdf.ErrLimits}, func(known error) bool { return errors.Is(err, known) }) {
			t.Errorf("%d bytes, %v", len(plain), err)
		}
		wrapsFit(t, message, id)
	})
}

// wrapsFit checks that what has the form of a wrap has it for one size, and holds that many bytes or does not open.
func wrapsFit(t *testing.T, wrap []byte, id age.Identity) {
	reader, writer := wrapForm(wrap, "", keySize), wrapForm(wrap, "", writerSize)
	if reader && writer || (reader || writer) && (wrapForm(append(wrap[:len(wrap):len(wrap)], 0), "", keySize) && reader) {
		t.Error("a wrap for two sizes")
	}
	for size, form := range map[int]bool{keySize: reader, writerSize: writer} {
		if b, err := unwrap(wrap, size, id); err == nil && (!form || len(b) != size) || err != nil && err != ErrWrap {
			t.Errorf("%d bytes of %d, with the form %v: %v", len(b), size, form, err)
		}
	}
	if _, pgp := pgppacket.Key(wrap); pgp && (reader || writer) {
		t.Error("a wrap that is OpenPGP")
	}
}

// FuzzKept: the plaintext of a lock is one identity in its one form, that of the recipient.
func FuzzKept(f *testing.F) {
	var keys []interface {
		age.Identity
		String() string
	}
	for _, name := range []string{"check_field", "ok_hybrid"} {
		for _, id := range readVector(f, name).identities {
			keys = append(keys, id.(interface {
				age.Identity
				String() string
			}))
		}
	}
	for i, id := range keys {
		for _, end := range []string{"\n", "", "\r\n", "\n\n", " \n"} {
			f.Add(uint8(i), id.String()+end)
		}
		f.Add(uint8(i+1), id.String()+"\n")
	}
	f.Fuzz(func(t *testing.T, n uint8, plain string) {
		id := keys[int(n)%len(keys)]
		got, err := keptIdentity(ownRecipient(id), []byte(plain))
		if (err == nil) != (plain == id.String()+"\n") || err != nil && (err != ErrLock || got != nil) {
			t.Errorf("%q is kept: %v", plain, err)
		}
	})
}

func testPerson(t testing.TB) *age.X25519Identity {
	t.Helper()
	return readVector(t, "check_field").identities[0].(*age.X25519Identity)
}
