package helper

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// kept is a source of names and values. It records what it reveals.
type kept struct {
	pairs    [][2]string
	revealed []string
	asked    bool
}

func (k *kept) Names() (names []string, err error) {
	k.asked = true
	for _, p := range k.pairs {
		names = append(names, p[0])
	}
	return names, nil
}

func (k *kept) Reveal(name string) ([]byte, error) {
	k.revealed = append(k.revealed, name)
	for _, p := range k.pairs {
		if p[0] == name {
			return []byte(p[1]), nil
		}
	}
	return nil, errors.New("not there")
}

func named(names ...string) *kept {
	k := &kept{}
	for i, name := range names {
		k.pairs = append(k.pairs, [2]string{name, fmt.Sprintf("secret-%d", i)})
	}
	return k
}

func serve(t *testing.T, protocol, operation, in string, k *kept) (out string, err error) {
	t.Helper()
	i := slices.IndexFunc(All, func(p Protocol) bool { return p.Name == protocol })
	if i < 0 {
		t.Fatalf("no protocol %s", protocol)
	}
	var b bytes.Buffer
	err = All[i].Serve(Call{Operation: operation, In: strings.NewReader(in), Out: &b, Source: k, Version: "v1.2.3"})
	if err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("%s %s: the error holds a secret: %v", protocol, operation, err)
	}
	return b.String(), err
}

const ambiguous = "two"

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names               string // separated by spaces
		protocol, host      string
		path, user, answers string
	}{
		{"bob@example.org", "https", "example.org", "", "", "bob@example.org"},
		{"bob@example.org", "https", "example.org", "team/repo.git", "", "bob@example.org"},
		{"bob@example.org", "https", "example.com", "", "", ""},
		{"bob@example.org", "https", "www.example.org", "", "", ""},
		{"bob@example.org", "https", "example.org.evil.net", "", "", ""},
		{"bob@example.org", "https", "", "", "", ""},
		{"TOKEN bob @example.org bob@", "https", "example.org", "", "", ""},

		// Hosts are case-insensitive ASCII: the Kelvin sign is not a k.
		{"bob@Example.ORG", "https", "eXample.org", "", "", "bob@Example.ORG"},
		{"bob@kernel.org", "https", "\u212aernel.org", "", "", ""},
		{"bob@example.org", "HTTPS", "example.org", "", "", "bob@example.org"},

		// The protocol's own port is the same as none.
		{"bob@example.org:443", "https", "example.org", "", "", "bob@example.org:443"},
		{"bob@example.org", "https", "example.org:443", "", "", "bob@example.org"},
		{"bob@example.org:8443", "https", "example.org", "", "", ""},
		{"bob@example.org", "https", "example.org:8443", "", "", ""},
		{"bob@example.org:8443", "https", "example.org:8443", "", "", "bob@example.org:8443"},
		{"bob@127.0.0.1:80", "http", "127.0.0.1", "", "", "bob@127.0.0.1:80"},
		{"bob@127.0.0.1", "http", "127.0.0.1:443", "", "", ""},
		{"bob@example.org:port", "https", "example.org:port", "", "", ""},
		{"bob@example.org:443000", "https", "example.org:443000", "", "", ""},

		// Clear text goes only to this machine.
		{"bob@example.org", "http", "example.org", "", "", ""},
		{"bob@localhost", "http", "localhost", "", "", "bob@localhost"},
		{"bob@127.9.9.9:8080", "http", "127.9.9.9:8080", "", "", "bob@127.9.9.9:8080"},
		{"bob@127.0.0.1.evil.net", "http", "127.0.0.1.evil.net", "", "", ""},
		{"bob@localhost.evil.net", "http", "localhost.evil.net", "", "", ""},
		{"bob@example.org", "ftp", "example.org", "", "", ""},
		{"bob@localhost", "ftp", "localhost", "", "", ""},
		{"bob@example.org", "", "example.org", "", "", ""},

		// Whole segments, and the longest path.
		{"bob@h.org/team", "https", "h.org", "team/repo.git", "", "bob@h.org/team"},
		{"bob@h.org/team/", "https", "h.org", "/team", "", "bob@h.org/team/"},
		{"bob@h.org/team", "https", "h.org", "teams/repo.git", "", ""},
		{"bob@h.org/team", "https", "h.org", "", "", ""},
		{"bob@h.org/team", "https", "h.org", "Team/x", "", ""},
		{"bob@h.org/team/a", "https", "h.org", "team", "", ""},
		{"bob@h.org eve@h.org/team joe@h.org/team/a", "https", "h.org", "team/a/x", "", "joe@h.org/team/a"},
		{"joe@h.org/team/a eve@h.org/team bob@h.org", "https", "h.org", "team/b", "", "eve@h.org/team"},
		{"joe@h.org/team/a eve@h.org/team bob@h.org", "https", "h.org", "other", "", "bob@h.org"},
		{"eve@h.org/team bob@h.org", "https", "h.org", "team/../other", "", "bob@h.org"},
		{"eve@h.org/team/..", "https", "h.org", "team/../other", "", ""},

		// The user.
		{"bob@h.org eve@h.org", "https", "h.org", "", "eve", "eve@h.org"},
		{"bob@h.org", "https", "h.org", "", "eve", ""},
		{"bob@h.org", "https", "h.org", "", "Bob", ""},
		{"bob@h.org eve@h.org/team", "https", "h.org", "team/x", "bob", "bob@h.org"},
		{"bob@corp.org@h.org", "https", "h.org", "", "", "bob@corp.org@h.org"},
		{"bob@corp.org@h.org", "https", "h.org", "", "bob@corp.org", "bob@corp.org@h.org"},
		{"bob@corp.org@h.org", "https", "corp.org", "", "", ""},

		// Two that are equally good.
		{"bob@h.org eve@h.org", "https", "h.org", "", "", ambiguous},
		{"bob@h.org bob@h.org:443", "https", "h.org", "", "", ambiguous},
		{"bob@h.org/a eve@h.org/a/ joe@h.org", "https", "h.org", "a/x", "", ambiguous},
		{"bob@h.org eve@h.org joe@h.org/a", "https", "h.org", "a", "", "joe@h.org/a"},
	} {
		l, err := login{}, ErrDeclined
		if q, ok := newQuestion(c.protocol, c.host, c.path, c.user); ok {
			l, err = find(strings.Fields(c.names), q)
		}
		got := l.name
		var several *AmbiguousError
		if errors.As(err, &several) {
			got = ambiguous
			if len(several.Names) != 2 {
				t.Errorf("%s: it names %q", c.names, several.Names)
			}
		}
		if got != c.answers {
			t.Errorf("%s for %s://%s@%s/%s: %q, want %q", c.names, c.protocol, c.user, c.host, c.path, got, c.answers)
		}
	}
}

func TestGit(t *testing.T) {
	t.Parallel()
	const ask = "protocol=https\nhost=h.org\n"
	long := strings.Repeat("x", maxGitLine-len("wwwauth[]="))
	for _, c := range []struct {
		name, operation, in string
		kept                *kept
		out, failure        string
	}{
		{"plain", "get", ask + "\n", named("bob@h.org"), "username=bob\npassword=secret-0\n", ""},
		{"no empty line", "get", "protocol=https\nhost=h.org", named("bob@h.org"), "username=bob\npassword=secret-0\n", ""},
		{"newer git", "get", "capability[]=authtype\ncapability[]=state\n" + ask + "wwwauth[]=Basic realm=\"=\"\nfuture=1\n\n", named("bob@h.org"), "username=bob\npassword=secret-0\n", ""},
		{"after the empty line", "get", ask + "\nhost=other.org\n", named("bob@h.org"), "username=bob\npassword=secret-0\n", ""},
		{"the last counts", "get", ask + "host=other.org\n", named("bob@h.org"), "", ""},
		{"the longest line", "get", ask + "wwwauth[]=" + long + "\n", named("bob@h.org"), "username=bob\npassword=secret-0\n", ""},
		{"too long a line", "get", ask + "wwwauth[]=" + long + "x\n", named("bob@h.org"), "", "too long"},
		{"no attribute", "get", ask + "secret\n", named("bob@h.org"), "", "not KEY=VALUE"},
		{"a CR", "get", ask + "username=bob\r\n", named("bob@h.org"), "", "not KEY=VALUE"},
		{"a NUL", "get", ask + "username=bob\x00\n", named("bob@h.org"), "", "not KEY=VALUE"},
		{"nothing", "get", "", named("bob@h.org"), "", ""},
		{"none", "get", ask, named("bob@other.org"), "", ""},
		{"two", "get", ask, named("bob@h.org", "eve@h.org"), "", "bob@h.org, eve@h.org"},
		{"store", "store", ask + "username=bob\npassword=secret\n", named("bob@h.org"), "", ""},
		{"erase", "erase", ask + "username=bob\npassword=secret\n", named("bob@h.org"), "", ""},
		{"unknown operation", "capability", "", named("bob@h.org"), "", ""},
		{"LF in the value", "get", ask, &kept{pairs: [][2]string{{"bob@h.org", "secret\nhost=evil.org"}}}, "", "a line break"},
		{"CR in the value", "get", ask, &kept{pairs: [][2]string{{"bob@h.org", "secret\r"}}}, "", "a line break"},
		{"NUL in the value", "get", ask, &kept{pairs: [][2]string{{"bob@h.org", "secret\x00"}}}, "", "NUL"},
		{"LF in the user", "get", ask, &kept{pairs: [][2]string{{"bob\nquit=1@h.org", "secret"}}}, "", "a line break"},
		{"a long value", "get", ask, &kept{pairs: [][2]string{{"bob@h.org", strings.Repeat("x", maxGitLine)}}}, "", "too long"},
		{"any bytes", "get", ask, &kept{pairs: [][2]string{{"bob@h.org", "=\xff\""}}}, "username=bob\npassword==\xff\"\n", ""},
	} {
		out, err := serve(t, "git", c.operation, c.in, c.kept)
		if out != c.out {
			t.Errorf("%s: %q, want %q", c.name, out, c.out)
		}
		if c.failure == "" && err != nil || c.failure != "" && (err == nil || !strings.Contains(err.Error(), c.failure)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.failure)
		}
		if c.operation != "get" && c.kept.asked {
			t.Errorf("%s: it looked at what is kept", c.name)
		}
	}
}

func TestDocker(t *testing.T) {
	t.Parallel()
	all := []string{"me@index.docker.io", "AWS@1.dkr.ecr.eu-west-1.amazonaws.com", "bob@h.org:5000", "bob@two.org", "eve@two.org", "joe@h.org/team", "AWS_REGION"}
	answer := func(url, user string, n int) string {
		return fmt.Sprintf(`{"ServerURL":%q,"Username":%q,"Secret":"secret-%d"}`+"\n", url, user, n)
	}
	for _, c := range []struct{ operation, in, out, failure string }{
		{"get", "https://index.docker.io/v1/", answer("https://index.docker.io/v1/", "me", 0), ""},
		{"get", "https://index.docker.io/v1/\n", answer("https://index.docker.io/v1/", "me", 0), ""},
		{"get", "1.dkr.ecr.eu-west-1.amazonaws.com", answer("1.dkr.ecr.eu-west-1.amazonaws.com", "AWS", 1), ""},
		{"get", "h.org:5000", answer("h.org:5000", "bob", 2), ""},
		{"get", "https://h.org/team/x", answer("https://h.org/team/x", "joe", 5), ""},
		{"get", "h.org", dockerNotFound + "\n", ErrDeclined.Error()},
		{"get", "http://index.docker.io/v1/", dockerNotFound + "\n", ErrDeclined.Error()},
		{"get", "https://me@index.docker.io", dockerNotFound + "\n", ErrDeclined.Error()},
		{"get", "two.org", dockerNotFound + "\n", "bob@two.org, eve@two.org"},
		{"get", " \n", dockerNoServer + "\n", ErrDeclined.Error()},
		{"erase", "", dockerNoServer + "\n", ErrDeclined.Error()},
		{"erase", "h.org:5000", "", ""},
		{"store", `{"ServerURL":"h.org","Username":"u","Secret":"secret"}`, "", ""},
		{"store", `{"ServerURL":"","Username":"u","Secret":"secret"}`, dockerNoServer + "\n", ErrDeclined.Error()},
		{"store", `{"ServerURL":"h.org","Secret":"secret"}`, dockerNoUsername + "\n", ErrDeclined.Error()},
		{"store", `secret`, "the request is not valid JSON\n", ErrDeclined.Error()},
		{"list", "", `{"https://1.dkr.ecr.eu-west-1.amazonaws.com":"AWS","https://h.org/team":"joe","https://h.org:5000":"bob","https://index.docker.io/v1/":"me"}` + "\n", ""},
		{"version", "", "credfile v1.2.3\n", ""},
		{"secret", "", "credfile: unknown action\n", ErrDeclined.Error()},
	} {
		out, err := serve(t, "docker", c.operation, c.in, named(all...))
		if out != c.out {
			t.Errorf("%s %q: %q, want %q", c.operation, c.in, out, c.out)
		}
		if c.failure == "" && err != nil || c.failure != "" && (err == nil || !strings.Contains(err.Error(), c.failure)) {
			t.Errorf("%s %q: %v, want %q", c.operation, c.in, err, c.failure)
		}
	}
	out, err := serve(t, "docker", "get", "h.org", &kept{pairs: [][2]string{{"bob@h.org", "secret\xff"}}})
	if out != "" || err == nil {
		t.Errorf("not text: %q, %v", out, err)
	}
	if out, err = serve(t, "docker", "list", "", &kept{}); out != "{}\n" || err != nil {
		t.Errorf("an empty list: %q, %v", out, err)
	}
}

func TestAWS(t *testing.T) {
	t.Parallel()
	full := [][2]string{{awsID, "secret-id"}, {awsSecret, "secret/<key>"}, {"AWS_REGION", "eu-west-1"}, {awsToken, "secret-token"}}
	for _, c := range []struct {
		name         string
		pairs        [][2]string
		out, failure string
	}{
		{"three", full, `{"Version":1,"AccessKeyId":"secret-id","SecretAccessKey":"secret/<key>","SessionToken":"secret-token"}` + "\n", ""},
		{"two", full[:3], `{"Version":1,"AccessKeyId":"secret-id","SecretAccessKey":"secret/<key>"}` + "\n", ""},
		{"no key", [][2]string{full[0], full[3]}, "", "no AWS_SECRET_ACCESS_KEY"},
		{"nothing", nil, "", "no AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY"},
		{"empty", [][2]string{{awsID, ""}, full[1]}, "", "is empty"},
		{"not text", [][2]string{full[0], {awsSecret, "secret\xff"}}, "", "is not UTF-8 text"},
	} {
		k := &kept{pairs: c.pairs}
		out, err := serve(t, "aws", "", "", k)
		if out != c.out || c.failure == "" && err != nil || c.failure != "" && (err == nil || !strings.Contains(err.Error(), c.failure)) {
			t.Errorf("%s: %q, %v", c.name, out, err)
		}
		if slices.Contains(k.revealed, "AWS_REGION") {
			t.Errorf("%s: it took %q", c.name, k.revealed)
		}
	}
}

// Every protocol has a name, answers each of its operations without panicking whatever the
// input, and writes no secret when it declines.
func TestAll(t *testing.T) {
	t.Parallel()
	for _, p := range All {
		for _, operation := range append([]string{"", "no-such-operation"}, p.Operations...) {
			for _, in := range []string{"", "\n", "=", "{}", "\x00", "https://", "@", strings.Repeat("a", maxInput+9)} {
				k := named("bob@h.org")
				out, _ := serve(t, p.Name, operation, in, k)
				if strings.Contains(out, "secret") || len(k.revealed) > 0 {
					t.Errorf("%s %s %.9q: %q", p.Name, operation, in, out)
				}
			}
		}
	}
}
