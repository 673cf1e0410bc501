package codec

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// awsKey cuts a line at the first = or :, which mean the same. It returns an empty key if
// the key is not a plain name.
func awsKey(text []byte) (key string, value []byte, ok bool) {
	i := bytes.IndexAny(text, "=:")
	if i < 0 {
		return "", nil, false
	}
	key = string(bytes.TrimRight(text[:i], blanks))
	if !isName(key, "") {
		return "", text[i+1:], true
	}
	if key = strings.ToLower(key); key == "aws_security_token" {
		key = "aws_session_token" // its old name, which botocore and so the AWS CLI still accept
	}
	return key, text[i+1:], true
}

func inlineComment(b []byte) bool {
	for i := 1; i < len(b); i++ {
		if (b[i] == '#' || b[i] == ';') && (b[i-1] == ' ' || b[i-1] == '\t') {
			return true
		}
	}
	return false
}

// awsHeader returns the profile of a section or, with a reason, the section's own name for
// the problem, if that is plain.
func awsHeader(text []byte) (section string, why reason) {
	n := bytes.IndexByte(text, ']')
	if n < 0 || !plainComment(text[n+1:]) {
		return "", whyHeader
	}
	name := string(text[1:n])
	if !utf8.ValidString(name) || oddBlank([]byte(name)) || strings.ContainsAny(name, "[#;\\\t") ||
		name == "" || name != strings.Trim(name, blanks) {
		return "", whyHeader
	}
	kind, rest, two := strings.Cut(name, " ")
	rest = strings.Trim(rest, blanks)
	switch {
	case name == "DEFAULT":
		return name, whyDefaults
	case !two:
		return quotesOff(name)
	case kind+" " == ssoSession:
		name, why := quotesOff(rest)
		return ssoSession + name, why
	case kind == "profile":
		return quotesOff(rest)
	case strings.ContainsAny(name, "\"'"):
		return "", whyHeader
	}
	return name, whySection
}

// looseProfile returns the profile that some reader may find in a header that can't be
// taken: botocore splits it at every Unicode blank.
func looseProfile(text []byte) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(string(text), "["), "]")
	words := strings.FieldsFunc(name, func(r rune) bool { return oddSpace(r) || strings.ContainsRune("\"'#;", r) })
	if len(words) > 1 && words[0] == "profile" {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

func oddSpace(r rune) bool { return unicode.IsSpace(r) || r == 0xFEFF || r < ' ' }

// quotesOff removes the quotes that a name with blanks needs.
func quotesOff(name string) (string, reason) {
	if n := len(name); n > 2 && (name[0] == '"' || name[0] == '\'') && name[n-1] == name[0] {
		if name = name[1 : n-1]; !strings.ContainsAny(name, "\"'") {
			return name, ""
		}
	}
	if strings.ContainsAny(name, "\"' ") {
		return "", whyHeader
	}
	return name, ""
}

// plainComment reports whether a header is followed by nothing or a comment. botocore would
// take a ] in the comment as the end of the header.
func plainComment(b []byte) bool {
	b = bytes.TrimLeft(b, blanks)
	return len(b) == 0 || (b[0] == '#' || b[0] == ';') && bytes.IndexByte(b, ']') < 0
}
