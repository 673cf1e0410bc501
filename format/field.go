package format

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Base64 is the encoding of everything binary in a file: RFC 4648 section 4 without padding.
// It rejects trailing bits that are not zero. It skips CR and LF, which can't occur in a
// field: [Decode] rejects them.
var Base64 = base64.RawStdEncoding.Strict()

// sshB64 has padding, as in OpenSSH keys.
var sshB64 = base64.StdEncoding.Strict()

const timeLayout = time.RFC3339 // in UTC; package time is fastest with this layout
const timeLen = len("2006-01-02T15:04:05Z")
const dateLayout = "2006-01-02"

// ValidName reports whether s can name a profile, a recipient or a credential:
// [A-Za-z0-9_][A-Za-z0-9_.@/:+-]{0,127}.
func ValidName(s string) bool {
	if s == "" || len(s) > MaxName {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
		case i > 0 && strings.IndexByte(".@/:+-", c) >= 0:
		default:
			return false
		}
	}
	return true
}

// ValidKind reports whether s can be the kind of a source: [a-z][a-z0-9-]{0,31}. What the kind means
// is not of the format.
func ValidKind(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !('a' <= c && c <= 'z' || i > 0 && ('0' <= c && c <= '9' || c == '-')) {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

// ValidLabel reports whether s can be the label of a hidden name: "~" and 24 characters of
// lower-case base32.
func ValidLabel(s string) bool {
	if len(s) != 25 || s[0] != '~' {
		return false
	}
	for _, c := range s[1:] {
		if !('a' <= c && c <= 'z' || '2' <= c && c <= '7') {
			return false
		}
	}
	return true
}

// Kind is the kind of a recipient, as its string shows it.
type Kind int

// The kinds of recipients.
const (
	Invalid   Kind = iota
	X25519         // age1…
	Hybrid         // age1pq1…
	Tag            // age1tag1…
	TagHybrid      // age1tagpq1…
	Plugin         // age1NAME1…
	SSHEd25519
	SSHRSA
)

// KindOf returns the kind of a recipient string, or Invalid if the grammar rejects it. It
// does not decode the key.
func KindOf(s string) Kind {
	if len(s) > MaxRecipient {
		return Invalid
	}
	if key, ok := strings.CutPrefix(s, "ssh-ed25519 "); ok {
		return ifValid(SSHEd25519, validSSHKey(key))
	}
	if key, ok := strings.CutPrefix(s, "ssh-rsa "); ok {
		return ifValid(SSHRSA, validSSHKey(key))
	}
	// Bech32: the part before the last 1 is for people, the rest is data.
	sep := strings.LastIndexByte(s, '1')
	if sep < 0 || len(s)-sep-1 < 6 {
		return Invalid
	}
	for i := sep + 1; i < len(s); i++ {
		if !bech32[s[i]] {
			return Invalid
		}
	}
	switch s[:sep] {
	case "age":
		return X25519
	case "age1pq":
		return Hybrid
	case "age1tag":
		return Tag
	case "age1tagpq":
		return TagHybrid
	}
	name, ok := strings.CutPrefix(s[:sep], "age1")
	return ifValid(Plugin, ok && validPlugin(name))
}

// bech32 has the characters of the data part: BIP 173. Post-quantum recipients have two
// thousand of them, so they are looked up in a table.
var bech32 = [256]bool{
	'q': true, 'p': true, 'z': true, 'r': true, 'y': true, '9': true, 'x': true, '8': true,
	'g': true, 'f': true, '2': true, 't': true, 'v': true, 'd': true, 'w': true, '0': true,
	's': true, '3': true, 'j': true, 'n': true, '5': true, '4': true, 'k': true, 'h': true,
	'c': true, 'e': true, '6': true, 'm': true, 'u': true, 'a': true, '7': true, 'l': true,
}

func ifValid(k Kind, ok bool) Kind {
	if !ok {
		return Invalid
	}
	return k
}

func validSSHKey(s string) bool {
	if s == "" || strings.ContainsAny(s, "\r\n") {
		return false
	}
	_, err := sshB64.DecodeString(s)
	return err == nil
}

func validPlugin(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("+-._", c) >= 0) {
			return false
		}
	}
	return s != ""
}

// PluginName returns the NAME in a recipient age1NAME1….
func PluginName(s string) string {
	return strings.TrimPrefix(s[:strings.LastIndexByte(s, '1')], "age1")
}

// ValidLock reports whether s is the name of a lock.
func ValidLock(s string) bool {
	return PassphraseLock(s) || s == "openpgp" || s == "age"
}

// PassphraseLock reports whether a lock of that name is opened with a passphrase.
func PassphraseLock(s string) bool { return s == "scrypt" || s == "argon2id" }

// ParseTime parses a time of the format: UTC, whole seconds, years 1970 to 9999.
func ParseTime(s string) (time.Time, bool) {
	if len(s) != timeLen || s[timeLen-1] != 'Z' {
		return time.Time{}, false
	}
	return parseTime(timeLayout, s)
}

// ParseDate parses an expiry date and returns its midnight UTC.
func ParseDate(s string) (time.Time, bool) {
	if len(s) != len(dateLayout) {
		return time.Time{}, false
	}
	return parseTime(dateLayout, s)
}

func parseTime(layout, s string) (time.Time, bool) {
	t, err := time.Parse(layout, s)
	return t, err == nil && t.Year() >= 1970
}

// FormatTime formats a time as the format requires.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// FormatDate formats an expiry date.
func FormatDate(t time.Time) string { return FormatTime(t)[:len(dateLayout)] }

// parseRevision returns more than MaxRevision for anything beyond it.
func parseRevision(s string) (uint64, bool) {
	if s == "" || s[0] == '0' {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		n = MaxRevision + 1
	}
	return n, true
}

// validSealedLen reports whether n can be the length of a sealed value.
func validSealedLen(n int) bool {
	n -= sealOverhead
	return n >= 64 && n%64 == 0 && n <= MaxPadded
}
