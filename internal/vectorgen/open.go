package vectorgen

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// wrapped is a case whose writer has a wrap made by the case.
func wrapped(class, name, comment, role string, wrap func(p *profile, r age.Recipient) []byte) Case {
	return Case{class + "_" + name, class, comment, func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		p.member("writer", "a")
		id := must(age.GenerateX25519Identity())
		p.addWrap(role, "me", id.Recipient().String(), wrap(p, id.Recipient()))
		if class == "deep" {
			k.set("deep", "yes")
		} else {
			k.open(p, id)
		}
		return f.bytes()
	}}
}

func stranger() *age.X25519Identity { return must(age.GenerateX25519Identity()) }

var wrapCases = []Case{
	{"no_match_stranger", "no-match", "an identity that is no recipient", func(k *kit) []byte {
		f, p, _ := k.one()
		k.open(p, stranger())
		return f.bytes()
	}},
	{"no_match_none", "no-match", "a hybrid identity that is no recipient", func(k *kit) []byte {
		f, p, _ := k.one()
		k.open(p, must(age.GenerateHybridIdentity()))
		return f.bytes()
	}},
	{"no_match_other_profile", "no-match", "a recipient of another profile opens nothing here", func(k *kit) []byte {
		f, p, _ := k.one()
		k.open(p, f.profile("other").member("writer", "me"))
		return f.bytes()
	}},
	{"no_match_former", "no-match", "a former recipient of that name", func(k *kit) []byte {
		f, p, _ := k.one()
		p.former = []string{"former bob " + when}
		k.open(p, stranger())
		return f.bytes()
	}},
	{"no_match_by_trial", "no-match", "a wrap that would open stands under another recipient", func(k *kit) []byte {
		f := k.file()
		p := f.profile("default")
		id := stranger()
		p.add("writer", "me", stranger().Recipient().String(), id.Recipient())
		k.open(p, id)
		return f.bytes()
	}},
	{"no_match_several", "no-match", "several identities, and none is a recipient's", func(k *kit) []byte {
		f, p, _ := k.one()
		k.open(p, stranger(), must(age.GenerateHybridIdentity()), stranger())
		return f.bytes()
	}},
	wrapped("wrap", "reader_long", "a reader's wrap holds the key alone", "reader", func(p *profile, r age.Recipient) []byte {
		return encrypt(p.secret("writer"), r)
	}),
	wrapped("wrap", "writer_short", "a writer's wrap holds the seed too", "writer", func(p *profile, r age.Recipient) []byte {
		return encrypt(p.key, r)
	}),
	wrapped("wrap", "empty", "an empty wrap", "reader", func(p *profile, r age.Recipient) []byte { return encrypt(nil, r) }),
	wrapped("wrap", "longer", "a byte more than the key", "reader", func(p *profile, r age.Recipient) []byte {
		return encrypt(append(p.secret("reader"), 0), r)
	}),
	wrapped("wrap", "for_somebody_else", "the wrap is for another recipient", "writer", func(p *profile, r age.Recipient) []byte {
		return encrypt(p.secret("writer"), stranger().Recipient())
	}),
	wrapped("wrap", "corrupted", "a byte of the payload is changed", "writer", func(p *profile, r age.Recipient) []byte {
		b := encrypt(p.secret("writer"), r)
		b[len(b)-1] ^= 1
		return b
	}),
	wrapped("wrap", "not_age", "not an age file", "writer", func(p *profile, r age.Recipient) []byte { return []byte("hello") }),
	wrapped("wrap", "reader_short", "a byte less than the key", "reader", func(p *profile, r age.Recipient) []byte {
		return encrypt(p.key[:31], r)
	}),
	wrapped("wrap", "writer_longer", "a byte more than the key and the seed", "writer", func(p *profile, r age.Recipient) []byte {
		return encrypt(append(p.secret("writer"), 0), r)
	}),
	wrapped("wrap", "cut", "the end of the payload is missing", "writer", func(p *profile, r age.Recipient) []byte {
		b := encrypt(p.secret("writer"), r)
		return b[:len(b)-1]
	}),
	wrapped("check", "another_key", "the wrap holds another key", "reader", func(p *profile, r age.Recipient) []byte {
		return encrypt(p.f.k.bytes(32), r)
	}),
	wrapped("check", "another_key_writer", "a writer's wrap holds another key", "writer", func(p *profile, r age.Recipient) []byte {
		return encrypt(append(p.f.k.bytes(32), p.seed...), r)
	}),
	wrapped("check", "another_seed", "the seed does not give the verifying key", "writer", func(p *profile, r age.Recipient) []byte {
		return encrypt(append(slices.Clone(p.key), p.f.k.bytes(32)...), r)
	}),
	wrapped("check", "other_profile", "the key of another profile", "reader", func(p *profile, r age.Recipient) []byte {
		q := p.f.profile("other")
		q.member("writer", "me")
		return encrypt(q.key, r)
	}),
	wrapped("check", "swapped", "the seed comes before the key", "writer", func(p *profile, r age.Recipient) []byte {
		return encrypt(append(slices.Clone(p.seed), p.key...), r)
	}),
	wrapped("check", "one_bit", "a bit of the key is another", "reader", func(p *profile, r age.Recipient) []byte {
		key := slices.Clone(p.key)
		key[31] ^= 1
		return encrypt(key, r)
	}),
	wrapped("check", "seed_bit", "a bit of the seed is another", "writer", func(p *profile, r age.Recipient) []byte {
		secret := p.secret("writer")
		secret[63] ^= 1
		return encrypt(secret, r)
	}),
	{"check_other_file", "check", "the same key in another file", func(k *kit) []byte {
		f, p, id := k.one()
		f.id = k.bytes(16)
		p.id = k.bytes(16)
		k.open(p, id)
		return f.bytes()
	}},
	{"check_field", "check", "the check field is another", func(k *kit) []byte {
		f, p, id := k.one()
		p.check = k.bytes(32)
		k.open(p, id)
		return f.bytes()
	}},
	{"check_replaced_key", "check", "signed anew by somebody else, under his key", func(k *kit) []byte {
		f, p, id := k.one()
		p.newSeed()
		k.open(p, id)
		return f.bytes()
	}},
}

// sealedAs is a case with one credential or comment made by the case.
func sealedAs(name, comment string, change func(p *profile)) Case {
	return Case{"value_" + name, "value", comment, func(k *kit) []byte {
		f, p, id := k.one()
		p.hidden = strings.HasPrefix(name, "hidden_")
		if p.hidden {
			p.entries = nil
		}
		change(p)
		k.open(p, id)
		return f.bytes()
	}}
}

func box(line string) string { return line[strings.LastIndexByte(line, ' '):] }

var valueCases = []Case{
	sealedAs("swapped", "the values of two names are swapped", func(p *profile) {
		a, b := p.entries[0], p.entries[1]
		p.entries[0] = strings.TrimSuffix(a, box(a)) + box(b)
		p.entries[1] = strings.TrimSuffix(b, box(b)) + box(a)
	}),
	sealedAs("other_profile", "a value of another profile", func(p *profile) {
		q := p.f.profile("other")
		q.member("writer", "me")
		q.set("THREE", "x")
		p.entries = append(p.entries, q.entries[0])
	}),
	sealedAs("not_sealed", "not sealed at all", func(p *profile) { p.entry("THREE", make([]byte, 96)) }),
	sealedAs("padding_too_long", "64 bytes more padding than needed", func(p *profile) {
		p.entry("THREE", p.seal("THREE", pad([]byte("x"), 128)))
	}),
	sealedAs("padding_too_short", "64 bytes less padding than PADMÉ", func(p *profile) {
		p.entry("THREE", p.seal("THREE", pad(make([]byte, 4096), padded(4096)-64)))
	}),
	sealedAs("padding_no_mark", "no 0x80", func(p *profile) { p.entry("THREE", p.seal("THREE", make([]byte, 64))) }),
	sealedAs("padding_not_zero", "a byte behind 0x80", func(p *profile) {
		b := pad([]byte("x"), 64)
		b[63] = 1
		p.entry("THREE", p.seal("THREE", b))
	}),
	sealedAs("comment_as_credential", "a comment as a value", func(p *profile) { p.entry("THREE", p.sealed("", []byte("# x\n"))) }),
	sealedAs("credential_as_comment", "a value as a comment", func(p *profile) {
		p.entries = append(p.entries, "comment "+b64(p.sealed("THREE", []byte("# x\n"))))
	}),
	sealedAs("comment_empty", "an empty comment", func(p *profile) { p.comment("") }),
	sealedAs("comment_no_newline", "a comment whose last line does not end", func(p *profile) { p.comment("# x") }),
	sealedAs("comment_assignment", "a comment that holds an assignment", func(p *profile) { p.comment("# x\nEVIL = 'x'\n") }),
	sealedAs("comment_table", "a comment that holds a table's header", func(p *profile) { p.comment("[production]\n") }),
	sealedAs("comment_control", "a comment with a control character", func(p *profile) { p.comment("# \x1b[2J\n") }),
	sealedAs("comment_carriage_return", "a comment with a carriage return", func(p *profile) { p.comment("# x\r\n") }),
	sealedAs("comment_not_utf8", "a comment that is not UTF-8", func(p *profile) { p.comment("# \xff\n") }),
	sealedAs("source_other_kind", "a definition under another kind", func(p *profile) { p.define("S", "aws", awsDefinition, "oauth") }),
	sealedAs("source_as_credential", "a definition as a value", func(p *profile) {
		p.define("S", "aws", awsDefinition, "aws")
		p.entries[2] = strings.Replace(strings.Replace(p.entries[2], "source ", "credential ", 1), " aws ", " ", 1)
	}),
	sealedAs("credential_as_source", "a value as a definition", func(p *profile) {
		p.set("S", awsDefinition)
		p.entries[2] = strings.Replace(strings.Replace(p.entries[2], "credential ", "source ", 1), when, when+" aws", 1)
	}),
	sealedAs("source_not_toml", "a definition that is no TOML", func(p *profile) { p.define("S", "aws", "x", "aws") }),
	sealedAs("source_order", "keys of a definition are in byte order", func(p *profile) { p.define("S", "aws", "b = 1\na = 1\n", "aws") }),
	sealedAs("source_key_twice", "a key of a definition is there once", func(p *profile) { p.define("S", "aws", "a = 1\na = 1\n", "aws") }),
	sealedAs("source_literal", "strings of a definition are basic strings", func(p *profile) { p.define("S", "aws", "a = 'x'\n", "aws") }),
	sealedAs("source_escape", "a definition has one form of each character", func(p *profile) { p.define("S", "aws", "a = \"\\u0041\"\n", "aws") }),
	sealedAs("source_number", "numbers of a definition are canonical", func(p *profile) { p.define("S", "aws", "a = 007\n", "aws") }),
	sealedAs("source_float", "a definition has no floating-point numbers", func(p *profile) { p.define("S", "aws", "a = 1.5\n", "aws") }),
	sealedAs("source_table", "a definition has no tables", func(p *profile) { p.define("S", "aws", "[a]\n", "aws") }),
	sealedAs("source_comment", "a definition has no comments", func(p *profile) { p.define("S", "aws", "a = 1 # x\n", "aws") }),
	sealedAs("source_list", "a list of a definition has strings alone", func(p *profile) { p.define("S", "aws", "a = [1]\n", "aws") }),
	sealedAs("source_end", "each line of a definition ends", func(p *profile) { p.define("S", "aws", "a = 1", "aws") }),
	sealedAs("source_large", "a definition has at most 16 KiB", func(p *profile) {
		p.define("S", "aws", "a = \""+strings.Repeat("x", 16384-6)+"\"\n", "aws")
	}),
	sealedAs("hidden_other_label", "the name inside has another label", func(p *profile) { p.hide(p.label("A"), "B", 1, "x") }),
	sealedAs("hidden_grammar", "the name inside is not a name", func(p *profile) { p.hide(p.label("a b"), "a b", 3, "x") }),
	sealedAs("hidden_empty", "the name inside is empty", func(p *profile) { p.hide(p.label(""), "", 0, "x") }),
	sealedAs("hidden_beyond", "the name's length is beyond the plaintext", func(p *profile) { p.hide(p.label("A"), "A", 60, "") }),
	sealedAs("hidden_no_length", "no room for the name's length", func(p *profile) {
		label := p.label("A")
		p.entry(label, p.sealed(label, []byte("A")))
	}),
}

// recipientCase is a deep case with a recipient that does not decode.
func recipientCase(name, comment string, recipient func(k *kit) string) Case {
	return Case{"deep_" + name, "deep", comment, func(k *kit) []byte {
		f, p, _ := k.one()
		p.addWrap("reader", "other", recipient(k), encrypt(p.key, stranger().Recipient()))
		k.set("deep", "yes")
		return f.bytes()
	}}
}

var deepCases = []Case{
	recipientCase("checksum", "a recipient whose checksum is wrong", func(k *kit) string {
		s := stranger().Recipient().String()
		last := "q"
		if strings.HasSuffix(s, last) {
			last = "p"
		}
		return s[:len(s)-1] + last
	}),
	recipientCase("ssh_inner_type", "an SSH key of another type inside", func(k *kit) string { return k.sshKey("ssh-ed25518") }),
	recipientCase("ssh_short", "an SSH key that ends too early", func(k *kit) string {
		return "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA"
	}),
	wrapped("deep", "two_stanzas", "a wrap with two stanzas", "writer", func(p *profile, r age.Recipient) []byte {
		return encrypt(p.secret("writer"), r, stranger().Recipient())
	}),
	wrapped("deep", "other_stanza", "a wrap with a stanza of another type", "writer", func(p *profile, r age.Recipient) []byte {
		return encrypt(p.secret("writer"), must(age.GenerateHybridIdentity()).Recipient())
	}),
	wrapped("deep", "armored", "a wrap in armor", "writer", func(p *profile, r age.Recipient) []byte {
		var b bytes.Buffer
		w := armor.NewWriter(&b)
		must(w.Write(encrypt(p.secret("writer"), r)))
		must(0, w.Close())
		return b.Bytes()
	}),
	wrapped("deep", "payload_short", "a writer's wrap with a reader's payload", "writer", func(p *profile, r age.Recipient) []byte {
		return encrypt(p.key, r)
	}),
	wrapped("deep", "trailing", "bytes behind the wrap", "writer", func(p *profile, r age.Recipient) []byte {
		return append(encrypt(p.secret("writer"), r), 0)
	}),
	wrapped("deep", "not_age", "not an age file", "writer", func(p *profile, r age.Recipient) []byte {
		return fmt.Appendf(nil, "%s", "hello")
	}),
}
