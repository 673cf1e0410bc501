package main

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/docker/docker-credential-helpers/client"
	"github.com/docker/docker-credential-helpers/credentials"
)

// program is credfile as docker's own code runs it.
type program struct {
	b    *box
	args []string
	cmd  *exec.Cmd
}

func (p *program) Input(in io.Reader) { p.cmd.Stdin = in }

func (p *program) Output() ([]byte, error) {
	var stderr strings.Builder
	p.cmd.Dir, p.cmd.Env, p.cmd.Stderr = p.b.dir, p.b.env, &stderr
	out, err := p.cmd.Output()
	if strings.Contains(stderr.String(), canary) {
		p.b.t.Errorf("%q shows a value: %s", p.args, stderr.String())
	}
	return out, err
}

// Docker's own client code understands credfile's answers and messages.
func TestHelperDocker(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "init")
	b.ok(canary, "set", "me@index.docker.io", "-")
	b.ok("<"+canary+"&\"\\", "set", "bob@registry.example.org:5000", "-")
	b.ok(canary, "set", "TOKEN", "-")
	run := func(args ...string) client.Program {
		args = append([]string{"-f", b.path(), "helper", "docker"}, args...)
		return &program{b: b, args: args, cmd: exec.Command("credfile", args...)}
	}
	before := b.read()
	for url, want := range map[string]credentials.Credentials{
		"https://index.docker.io/v1/":        {Username: "me", Secret: canary},
		"registry.example.org:5000":          {Username: "bob", Secret: "<" + canary + "&\"\\"},
		"https://Registry.example.org:5000/": {Username: "bob", Secret: "<" + canary + "&\"\\"},
	} {
		want.ServerURL = url
		if got, err := client.Get(run, url); err != nil || *got != want {
			t.Errorf("%s: %v, %v", url, got, err)
		}
	}
	if _, err := client.Get(run, "ghcr.io"); !credentials.IsErrCredentialsNotFound(err) {
		t.Errorf("none: %v", err)
	}
	if _, err := client.Get(run, ""); err == nil || !strings.Contains(err.Error(), credentials.NewErrCredentialsMissingServerURL().Error()) {
		t.Errorf("no server: %v", err)
	}
	list, err := client.List(run)
	if err != nil || len(list) != 2 || list["https://index.docker.io/v1/"] != "me" || list["https://registry.example.org:5000"] != "bob" {
		t.Errorf("list: %v, %v", list, err)
	}
	for url := range list { // docker asks for each
		if _, err := client.Get(run, url); err != nil {
			t.Errorf("%s is listed: %v", url, err)
		}
	}
	if err := client.Store(run, &credentials.Credentials{ServerURL: "ghcr.io", Username: "bob", Secret: canary}); err != nil {
		t.Errorf("store: %v", err)
	}
	if err := client.Store(run, &credentials.Credentials{ServerURL: "ghcr.io"}); err == nil || !strings.Contains(err.Error(), credentials.NewErrCredentialsMissingUsername().Error()) {
		t.Errorf("store without a user: %v", err)
	}
	if err := client.Erase(run, "https://index.docker.io/v1/"); err != nil {
		t.Errorf("erase: %v", err)
	}
	if string(b.read()) != string(before) {
		t.Error("the file has changed")
	}
}

// The real docker command gets the login and passes it to the daemon with a pull.
func TestHelperDockerCommand(t *testing.T) {
	t.Parallel()
	docker := needTool(t, "docker")
	b := newBox(t)
	b.ok("", "init")
	b.ok(canary, "set", "bob@registry.example.org:5000", "-")
	dir, err := os.MkdirTemp("", "d") // a short path, as sockets need
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var mu sync.Mutex
	var auths []string
	daemon := unixServer(t, filepath.Join(dir, "s"), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.41")
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/images/create") {
			mu.Lock()
			auths = append(auths, r.Header.Get("X-Registry-Auth"))
			mu.Unlock()
			io.WriteString(w, `{"status":"done"}`+"\n")
		}
	})
	script := "#!/bin/sh\nexec " + b.helperCommand("helper docker") + " \"$@\"\n"
	config := `{"credHelpers":{"registry.example.org:5000":"credtest"}}`
	for name, content := range map[string]string{"docker-credential-credtest": script, "config.json": config} {
		executable(t, filepath.Join(dir, name), content)
	}
	b.env = append(b.env, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"), "DOCKER_CONFIG="+dir, "DOCKER_HOST="+daemon)
	r := b.exec(exec.Command(docker, "pull", "registry.example.org:5000/x"), "")
	mu.Lock()
	defer mu.Unlock()
	if r.code != 0 || len(auths) != 1 || strings.Contains(r.stdout+r.stderr, canary) {
		t.Fatalf("exit code %d, %d pulls\n%s", r.code, len(auths), r.stderr)
	}
	if user, password := registryAuth(t, auths[0]); user != "bob" || password != canary {
		t.Errorf("the daemon is told %q, %q", user, password)
	}
}

// unixServer serves on a socket, and returns its address as docker writes it.
func unixServer(t *testing.T, path string, serve http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skipf("no socket: %v", err)
	}
	s := httptest.NewUnstartedServer(serve)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return "unix://" + path
}

// registryAuth parses the header in which docker passes a login to its daemon.
func registryAuth(t *testing.T, header string) (user, password string) {
	t.Helper()
	b, err := base64.URLEncoding.DecodeString(header)
	var v struct{ Username, Password string }
	if err != nil || json.Unmarshal(b, &v) != nil {
		t.Fatalf("X-Registry-Auth is not what it was: %v", err)
	}
	return v.Username, v.Password
}
