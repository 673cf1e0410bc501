//go:build linux

package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/credfile/credfile/internal/tally"
)

// A code of an MFA device is asked for once, and serves all roles that build on the source.
func TestMFAOnTerminal(t *testing.T) {
	b, sts := awsBox(t), newFakeSTS(t)
	b.ok("", "source", "add", "BASE", "aws", "mfa_serial=arn:aws:iam::123456789012:mfa/alice", "on_demand=true", "endpoint="+sts.URL)
	b.ok("", "source", "add", "ROLE", "aws", "from=BASE", "role_arn=arn:aws:iam::123456789012:role/deploy", "endpoint="+sts.URL)
	r, screen := b.onTerminal([]string{"env", "--", "printenv", "AWS_SESSION_TOKEN"},
		[2]string{"MFA code of arn:aws:iam::123456789012:mfa/alice, for source BASE", "123456\n"})
	if r.code != 0 || r.stdout != "token/2\n" {
		t.Errorf("exit code %d, %q: %s\n%s", r.code, r.stdout, r.stderr, screen)
	}
	if got := sts.first().Get("TokenCode"); got != "123456" {
		t.Errorf("code %q", got)
	}
	b.ok("", "env", "--", "true")
	if got := sts.actions(); got != "GetSessionToken AssumeRole" {
		t.Errorf("asked for %q", got)
	}
}

// What somebody else defined is shown, and used only after a person's yes.
func TestConsentOnTerminal(t *testing.T) {
	b, sts := awsBox(t), newFakeSTS(t)
	b.ok("", "source", "add", "AWS", "aws", "role_arn=arn:aws:iam::123456789012:role/deploy", "endpoint="+sts.URL)
	if err := os.RemoveAll(filepath.Join(b.home, ".local", "state", "credfile", "sources")); err != nil {
		t.Fatal(err) // as on a machine that has not seen it
	}
	r, _ := b.onTerminal([]string{"env", "--", "true"}, [2]string{"Use this source on this machine from now on?", "n\n"})
	if r.code != exitEnv || sts.actions() != "" {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	for _, want := range []string{"source AWS, of kind aws", "role: arn:aws:iam::123456789012:role/deploy", "uses the credential AWS_SECRET_ACCESS_KEY"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("without %q: %s", want, r.stderr)
		}
	}
	r, _ = b.onTerminal([]string{"env", "--", "true"}, [2]string{"Use this source on this machine from now on?", "y\n"})
	if r.code != 0 || sts.actions() != "AssumeRole" {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	b.ok("", "login", "--force")
}

// fakeOAuth is a server whose user says yes at once.
type fakeOAuth struct {
	*httptest.Server
	mu         sync.Mutex
	challenges map[string]string // by code
	asked      []string
	refresh    int
	life       int // seconds
}

func newFakeOAuth(t *testing.T) *fakeOAuth {
	s := &fakeOAuth{challenges: map[string]string{}, life: 3600}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"issuer": s.URL, "authorization_endpoint": s.URL + "/authorize", "token_endpoint": s.URL + "/token",
			"revocation_endpoint": s.URL + "/revoke", "code_challenge_methods_supported": []string{"S256"}, "authorization_response_iss_parameter_supported": true})
	})
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		q := r.URL.Query()
		code := fmt.Sprintf("code%d", len(s.challenges))
		s.challenges[code] = q.Get("code_challenge")
		http.Redirect(w, r, q.Get("redirect_uri")+"?code="+code+"&state="+q.Get("state")+"&iss="+s.URL, http.StatusFound)
	})
	mux.HandleFunc("/token", s.token)
	mux.HandleFunc("/revoke", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		r.ParseForm()
		s.asked = append(s.asked, "revoke "+r.Form.Get("token"))
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *fakeOAuth) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.ParseForm()
	w.Header().Set("Content-Type", "application/json")
	sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
	known := s.challenges[r.Form.Get("code")] == base64.RawURLEncoding.EncodeToString(sum[:])
	switch kind := r.Form.Get("grant_type"); {
	case kind == "authorization_code" && known, kind == "refresh_token" && r.Form.Get("refresh_token") == fmt.Sprintf("not-real-refresh-%d", s.refresh):
		s.asked = append(s.asked, kind)
		s.refresh++
		fmt.Fprintf(w, `{"access_token":"not-real-access-%d","token_type":"Bearer","expires_in":%d,"refresh_token":"not-real-refresh-%[1]d"}`, s.refresh, s.life)
	default:
		s.asked = append(s.asked, "refused "+kind)
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
	}
}

func (s *fakeOAuth) actions() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.asked = nil }()
	return strings.Join(s.asked, ", ")
}

func (s *fakeOAuth) lasts(seconds int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = seconds
}

// logIn makes a box with a source TOKEN that is logged in.
func (s *fakeOAuth) logIn(t *testing.T) *box {
	t.Helper()
	needTool(t, "curl")
	b := newBox(t)
	browser := filepath.Join(b.home, "browser")
	if err := os.WriteFile(browser, []byte("#!/bin/sh\nexec curl -sL --noproxy '*' -o \"$HOME/page\" \"$1\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	b.env = append(b.env, "BROWSER="+browser)
	b.ok("", "init", "--name", "alice")
	b.ok("", "source", "add", "TOKEN", "oauth", "issuer="+s.URL, "client_id=native")
	if r := b.run("", "env", "--", "true"); r.code != exitEnv || !strings.Contains(r.stderr, "in a terminal: credfile login TOKEN") {
		t.Errorf("without a terminal: exit code %d, %s", r.code, r.stderr)
	}
	r, screen := b.onTerminal([]string{"login"})
	if r.code != 0 || !strings.Contains(r.stderr, "TOKEN: logged in") || !strings.Contains(r.stderr, "only if you started this yourself") {
		t.Fatalf("exit code %d: %s\n%s", r.code, r.stderr, screen)
	}
	return b
}

// Twenty commands that find an expired session use one refresh token once.
func TestTwentyRefresh(t *testing.T) {
	server := newFakeOAuth(t)
	server.lasts(2)
	b := server.logIn(t)
	server.lasts(3600)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if r := b.run("", "env", "--", "printenv", "TOKEN"); r.code != 0 || r.stdout != "not-real-access-2\n" {
				t.Errorf("exit code %d, %q: %s", r.code, r.stdout, r.stderr)
			}
		})
	}
	all.Wait()
	if got := server.actions(); got != "authorization_code, refresh_token" {
		t.Errorf("asked for %q", got)
	}
	tally.Add(t, tally.Renewals, 20, 0)
}

// A login in the browser: the page comes back to this machine. Then it is renewed without a person, and ended.
func TestOAuthLogin(t *testing.T) {
	server := newFakeOAuth(t)
	b := server.logIn(t)
	get := func(want string) {
		t.Helper()
		if r := b.ok("", "get", "TOKEN"); r.stdout != want {
			t.Errorf("%q, want %q", r.stdout, want)
		}
	}
	get("not-real-access-1")
	if r := b.run("", "env", "--min-valid", "2h", "--", "true"); r.code != exitEnv || !strings.Contains(r.stderr, "what it gives is valid for only 59 minutes") {
		t.Errorf("too short: exit code %d, %s", r.code, r.stderr)
	}
	server.lasts(10000)
	if r := b.ok("", "env", "--min-valid", "2h", "--", "printenv", "TOKEN"); r.stdout != "not-real-access-3\n" {
		t.Errorf("renewed: %q", r.stdout)
	}
	get("not-real-access-3")
	if got := server.actions(); got != "authorization_code, refresh_token, refresh_token" {
		t.Errorf("asked for %q", got)
	}
	b.ok("", "logout", "TOKEN")
	if got := server.actions(); !strings.HasPrefix(got, "revoke not-real-refresh-3") {
		t.Errorf("asked for %q", got)
	}
	page, err := os.ReadFile(filepath.Join(b.home, "page"))
	if err != nil || strings.Contains(string(page), "not-real") || strings.Contains(string(page), "code0") {
		t.Errorf("the page: %v %s", err, page)
	}
	filepath.Walk(b.home, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			if text, _ := os.ReadFile(path); strings.Contains(string(text), "not-real") {
				t.Errorf("%s has a token in clear", path)
			}
		}
		return nil
	})
}
