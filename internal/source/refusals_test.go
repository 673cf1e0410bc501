package source_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/source"
)

// Row 8g: only https is contacted, and http on this machine, named by its address.
func TestCheckURL(t *testing.T) {
	for s, ok := range map[string]bool{
		"https://a.example": true, "https://a.example:8443/x?y": true, "http://127.0.0.1:9/x": true, "http://[::1]:9": true,
		"http://a.example": false, "http://localhost": false, "http://10.0.0.1": false, "http://0.0.0.0": false, "http://127.0.0.1.evil.example": false, "http://[2001:db8::1]": false,
		"ftp://127.0.0.1": false, "//a.example": false, "https://": false, "https:a.example": false, "https://me@a.example": false, "https://a.example#x": false, "https://a.example#": false,
		"https://a.example/ x": false, "https://a.example/\\x": false, "https://é.example": false, "https://a.example/\x7f": false, "": false, "%": false,
	} {
		if why := source.CheckURL(s); (why == "") != ok {
			t.Errorf("%q: %q", s, why)
		}
	}
}

// Row 8g: a definition is refused for the key that has something wrong.
func TestRefusedDefinitions(t *testing.T) {
	app := func(key string, value any) source.Definition {
		d := source.Definition{"app_id": "Iv1.x", "installation_id": "123", "private_key": "KEY"}
		d[key] = value
		return d
	}
	vault := func(key string, value any) source.Definition {
		d := source.Definition{"mount": "kv", "path": "a/b"}
		d[key] = value
		return d
	}
	google := func(key string, value any) source.Definition {
		d := source.Definition{"key": "KEY", "scopes": []string{"a"}}
		d[key] = value
		return d
	}
	for _, c := range []struct {
		kind string
		d    source.Definition
		key  string // "" if it is good
	}{
		{"github-app", app("app_id", strings.Repeat("1", 64)), ""},
		{"github-app", app("app_id", strings.Repeat("1", 65)), "app_id"},
		{"github-app", app("app_id", "1/2"), "app_id"},
		{"github-app", app("installation_id", strings.Repeat("1", 19)), ""},
		{"github-app", app("installation_id", strings.Repeat("1", 20)), "installation_id"},
		{"github-app", app("installation_id", "1/x"), "installation_id"},
		{"github-app", app("permissions", []string{"contents:read", "issues:write"}), ""},
		{"github-app", app("permissions", []string{"contents:read", "issues"}), "permissions"},
		{"github-app", app("permissions", []string{":read"}), "permissions"},
		{"github-app", app("permissions", []string{"a b:read"}), "permissions"},
		{"github-app", app("permissions", []string{"contents:all"}), "permissions"},
		{"github-app", app("permissions", []string{}), "permissions"},
		{"github-app", app("repositories", []string{}), "repositories"},
		{"github-app", app("repositories", []string{"owner/x"}), "repositories"},
		{"github-app", app("api_url", "https://ghe.example/api/v3"), ""},
		{"github-app", app("api_url", "https://ghe.example/api/v3?x"), "api_url"},
		{"github-app", app("api_url", "http://ghe.example"), "api_url"},
		{"github-app", app("other", "x"), "other"},
		{"vault", vault("path", "a/b.c"), ""},
		{"vault", vault("path", "a/../b"), "path"},
		{"vault", vault("path", "a b"), "path"},
		{"vault", vault("mount", "auth/x"), "mount"},
		{"vault", vault("mount", "x/sys"), "mount"},
		{"vault", vault("mount", "identity"), "mount"},
		{"vault", vault("mount", "cubbyhole"), "mount"},
		{"vault", vault("map", []string{"A=a", "B=a"}), ""},
		{"vault", vault("map", []string{"A=a", "A=b"}), "map"},
		{"vault", vault("map", []string{"A"}), "map"},
		{"vault", vault("map", []string{"A="}), "map"},
		{"vault", vault("map", []string{"=a"}), "map"},
		{"vault", vault("cache", "1s"), ""},
		{"vault", vault("cache", "24h"), ""},
		{"vault", vault("cache", "999ms"), "cache"},
		{"vault", vault("cache", "24h1s"), "cache"},
		{"vault", vault("cache", "long"), "cache"},
		{"vault", source.Definition{"mount": "kv", "path": "a", "field": "x", "map": []string{"A=a"}}, "map"},
		{"google", google("endpoint", "http://127.0.0.1:9/x"), ""},
		{"google", google("endpoint", "http://10.0.0.1:9/x"), "endpoint"},
		{"google", google("endpoint", "ftp://127.0.0.1/x"), "endpoint"},
		{"google", google("endpoint", "https://evil.example"), "endpoint"},
	} {
		err := source.Find(c.kind).Validate(c.d)
		var bad *source.FieldError
		if errors.As(err, &bad); (err == nil) != (c.key == "") || err != nil && (bad == nil || bad.Key != c.key) {
			t.Errorf("%s %v: %v, want a fault of %q", c.kind, c.d, err, c.key)
		}
	}
}

// A role is named by its account and path, in one form.
func TestRoles(t *testing.T) {
	for role, ok := range map[string]bool{
		"arn:aws:iam::123456789012:role/team/deploy": true, "arn:aws-cn:iam::123456789012:role/x": true,
		"arn:aws:iam::123456789012:role/a:b": false, "arn:aws:iam::123456789012": false, "arn:aws:iam::123456789012:role/x:y:z": false, "urn:aws:iam::123456789012:role/x": false,
		"arn:gcp:iam::123456789012:role/x": false, "arn:aws:sts::123456789012:role/x": false, "arn:aws:iam:eu:123456789012:role/x": false, "arn:aws:iam::12345678901:role/x": false,
		"arn:aws:iam::1234567890123:role/x": false, "arn:aws:iam::12345678901x:role/x": false, "arn:aws:iam::123456789012:user/x": false,
	} {
		var bad *source.FieldError
		err := source.Find("aws").Validate(source.Definition{"role_arn": role, "region": "eu-central-1", "from": "base"})
		if refused := errors.As(err, &bad) && bad.Key == "role_arn"; refused == ok {
			t.Errorf("%s: %v", role, err)
		}
	}
	for account, ok := range map[string]bool{"123456789012": true, "12345678901x": false, "1234567890123": false} {
		var bad *source.FieldError
		err := source.Find("aws").Validate(source.Definition{"account_id": account, "sso_start_url": "https://d-1.awsapps.com/start", "sso_region": "eu-central-1", "role_name": "r"})
		if refused := errors.As(err, &bad) && bad.Key == "account_id"; refused == ok {
			t.Errorf("account %s: %v", account, err)
		}
	}
}
