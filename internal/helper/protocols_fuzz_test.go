package helper

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzDocker checks that the answer to any input is one of docker's messages, or a login for the host
// that was asked for, and that only get reveals something.
func FuzzDocker(f *testing.F) {
	for _, s := range []string{"h.org", "https://h.org/team/x\n", "http://127.0.0.1:8080", "H.ORG:443", `{"ServerURL":"h.org","Username":"u","Secret":"s"}`, `{"ServerURL":"h.org"}`, "", "ftp://h.org", "//h.org", "a\x00b"} {
		for i := range docker.Operations {
			f.Add(uint8(i), s)
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, in string) {
		operation := append([]string{"unknown"}, docker.Operations...)[int(n)%(len(docker.Operations)+1)]
		k := named("bob@h.org", "eve@h.org/team", "joe@127.0.0.1:8080")
		out, err := serve(t, "docker", operation, in, k)
		said := strings.TrimSuffix(out, "\n")
		if len(k.revealed) == 0 && operation == "get" {
			if err == nil || said != dockerNotFound && said != dockerNoServer {
				t.Errorf("%q, %v", out, err)
			}
			return
		}
		if operation != "get" {
			known := []string{"", "credfile v1.2.3", "credfile: unknown action", "the request is not valid JSON", dockerNoServer, dockerNoUsername, `{"https://127.0.0.1:8080":"joe","https://h.org":"bob","https://h.org/team":"eve"}`}
			if len(k.revealed) > 0 || !slices.Contains(known, said) {
				t.Errorf("%s: %q, %q", operation, out, k.revealed)
			}
			return
		}
		var got dockerLogin
		user, rest, _ := strings.Cut(k.revealed[0], "@")
		host, _, _ := strings.Cut(rest, "/")
		if err != nil || len(k.revealed) != 1 || json.Unmarshal([]byte(out), &got) != nil || got.Username != user || !strings.HasPrefix(got.Secret, "secret-") {
			t.Fatalf("%q, %v, %q", out, err, k.revealed)
		}
		if !strings.Contains(strings.ToLower(in), host) || utf8.ValidString(in) && got.ServerURL != strings.TrimSpace(in) {
			t.Errorf("%q for %q", out, in)
		}
	})
}

// FuzzValues checks that each protocol hands over exactly the value, or refuses it and hands over nothing.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"x", "", "a\nb", "\xff", "<&>\u2028\"\\", "a\r", "\x00", strings.Repeat("x", 70000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		var login dockerLogin
		var keys awsAnswer
		for protocol, c := range map[string]struct {
			in  string
			got func(out string) (string, bool)
		}{
			"docker": {"h.org", func(out string) (string, bool) { return login.Secret, json.Unmarshal([]byte(out), &login) == nil }},
			"aws": {"", func(out string) (string, bool) {
				return keys.SecretAccessKey, json.Unmarshal([]byte(out), &keys) == nil
			}},
			"git": {"protocol=https\nhost=h.org\n", func(out string) (string, bool) {
				out, ok := strings.CutPrefix(out, "username=bob\npassword=")
				return strings.TrimSuffix(out, "\n"), ok && strings.Count(out, "\n") == 1
			}},
		} {
			k := &kept{pairs: [][2]string{{"bob@h.org", value}, {awsID, "AKIAIOSFODNN7EXAMPLE"}, {awsSecret, value}, {awsToken, value}}}
			out, err := serve(t, protocol, "get", c.in, k)
			if refused := (*ValueError)(nil); errors.As(err, &refused) {
				if out != "" || len(value) > 20 && strings.Contains(err.Error(), value) {
					t.Errorf("%s: %q, %v", protocol, out, err)
				}
				continue
			}
			if got, ok := c.got(out); err != nil || !ok || got != value {
				t.Errorf("%s: %q, %v", protocol, out, err)
			}
		}
		if keys.SessionToken != "" && keys.SessionToken != value {
			t.Errorf("the token is %q", keys.SessionToken)
		}
	})
}
