package vectorgen

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"strings"
)

// orderCases are about the order and the ids of sections.
var orderCases = []Case{
	{"syntax_profile_after_removed", "syntax", "profiles stand above removed ones", func(k *kit) []byte {
		f, p, _ := k.one()
		f.remove(f.profile("gone"))
		text := string(f.bytes())
		k.set("line", "%d", strings.Count(text, "\n")+2)
		q := f.profile("q")
		q.member("writer", "me")
		_ = p
		return []byte(text + "\n" + q.text())
	}},
	{"syntax_removed_order", "syntax", "removed profiles stand in byte order of their ids as written", func(k *kit) []byte {
		f, _, _ := k.one()
		a, b := f.remove(f.profile("a")), f.remove(f.profile("b"))
		if b64(a.id) < b64(b.id) {
			a, b = b, a
		}
		f.removed = nil
		return []byte(string(f.bytes()) + "\n" + a.text() + "\n" + b.text())
	}},
	{"syntax_removed_twice", "syntax", "a profile is removed once", func(k *kit) []byte {
		f, _, _ := k.one()
		f.removed = append(f.removed, f.remove(f.profile("a")))
		return f.bytes()
	}},
	{"syntax_removed_living_id", "syntax", "no profile is both removed and present", func(k *kit) []byte {
		f, p, _ := k.one()
		gone := f.profile("gone")
		gone.id = p.id
		f.remove(gone)
		return f.bytes()
	}},
	{"syntax_profile_id_twice", "syntax", "no two profiles have one id", func(k *kit) []byte {
		f, p, _ := k.one()
		q := f.profile("other")
		q.id = p.id
		q.member("writer", "me")
		return f.bytes()
	}},
	{"syntax_profile_twice", "syntax", "no two profiles have one name", func(k *kit) []byte {
		f, _, _ := k.one()
		f.profile("default").member("writer", "me")
		return f.bytes()
	}},
	{"syntax_removed_alone", "syntax", "a file has a profile", func(k *kit) []byte {
		f := k.file()
		f.remove(f.profile("gone"))
		return f.bytes()
	}},
	{"syntax_intro_alone", "syntax", "a file is more than its intro", func(k *kit) []byte { return k.file().bytes() }},
	{"syntax_empty", "syntax", "an empty file", func(k *kit) []byte { return nil }},
	{"syntax_no_last_newline", "syntax", "a file ends in a line feed", func(k *kit) []byte {
		f, _, _ := k.one()
		return bytes.TrimSuffix(f.bytes(), []byte("\n"))
	}},
}

// key is a case with a verifying key that is of small order or not canonical.
func key(name, comment, hexKey string) Case {
	return Case{"key_" + name, "key", comment, func(k *kit) []byte {
		f, p, _ := k.one()
		p.pub = must(hex.DecodeString(hexKey))
		return f.bytes()
	}}
}

var keyCases = []Case{
	key("order_1", "the neutral point", "01"+strings.Repeat("00", 31)),
	key("order_2", "the point of order 2", "ec"+strings.Repeat("ff", 30)+"7f"),
	key("order_4", "a point of order 4", strings.Repeat("00", 32)),
	key("order_4_sign", "the other point of order 4", strings.Repeat("00", 31)+"80"),
	key("order_8", "a point of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
	key("order_8_sign", "another point of order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
	key("not_canonical", "y is 2^255-16, that is 3", "f0"+strings.Repeat("ff", 30)+"7f"),
	key("not_canonical_p", "y is 2^255-19, that is 0", "ed"+strings.Repeat("ff", 30)+"7f"),
	{"key_vouched", "key", "a vouched line by a key of small order", func(k *kit) []byte {
		f, p, _ := k.one()
		a := make([]byte, 32)
		p.vouched = []string{"vouched " + b64(a) + " " + b64(p.pub) + " " + b64(make([]byte, 64))}
		return f.bytes()
	}},
	{"key_removed", "key", "a removed profile whose key is of small order", func(k *kit) []byte {
		f, _, _ := k.one()
		f.remove(f.profile("gone")).pub = make([]byte, 32)
		return f.bytes()
	}},
}

// order is L, the order of the group, little-endian.
var order = must(hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"))

func plusL(sig []byte) []byte {
	out := bytes.Clone(sig)
	carry := 0
	for i, l := range order {
		sum := int(out[32+i]) + int(l) + carry
		out[32+i], carry = byte(sum), sum>>8
	}
	return out
}

// unsigned changes the text of a signed file.
func unsigned(name, comment, old, new string) Case {
	return Case{"signature_" + name, "signature", comment, func(k *kit) []byte {
		f, _, _ := k.one()
		before := f.bytes()
		after := bytes.Replace(before, []byte(old), []byte(new), 1)
		if bytes.Equal(before, after) {
			panic(name + " changes nothing")
		}
		return after
	}}
}

var signatureCases = []Case{
	unsigned("name", "a credential was renamed", "credential ONE", "credential ANY"),
	unsigned("time", "a time was changed", when, "2026-11-20T08:00:01Z"),
	unsigned("expiry", "an expiry was added", when, when+" expires=2027-01-01"),
	unsigned("file", "the word file was added", when, when+" file"),
	unsigned("source", "a credential was made a source", "credential ONE "+when, "source ONE "+when+" aws"),
	unsigned("role", "a recipient's name was changed", "writer me", "writer you"),
	unsigned("revision", "the revision was changed", "seal 1 ", "seal 2 "),
	unsigned("profile_name", "the profile was renamed", "profile default", "profile other"),
	{"signature_another_key", "signature", "signed with another key", func(k *kit) []byte {
		f, p, _ := k.one()
		other := ed25519.NewKeyFromSeed(k.bytes(32))
		p.sign = func(m []byte) []byte { return ed25519.Sign(other, m) }
		return f.bytes()
	}},
	{"signature_s_too_large", "signature", "S is not less than the order of the group", func(k *kit) []byte {
		f, p, _ := k.one()
		sign := p.sign
		p.sign = func(m []byte) []byte { return plusL(sign(m)) }
		return f.bytes()
	}},
	{"signature_file_id", "signature", "a section of another file", func(k *kit) []byte {
		f, _, _ := k.one()
		text := f.bytes()
		return bytes.Replace(text, []byte(b64(f.id)), []byte(b64(k.bytes(16))), 1)
	}},
	{"signature_credential_deleted", "signature", "a credential was taken away", func(k *kit) []byte {
		f, p, _ := k.one()
		return bytes.Replace(f.bytes(), []byte(p.entries[0]+"\n"), nil, 1)
	}},
	{"signature_order", "signature", "the order was changed", func(k *kit) []byte {
		f, p, _ := k.one()
		return bytes.Replace(f.bytes(), []byte(p.entries[0]+"\n"+p.entries[1]), []byte(p.entries[1]+"\n"+p.entries[0]), 1)
	}},
	{"signature_vouched", "signature", "a vouched line whose signature is another's", func(k *kit) []byte {
		f, p, _ := k.one()
		a, b := ed25519.NewKeyFromSeed(k.bytes(32)), ed25519.NewKeyFromSeed(k.bytes(32))
		line := strings.Fields(vouchLine(f.id, p.id, a, p.pub))
		line[3] = strings.Fields(vouchLine(f.id, p.id, b, p.pub))[3]
		p.vouched = []string{strings.Join(line, " ")}
		return f.bytes()
	}},
	{"signature_vouched_other_profile", "signature", "a vouched line for another profile", func(k *kit) []byte {
		f, p, _ := k.one()
		p.vouched = []string{vouchLine(f.id, k.bytes(16), ed25519.NewKeyFromSeed(k.bytes(32)), p.pub)}
		return f.bytes()
	}},
	{"signature_vouched_other_file", "signature", "a vouched line of another file", func(k *kit) []byte {
		f, p, _ := k.one()
		p.vouched = []string{vouchLine(k.bytes(16), p.id, ed25519.NewKeyFromSeed(k.bytes(32)), p.pub)}
		return f.bytes()
	}},
	{"signature_removed_name", "signature", "a removed profile under another name", func(k *kit) []byte {
		f, _, _ := k.one()
		f.remove(f.profile("gone"))
		return bytes.Replace(f.bytes(), []byte("removed gone"), []byte("removed else"), 1)
	}},
	{"signature_removed_vouched_cut", "signature", "a removed profile without its vouched line", func(k *kit) []byte {
		f, p, _ := k.one()
		gone := f.profile("gone")
		gone.vouch(p.signer)
		f.remove(gone)
		return bytes.Replace(f.bytes(), []byte(gone.vouched[0]+"\n"), nil, 1)
	}},
	{"signature_removed_vouched_added", "signature", "the signature of a removed profile covers its vouched lines", func(k *kit) []byte {
		f, p, _ := k.one()
		gone := f.profile("gone")
		gone.vouch(p.signer)
		f.remove(gone).unsigned = true
		return f.bytes()
	}},
	{"signature_removed_another_key", "signature", "removed by another key", func(k *kit) []byte {
		f, p, _ := k.one()
		f.remove(f.profile("gone")).sign = p.sign
		return f.bytes()
	}},
	{"signature_removed_in_use", "signature", "a bad removed block damages the file for every profile", func(k *kit) []byte {
		f, p, id := k.one()
		f.remove(f.profile("gone")).sign = p.sign
		k.open(p, id)
		return f.bytes()
	}},
}
