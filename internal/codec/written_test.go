package codec

import (
	"encoding/pem"
	"fmt"
	"io"
	"net"
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
	return writtenIn(t, nil, format, file, input, tool...)
}

// writtenIn is written, with more variables.
func writtenIn(t *testing.T, env []string, format, file string, input string, tool ...string) string {
	t.Helper()
	path, err := exec.LookPath(tool[0])
	if err != nil {
		t.Skipf("needs %s", tool[0])
	}
	dir := filepath.Dir(file)
	cmd := exec.Command(path, tool[1:]...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
	cmd.Env = append(env, "PATH="+os.Getenv("PATH"), "HOME="+dir, "DOCKER_CONFIG="+dir)
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

func TestAWSWrites(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(".", filepath.Join(dir, ".aws")); err != nil {
		t.Skip(err)
	}
	file := filepath.Join(dir, "credentials")
	set := []string{"aws", "configure", "set"}
	written(t, "aws", file, "", append(set, "aws_access_key_id", "AKIAIOSFODNN7EXAMPLE")...)
	written(t, "aws", file, "", append(set, "--profile", "shop.dev-1", "aws_access_key_id", "AKIAI44QH8DHBEXAMPLE")...)
	written(t, "aws", file, "", append(set, "aws_secret_access_key", "fake/+=")...)
	got := written(t, "aws", file, "", append(set, "--profile", "shop.dev-1", "aws_secret_access_key", "not;a#real%key")...)
	if want := `default/AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE" default/AWS_SECRET_ACCESS_KEY="fake/+=" shop.dev-1/AWS_ACCESS_KEY_ID="AKIAI44QH8DHBEXAMPLE" shop.dev-1/AWS_SECRET_ACCESS_KEY="not;a#real%key"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	got = written(t, "aws", filepath.Join(dir, "config"), "", append(set, "--profile", "staging", "region", "eu-central-1")...)
	if want := `staging/AWS_REGION="eu-central-1" staging/AWS_DEFAULT_REGION="eu-central-1"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// trusted makes a directory in which tools trust a server of this process.
func trusted(t *testing.T, handler http.HandlerFunc) (dir string, s *httptest.Server) {
	dir, s = t.TempDir(), httptest.NewTLSServer(handler)
	t.Cleanup(s.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), ca, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, s
}

// TestGhWrites has gh log in at a server that it takes for the GitHub Enterprise Server example.com.
func TestGhWrites(t *testing.T) {
	dir, server := trusted(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("Authorization"), " gho_example_not_a_token") {
			w.WriteHeader(http.StatusUnauthorized)
		}
		w.Header().Set("X-Oauth-Scopes", "repo, read:org, gist")
		fmt.Fprint(w, `{"login":"octocat","data":{"viewer":{"login":"octocat"}}}`)
	})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil || r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		from, buffered, _ := http.NewResponseController(w).Hijack()
		go func() { _, _ = io.Copy(to, buffered); to.Close() }()
		_, _ = io.Copy(from, to)
		from.Close()
	}))
	t.Cleanup(proxy.Close)
	got := writtenIn(t, []string{"GH_CONFIG_DIR=" + dir, "SSL_CERT_FILE=" + filepath.Join(dir, "ca.pem"), "HTTPS_PROXY=" + proxy.URL}, "gh", filepath.Join(dir, "hosts.yml"), "gho_example_not_a_token\n", "gh", "auth", "login", "--with-token", "--hostname", "example.com")
	if want := `@example.com="gho_example_not_a_token"`; got != want && got != "octocat"+want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestTerraformWrites gives terraform login the token that a page of its host would show.
func TestTerraformWrites(t *testing.T) {
	dir, s := trusted(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.api+json")
		fmt.Fprint(w, `{"data":{"id":"user-1","type":"users","attributes":{"username":"alice"}}}`)
	})
	config := fmt.Sprintf("host \"my-host.example.org\" {\n  services = {\n    \"tfe.v2\" = %q\n  }\n}\n", s.URL+"/api/v2/")
	if err := os.WriteFile(filepath.Join(dir, "terraformrc"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".", filepath.Join(dir, ".terraform.d")); err != nil {
		t.Skip(err)
	}
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("needs terraform")
	}
	// It loses what is typed ahead.
	const script = `{ echo yes; for i in $(seq 300); do grep -q 'Token for' out && break; sleep 0.1; done; echo example.atlasv1.not-a-token; } |
		terraform login my-host.example.org >out 2>&1 || { cat out; exit 1; }`
	env := []string{"TF_CLI_CONFIG_FILE=" + filepath.Join(dir, "terraformrc"), "SSL_CERT_FILE=" + filepath.Join(dir, "ca.pem")}
	got := writtenIn(t, env, "tfrc", filepath.Join(dir, "credentials.tfrc.json"), "", "sh", "-c", script)
	if want := `TF_TOKEN_my__host_example_org="example.atlasv1.not-a-token"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestStripeWrites(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stripe", "config.toml")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	set := func(project, key, value string) string {
		env := []string{"XDG_CONFIG_HOME=" + filepath.Dir(filepath.Dir(file)), "STRIPE_CLI_TELEMETRY_OPTOUT=1"}
		return writtenIn(t, env, "stripe", file, "", "stripe", "config", "--project-name="+project, "--set", key, value)
	}
	set("default", "test_mode_api_key", "rk_test_example_not_a_key")
	set("default", "device_name", "workstation")
	got := set("two", "test_mode_api_key", "rk_test_example_of_two")
	if want := `STRIPE_API_KEY="rk_test_example_not_a_key" two/STRIPE_API_KEY="rk_test_example_of_two"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestCargoWrites gives cargo login the token of a registry.
func TestCargoWrites(t *testing.T) {
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"dl": %q, "api": %[1]q}`, s.URL)
	}))
	t.Cleanup(s.Close)
	dir := t.TempDir()
	rustup := os.Getenv("RUSTUP_HOME")
	if home, err := os.UserHomeDir(); err == nil && rustup == "" {
		rustup = filepath.Join(home, ".rustup")
	}
	env := []string{"CARGO_HOME=" + dir, "RUSTUP_HOME=" + rustup, "CARGO_REGISTRIES_MY_SHOP_INDEX=sparse+" + s.URL + "/"}
	got := writtenIn(t, env, "toml", filepath.Join(dir, "credentials.toml"), "a\"b\\c #d\n", "cargo", "login", "--registry", "my-shop")
	if want := `registries_my-shop_token="a\"b\\c #d"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// python is a Python that has a module, or the test is skipped.
func python(t *testing.T, module string) string {
	for _, path := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(path, "-c", "import "+module).Run() == nil {
			return path
		}
	}
	t.Skipf("needs python3 with %s", module)
	return ""
}

// TestPythonWrites: distutils, which once uploaded packages, wrote .pypirc; netrc prints its file; and dotenv set writes .env.
func TestPythonWrites(t *testing.T) {
	for _, c := range []struct{ format, file, module, script, want string }{
		{"pypirc", ".pypirc", "distutils.command.register",
			"from distutils.dist import Distribution as D; from distutils.command.register import register as R; R(D())._store_pypirc('bob', 'p:w#;%x')",
			`bob@upload.pypi.org/legacy="p:w#;%x"`},
		{"netrc", ".netrc", "netrc",
			"import netrc; n = netrc.netrc('/dev/null'); n.hosts = {'git.example.org': ('bob', '', 'fake!%'), 'b.example': ('eve', '', 'x')}; open('.netrc', 'w').write(repr(n))",
			`bob@git.example.org="fake!%" eve@b.example="x"`},
		{"dotenv", ".env", "dotenv",
			"import dotenv; [dotenv.set_key('.env', k, v) for k, v in [('A', 'plain'), ('B', 'two words # $HOME'), ('C', 'a\\nb')]]",
			`A="plain" B="two words # $HOME" C="a\nb"`},
		{"json", "x.json", "json", "import json; json.dump({'a': {'b': 'ä\\n😀', 'n': 1.50, 't': True}}, open('x.json', 'w'), indent=1)",
			`a_b="ä\n😀" a_n="1.5" a_t="true"`},
		{"yaml", "x.yaml", "yaml", "import yaml; yaml.safe_dump({'a': {'b': 'ä\\n', 'n': '007', 'x': 'p: #w', 'y': '', 'z': 'a' * 90 + ' ' + 'b' * 90}}, open('x.yaml', 'w'))",
			`a_b="ä\n" a_n="007" a_x="p: #w" a_y="" a_z="` + strings.Repeat("a", 90) + " " + strings.Repeat("b", 90) + `"`},
	} {
		t.Run(c.format, func(t *testing.T) {
			path := python(t, c.module)
			if got := written(t, c.format, filepath.Join(t.TempDir(), c.file), "", path, "-W", "ignore", "-c", c.script); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
