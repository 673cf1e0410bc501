//go:build linux

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect/aws/ssotest"
)

// awsCLI is a machine with version 2 of the AWS command line, which Debian 13 has. It is in a root of its
// own, in which the box's home is.
type awsCLI struct {
	*box
	root string
}

func newAWSCLI(t *testing.T, s *ssotest.Server) *awsCLI {
	t.Helper()
	needTool(t, "python3")
	root, err := filepath.EvalSymlinks(filepath.Join(cmp.Or(os.Getenv("CREDFILE_TEST_TOOLS"), repoPath(".tools")), "debian13"))
	if _, missing := os.Stat(filepath.Join(root, "usr", "bin", "aws")); err != nil || missing != nil || os.Getuid() != 0 {
		t.Skip("needs version 2 of the AWS command line: make test-awscli, as root")
	}
	dir, err := os.MkdirTemp(filepath.Join(root, "tmp"), "credfile-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := &awsCLI{newBox(t), root}
	c.home = filepath.Join(dir, "home")
	config := fmt.Sprintf("[sso-session work]\nsso_start_url = %[1]s\nsso_region = %[2]s\nsso_registration_scopes = sso:account:access\n"+
		"[profile dev]\nsso_session = work\nsso_account_id = %[3]s\nsso_role_name = %[4]s\nregion = %[2]s\n"+
		"[profile old]\nsso_start_url = %[1]s\nsso_region = %[2]s\nsso_account_id = %[3]s\nsso_role_name = %[4]s\n", s.URL+"/start", ssotest.Region, ssotest.Account, ssotest.Role)
	if err := os.MkdirAll(filepath.Join(c.home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.home, ".aws", "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	// Both programs wait for their browser to be started, not for its page.
	executable(t, filepath.Join(c.home, "browser"), "#!/bin/sh\necho opened >> \"$HOME/opened\"\n"+
		"python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1])' \"$1\" </dev/null >/dev/null 2>&1 &\n")
	c.env = append(instruments(), "HOME="+c.home, "PATH="+os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "BROWSER="+filepath.Join(c.home, "browser"))
	c.ok("", "init", "--name", "alice")
	c.ok("", "source", "add", "AWS", "aws", "sso_start_url="+s.URL+"/start", "sso_region="+ssotest.Region,
		"account_id="+ssotest.Account, "role_name="+ssotest.Role, "region=eu-west-1", "endpoint="+s.URL)
	s.Took()
	return c
}

// inside is a path of the box as the AWS command line sees it.
func (c *awsCLI) inside(path string) string { return strings.TrimPrefix(path, c.root) }

// aws is the command line of the AWS command line. env has what it gets besides the box's own.
func (c *awsCLI) aws(s *ssotest.Server, args ...string) []string {
	home := c.inside(c.home)
	return append([]string{"chroot", c.root, "env", "HOME=" + home, "PATH=/usr/bin:/bin", "BROWSER=" + home + "/browser", "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL_SSO_OIDC=" + s.URL, "AWS_ENDPOINT_URL_SSO=" + s.URL, "aws"}, args...)
}

func (c *awsCLI) runAWS(s *ssotest.Server, args ...string) result {
	c.t.Helper()
	words := c.aws(s, args...)
	r := c.exec(exec.Command(words[0], words[1:]...), "")
	if r.code != 0 {
		c.t.Fatalf("aws %q: exit code %d\n%s%s", args, r.code, r.stdout, r.stderr)
	}
	return r
}

// opened returns how often a browser was opened since the last call.
func (c *awsCLI) opened() int {
	text, _ := os.ReadFile(filepath.Join(c.home, "opened"))
	os.Remove(filepath.Join(c.home, "opened"))
	return strings.Count(string(text), "\n")
}

// as says whose clients the server expects: each has its own way to name them.
func as(s *ssotest.Server, client string) {
	s.Lock()
	defer s.Unlock()
	s.Name = client
}

const awsClient, ourClient = "botocore-client-", "credfile"

// The login that the real aws sso login makes serves credfile without one of its own, whichever way it was
// made and however the configuration names it. Its end is the end for both.
func TestAWSLoginIsShared(t *testing.T) {
	s := ssotest.New(t, time.Now)
	c := newAWSCLI(t, s)
	for _, test := range []struct {
		name, want string
		args       []string
	}{
		{"browser", "/client/register /authorize /token", []string{"sso", "login", "--profile", "dev"}},
		{"device code", "/client/register /device_authorization /token", []string{"sso", "login", "--profile", "dev", "--use-device-code", "--no-browser"}},
		{"a profile without a session", "/client/register /device_authorization /token", []string{"sso", "login", "--profile", "old", "--use-device-code", "--no-browser"}},
	} {
		as(s, awsClient)
		c.runAWS(s, test.args...)
		if got := s.Took(); got != test.want {
			t.Errorf("%s: aws asked for %s", test.name, got)
		}
		c.opened()
		as(s, ourClient)
		r := c.ok("", "env", "--", "printenv", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")
		if want := ssotest.KeyID + "\n" + ssotest.Secret + "\n" + ssotest.Token + "\neu-west-1\n"; r.stdout != want {
			t.Errorf("%s: %q", test.name, r.stdout)
		}
		if got := s.Took(); got != "/federation/credentials" || c.opened() != 0 {
			t.Errorf("%s: credfile asked for %s", test.name, got)
		}
		// The AWS command line takes what env gives it, and asks nobody.
		var given struct{ AccessKeyId, SessionToken string }
		words := c.aws(s, "configure", "export-credentials", "--format", "process")
		r = c.ok("", append([]string{"env", "--"}, words...)...)
		if err := json.Unmarshal([]byte(r.stdout), &given); err != nil || given.AccessKeyId != ssotest.KeyID || given.SessionToken != ssotest.Token || s.Took() != "" {
			t.Errorf("%s: %q", test.name, r.stdout)
		}
		c.runAWS(s, "sso", "logout")
		if got := s.Took(); !strings.Contains(got, "/logout") {
			t.Errorf("%s: aws asked for %q", test.name, got)
		}
		if r := c.run("", "login", "--force"); r.code != exitNoTerminal || s.Took() != "" || !strings.Contains(r.stderr, "source AWS: needs a login at 127.0.0.1") {
			t.Errorf("%s: after the end: exit code %d, %s", test.name, r.code, r.stderr)
		}
		c.run("", "logout", "--all")
	}
}

// credfile's own login is what aws sso login asks the same server for, request by request.
func TestAWSLoginIsTheSame(t *testing.T) {
	s := ssotest.New(t, time.Now)
	c := newAWSCLI(t, s)
	for _, test := range []struct {
		name        string
		their, ours []string
		opened      int
	}{
		{"browser", []string{"sso", "login", "--profile", "dev"}, []string{"login", "--force"}, 1},
		{"device code", []string{"sso", "login", "--profile", "dev", "--use-device-code", "--no-browser"}, []string{"login", "--force", "--device"}, 0},
	} {
		as(s, awsClient)
		c.runAWS(s, test.their...)
		c.runAWS(s, "configure", "export-credentials", "--profile", "dev")
		want := s.Took()
		if got := c.opened(); got != test.opened {
			t.Errorf("%s: aws opened %d browsers", test.name, got)
		}
		c.runAWS(s, "sso", "logout")
		s.Took()
		as(s, ourClient)
		r, screen := c.onTerminal(test.ours)
		if r.code != 0 || !strings.Contains(r.stderr, "AWS: logged in as role ReadOnly in account 123456789012, valid for 59 minutes") {
			t.Fatalf("%s: exit code %d: %s\n%s", test.name, r.code, r.stderr, screen)
		}
		if got := s.Took(); got != want || c.opened() != test.opened {
			t.Errorf("%s: credfile asked for %s, aws for %s", test.name, got, want)
		}
		if test.opened == 0 && !strings.Contains(r.stderr, "ABCD-EFGH") {
			t.Errorf("%s: %s", test.name, r.stderr)
		}
		c.ok("", "logout", "AWS")
		if got := s.Took(); got != "/logout" {
			t.Errorf("%s: logout asked for %s", test.name, got)
		}
	}
}
