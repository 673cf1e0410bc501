package codec

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// written runs a tool that writes a file, and returns what is read of that.
func written(t *testing.T, format, file string, input string, tool ...string) string {
	t.Helper()
	path, err := exec.LookPath(tool[0])
	if err != nil {
		t.Skipf("needs %s", tool[0])
	}
	dir := filepath.Dir(file)
	cmd := exec.Command(path, tool[1:]...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "DOCKER_CONFIG=" + dir}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := Detect(filepath.Base(file), b)
	if !ok || c.Name != format {
		t.Fatalf("%s is taken for %q", file, c.Name)
	}
	pairs, problems := c.Read(b, Options{})
	if len(problems) > 0 {
		t.Errorf("%s", list(problems))
	}
	return show(pairs)
}

func TestNpmWrites(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".npmrc")
	got := written(t, "npmrc", file, "", "npm", "config", "set", "--userconfig="+file, "--globalconfig=/dev/null", "--no-update-notifier", "save-exact=true",
		"//registry.example.org/:_authToken=npm_ABC-123", "//npm.example.org:8443/team/:username=bob", "//npm.example.org:8443/team/:_password=cEAkczogd29yZA==")
	for _, want := range []string{`_authToken@registry.example.org="npm_ABC-123"`, `bob@npm.example.org:8443/team="p@$s: word"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
}

func TestDockerWrites(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "p:a$s wörd" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(s.Close)
	host := strings.TrimPrefix(s.URL, "http://")
	file := filepath.Join(t.TempDir(), "config.json")
	got := written(t, "docker-config", file, "p:a$s wörd", "docker", "login", "--username", "bob", "--password-stdin", host)
	if want := "bob@" + host + `="p:a$s wörd"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKubectlWrites(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	key := "-----BEGIN EXAMPLE KEY-----\nVGhpcyBpcyBub3QgYSBrZXkuCg==\n-----END EXAMPLE KEY-----\n"
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	set := []string{"kubectl", "config", "--kubeconfig=" + file, "set-credentials"}
	written(t, "kubeconfig", file, "", append(set, "alice", "--token=tok: #en")...)
	written(t, "kubeconfig", file, "", append(set, "bob", "--username=b", "--password=0123")...)
	got := written(t, "kubeconfig", file, "", append(set, "eve", "--client-key="+filepath.Join(dir, "key"), "--embed-certs")...)
	if want := `alice_token="tok: #en" bob_password="0123" bob_username="b" eve_client-key-data="` + strings.ReplaceAll(key, "\n", `\n`) + `"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKubectlWritesSecret(t *testing.T) {
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("needs kubectl")
	}
	for _, format := range []string{"yaml", "json"} {
		out := output(t, kubectl, "create", "secret", "generic", "app", "--dry-run=client", "-o", format, "--from-literal=a.b=p: #w", "--from-literal=N=007", "--from-literal=E=")
		c, _ := Detect("-", out)
		if c.Name != "k8s" {
			t.Fatalf("it is taken for %q", c.Name)
		}
		pairs, problems := c.Read(out, Options{})
		if got, want := show(pairs), `E="" N="007" a.b="p: #w"`; got != want || len(problems) > 0 {
			t.Errorf("%s: got %s, want %s, %s", format, got, want, list(problems))
		}
	}
}

func TestJavaWrites(t *testing.T) {
	dir := t.TempDir()
	const source = `import java.util.*; import java.io.*;
class W { public static void main(String[] a) throws Exception {
	Properties p = new Properties();
	for (int i = 0; i < 3; i++) p.setProperty("k :=" + i, new String[] {" a\tb\n", "#!=:\\", "\u00e4\ud83d\ude00"}[i]);
	try (OutputStream o = new FileOutputStream("x.properties")) { p.store(o, "c"); } } }`
	if err := os.WriteFile(filepath.Join(dir, "W.java"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	got := written(t, "properties", filepath.Join(dir, "x.properties"), "", "java", "-Xshare:auto", "W.java")
	for _, want := range []string{`k :=0=" a\tb\n"`, `k :=1="#!=:\\"`, `k :=2="ä😀"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
}
