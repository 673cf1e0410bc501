package scan

import "strings"

// Values of these forms are settings rather than secrets, or are no secrets any more.
const (
	commonWord   = 16 // characters below which words without digits are common
	commonDigits = 16 // digits below which a number, a date or a time is common
)

var commonValues = map[string]bool{
	"127.0.0.1": true, "localhost:3000": true, "localhost:5432": true, "localhost:8080": true, "password1": true, "password123": true,
	"changeme123": true, "passw0rd": true, "p@ssw0rd": true, "user@example.com": true, "root@localhost": true, "0.0.0.0:8080": true,
	"127.0.0.1:8080": true, "http://localhost": true, "http://localhost:3000": true, "http://localhost:8080": true,
	"https://example.com": true, "https://localhost": true, "qwerty123": true,
}

func isCommon(text string) bool {
	for i := 1; i < len(text); i++ {
		if isUpper(text[i]) && isLower(text[i-1]) {
			return false
		}
	}
	text = strings.ToLower(text)
	if commonValues[text] || strings.Trim(text, text[:1]) == "" {
		return true
	}
	letters, digits, others := 0, 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case isLower(c):
			letters++
		case isDigit(c):
			digits++
		case strings.IndexByte("-_./: +", c) < 0:
			others++
		}
	}
	switch {
	case others > 0 || strings.Contains(text, "://"):
		return false
	case letters <= 2: // 2026-11-27T08:00:00Z
		return digits < commonDigits
	}
	return digits <= 2 && len(text) < commonWord // eu-central-1
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
