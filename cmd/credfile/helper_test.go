package main

import (
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// helperCommand returns the command line with which a tool runs credfile.
func (b *box) helperCommand(args string) string {
	b.t.Helper()
	path, err := exec.LookPath("credfile")
	if err != nil {
		b.t.Fatal(err)
	}
	return `"` + path + `" -f "` + b.path() + `" ` + args
}

func hostOf(s *httptest.Server) string {
	u, _ := url.Parse(s.URL)
	return u.Host
}

// gitServer serves a repository with one commit, at /team/repo.git, to users with the
// login.
func gitServer(b *box, user, password string) *httptest.Server {
	b.t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	backend := filepath.Join(strings.TrimSpace(string(path)), "git-http-backend")
	if _, missing := os.Stat(backend); err != nil || missing != nil {
		b.t.Skip("needs git http-backend")
	}
	root := filepath.Join(b.home, "served")
	for _, args := range []string{
		"init -q --bare " + root + "/team/repo.git",
		"init -q source",
		"-C source -c user.name=a -c user.email=a@example.org commit -q --allow-empty -m one",
		"-C source push -q " + root + "/team/repo.git HEAD:refs/heads/main",
	} {
		b.git(strings.Fields(args)...)
	}
	serve := &cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"}, Stderr: io.Discard}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, p, _ := r.BasicAuth(); u != user || p != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		serve.ServeHTTP(w, r)
	}))
	b.t.Cleanup(s.Close)
	return s
}

// askGit runs git, which may fail.
func (b *box) askGit(stdin string, args ...string) result {
	b.t.Helper()
	return b.exec(exec.Command("git", args...), stdin)
}

// The real git gets a login from credfile, and clones over HTTP.
func TestHelperGit(t *testing.T) {
	t.Parallel()
	needTool(t, "git")
	b := newBox(t)
	b.env = append(b.env, "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=")
	b.ok("", "init")
	s := gitServer(b, "bob", canary)
	host := hostOf(s)
	b.ok(canary, "set", "bob@"+host+"/team", "-")
	b.ok("no "+canary, "set", "eve@"+host, "-")
	// As in docs/helpers.md. Otherwise git would tell other helpers to store our answer.
	ours := "credential." + s.URL + ".helper"
	b.git("config", "--global", "credential.helper", "store")
	b.git("config", "--global", ours, "")
	b.git("config", "--global", "--add", ours, "!"+b.helperCommand("helper git"))
	b.git("config", "--global", "credential.useHttpPath", "true")
	before := b.read()

	r := b.askGit("url="+s.URL+"/team/repo.git\n\n", "credential", "fill")
	if want := "protocol=http\nhost=" + host + "\npath=team/repo.git\nusername=bob\npassword=" + canary + "\n"; r.stdout != want {
		t.Errorf("fill: %q, want %q\n%s", r.stdout, want, r.stderr)
	}
	if r := b.askGit("url=http://example.org/team/repo.git\n\n", "credential", "fill"); r.code == 0 || strings.Contains(r.stdout, "password") {
		t.Errorf("in the clear: %q", r.stdout)
	}
	r = b.askGit("", "clone", s.URL+"/team/repo.git", "clone")
	if r.code != 0 || strings.Contains(r.stdout+r.stderr, canary) {
		t.Errorf("clone: exit code %d\n%s", r.code, r.stderr)
	}
	if r := b.askGit("", "-C", "clone", "ls-remote"); r.code != 0 || !strings.Contains(r.stdout, "refs/heads/main") {
		t.Errorf("ls-remote: %q\n%s", r.stdout, r.stderr)
	}

	// With the wrong account, git tells us to erase our answer.
	if r := b.askGit("", "-C", "clone", "ls-remote", "http://eve@"+host+"/team/repo.git"); r.code == 0 {
		t.Error("eve is let in")
	} else if strings.Contains(r.stdout+r.stderr, canary) {
		t.Errorf("it shows a value: %s", r.stderr)
	}
	if string(b.read()) != string(before) {
		t.Error("the file has changed")
	}
	if _, err := os.Stat(filepath.Join(b.home, ".git-credentials")); err == nil {
		t.Error("git stored what we gave")
	}

	b.ok("again "+canary, "set", "joe@"+host+"/team", "-")
	r = b.askGit("", "-C", "clone", "ls-remote")
	if r.code == 0 || !strings.Contains(r.stderr, "bob@"+host+"/team, joe@"+host+"/team") || strings.Contains(r.stderr, canary) {
		t.Errorf("two: exit code %d\n%s", r.code, r.stderr)
	}
}
