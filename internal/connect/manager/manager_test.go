//go:build unix

package manager

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// install puts a script in the place of a command line, which counts how often it was started. The real
// ones need an account or a server; what they print is from their documentation.
func install(t *testing.T, program, script string) (w *remote.World, starts func() int) {
	t.Helper()
	dir := t.TempDir()
	text := "#!/bin/sh\necho \"$*\" >> '" + dir + "/starts'\n" + script
	if err := os.WriteFile(filepath.Join(dir, program), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	w = &remote.World{Now: func() time.Time { return now }, Environ: []string{"PATH=" + dir + ":/usr/bin:/bin", "HOME=" + dir, "TOKEN_OF_USER=not-real-login"}}
	return w, func() int {
		b, _ := os.ReadFile(filepath.Join(dir, "starts"))
		return strings.Count(string(b), "\n")
	}
}

func prints(text string) string { return "cat <<'END'\n" + text + "\nEND\n" }

func fails(code int, said string) string {
	return fmt.Sprintf("echo '%s not-real-value' >&2\nexit %d\n", said, code)
}

func obtain(w *remote.World, kind string, d source.Definition) string {
	if err := source.Find(kind).Validate(d); err != nil {
		return err.Error()
	}
	a, err := New(nil).Obtain(context.Background(), w, source.Get, "OWN", &source.Ref{Kind: kind, Definition: d})
	var e *source.Error
	if errors.As(err, &e) {
		return string(e.Class) + ": " + e.Message
	} else if err != nil {
		return err.Error()
	}
	return fmt.Sprint(a.Values)
}

func TestManagers(t *testing.T) {
	const vaultSecret = `{"request_id":"0","lease_duration":0,"data":{"data":{"user":"shop","port":5432,"deep":{"x":1}},"metadata":{"version":3}}}`
	vault := source.Definition{"mount": "kv", "path": "app/prod"}
	with := func(d source.Definition, key string, value any) source.Definition {
		all := source.Definition{key: value}
		for k, v := range d {
			all[k] = v
		}
		return all
	}
	aws, kube := source.Definition{"secret_id": "app/prod", "region": "eu-central-1"}, source.Definition{"namespace": "prod", "secret": "app"}
	gcp, azure := source.Definition{"project": "p-1", "secret": "db"}, source.Definition{"vault": "shop", "secret": "db"}
	for _, test := range []struct {
		about, kind, program, script string
		d                            source.Definition
		want                         string
	}{
		{"a field", "vault", "vault", prints(vaultSecret), with(vault, "field", "user"), "map[OWN:shop]"},
		{"a number", "vault", "vault", prints(vaultSecret), with(vault, "field", "port"), "map[OWN:5432]"},
		{"several", "vault", "vault", prints(vaultSecret), with(vault, "map", []string{"DB_USER=user", "DB_PORT=port"}), "map[DB_PORT:5432 DB_USER:shop]"},
		{"OpenBao", "vault", "bao", prints(vaultSecret), with(vault, "field", "user"), "map[OWN:shop]"},
		{"version 1 of KV", "vault", "vault", prints(`{"data":{"user":"shop"}}`), vault, "map[OWN:shop]"},
		{"several fields, none named", "vault", "vault", prints(vaultSecret), vault, "other: the secret has several fields; say which with field or map"},
		{"no such field", "vault", "vault", prints(vaultSecret), with(vault, "field", "nope"), "not-found: the secret has no field of that name"},
		{"an object", "vault", "vault", prints(vaultSecret), with(vault, "field", "deep"), "not-found: the secret has no field of that name"},
		{"deleted", "vault", "vault", prints(`{"data":{"data":null,"metadata":{"version":3}}}`), vault, "other: vault printed something that is not a secret"},
		{"no such secret", "vault", "vault", fails(2, "No value found at kv/data/app/prod"), vault, "not-found: vault finds no such secret"},
		{"no login", "vault", "vault", fails(2, "missing client token"), vault, "login: you are not logged in with vault"},
		{"denied", "vault", "vault", fails(2, "* permission denied"), vault, "denied: vault says that you may not read the secret"},
		{"no server", "vault", "vault", fails(2, "connect: connection refused"), vault, "unavailable: vault can't reach its server"},
		{"another failure", "vault", "vault", fails(7, "what"), vault, "other: vault failed with exit code 7"},
		{"no login", "vault", "bao", fails(2, "missing client token"), vault, "login: you are not logged in with bao"},
		{"not installed", "vault", "other", "", vault, "unavailable: vault or bao is not installed"},
		{"too much", "vault", "vault", "head -c 2000000 /dev/zero", vault, "other: vault could not be run"},
		{"one value", "aws-secret", "aws", prints(`{"SecretString":"not json"}`), aws, "map[OWN:not json]"},
		{"JSON", "aws-secret", "aws", prints(`{"SecretString":"{\"a\":\"1\"}"}`), with(aws, "field", "a"), "map[OWN:1]"},
		{"binary", "aws-secret", "aws", prints(`{"SecretBinary":"AP8="}`), aws, "map[OWN:\x00\xff]"},
		{"arguments", "aws-secret", "aws", `printf '{"SecretString":"%s"}' "$(printf '%s' "$*" | sed 's/"/\\"/g')"`, aws,
			`map[OWN:secretsmanager get-secret-value --output json --cli-input-json {"SecretId":"app/prod"} --region eu-central-1]`},
		{"no such secret", "aws-secret", "aws", fails(254, "An error occurred (ResourceNotFoundException)"), aws, "not-found: aws finds no such secret"},
		{"no login", "aws-secret", "aws", fails(253, "Unable to locate credentials."), aws, "login: you are not logged in with aws"},
		{"no login yet", "aws-secret", "aws", fails(255, "Error loading SSO Token: Token for work does not exist"), aws, "login: you are not logged in with aws"},
		{"no region", "aws-secret", "aws", fails(253, "You must specify a region."), aws, "other: aws does not know the region: add region=REGION to the source"},
		{"no profile", "aws-secret", "aws", fails(255, "The config profile (x) could not be found"), aws, "other: aws does not know the profile that AWS_PROFILE names"},
		{"a value", "gcp-secret", "gcloud", prints(`{"name":"projects/1/secrets/db/versions/1","payload":{"data":"bm90LXJlYWw=","dataCrc32c":"0"}}`), gcp, "map[OWN:not-real]"},
		{"no login", "gcp-secret", "gcloud", fails(1, "ERROR: Please run: $ gcloud auth login"), gcp, "login: you are not logged in with gcloud"},
		{"no server", "gcp-secret", "gcloud", fails(1, "ERROR: gcloud crashed (ConnectionError): HTTPConnectionPool"), gcp, "unavailable: gcloud can't reach its server"},
		{"a value", "azure-secret", "az", prints(`{"id":"https://shop.vault.azure.net/secrets/db/0","value":"not-real"}`), azure, "map[OWN:not-real]"},
		{"no such secret", "azure-secret", "az", fails(3, "(SecretNotFound) A secret was not found"), azure, "not-found: az finds no such secret"},
		{"a value", "kubernetes", "kubectl", prints(`{"kind":"Secret","data":{"a":"bm90LXJlYWw="}}`), kube, "map[OWN:not-real]"},
		{"several", "kubernetes", "kubectl", prints(`{"kind":"Secret","data":{"a":"bm90LXJlYWw=","b":"AP8="}}`), with(kube, "map", []string{"A=a", "B=b"}), "map[A:not-real B:\x00\xff]"},
		{"another document", "kubernetes", "kubectl", prints(`{"kind":"List"}`), kube, "other: kubectl printed something that is not a secret"},
		{"the user's login", "kubernetes", "kubectl", `printf '{"kind":"Secret","data":{"a":"%s"}}' "$(printf %s "$TOKEN_OF_USER" | base64)"`, kube, "map[OWN:not-real-login]"},
		// What its author might put in the place of a name.
		{"a flag", "vault", "vault", "", source.Definition{"mount": "kv", "path": "-address=https://evil.example.org"}, "vault: path begins with -"},
		{"a blank", "vault", "vault", "", source.Definition{"mount": "kv", "path": "a -address=x"}, "vault: path has a character that it can't have"},
		{"another path", "kubernetes", "kubectl", "", source.Definition{"namespace": "prod", "secret": "../../x"}, "kubernetes: secret has a character that it can't have"},
		{"a template", "gcp-secret", "gcloud", "", source.Definition{"project": "p", "secret": "{{x}}"}, "gcp-secret: secret has {{ or }}"},
		{"a server", "azure-secret", "az", "", source.Definition{"vault": "evil.example.org/", "secret": "x"}, "azure-secret: vault has a character that it can't have"},
		{"a region", "aws-secret", "aws", "", source.Definition{"secret_id": "x", "region": "x.evil.example.org"}, "aws-secret: region has a character that it can't have"},
		{"a file", "azure-secret", "az", "", source.Definition{"vault": "evil", "secret": "@/home/alice/.vault-token"}, "azure-secret: secret has a character that it can't have"},
		{"a file", "azure-secret", "az", "", with(azure, "version", "@/home/alice/.vault-token"), "azure-secret: version has a character that it can't have"},
		{"another project", "gcp-secret", "gcloud", "", with(gcp, "version", "projects/p-2/secrets/x/versions/1"), "gcp-secret: version has a character that it can't have"},
		{"another project", "gcp-secret", "gcloud", "", source.Definition{"project": "p-1", "secret": "projects/p-2/secrets/x"}, "gcp-secret: secret has a character that it can't have"},
		{"the user's token", "vault", "vault", "", source.Definition{"mount": "auth/token", "path": "lookup-self", "field": "id"}, "vault: mount is not where secrets are"},
		{"an address", "vault", "vault", "", with(vault, "address", "https://evil.example.org"), "vault: address is not one of its keys"},
		{"a variable twice", "vault", "vault", "", with(vault, "map", []string{"A=a", "A=b"}), "vault: map must be a list of VARIABLE=FIELD, each variable once"},
		{"a long cache", "vault", "vault", "", with(vault, "cache", "720h"), "vault: cache must be a time from 1s to 24h, such as 10m"},
	} {
		w, _ := install(t, test.program, test.script)
		got := obtain(w, test.kind, test.d)
		if got != test.want {
			t.Errorf("%s, %s:\n got %q\nwant %q", test.kind, test.about, got, test.want)
		}
		if strings.Contains(got, "not-real-value") {
			t.Errorf("%s, %s: it shows what the command line said", test.kind, test.about)
		}
	}
}

// One start for each secret, and what is not to be cached is for one command.
func TestOnce(t *testing.T) {
	w, starts := install(t, "vault", prints(`{"data":{"data":{"a":"1","b":"2"},"metadata":{}}}`))
	m := New(nil)
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			d := source.Definition{"mount": "kv", "path": "x", "field": []string{"a", "b"}[i%2]}
			a, err := m.Obtain(context.Background(), w, source.Get, "OWN", &source.Ref{Kind: "vault", Definition: d})
			if err != nil || !a.Once || !a.Expires.IsZero() {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	all.Wait()
	if n := starts(); n != 1 {
		t.Errorf("%d starts", n)
	}
	a, err := New(nil).Obtain(context.Background(), w, source.Get, "OWN", &source.Ref{Kind: "vault", Definition: source.Definition{"mount": "kv", "path": "x", "field": "a", "cache": "10m"}})
	if err != nil || a.Once || !a.Expires.Equal(w.Now().Add(10*time.Minute)) {
		t.Errorf("%+v, %v", a, err)
	}
}

// A command line in the work tree is not run.
func TestInside(t *testing.T) {
	w, starts := install(t, "vault", prints(`{"data":{"a":"1"}}`))
	tree := t.TempDir()
	if err := os.MkdirAll(filepath.Join(tree, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := strings.TrimPrefix(strings.Split(w.Environ[0], ":")[0], "PATH=")
	if err := os.Rename(dir, filepath.Join(tree, "bin")); err != nil {
		t.Fatal(err)
	}
	w.Environ[0], w.Inside = "PATH="+filepath.Join(tree, "bin")+":/usr/bin:/bin", []string{tree}
	if got := obtain(w, "vault", source.Definition{"mount": "kv", "path": "x"}); got != "unavailable: vault or bao is not installed" || starts() > 0 {
		t.Errorf("%q, %d starts", got, starts())
	}
}
