package source

import (
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// CheckURL returns why a URL can't be contacted, or "". It is https, so that nobody on the way reads a
// token; http is for tests and emulators on this machine, which an address shows and a name does not.
func CheckURL(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || strings.Contains(s, "#") || u.Opaque != "":
		return "is not a URL"
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }):
		return "is not a URL"
	case u.Scheme == "http" && !loopback(u):
		return "is not https"
	case u.Scheme != "http" && u.Scheme != "https":
		return "is not https"
	}
	return ""
}

func loopback(u *url.URL) bool {
	addr, err := netip.ParseAddr(u.Hostname())
	return err == nil && addr.IsLoopback()
}

// Host returns the host of a URL, with the port unless it is the usual one.
func Host(s string) string {
	_, host, _ := strings.Cut(origin(s), "://")
	return host
}

// origin returns the scheme, host and port of a URL (RFC 6454).
func origin(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return scheme + "://" + strings.TrimSuffix(host, ":")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// listed writes a list for the user.
func listed(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return strings.Join(list, ", ")
}
