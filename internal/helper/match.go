package helper

import (
	"net/netip"
	"slices"
	"strings"
)

// login is a credential name of the form USER@HOST[:PORT][/PATH].
type login struct {
	name       string // the credential's name
	user       string
	host, port string // host in lower case
	path       []string
}

// IsLogin reports whether a credential of that name is a login that git and docker may ask
// for: USER@HOST[:PORT][/PATH].
func IsLogin(name string) bool {
	_, ok := parseLogin(name)
	return ok
}

// parseLogin splits at the last @: mail addresses are common as user names, and hosts
// contain none.
func parseLogin(name string) (l login, ok bool) {
	at := strings.LastIndexByte(name, '@')
	if at < 1 {
		return login{}, false
	}
	hostport, path, _ := strings.Cut(name[at+1:], "/")
	l = login{name: name, user: name[:at], path: segments(path)}
	l.host, l.port, ok = splitHost(hostport)
	return l, ok && !dots(l.path)
}

// question is what a tool needs a login for.
type question struct {
	protocol   string // https or http
	host, port string
	path       []string
	user       string // "" for any
}

// newQuestion returns false if no login may be the answer: for an invalid host, and for
// protocols that send the password in the clear over a network. An attacker who can make a
// tool follow a URL, such as that of a submodule, chooses its protocol.
func newQuestion(protocol, hostport, path, user string) (q question, ok bool) {
	q = question{protocol: strings.ToLower(protocol), user: user, path: segments(path)}
	if q.host, q.port, ok = splitHost(hostport); !ok {
		return question{}, false
	}
	if q.protocol != "https" && (q.protocol != "http" || !loopback(q.host)) {
		return question{}, false
	}
	if dots(q.path) {
		q.path = nil
	}
	return q, true
}

// find returns the single best answer.
func find(names []string, q question) (login, error) {
	var best []login
	for _, name := range names {
		l, ok := parseLogin(name)
		if !ok || !l.answers(q) {
			continue
		}
		if len(best) > 0 && len(l.path) < len(best[0].path) {
			continue
		}
		if len(best) > 0 && len(l.path) > len(best[0].path) {
			best = best[:0]
		}
		best = append(best, l)
	}
	switch len(best) {
	case 0:
		return login{}, ErrDeclined
	case 1:
		return best[0], nil
	}
	e := &AmbiguousError{}
	for _, l := range best {
		e.Names = append(e.Names, l.name)
	}
	return login{}, e
}

// dots reports whether a path has segments that HTTP clients remove before sending it: they
// would reach another path than the one compared.
func dots(path []string) bool {
	return slices.Contains(path, ".") || slices.Contains(path, "..")
}

func (l login) answers(q question) bool {
	return l.host == q.host && portOf(q.protocol, l.port) == portOf(q.protocol, q.port) &&
		(q.user == "" || l.user == q.user) &&
		len(l.path) <= len(q.path) && slices.Equal(l.path, q.path[:len(l.path)])
}

func portOf(protocol, port string) string {
	switch {
	case port != "":
		return port
	case protocol == "http":
		return "80"
	}
	return "443"
}

// segments splits a path, ignoring slashes at its beginning and end.
func segments(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// splitHost accepts host names and IPv4 addresses. It does not use strings.EqualFold or
// ToLower: Unicode folds the Kelvin sign to k, and hosts are ASCII.
func splitHost(s string) (host, port string, ok bool) {
	host, port, _ = strings.Cut(s, ":")
	if host == "" || len(port) > 5 || strings.Trim(port, "0123456789") != "" {
		return "", "", false
	}
	b := []byte(host)
	for i, c := range b {
		switch {
		case 'A' <= c && c <= 'Z':
			b[i] = c + 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		default:
			return "", "", false
		}
	}
	return string(b), port, true
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
