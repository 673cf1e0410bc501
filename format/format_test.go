package format

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// b returns the base64 of n bytes of value c.
func b(n int, c byte) string {
	return base64.RawStdEncoding.EncodeToString(bytes.Repeat([]byte{c}, n))
}

const (
	x25519 = "age1wqyu9pf70qsvjcz04eg6zxrhx7jv4s3hurwrqdhs57ezdf3vzq7q0pmyqj"
	hybrid = "age1pq1wqyu9pf70qsvjcz04eg6zxrhx7jv4s3hurwrqdhs57ezdf3vzq7q0pmyqj"
	when   = "2026-11-20T08:00:00Z"
)

// everything has every kind of record. Nothing in it is signed.
var everything = strings.Join([]string{
	"credfile/1 " + b(16, 1),
	"",
	"profile hidden-one " + b(16, 2) + " " + b(32, 3) + " " + b(32, 4) + " hidden",
	"writer me " + x25519 + " " + b(8, 5),
	"credential ~abcdefghijklmnopqrstuvwx " + when + " " + b(96, 6),
	"seal 1 " + b(64, 7),
	"",
	"profile production " + b(16, 8) + " " + b(32, 9) + " " + b(32, 10),
	"vouched " + b(32, 11) + " " + b(32, 10) + " " + b(64, 12),
	"vouched " + b(32, 13) + " " + b(32, 11) + " " + b(64, 14),
	"writer alice@example.org " + hybrid + " " + b(200, 15),
	"reader ci ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== " + b(100, 16),
	"reader hw age1yubikey1wqyu9pf70qsvjcz04eg6zxrhx7jv4s3hurwrqdhs57ezdf3vzq7q0pmyqj " + b(1, 16),
	"writer safe " + x25519 + " argon2id " + b(50, 17) + " " + b(16384, 18),
	"former bob " + when,
	"former carol " + when,
	"comment " + b(96, 19),
	"credential AWS_ACCESS_KEY_ID " + when + " " + b(96, 20),
	"credential user@host:8080/x 1970-01-01T00:00:00Z expires=2027-05-01 " + b(160, 21),
	"comment " + b(96, 22),
	"source DATABASE " + when + " aws-role " + b(96, 20),
	"credential CA_BUNDLE " + when + " expires=2027-05-01 file " + b(96, 20),
	"seal 9007199254740991 " + b(64, 23),
	"",
	"removed staging " + b(16, 24) + " " + b(32, 25) + " " + b(64, 26),
	"vouched " + b(32, 27) + " " + b(32, 25) + " " + b(64, 28),
	"",
	"removed staging " + b(16, 25) + " " + b(32, 25) + " " + b(64, 26),
	"",
}, "\n")

func TestRoundTrip(t *testing.T) {
	f, err := Parse([]byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(Marshal(f)); got != everything {
		t.Errorf("got:\n%s\nwant:\n%s", got, everything)
	}
	p := f.Find("production")
	if p == nil || len(p.Entries) != 6 || len(p.Former) != 2 || len(p.Recipients) != 4 || p.Recipients[3].Lock != "argon2id" {
		t.Errorf("misread: %+v", p)
	}
	if !p.Entries[2].Expires.Equal(time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("expires %v", p.Entries[2].Expires)
	}
}

// lineOf returns the first line of everything with a beginning.
func lineOf(prefix string) string {
	for l := range strings.Lines(everything) {
		if strings.HasPrefix(l, prefix) {
			return l
		}
	}
	panic(prefix)
}

// Each case is a change to everything and its expected result.
var refusals = []struct {
	name     string
	old, new string
	class    error
	want     string
}{
	{"empty file", everything, "", ErrSyntax, "line 1: the file must begin with “credfile/1”"},
	{"another format", "credfile/1", "credfiles 1", ErrSyntax, "line 1: the file must begin with “credfile/1”"},
	{"higher version", "credfile/1 ", "credfile/2 ", ErrVersion, "line 1: the file uses a different version of the format"},
	{"lower version", "credfile/1 ", "credfile/0 ", ErrVersion, "line 1: the file uses a different version of the format"},
	{"version with a zero", "credfile/1 ", "credfile/01 ", ErrVersion, "line 1: the file uses a different version of the format"},
	{"byte order mark", "credfile/1 ", "\ufeffcredfile/1 ", ErrSyntax, "line 1: the file must begin with “credfile/1”"},
	{"short file id", b(16, 1), b(15, 1), ErrSyntax, "line 1: the id of the file must be 16 bytes of canonical base64"},
	{"padded base64", b(16, 1), b(16, 1) + "==", ErrSyntax, "line 1: the id of the file must be 16 bytes of canonical base64"},
	{"trailing bits", b(16, 1), strings.TrimSuffix(b(16, 1), "Q") + "R", ErrSyntax, "line 1: the id of the file must be 16 bytes of canonical base64"},
	{"URL alphabet", b(64, 7), strings.Repeat("_", 85) + "w", ErrSyntax, "line 6: a signature must be 64 bytes of canonical base64"},
	{"CR before LF", "seal 1 " + b(64, 7) + "\n", "seal 1 " + b(64, 7) + "\r\n", ErrSyntax, "line 6: unexpected carriage return"},
	{"CR inside base64", b(96, 6), b(96, 6)[:10] + "\r" + b(96, 6)[10:], ErrSyntax, "line 5: unexpected carriage return"},
	{"tab", "writer me ", "writer\tme ", ErrSyntax, "line 4: a profile must have at least one writer before this line"},
	{"two spaces", "writer me ", "writer  me ", ErrSyntax, "line 4: fields must be separated by exactly one space"},
	{"leading space", "writer me ", " writer me ", ErrSyntax, "line 4: a profile must have at least one writer before this line"},
	{"trailing space", b(64, 7), b(64, 7) + " ", ErrSyntax, "line 6: fields must be separated by exactly one space"},
	{"not ASCII", "writer me ", "writer mé ", ErrSyntax, "line 4: unexpected character outside printable ASCII"},
	{"NUL", "writer me ", "writer m\x00 ", ErrSyntax, "line 4: unexpected character outside printable ASCII"},
	{"no last newline", b(64, 26) + "\n\x00", b(64, 26), ErrSyntax, "line 28: missing line feed at the end of the file"},
	{"two empty lines", "\n\nprofile p", "\n\n\nprofile p", ErrSyntax, "line 8: expected a profile"},
	{"no empty line", "\n\nprofile p", "\nprofile p", ErrSyntax, "line 7: missing empty line, or a record in the wrong place"},
	{"empty line in a section", "\nseal 1", "\n\nseal 1", ErrSyntax, "line 6: unknown record, or a record in the wrong place"},
	{"record in upper case", "writer me", "Writer me", ErrSyntax, "line 4: a profile must have at least one writer before this line"},
	{"unknown record", "seal 1 ", "note x\nseal 1 ", ErrSyntax, "line 6: unknown record, or a record in the wrong place"},
	{"no seal", lineOf("seal 1 "), "", ErrSyntax, "line 6: unknown record, or a record in the wrong place"},
	{"no writer", lineOf("writer me"), "", ErrSyntax, "line 4: a profile must have at least one writer before this line"},
	{"only a reader", "writer me", "reader me", ErrSyntax, "line 5: a profile must have at least one writer before this line"},
	{"profiles out of order", "profile hidden-one", "profile zz", ErrSyntax, "line 8: profiles must be in byte order of their names, each once"},
	{"profile twice", "profile hidden-one", "profile production", ErrSyntax, "line 8: profiles must be in byte order of their names, each once"},
	{"profile id twice", b(16, 2), b(16, 8), ErrSyntax, "line 8: two profiles have the same id"},
	{"bad profile name", "profile production", "profile .production", ErrSyntax, "line 8: invalid profile name"},
	{"not hidden", " hidden\n", " hiden\n", ErrSyntax, "line 3: the last field of a profile must be “hidden” or absent"},
	{"name in a hidden profile", "~abcdefghijklmnopqrstuvwx", "ABC", ErrSyntax, "line 5: a profile with hidden names must have labels in place of names"},
	{"label in an open profile", "AWS_ACCESS_KEY_ID", "~abcdefghijklmnopqrstuvwx", ErrSyntax, "line 18: invalid credential name"},
	{"label in upper case", "~abc", "~Abc", ErrSyntax, "line 5: a profile with hidden names must have labels in place of names"},
	{"recipients out of order", "reader ci", "reader zz", ErrSyntax, "line 13: recipients must be in byte order of their names, each once"},
	{"recipient name twice", "reader ci", "reader alice@example.org", ErrSyntax, "line 12: recipients must be in byte order of their names, each once"},
	{"recipient string twice", "writer safe " + x25519, "writer safe " + hybrid, ErrSyntax, "line 14: the same recipient appears under two names"},
	{"recipient in upper case", "writer me " + x25519, "writer me " + strings.ToUpper(x25519), ErrSyntax, "line 4: invalid recipient"},
	{"bad bech32 character", "me age1w", "me age1b", ErrSyntax, "line 4: invalid recipient"},
	{"ssh with a comment", "IA== ", "IA== bob@host ", ErrSyntax, "line 12: a recipient must have a wrap, or a lock, its message and a wrap"},
	{"ssh without padding", "IA== ", "IA ", ErrSyntax, "line 12: invalid recipient"},
	{"unknown ssh type", "ssh-ed25519", "ssh-dss", ErrSyntax, "line 12: invalid recipient"},
	{"lock on an ssh key", "IA== ", "IA== age AAAA ", ErrSyntax, "line 12: this kind of recipient can't have a lock"},
	{"lock on a plugin", "pmyqj " + b(1, 16), "pmyqj age AAAA " + b(1, 16), ErrSyntax, "line 13: this kind of recipient can't have a lock"},
	{"unknown lock", " argon2id ", " argon2i ", ErrSyntax, "line 14: unknown kind of lock"},
	{"lock without a message", "argon2id " + b(50, 17) + " ", "argon2id ", ErrSyntax, "line 14: a recipient must have a wrap, or a lock, its message and a wrap"},
	{"long wrap", b(16384, 18), b(16385, 18), ErrLimit, "line 14: a wrap is longer than 16384 bytes"},
	{"long recipient", "writer me " + x25519, "writer me age1" + strings.Repeat("q", 4093), ErrLimit, "line 4: a recipient is longer than 4096 bytes"},
	{"vouched for itself", b(32, 11) + " " + b(32, 10), b(32, 10) + " " + b(32, 10), ErrSyntax, "line 9: a key vouches twice, or for itself"},
	{"vouched for an unknown key", b(32, 11) + " " + b(32, 10), b(32, 11) + " " + b(32, 99), ErrSyntax, "line 9: a vouched record must vouch for the current key or for a key above it"},
	{"vouches twice", b(32, 13) + " " + b(32, 11), b(32, 11) + " " + b(32, 10), ErrSyntax, "line 10: a key vouches twice, or for itself"},
	{"vouched line taken away", lineOf("vouched " + b(32, 11)), "", ErrSyntax, "line 9: a vouched record must vouch for the current key or for a key above it"},
	{"former out of order", "former bob " + when, "former bob 2026-11-20T08:00:01Z", ErrSyntax, "line 16: former recipients must be in order of time, then of name, each once"},
	{"former twice", "former bob", "former carol", ErrSyntax, "line 16: former recipients must be in order of time, then of name, each once"},
	{"no such day", when + " " + b(96, 20), "2026-02-29T08:00:00Z " + b(96, 20), ErrSyntax, "line 18: invalid time"},
	{"leap second", when + " " + b(96, 20), "2016-12-31T23:59:60Z " + b(96, 20), ErrSyntax, "line 18: invalid time"},
	{"fraction of a second", when + " " + b(96, 20), "2026-11-20T08:00:00.5Z " + b(96, 20), ErrSyntax, "line 18: invalid time"},
	{"time zone", when + " " + b(96, 20), "2026-11-20T08:00:00+00:00 " + b(96, 20), ErrSyntax, "line 18: invalid time"},
	{"year 1969", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", ErrSyntax, "line 19: invalid time"},
	{"year 10000", "1970-01-01T00:00:00Z", "10000-01-01T00:00:00Z", ErrSyntax, "line 19: invalid time"},
	{"no such expiry day", "expires=2027-05-01", "expires=2027-04-31", ErrSyntax, "line 19: invalid expiry date"},
	{"expiry without its word", "expires=2027-05-01 ", "2027-05-01 ", ErrSyntax, "line 19: invalid expiry date"},
	{"unknown option", "expires=2027-05-01", "expired=2027-05-01", ErrSyntax, "line 19: invalid expiry date"},
	{"credential twice", "credential user@host:8080/x", "credential AWS_ACCESS_KEY_ID", ErrSyntax, "line 19: the same credential appears twice in a profile"},
	{"adjacent comments", lineOf("credential AWS"), lineOf("comment " + b(96, 22)), ErrSyntax, "line 18: two comments must not be adjacent"},
	{"sealed length", b(160, 21), b(159, 21), ErrSyntax, "line 19: a sealed value has an impossible length"},
	{"sealed too short", b(160, 21), b(32, 21), ErrSyntax, "line 19: a sealed value has an impossible length"},
	{"revision 0", "seal 1 ", "seal 0 ", ErrSyntax, "line 6: invalid revision"},
	{"revision 01", "seal 1 ", "seal 01 ", ErrSyntax, "line 6: invalid revision"},
	{"revision +1", "seal 1 ", "seal +1 ", ErrSyntax, "line 6: invalid revision"},
	{"revision 2^53", "9007199254740991", "9007199254740992", ErrLimit, "line 23: a revision over 2^53-1"},
	{"short signature", b(64, 7), b(63, 7), ErrSyntax, "line 6: a signature must be 64 bytes of canonical base64"},
	{"profile after a removed one", "\nprofile hidden-one", "\n" + strings.TrimSuffix(lineOf("removed"), "\n") + "\n\nprofile hidden-one", ErrSyntax, "line 5: profiles must come before removed profiles"},
	{"removed with a living id", b(16, 24), b(16, 8), ErrSyntax, "line 25: a removed profile has the id of an existing one"},
	{"removed twice", "removed staging " + b(16, 25), "removed staging " + b(16, 24), ErrSyntax, "line 28: removed profiles must be in byte order of their ids, each once"},
	{"trailing empty line", lineOf("removed staging " + b(16, 25)), lineOf("removed staging "+b(16, 25)) + "\n", ErrSyntax, "line 30: expected a profile"},
	{"conflict markers", "seal 1 ", "<<<<<<< HEAD\nseal 1 ", ErrSyntax, "line 6: unknown record, or a record in the wrong place"},
	{"too many fields", "seal 1 ", "seal 1 " + strings.Repeat("a ", 100), ErrSyntax, "line 6: too many fields for any record"},
	{"removed with a bad name", "removed staging", "removed .staging", ErrSyntax, "line 25: invalid profile name"},
	{"removed with a short id", "staging " + b(16, 24), "staging " + b(15, 24), ErrSyntax, "line 25: the id of a profile must be 16 bytes of canonical base64"},
	{"removed with a short key", b(16, 24) + " " + b(32, 25), b(16, 24) + " " + b(31, 25), ErrSyntax, "line 25: the verifying key must be 32 bytes of canonical base64"},
	{"removed with a short signature", b(64, 26), b(63, 26), ErrSyntax, "line 25: a signature must be 64 bytes of canonical base64"},
	{"removed with more fields", b(64, 26), b(64, 26) + " x", ErrSyntax, "line 25: a removed record must have 4 fields, but has 5"},
	{"removed and vouched for another", b(32, 27) + " " + b(32, 25), b(32, 27) + " " + b(32, 26), ErrSyntax, "line 26: a vouched record must vouch for the current key or for a key above it"},
	{"profile with fewer fields", " " + b(32, 3) + " " + b(32, 4) + " hidden", " " + b(32, 3), ErrSyntax, "line 3: a profile record must have 4 to 5 fields, but has 3"},
	{"profile with a short id", b(16, 2), b(15, 2), ErrSyntax, "line 3: the id of a profile must be 16 bytes of canonical base64"},
	{"short check field", b(32, 3), b(31, 3), ErrSyntax, "line 3: the check field must be 32 bytes of canonical base64"},
	{"short verifying key", b(32, 4), b(31, 4), ErrSyntax, "line 3: the verifying key must be 32 bytes of canonical base64"},
	{"vouched with fewer fields", " " + b(64, 12), "", ErrSyntax, "line 9: a vouched record must have 3 fields, but has 2"},
	{"vouched by a short key", "vouched " + b(32, 11), "vouched " + b(31, 11), ErrSyntax, "line 9: a key in a vouched record must be 32 bytes of canonical base64"},
	{"vouched for a short key", b(32, 11) + " " + b(32, 10), b(32, 11) + " " + b(31, 10), ErrSyntax, "line 9: a key in a vouched record must be 32 bytes of canonical base64"},
	{"vouched with a short signature", b(64, 12), b(63, 12), ErrSyntax, "line 9: a signature must be 64 bytes of canonical base64"},
	{"recipient with a bad name", "writer me", "writer @me", ErrSyntax, "line 4: invalid recipient name"},
	{"recipient with fewer fields", " " + b(8, 5), "", ErrSyntax, "line 4: a writer record must have 3 to 6 fields, but has 2"},
	{"wrap with trailing bits", "pmyqj " + b(1, 16), "pmyqj EB", ErrSyntax, "line 13: a wrap must be canonical base64"},
	{"lock's message with trailing bits", "argon2id " + b(50, 17), "argon2id EB", ErrSyntax, "line 14: a lock's message must be canonical base64"},
	{"long message of a lock", "argon2id " + b(50, 17), "argon2id " + b(16385, 17), ErrLimit, "line 14: a lock's message is longer than 16384 bytes"},
	{"former with a bad name", "former bob", "former -bob", ErrSyntax, "line 15: invalid recipient name"},
	{"former with a bad time", "former bob 2026", "former bob 1926", ErrSyntax, "line 15: invalid time"},
	{"former with more fields", "former bob", "former bob bob", ErrSyntax, "line 15: a former record must have 2 fields, but has 3"},
	{"sealed value with trailing bits", b(160, 21), b(160, 21)[:213] + "V", ErrSyntax, "line 19: a sealed value must be canonical base64"},
	{"sealed value in another alphabet", b(96, 6), "-" + b(96, 6)[1:], ErrSyntax, "line 5: a sealed value must be canonical base64"},
	{"credential with fewer fields", "AWS_ACCESS_KEY_ID " + when + " ", "AWS_ACCESS_KEY_ID ", ErrSyntax, "line 18: a credential record must have 3 to 5 fields, but has 2"},
	{"comment with more fields", "comment " + b(96, 19), "comment x " + b(96, 19), ErrSyntax, "line 17: a comment record must have 1 fields, but has 2"},
	{"source with fewer fields", " aws-role ", " ", ErrSyntax, "line 21: a source record must have 4 fields, but has 3"},
	{"source of a bad kind", " aws-role ", " aws_role ", ErrSyntax, "line 21: invalid kind of source"},
	{"source with a bad time", "DATABASE 2026", "DATABASE 1926", ErrSyntax, "line 21: invalid time"},
	{"source named as a credential", "source DATABASE", "source AWS_ACCESS_KEY_ID", ErrSyntax, "line 21: the same credential appears twice in a profile"},
	{"file before the expiry", "expires=2027-05-01 file", "file expires=2027-05-01", ErrSyntax, "line 22: invalid expiry date"},
	{"two expiries", "expires=2027-05-01 file", "expires=2027-05-01 expires=2027-05-01", ErrSyntax, "line 22: invalid expiry date"},
	{"seal with more fields", b(64, 7), "x " + b(64, 7), ErrSyntax, "line 6: a seal record must have 2 fields, but has 3"},
	{"only an intro", everything, "credfile/1 " + b(16, 1) + "\n", ErrSyntax, "line 2: a file must have at least one profile"},
	{"intro with more fields", b(16, 1), b(16, 1) + " x", ErrSyntax, "line 1: a credfile/1 record must have 1 fields, but has 2"},
	{"two spaces for an empty line", "\n\nprofile p", "\nx  x\nprofile p", ErrSyntax, "line 7: fields must be separated by exactly one space"},
	{"carriage return for an empty line", "\n\nprofile p", "\n\r\nprofile p", ErrSyntax, "line 7: unexpected carriage return"},
	{"the end in a section", everything, everything[:strings.Index(everything, "seal 1 ")], ErrSyntax, "line 6: the file ends in the middle of a section"},
}

func TestRefused(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			in := strings.Replace(everything, c.old, c.new, 1)
			if c.name == "no last newline" {
				in = strings.TrimSuffix(everything, "\n")
			}
			if in == everything {
				t.Fatal("the case changes nothing")
			}
			_, err := Parse([]byte(in))
			if !errors.Is(err, c.class) {
				t.Fatalf("got %v, want the class %v", err, c.class)
			}
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("%T is not a SyntaxError", err)
			}
			if err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// Row 13: a value just inside each limit is accepted. One just outside is rejected before it is
// decoded.
func TestLimits(t *testing.T) {
	head := "credfile/1 " + b(16, 1) + "\n"
	id := func(n int) string {
		return base64.RawStdEncoding.EncodeToString(fmt.Appendf(nil, "%016d", n))
	}
	key := func(n int) string {
		return base64.RawStdEncoding.EncodeToString(fmt.Appendf(nil, "%032d", n))
	}
	seal := "seal 1 " + b(64, 7) + "\n"
	me := "writer me " + x25519 + " AAAA\n"
	profile := func(n int, body string) string {
		return fmt.Sprintf("\nprofile p%05d %s %s %s\n", n, id(n), b(32, 3), b(32, 4)) + body + seal
	}
	repeat := func(n int, line func(i int) string) string {
		var s strings.Builder
		for i := range n {
			s.WriteString(line(i))
		}
		return s.String()
	}
	for _, c := range []struct {
		name  string
		max   int
		build func(n int) string
	}{
		{"profiles", MaxProfiles, func(n int) string {
			return head + repeat(n, func(i int) string { return profile(i, me) })
		}},
		{"recipients", MaxRecipients, func(n int) string {
			return head + profile(0, repeat(n, func(i int) string {
				return fmt.Sprintf("writer r%05d ssh-ed25519 %s AAAA\n", i, base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d", i)))
			}))
		}},
		{"former", MaxFormer, func(n int) string {
			return head + profile(0, me+repeat(n, func(i int) string { return fmt.Sprintf("former f%05d %s\n", i, when) }))
		}},
		{"vouched", MaxVouched, func(n int) string {
			return head + profile(0, repeat(n, func(i int) string {
				return "vouched " + key(i) + " " + b(32, 4) + " " + b(64, 1) + "\n"
			})+me)
		}},
		{"entries", MaxEntries, func(n int) string {
			return head + profile(0, me+repeat(n, func(i int) string {
				return fmt.Sprintf("credential c%05d %s %s\n", i, when, b(96, 1))
			}))
		}},
		{"removed", MaxRemoved, func(n int) string {
			ids := make([]string, n)
			for i := range ids {
				ids[i] = id(i)
			}
			slices.Sort(ids)
			return head + profile(99999, me) + repeat(n, func(i int) string {
				return "\nremoved x " + ids[i] + " " + b(32, 4) + " " + b(64, 1) + "\n"
			})
		}},
		{"passphrase locks", MaxPassphrase, func(n int) string {
			return head + repeat(n, func(i int) string {
				return profile(i, "writer me "+x25519+" scrypt "+id(i)+" AAAA\n")
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Parse([]byte(c.build(c.max))); err != nil {
				t.Errorf("%d: %v", c.max, err)
			}
			if _, err := Parse([]byte(c.build(c.max + 1))); !errors.Is(err, ErrLimit) {
				t.Errorf("%d: got %v, want a limit", c.max+1, err)
			}
		})
	}
	if _, err := Parse(make([]byte, MaxFile+1)); !errors.Is(err, ErrLimit) || err.Error() != "the file is larger than 16 MiB" {
		t.Errorf("a file that is too large: %v", err)
	}
	if _, err := Parse(make([]byte, MaxFile)); !errors.Is(err, ErrSyntax) {
		t.Errorf("a file that isn't: %v", err)
	}
	long := head + profile(0, me+"comment "+strings.Repeat("A", 1_500_000)+"\n")
	if _, err := Parse([]byte(long)); !errors.Is(err, ErrLimit) {
		t.Errorf("a long sealed value: %v", err)
	}
	for n, want := range map[int]error{MaxPadded + sealOverhead: nil, MaxPadded + sealOverhead + 1: ErrLimit} {
		if _, err := Parse([]byte(head + profile(0, me+"comment "+b(n, 1)+"\n"))); !errors.Is(err, want) {
			t.Errorf("a sealed value of %d bytes: %v", n, err)
		}
	}
	for n, want := range map[int]error{MaxRecipient: nil, MaxRecipient + 1: ErrLimit} {
		if _, err := Parse([]byte(head + profile(0, "writer me age1"+strings.Repeat("q", n-len("age1"))+" AAAA\n"))); !errors.Is(err, want) {
			t.Errorf("a recipient of %d bytes: %v", n, err)
		}
	}
	others := head + repeat(MaxPassphrase+1, func(i int) string { return profile(i, "writer me "+x25519+" openpgp "+id(i)+" AAAA\n") })
	if _, err := Parse([]byte(others)); err != nil {
		t.Errorf("locks without a passphrase: %v", err)
	}
}

// Row 24: an error never quotes the file, which may contain a pasted secret.
func TestErrorsDoNotQuote(t *testing.T) {
	const canary = "hunter2hunter2"
	for i := 0; i < len(everything); i += 7 {
		_, err := Parse([]byte(everything[:i] + canary + everything[i:]))
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Fatalf("at %d: %v", i, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	for _, s := range []string{"\r\n", "\n\n", " \n", "=\n"} {
		f.Add([]byte(strings.Replace(everything, "\n", s, 1)))
		f.Add([]byte(strings.ReplaceAll(everything, "\n", s)))
	}
	f.Add([]byte(strings.TrimSuffix(everything, "\n")))
	f.Add([]byte(everything[:500] + "\r" + everything[500:]))
	f.Add([]byte(strings.Replace(everything, b(16, 1), strings.TrimSuffix(b(16, 1), "Q")+"R", 1)))
	small := strings.Replace(everything, b(16384, 18), b(18, 18), 1)
	for _, c := range refusals {
		if in := strings.Replace(small, c.old, c.new, 1); len(in) < 16<<10 {
			f.Add([]byte(in))
		}
	}
	for _, name := range vectorNames(f) {
		if _, _, in := readVector(f, name); len(in) < 16<<10 {
			f.Add(in)
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		file, err := Parse(in)
		checkSkim(t, string(in), file, err)
		if err != nil {
			quotesNothing(t, in, err)
			return
		}
		if out := Marshal(file); !bytes.Equal(in, out) {
			t.Fatalf("two representations:\n%q\n%q", in, out)
		}
		for _, p := range file.Profiles {
			if read, signed := AppendRead(nil, file.ID, p), AppendSigned(nil, file.ID, p); !bytes.Equal(read, signed) {
				t.Fatalf("as read, and as written:\n%q\n%q", read, signed)
			}
		}
	})
}

// quotesNothing checks that an error has nothing of a file but the words of the format, all of which
// are shorter than 12 bytes.
func quotesNothing(t *testing.T, in []byte, err error) {
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("%T", err)
	}
	for field := range strings.FieldsSeq(string(in)) {
		if len(field) >= 12 && printable(field) && strings.Contains(err.Error(), field) {
			t.Fatalf("%v quotes %q", err, field)
		}
	}
}

// checkSkim compares Skim with the outcome of Parse: with sections that are not known it is
// the same, and sections that are known can be read later, or written without.
func checkSkim(t *testing.T, in string, parsed *File, failed error) {
	file, err := Skim(in, func(ID, *Profile) bool { return false })
	if !reflect.DeepEqual(file, parsed) || !reflect.DeepEqual(err, failed) {
		t.Fatalf("nothing known: %v, want %v", err, failed)
	}
	file, err = Skim(in, func(ID, *Profile) bool { return true })
	if err == nil {
		if out := Marshal(file); string(out) != in {
			t.Fatalf("unread, it is written as\n%q\n%q", out, in)
		}
		for _, p := range file.Profiles {
			err = errors.Join(err, p.Read())
		}
	}
	if (err == nil) != (failed == nil) {
		t.Fatalf("all known, and then read: %v, want %v", err, failed)
	}
	if err == nil && !reflect.DeepEqual(file, parsed) {
		t.Fatal("all known, and then read, it differs")
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"A", "a@b.c", "-a", "a b", "~abcdefghijklmnopqrstuvwx", "ä", x25519, hybrid, "ssh-rsa AAAA", "age1-1qqqqqq", strings.Repeat("x", 129)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if ValidName(s) && ValidLabel(s) {
			t.Error("both a name and a label")
		}
		if (ValidName(s) || ValidLabel(s)) && strings.ContainsAny(s, " \r\n\t\"'`$\\\x1b=") {
			t.Errorf("%q is a name", s)
		}
		if KindOf(s) == Invalid {
			return
		}
		line := "credfile/1 " + b(16, 1) + "\n\nprofile p " + b(16, 2) + " " + b(32, 3) + " " + b(32, 4) + "\nwriter me " + s + " AAAA\nseal 1 " + b(64, 7) + "\n"
		file, err := Parse([]byte(line))
		if err != nil || file.Profiles[0].Recipients[0].String != s {
			t.Errorf("KindOf accepts %q, Parse does not: %v", s, err)
		}
	})
}
