package format

import (
	"regexp"
	"strings"
	"testing"
)

// Each field is what its regular expression says, whatever byte is first, in the middle or last,
// and up to its longest.
func TestFields(t *testing.T) {
	for _, c := range []struct {
		name, grammar, valid string
		longest              int
		check                func(string) bool
	}{
		{"name", `[A-Za-z0-9_][A-Za-z0-9_.@/:+-]*`, "abc", MaxName, ValidName},
		{"key of a definition", `[a-z][a-z0-9_]*`, "abc", 64, ValidKey},
		{"kind of a source", `[a-z][a-z0-9-]*`, "abc", 32, ValidKind},
		{"label", `~[a-z2-7]{24}`, "~abcdefghijklmnopqrstuvw2", 25, ValidLabel},
		{"plugin", `age1[a-z0-9+._-]+1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{6,}`, "age1abc1qqqqqq", MaxRecipient, func(s string) bool { return KindOf(s) == Plugin }},
		{"SSH key", `ssh-rsa ([A-Za-z0-9+/]{4})+`, "ssh-rsa AAAABBBB", MaxRecipient, func(s string) bool { return KindOf(s) == SSHRSA }},
		{"lock", `scrypt|argon2id|openpgp|age`, "age", 8, ValidLock},
		{"time", `2026-11-20T0[0-9]:00:00Z`, "2026-11-20T08:00:00Z", timeLen, func(s string) bool {
			_, ok := ParseTime(s)
			return ok && strings.HasPrefix(s, "2026-11-20T0") && strings.HasSuffix(s, ":00:00Z")
		}},
		{"date", `2026-11-2[0-9]`, "2026-11-20", 10, func(s string) bool { _, ok := ParseDate(s); return ok && strings.HasPrefix(s, "2026-11-2") }},
	} {
		grammar := regexp.MustCompile(`^(` + c.grammar + `)$`)
		test := func(s string) {
			// A byte that is no ASCII is no character of any of them.
			if want := grammar.MatchString(s) && len(s) <= c.longest && !strings.HasSuffix(s, "\n"); c.check(s) != want {
				t.Errorf("%q is a %s: %v", s, c.name, !want)
			}
		}
		test("")
		test(c.valid)
		for i := range len(c.valid) {
			test(c.valid[:i])
			for b := range 256 {
				test(c.valid[:i] + string([]byte{byte(b)}) + c.valid[i+1:])
				test(c.valid[:i] + string([]byte{byte(b)}) + c.valid[i:])
			}
		}
		last := c.valid[len(c.valid)-1:]
		for n := range 6 {
			test(c.valid + strings.Repeat(last, max(0, c.longest-len(c.valid)-3+n)))
		}
	}
}

// What follows the last 1 of a recipient is data, of at least a checksum.
func TestKindOf(t *testing.T) {
	for s, want := range map[string]Kind{
		x25519: X25519, hybrid: Hybrid, "age1qqqqqq": X25519, "age1qqqqq": Invalid, "age1": Invalid, "1qqqqqq": Invalid, "age11qqqqqq": Invalid,
		"age1tag1qqqqqq": Tag, "age1tagpq1qqqqqq": TagHybrid, "age1pq1qqqqqq": Hybrid, "age1yubikey1qqqqqq": Plugin, "bge1yubikey1qqqqqq": Invalid,
		"yubikey1qqqqqq": Invalid, "ssh-ed25519 AAAA": SSHEd25519, "ssh-ed25519 ": Invalid, "ssh-ed25519 AA==": SSHEd25519, "ssh-ed25519 AB==": Invalid,
		"ssh-rsa AAAA": SSHRSA, "ssh-rsa AA\nAA": Invalid, "ssh-rsa AA\rAA": Invalid, "ssh-dss AAAA": Invalid, "qqqqqqqq": Invalid, "": Invalid,
	} {
		if got := KindOf(s); got != want {
			t.Errorf("%q: kind %d, want %d", s, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for s, want := range map[string]bool{
		"1970-01-01T00:00:00Z": true, "1969-12-31T23:59:59Z": false, "9999-12-31T23:59:59Z": true, "0001-01-01T00:00:00Z": false,
		"2026-11-20T08:00:00z": false, "2026-11-20T08:00:0.5Z": false, "2026-11-20T24:00:00Z": false, "2026-02-29T00:00:00Z": false,
		"2026-11-20T8:00:00+0Z": false,
	} {
		parsed, ok := ParseTime(s)
		if ok != want || ok && FormatTime(parsed) != s {
			t.Errorf("%s is a time: %v (%v)", s, ok, parsed)
		}
	}
	for s, want := range map[string]bool{"1970-01-01": true, "1969-12-31": false, "9999-12-31": true, "2026-02-29": false, "2026-2-1": false, "02026-01-01": false} {
		parsed, ok := ParseDate(s)
		if ok != want || ok && FormatDate(parsed) != s {
			t.Errorf("%s is a date: %v (%v)", s, ok, parsed)
		}
	}
}

func TestRevisions(t *testing.T) {
	for s, want := range map[string]uint64{
		"1": 1, "10": 10, "9007199254740991": MaxRevision, "9007199254740992": MaxRevision + 1, "18446744073709551616": MaxRevision + 1, "99999999999999999999999": MaxRevision + 1,
	} {
		if got, ok := parseRevision(s); !ok || got != want {
			t.Errorf("%s: %d, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "0", "01", "+1", "-1", "1 ", "0x1", "1/", "1:"} {
		if got, ok := parseRevision(s); ok {
			t.Errorf("%q is read as %d", s, got)
		}
	}
}

// A sealed value is a nonce, a multiple of 64 bytes and a tag.
func TestSealedLen(t *testing.T) {
	for n := range MaxPadded + 2000 {
		if got, want := validSealedLen(n), n >= 96 && (n-32)%64 == 0 && n <= 32+MaxPadded; got != want {
			t.Fatalf("%d: %v", n, got)
		}
	}
}
