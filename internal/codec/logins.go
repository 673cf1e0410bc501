package codec

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
)

// login is the name of a credential that is a login: USER@HOST[:PORT][/PATH], as credfile helper git
// and docker look for it. The value is the password or token.
type login struct{ user, host, port, path string }

// loginOf takes a name apart. The user ends at the last @, so that it can be an address.
func loginOf(name string) (l login, ok bool) {
	at := strings.LastIndexByte(name, '@')
	if at < 1 {
		return l, false
	}
	l.user = name[:at]
	l.host, l.path, _ = strings.Cut(name[at+1:], "/")
	l.host, l.port, _ = strings.Cut(l.host, ":")
	return l, isName(l.host, "-.")
}

// netrcFile is a .netrc: machine HOST login USER password VALUE (curl's netrc manual). It has no ports
// and no paths. Only curl and some others know quotes.
var netrcFile = Codec{Name: "netrc", Dialects: []string{"curl"}, Detect: isNetrc, Read: readNetrc, Out: &Writer{
	Dialects: []string{"curl"},
	Named: func(name string) bool {
		l, ok := loginOf(name)
		return ok && l.port == "" && l.path == "" && l.host != "default" && !strings.ContainsAny(l.user, "\"\\#")
	},
	Write: func(pairs []Pair, o Options) ([]byte, []Problem) {
		return lines(func(p Pair) (string, reason) {
			l, _ := loginOf(p.Name)
			word, why := netrcWord(p.Value, o.Dialect == "curl")
			return "machine " + l.host + " login " + l.user + " password " + word + "\n", why
		})(pairs, o)
	},
}}

const whyQuoted reason = "needs quotes, which not every tool knows in this format"

func netrcWord(value []byte, quotes bool) (string, reason) {
	why := unfit(value, "\n\r\x01")
	plain := len(value) > 0 && !bytes.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"#\`, r) })
	switch {
	case why != "" || plain:
		return string(value), why
	case !quotes:
		return "", whyQuoted
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`).Replace(string(value)) + `"`, ""
}

// pgpassPrefix begins the names of entries of a .pgpass: pgpass:HOST:PORT:DATABASE:USER. They are no
// USER@HOST, so that no helper answers with them.
const pgpassPrefix = "pgpass:"

// pgpassFile is a .pgpass (PostgreSQL, The Password File).
var pgpassFile = Codec{Name: "pgpass", Detect: func(name string, _ []byte) bool { return name == ".pgpass" || name == "pgpass.conf" }, Read: readPgpass, Out: &Writer{
	Named: func(name string) bool {
		rest, ok := strings.CutPrefix(name, pgpassPrefix)
		fields := strings.Split(rest, ":")
		return ok && len(fields) == 4 && !strings.Contains(rest, "*") && fields[0] != "" && fields[3] != ""
	},
	Write: lines(func(p Pair) (string, reason) {
		why := unfit(p.Value, "\n\r")
		if why == "" && len(p.Value) == 0 {
			why = whyEmpty
		}
		return strings.TrimPrefix(p.Name, pgpassPrefix) + ":" + strings.NewReplacer(`\`, `\\`, ":", `\:`).Replace(string(p.Value)) + "\n", why
	}),
}}

// npmTokenUser is the user of an npm login by token: _authToken@HOST[:PORT][/PATH].
const npmTokenUser = "_authToken"

// tokenSigns are the signs in a token that mean nothing to npm.
const tokenSigns = "!%&()*+,-./:<>?@^|~$="

// npmrcFile is an .npmrc (npm's npmrc manual): a token, or a user and a password in base64. npm
// replaces ${NAME}.
var npmrcFile = Codec{Name: "npmrc", Detect: isNpmrc, Read: readNpmrc, Out: &Writer{
	Named: func(name string) bool {
		l, ok := loginOf(name)
		return ok && !strings.ContainsAny(l.user+l.path, " ;#=${}\\\"'") && l.user != "null" && l.user != "false"
	},
	Same: func(name string) string { // npm has one login for a registry
		l, _ := loginOf(name)
		return l.host + ":" + l.port + "/" + strings.Trim(l.path, "/")
	},
	Write: lines(func(p Pair) (string, reason) {
		l, _ := loginOf(p.Name)
		at := "//" + l.host
		if l.port != "" {
			at += ":" + l.port
		}
		if l.path != "" {
			at += "/" + strings.Trim(l.path, "/")
		}
		at += "/:"
		if l.user != npmTokenUser {
			return at + "username=" + l.user + "\n" + at + "_password=" + base64.StdEncoding.EncodeToString(p.Value) + "\n", ""
		}
		why := unfit(p.Value, "\n\r \x01")
		switch {
		case why == "" && len(p.Value) == 0:
			why = whyEmpty
		case why == "" && bytes.Contains(p.Value, []byte("${")):
			why = whyExpands
		case why == "" && (!isName(string(p.Value), tokenSigns) || slices.Contains([]string{"null", "undefined", "true", "false"}, string(p.Value))):
			why = whyForm // npm's INI has quotes, comments, escapes, lists and types, and HTTP takes ASCII
		}
		return at + npmTokenUser + "=" + string(p.Value) + "\n", why
	}),
}}

// awsWriter writes ~/.aws/credentials: a section for each profile.
var awsWriter = &Writer{
	Sections: true,
	Named:    func(name string) bool { return awsSetting(name) != "" },
	Same:     awsSetting,
	Write:    writeAWS,
}

// awsSetting returns the key of a variable.
func awsSetting(name string) string {
	for setting, variables := range awsNames {
		if variables[0] == name {
			return setting
		}
	}
	if name == "AWS_DEFAULT_REGION" { // beside AWS_REGION, for tools that know only one of them
		return name
	}
	return ""
}

const whyRegions reason = "differs from AWS_REGION, and this format has one region"

func writeAWS(pairs []Pair, o Options) (text []byte, problems []Problem) {
	section := "\x00"
	regions := map[string]string{}
	for _, p := range pairs {
		if p.Name == "AWS_REGION" {
			regions[p.Section] = string(p.Value)
		}
	}
	for _, p := range pairs {
		if p.Section != section {
			section = p.Section
			text = append(text, "["+section+"]\n"...)
		}
		setting := awsSetting(p.Name)
		if setting == "AWS_DEFAULT_REGION" {
			if region, ok := regions[p.Section]; ok && region != string(p.Value) {
				problems = append(problems, Problem{Section: p.Section, Name: p.Name, Reason: string(whyRegions)})
			} else if ok {
				continue
			}
			setting = "region"
		}
		line := setting + " = " + string(p.Value) + "\n"
		if got, bad := readAWS([]byte("["+p.Section+"]\n"+line), o); len(bad) > 0 || len(got) == 0 || !bytes.Equal(got[0].Value, p.Value) {
			problems = append(problems, Problem{Section: p.Section, Name: p.Name, Reason: string(whyForm)})
		}
		text = append(text, line...)
	}
	return text, problems
}
