package vectorgen

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/plugin"
	"filippo.io/age/tag"
)

var okCases = []Case{
	{"ok_minimal", "ok", "a profile without entries", func(k *kit) []byte {
		f := k.file()
		p := f.profile("p")
		k.open(p, p.member("writer", "me"))
		k.holds("writer")
		return f.bytes()
	}},
	{"ok_two_credentials", "ok", "a writer opens two credentials", func(k *kit) []byte {
		f, p, id := k.one()
		k.open(p, id)
		k.holds("writer", "ONE", "the first value", "TWO", "the second value")
		return f.bytes()
	}},
	{"ok_reader", "ok", "a reader opens values", func(k *kit) []byte {
		f, p, _ := k.one()
		k.open(p, p.member("reader", "other"))
		k.holds("reader", "ONE", "the first value", "TWO", "the second value")
		return f.bytes()
	}},
	{"ok_writer_before_reader", "ok", "of two identities the writer's is taken", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		reader := p.member("reader", "a")
		k.open(p, reader, p.member("writer", "b"))
		k.holds("writer")
		return f.bytes()
	}},
	{"ok_hybrid", "ok", "a hybrid recipient", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id := must(age.GenerateHybridIdentity())
		p.add("writer", "me", id.Recipient().String(), id.Recipient())
		p.set("ONE", "post-quantum")
		k.set("deep", "yes")
		k.open(p, id)
		k.holds("writer", "ONE", "post-quantum")
		return f.bytes()
	}},
	{"ok_padding", "ok", "lengths around the steps of the padding, and where PADMÉ exceeds 64", func(k *kit) []byte {
		f, p, id := k.one()
		p.entries = nil
		var pairs []string
		for _, n := range []int{0, 1, 62, 63, 64, 127, 128, 1000, 1024, 4096, 5000, 65536, 100000} {
			name, value := fmt.Sprintf("N%d", n), strings.Repeat("v", n)
			p.set(name, value)
			pairs = append(pairs, name, value)
		}
		k.open(p, id)
		k.holds("writer", pairs...)
		return f.bytes()
	}},
	{"ok_binary", "ok", "a value is any bytes", func(k *kit) []byte {
		f, p, id := k.one()
		p.set("BYTES", "\x80\x00\xff\x00")
		k.open(p, id)
		k.holds("writer", "ONE", "the first value", "TWO", "the second value", "BYTES", "\x80\x00\xff\x00")
		return f.bytes()
	}},
	{"ok_comments", "ok", "comments above a credential and at the end", func(k *kit) []byte {
		f, p, id := k.one()
		above, end := "# Überschrift\n\n  # \tindented\n", "\n#\n"
		p.comment(end)
		line := p.entries[2]
		p.comment(above)
		p.entries = []string{p.entries[3], p.entries[0], p.entries[1], line}
		k.open(p, id)
		k.holds("writer", "", above, "ONE", "the first value", "TWO", "the second value", "", end)
		return f.bytes()
	}},
	{"ok_hidden", "ok", "hidden names", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		p.hidden = true
		id := p.member("writer", "me")
		p.hide(p.label("SECRET_NAME"), "SECRET_NAME", 11, "value")
		p.hide(p.label("b"), "b", 1, "")
		p.comment("# comments are not hidden names\n")
		k.open(p, id)
		k.holds("writer", "SECRET_NAME", "value", "b", "", "", "# comments are not hidden names\n")
		return f.bytes()
	}},
	{"ok_names", "ok", "names of every character and of the greatest length", func(k *kit) []byte {
		f := k.file()
		p := f.profile("9_.@/:+-" + strings.Repeat("x", 120))
		k.open(p, p.member("writer", "A@b.example/c:1+d-e"))
		p.set("user@host:8080/path", "x")
		k.holds("writer", "user@host:8080/path", "x")
		return f.bytes()
	}},
	{"ok_dates", "ok", "the first and the last time, and a leap day", func(k *kit) []byte {
		f, p, id := k.one()
		p.entries[0] = strings.Replace(p.entries[0], when, "1970-01-01T00:00:00Z expires=2028-02-29", 1)
		p.entries[1] = strings.Replace(p.entries[1], when, "9999-12-31T23:59:59Z expires=9999-12-31", 1)
		k.open(p, id)
		k.holds("writer", "ONE", "the first value", "TWO", "the second value")
		return f.bytes()
	}},
	{"ok_file", "ok", "credentials that programs get as files", func(k *kit) []byte {
		f, p, id := k.one()
		p.entries[0] = strings.Replace(p.entries[0], when, when+" file", 1)
		p.entries[1] = strings.Replace(p.entries[1], when, when+" expires=2027-05-01 file", 1)
		k.open(p, id)
		k.holds("writer", "ONE", "the first value", "TWO", "the second value")
		return f.bytes()
	}},
	{"ok_source", "ok", "sources, of a kind that is known and of one that is not", func(k *kit) []byte {
		f, p, id := k.one()
		p.define("AWS", "aws", awsDefinition, "aws")
		p.define("OTHER", "x-9", everyType, "x-9")
		p.define("EMPTY", "x", "", "x")
		k.open(p, id)
		k.holds("writer", "ONE", "the first value", "TWO", "the second value")
		k.defines("AWS", "aws", awsDefinition)
		k.defines("OTHER", "x-9", everyType)
		k.defines("EMPTY", "x", "")
		return f.bytes()
	}},
	{"ok_source_hidden", "ok", "a source in a profile with hidden names", func(k *kit) []byte {
		f, p, id := k.one()
		p.hidden, p.entries = true, nil
		p.defineAs(p.label("AWS"), "aws", "aws", []byte("\x03\x00AWS"+awsDefinition))
		k.open(p, id)
		k.holds("writer")
		k.defines("AWS", "aws", awsDefinition)
		return f.bytes()
	}},
	{"ok_last_revision", "ok", "revision 2^53-1", func(k *kit) []byte {
		f, p, _ := k.one()
		p.rev = "9007199254740991"
		return f.bytes()
	}},
	{"ok_chain", "ok", "a key that was rotated three times, and a profile that another vouches for", func(k *kit) []byte {
		f, p, _ := k.one()
		for range 3 {
			p.rotate()
		}
		q := f.profile("other")
		q.vouch(p.signer)
		q.member("writer", "me")
		return f.bytes()
	}},
	{"ok_removed", "ok", "removed profiles, one with vouched lines, of the same name", func(k *kit) []byte {
		f, p, _ := k.one()
		a, b := f.profile("gone"), f.profile("gone")
		a.vouch(p.signer)
		a.rotate()
		f.remove(a)
		f.remove(b)
		return f.bytes()
	}},
	{"ok_unrelated_section", "ok", "a profile is opened beside one whose wrap does not open", func(k *kit) []byte {
		f, p, id := k.one()
		q := f.profile("broken")
		q.addWrap("writer", "me", id.Recipient().String(), []byte("not an age file"))
		k.open(p, id)
		k.holds("writer", "ONE", "the first value", "TWO", "the second value")
		return f.bytes()
	}},
	{"ok_everything", "ok", "every kind of record", everything},
	{"ok_everything_other", "ok", "every kind of record, in another file", everything},
}

const (
	awsDefinition = "role_arn = \"arn:aws:iam::123456789012:role/deploy\"\n"
	everyType     = "a = \"q\\\"b\\\\n\\nr\\rt\\tu\\u0001é\"\nb9_ = -3600\nc = true\nd = []\ne = [\"x\", \"y\"]\n"
)

// everything has every kind of record, recipient and lock.
func everything(k *kit) []byte {
	f := k.file()
	hidden := f.profile("hidden")
	hidden.hidden = true
	hidden.member("writer", "me")
	hidden.hide(hidden.label("SECRET_NAME"), "SECRET_NAME", 11, "hidden value")
	hidden.comment("# in a hidden profile\n")

	p := f.profile("production")
	p.rotate()
	p.rotate()
	p.rev = "7"
	hidden.vouch(p.signer)
	id := p.member("writer", "alice@example.org")
	addForeign(k, p)
	addLocks(k, p)
	p.former = []string{"former bob " + when, "former carol " + when, "former bob 2026-11-21T08:00:00Z"}
	p.comment("# credentials of AWS\n")
	p.set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	p.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	p.entries[2] = strings.Replace(p.entries[2], when, "2026-11-23T08:00:00Z expires=2027-05-01", 1)
	p.define("DEPLOY", "aws", awsDefinition, "aws")
	p.comment("\n# at the end\n")

	empty := f.profile("quiet")
	empty.vouch(p.signer)
	empty.member("writer", "me")

	gone := f.profile("staging")
	gone.vouch(p.signer)
	gone.rotate()
	f.remove(gone)
	f.remove(f.profile("test"))

	k.set("deep", "yes")
	k.open(p, id)
	k.holds("writer", "", "# credentials of AWS\n", "AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE",
		"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", "\n# at the end\n")
	k.defines("DEPLOY", "aws", awsDefinition)
	return f.bytes()
}

// addForeign adds recipients whose identities are elsewhere.
func addForeign(k *kit, p *profile) {
	ssh := k.sshKey("ssh-ed25519")
	p.add("reader", "ci", ssh, must(agessh.ParseRecipient(ssh)))
	hybrid := must(age.GenerateHybridIdentity())
	p.add("writer", "dave", hybrid.Recipient().String(), hybrid.Recipient())
	card := plugin.EncodeRecipient("examplecard", k.bytes(32))
	p.addWrap("reader", "e-card", card, encrypt(p.key, must(age.GenerateX25519Identity()).Recipient()))
	point := must(ecdh.P256().NewPrivateKey(k.bytes(32))).PublicKey().Bytes()
	compressed := append([]byte{2 + point[64]&1}, point[1:33]...)
	tagged := plugin.EncodeRecipient("tag", compressed)
	p.add("writer", "f-tag", tagged, must(tag.ParseRecipient(tagged)))
}

// sshKey is a public key in OpenSSH's form, with inner as the type inside the blob.
func (k *kit) sshKey(inner string) string {
	pub := ed25519.NewKeyFromSeed(k.bytes(32)).Public().(ed25519.PublicKey)
	blob := binary.BigEndian.AppendUint32(nil, uint32(len(inner)))
	blob = append(blob, inner...)
	blob = binary.BigEndian.AppendUint32(blob, uint32(len(pub)))
	return "ssh-ed25519 " + base64.StdEncoding.EncodeToString(append(blob, pub...))
}

// addLocks adds a recipient with each kind of lock.
func addLocks(k *kit, p *profile) {
	for _, lock := range []struct {
		name, kind string
		message    func(secret []byte) []byte
	}{
		{"g-lock", "age", func(s []byte) []byte { return encrypt(s, must(age.GenerateX25519Identity()).Recipient()) }},
		{"h-lock", "argon2id", k.argon2idMessage},
		{"i-lock", "openpgp", k.openpgpMessage},
		{"j-lock", "scrypt", k.scryptMessage},
	} {
		id := must(age.GenerateX25519Identity())
		message := lock.message([]byte(id.String() + "\n"))
		recipient := fmt.Sprintf("%s %s %s", id.Recipient(), lock.kind, b64(message))
		p.add("writer", lock.name, recipient, id.Recipient())
	}
}

// argon2idMessage has the form of the message; nothing opens it.
func (k *kit) argon2idMessage([]byte) []byte {
	return k.lockMessage("credfile/argon2id " + b64(k.bytes(16)) + " 262144 3 4")
}

// scryptMessage has the form of the message; nothing opens it.
func (k *kit) scryptMessage([]byte) []byte {
	return k.lockMessage("scrypt " + b64(k.bytes(16)) + " 18")
}

func (k *kit) lockMessage(stanza string) []byte {
	head := fmt.Sprintf("age-encryption.org/v1\n-> %s\n%s\n--- %s\n", stanza, b64(k.bytes(32)), b64(k.bytes(32)))
	return slices.Concat([]byte(head), k.bytes(16+75+16))
}

// openpgpMessage has the form of the message; nothing opens it.
func (k *kit) openpgpMessage([]byte) []byte {
	pkesk := slices.Concat([]byte{3}, k.bytes(8), []byte{18, 1, 7, 0x40}, k.bytes(32), []byte{48}, k.bytes(48))
	seipd := append([]byte{1}, k.bytes(140)...)
	return bytes.Join([][]byte{{0xc0 | 1, byte(len(pkesk))}, pkesk, {0xc0 | 18, byte(len(seipd))}, seipd}, nil)
}
