package vectorgen

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"
)

const passphrase = "correct horse battery staple"

// stanzas is a recipient that writes given stanzas.
type stanzas func(fileKey []byte) []*age.Stanza

func (s stanzas) Wrap(fileKey []byte) ([]*age.Stanza, error) { return s(fileKey), nil }

func underKey(key, fileKey []byte) []byte {
	return must(chacha20poly1305.New(key)).Seal(nil, make([]byte, 12), fileKey, nil)
}

// argon2id is the stanza with args as text. The key is derived at the lowest cost, whatever
// they say.
func (k *kit) argon2id(pass, args string) stanzas {
	salt := b64(k.bytes(16))
	return func(fileKey []byte) []*age.Stanza {
		tag := argon2.IDKey([]byte(pass), []byte("credfile/1 argon2id "+salt), 1, 65536, 1, 32)
		return []*age.Stanza{{Type: "credfile/argon2id", Args: append([]string{salt}, strings.Fields(args)...), Body: underKey(tag, fileKey)}}
	}
}

// scrypt is age's own stanza with the work factor as text. The key is derived at the lowest
// cost, whatever it says.
func (k *kit) scrypt(pass, logN string) stanzas {
	salt := k.bytes(16)
	return func(fileKey []byte) []*age.Stanza {
		key := must(scrypt.Key([]byte(pass), append([]byte("age-encryption.org/v1/scrypt"), salt...), 1<<15, 8, 1, 32))
		return []*age.Stanza{{Type: "scrypt", Args: []string{b64(salt), logN}, Body: underKey(key, fileKey)}}
	}
}

// locked adds a recipient with a lock. message is made from the identity's line.
func (p *profile) locked(role, name, lock string, recipient age.Recipient, message []byte) {
	p.add(role, name, fmt.Sprintf("%s %s %s", recipient, lock, b64(message)), recipient)
}

// lockCase opens the only recipient's lock with the passphrase. message makes the lock's
// message from the identity's line, correctly or not.
func lockCase(expect, name, comment, lock string, message func(k *kit, line []byte) []byte) Case {
	full := expect + "_" + name
	if expect == "ok" {
		full = "ok_lock_" + name
	}
	return Case{full, expect, comment, func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id := must(age.GenerateX25519Identity())
		p.locked("writer", "me", lock, id.Recipient(), message(k, []byte(id.String()+"\n")))
		p.set("ONE", "under a lock")
		k.set("profile", "default")
		k.set("as", "me")
		k.set("passphrase", passphrase)
		if expect == "ok" {
			k.set("deep", "yes")
			k.holds("writer", "ONE", "under a lock")
		}
		return f.bytes()
	}}
}

// plainCase is a lock with a wrong plaintext.
func plainCase(name, comment string, plain func(line []byte) []byte) Case {
	return lockCase("lock", "plain_"+name, comment, "argon2id", func(k *kit, line []byte) []byte {
		return encrypt(plain(line), k.argon2id(passphrase, "65536 1 1"))
	})
}

// costCase is a lock that is refused before anything is derived: its message opens with the
// passphrase, but at another cost.
func costCase(name, comment, lock, args string) []Case {
	message := func(k *kit, line []byte) []byte {
		if lock == "scrypt" {
			return encrypt(line, k.scrypt(passphrase, args))
		}
		return encrypt(line, k.argon2id(passphrase, args))
	}
	return []Case{
		lockCase("lock", name, comment, lock, message),
		deepLock(name, comment, lock, func(k *kit) []byte { return message(k, []byte(stranger().String()+"\n")) }),
	}
}

// deepLock is a lock whose message visibly has a wrong form.
func deepLock(name, comment, lock string, message func(k *kit) []byte) Case {
	return outside("deep", name, comment, lock, message)
}

func outside(expect, name, comment, lock string, message func(k *kit) []byte) Case {
	full := "deep_lock_" + name
	if expect == "ok" {
		full = "ok_lock_form_" + name
	}
	return Case{full, expect, comment, func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id := must(age.GenerateX25519Identity())
		p.locked("writer", "me", lock, id.Recipient(), message(k))
		k.set("deep", "yes")
		return f.bytes()
	}}
}

var lockCases = slices.Concat([]Case{
	lockCase("ok", "argon2id", "an argon2id lock", "argon2id", func(k *kit, line []byte) []byte {
		return encrypt(line, k.argon2id(passphrase, "65536 1 1"))
	}),
	lockCase("ok", "scrypt", "a scrypt lock, as age writes it", "scrypt", func(k *kit, line []byte) []byte {
		r := must(age.NewScryptRecipient(passphrase))
		r.SetWorkFactor(15)
		return encrypt(line, r)
	}),
	{"ok_lock_unicode", "ok", "a passphrase is UTF-8 as given, spaces at its ends too", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id := must(age.GenerateHybridIdentity())
		pass := " Zürich é\u0301 日本 "
		p.locked("reader", "other", "argon2id", id.Recipient(), encrypt([]byte(id.String()+"\n"), k.argon2id(pass, "65536 1 1")))
		p.member("writer", "w")
		p.set("ONE", "1")
		k.set("profile", "default")
		k.set("as", "other")
		k.set("passphrase", "%s", pass)
		k.holds("reader", "ONE", "1")
		return f.bytes()
	}},
	{"ok_lock_age", "ok", "an age lock for two people", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id, holder := must(age.GenerateHybridIdentity()), stranger()
		p.locked("writer", "team", "age", id.Recipient(), encrypt([]byte(id.String()+"\n"), stranger().Recipient(), holder.Recipient()))
		p.set("ONE", "1")
		k.open(p, holder)
		k.set("as", "team")
		k.set("deep", "yes")
		k.holds("writer", "ONE", "1")
		return f.bytes()
	}},
	{"ok_lock_identity_outside", "ok", "the identity of a lock opens, too, without the lock", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id := stranger()
		p.locked("writer", "me", "argon2id", id.Recipient(), k.argon2idMessage(nil))
		p.set("ONE", "1")
		k.open(p, id)
		k.holds("writer", "ONE", "1")
		return f.bytes()
	}},
	{"ok_lock_one_of_three", "ok", "of three passphrase locks the one that is named is opened", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		for _, name := range []string{"a", "b", "c"} {
			id := stranger()
			p.locked("writer", name, "argon2id", id.Recipient(), encrypt([]byte(id.String()+"\n"), k.argon2id("passphrase of "+name, "65536 1 1")))
		}
		p.set("ONE", "1")
		k.set("profile", "default")
		k.set("as", "b")
		k.set("passphrase", "passphrase of b")
		k.holds("writer", "ONE", "1")
		return f.bytes()
	}},
	{"no_match_passphrase", "no-match", "another passphrase", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id := stranger()
		p.locked("writer", "me", "argon2id", id.Recipient(), encrypt([]byte(id.String()+"\n"), k.argon2id(passphrase, "65536 1 1")))
		k.set("profile", "default")
		k.set("as", "me")
		k.set("passphrase", "Correct horse battery staple")
		return f.bytes()
	}},
	{"no_match_passphrase_blank", "no-match", "a blank behind the passphrase", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id := stranger()
		p.locked("writer", "me", "argon2id", id.Recipient(), encrypt([]byte(id.String()+"\n"), k.argon2id(passphrase, "65536 1 1")))
		k.set("profile", "default")
		k.set("as", "me")
		k.set("passphrase", passphrase+" ")
		return f.bytes()
	}},
	{"no_match_passphrase_scrypt", "no-match", "another passphrase of a scrypt lock", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id := stranger()
		p.locked("writer", "me", "scrypt", id.Recipient(), encrypt([]byte(id.String()+"\n"), k.scrypt(passphrase, "15")))
		k.set("profile", "default")
		k.set("as", "me")
		k.set("passphrase", "correct horse battery stapl")
		return f.bytes()
	}},
	{"no_match_lock_holder", "no-match", "an age lock for somebody else", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id := stranger()
		p.locked("writer", "team", "age", id.Recipient(), encrypt([]byte(id.String()+"\n"), stranger().Recipient()))
		k.open(p, stranger())
		k.set("as", "team")
		return f.bytes()
	}},
	plainCase("other_identity", "the identity of another recipient", func([]byte) []byte { return []byte(stranger().String() + "\n") }),
	plainCase("no_line_end", "the line does not end", func(line []byte) []byte { return bytes.TrimSuffix(line, []byte("\n")) }),
	plainCase("two_line_ends", "an empty line behind it", func(line []byte) []byte { return append(line, '\n') }),
	plainCase("carriage_return", "the line ends in CR LF", func(line []byte) []byte { return append(bytes.TrimSuffix(line, []byte("\n")), "\r\n"...) }),
	plainCase("comment", "a comment above it", func(line []byte) []byte { return append([]byte("# mine\n"), line...) }),
	plainCase("lower_case", "in lower case", func(line []byte) []byte { return bytes.ToLower(line) }),
	plainCase("empty", "no plaintext", func([]byte) []byte { return nil }),
	plainCase("mail", "somebody's mail", func([]byte) []byte { return []byte("Dear Bob,\n\nsee you at eight.\n") }),
	plainCase("long", "the identity, and 16 KiB of other things", func(line []byte) []byte { return append(line, make([]byte, 15<<10)...) }),
	lockCase("lock", "mac", "the header of the message was changed", "argon2id", func(k *kit, line []byte) []byte {
		m := encrypt(line, k.argon2id(passphrase, "65536 1 1"))
		at := bytes.Index(m, []byte("\n--- ")) + len("\n--- ")
		m[at] = map[bool]byte{true: 'B', false: 'A'}[m[at] == 'A']
		return m
	}),
	lockCase("lock", "payload", "the payload of the message was changed", "argon2id", func(k *kit, line []byte) []byte {
		m := encrypt(line, k.argon2id(passphrase, "65536 1 1"))
		m[len(m)-1] ^= 1
		return m
	}),
	lockCase("lock", "other_form", "a scrypt message under the word argon2id", "argon2id", func(k *kit, line []byte) []byte {
		return encrypt(line, k.scrypt(passphrase, "15"))
	}),
	lockCase("lock", "two_stanzas", "an argon2id stanza that is not alone", "argon2id", func(k *kit, line []byte) []byte {
		one := k.argon2id(passphrase, "65536 1 1")
		return encrypt(line, one, stanzas(func([]byte) []*age.Stanza {
			return []*age.Stanza{{Type: "grease", Args: []string{"x"}}}
		}))
	}),
	{"lock_age_with_scrypt", "lock", "an age lock with a scrypt stanza of log N 22", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id, holder := stranger(), stranger()
		message := encrypt([]byte(id.String()+"\n"), k.scrypt(passphrase, "22"), stanzas(func(fileKey []byte) []*age.Stanza {
			return must(holder.Recipient().Wrap(fileKey))
		}))
		p.locked("writer", "team", "age", id.Recipient(), message)
		k.open(p, holder)
		k.set("as", "team")
		return f.bytes()
	}},
},
	costCase("argon2id_memory_low", "less memory than allowed", "argon2id", "65535 1 1"),
	costCase("argon2id_memory_high", "more memory than allowed", "argon2id", "1048577 1 1"),
	costCase("argon2id_memory_terabyte", "a terabyte of memory", "argon2id", "1073741824 1 1"),
	costCase("argon2id_passes", "17 passes", "argon2id", "65536 17 1"),
	costCase("argon2id_no_pass", "no pass", "argon2id", "65536 0 1"),
	costCase("argon2id_lanes", "17 lanes", "argon2id", "65536 1 17"),
	costCase("argon2id_work", "each within its limit, the product beyond", "argon2id", "1048576 5 1"),
	costCase("argon2id_decimal", "a number with a leading zero", "argon2id", "65536 01 1"),
	costCase("argon2id_three", "an argument too few", "argon2id", "65536 1"),
	costCase("argon2id_five", "an argument too many", "argon2id", "65536 1 1 1"),
	costCase("scrypt_14", "a work factor that is too low", "scrypt", "14"),
	costCase("scrypt_21", "a work factor that is too high", "scrypt", "21"),
	costCase("scrypt_62", "a work factor that nobody can pay", "scrypt", "62"),
	costCase("scrypt_plus", "a work factor with a sign", "scrypt", "+15"),
	openPGPCases)
