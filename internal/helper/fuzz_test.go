package helper

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// FuzzGit checks that the answer to any input is nothing, or two lines for a host named in
// the request.
func FuzzGit(f *testing.F) {
	for _, s := range []string{
		"protocol=https\nhost=h.org\n\n", "protocol=http\nhost=127.0.0.1:8080\npath=a/b\n", "protocol=https\nhost=H.ORG:443\nusername=bob\n",
		"capability[]=authtype\nprotocol=https\nhost=h.org\nwwwauth[]=Basic\n", "host=h.org\r\n", "=\n=", "protocol=https\nhost=h.org:\npath=/team/../x",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		k := named("bob@h.org", "eve@h.org/team", "joe@127.0.0.1:8080")
		out, err := serve(t, "git", "get", string(in), k)
		asked := strings.ToLower(string(in))
		switch {
		case out == "" && len(k.revealed) == 0:
		case err != nil, len(k.revealed) != 1:
			t.Fatalf("%q, %v, %q", out, err, k.revealed)
		default:
			user, rest, _ := strings.Cut(k.revealed[0], "@")
			host, _, _ := strings.Cut(rest, "/")
			want := fmt.Sprintf("username=%s\npassword=secret-%d\n", user, slices.Index([]string{"bob", "eve", "joe"}, user))
			if out != want || !strings.Contains(asked, "host="+host) || user != "joe" && !strings.Contains(asked, "protocol=https") {
				t.Fatalf("%q for %q", out, in)
			}
		}
	})
}
