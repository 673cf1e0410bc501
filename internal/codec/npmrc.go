package codec

import (
	"bytes"
	"encoding/base64"
	"strings"
)

const (
	whyNpmSection reason = "begins a section, which npm has none of; the rest of the file was not read"
	whyNpmBare    reason = "is a login for no registry"
	whyNpmText    reason = "has blanks, quotes, escapes or comments that npm may read differently"
	whyPlacehold  reason = "is a placeholder for a variable, not a value"
	whyProgram    reason = "names a program that makes tokens; credfile doesn't run it"
	whyURLLogin   reason = "is a URL with a login in it"
)

func isNpmrc(name string, b []byte) bool { return name == ".npmrc" || anyLine(b, isNpmToken) }

// npmLogin is what belongs to one registry.
type npmLogin struct {
	user, password string
	line           int  // of the password
	unclear        bool // it has two users or passwords
}

// readNpmrc takes logins, and leaves settings that can hold no secret.
func readNpmrc(b []byte, o Options) ([]Pair, []Problem) {
	if p := unreadable(b, o, nil); p != nil {
		return nil, p
	}
	b = withoutBOM(b)
	if why, bad := badBytes(b); bad {
		return nil, []Problem{{Reason: string(why)}}
	}
	r := npmReader{logins: map[string]*npmLogin{}}
	for pos, line := 0, 1; pos < len(b); line++ {
		eol, next := lineAt(b, pos)
		text := bytes.Trim(b[pos:eol], blanks)
		pos = next
		if len(text) == 0 || text[0] == '#' || text[0] == ';' {
			continue
		}
		if text[0] == '[' {
			r.refuse("", line, whyNpmSection)
			break
		}
		key, value, ok := strings.Cut(string(text), "=")
		if !ok && (text[0] == '/' || text[0] == '_') { // the name may have a token in it
			r.refuse("", line, whyNoEquals)
			continue
		}
		r.setting(strings.TrimRight(key, blanks), strings.TrimLeft(value, blanks), line)
	}
	for at, l := range r.logins {
		if l.line == 0 || l.unclear {
			continue
		}
		if name, ok := loginAt(l.user, at); !ok {
			r.refuse("", l.line, whyHost)
		} else if value, err := base64.StdEncoding.DecodeString(l.password); err != nil {
			r.refuse(name, l.line, whyNotBase64)
		} else {
			r.add(name, value, l.line)
		}
	}
	return r.settled()
}

type npmReader struct {
	result
	logins map[string]*npmLogin
}

func (r *npmReader) setting(key, value string, line int) {
	at, scoped := strings.CutPrefix(key, "//")
	if !scoped {
		switch {
		case strings.HasPrefix(key, "_") || key == "key" || key == "cert":
			r.refuse(key, line, whyNpmBare)
		case strings.Contains(value, "://") && strings.Contains(value, "@"):
			r.refuse(key, line, whyURLLogin)
		}
		return
	}
	i := strings.LastIndexByte(at, ':')
	if i < 0 {
		r.refuse("", line, whySetting)
		return
	}
	at, key = strings.Trim(at[:i], "/"), at[i+1:]
	switch key {
	case "email", "always-auth", "registry", "strict-ssl":
		return
	case "tokenHelper":
		r.refuse(key, line, whyProgram)
		return
	case "certfile", "keyfile", "cafile":
		r.refuse(key, line, whyPath)
		return
	case npmTokenUser, "_auth", "username", "_password":
		r.login(at, key, value, line)
	default:
		r.refuse(key, line, whySetting)
	}
}

func (r *npmReader) login(at, key, value string, line int) {
	name, ok := loginAt(npmTokenUser, at)
	why := reason("")
	if value != "" || key != "_password" { // an empty password is one
		value, why = npmValue(value)
	}
	switch {
	case !ok:
		r.refuse("", line, whyHost)
		return
	case why != "":
		if key != npmTokenUser {
			name = ""
		}
		r.refuse(name, line, why)
		return
	case key == npmTokenUser:
		r.add(name, []byte(value), line)
		return
	case key == "_auth":
		b, err := base64.StdEncoding.DecodeString(value)
		user, password, found := strings.Cut(string(b), ":")
		if err != nil || !found || user == "" {
			r.refuse("", line, whyAuth)
		} else if name, ok := loginAt(user, at); ok {
			r.add(name, []byte(password), line)
		}
		return
	}
	l := r.logins[at]
	if l == nil {
		l = &npmLogin{}
		r.logins[at] = l
	}
	switch {
	case key == "username" && (l.user == "" || l.user == value):
		l.user = value
	case key == "_password" && (l.line == 0 || l.password == value):
		l.password, l.line = value, line
	default:
		r.refuse("", line, whyTwice)
		l.unclear = true
	}
}

// npmValue returns a value that npm's INI can only read as it stands.
func npmValue(s string) (string, reason) {
	if strings.Contains(s, "${") {
		return "", whyPlacehold
	}
	if n := len(s); n > 1 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') {
		s = s[1 : n-1]
	}
	if !isName(s, tokenSigns) {
		return "", whyNpmText
	}
	return s, ""
}
