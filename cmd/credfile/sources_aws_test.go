//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	fakeID     = "AKIAIOSFODNN7EXAMPLE"
	fakeSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// fakeSTS is AWS STS, as far as its answers go. It checks the signature of each request.
type fakeSTS struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []url.Values
	wrong  []error
	refuse string // the code of an error
	life   time.Duration
	off    time.Duration // of its clock
}

func newFakeSTS(t *testing.T) *fakeSTS {
	s := &fakeSTS{life: time.Hour}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

func (s *fakeSTS) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	s.asked = append(s.asked, form)
	id, secret := fakeID, fakeSecret
	if r.Header.Get("X-Amz-Security-Token") != "" { // a session that it gave before
		id, secret = "ASIAPLAINLYFAKE1", "secret/1"
	}
	if err := signedBy(r, body, id, secret); err != nil {
		s.wrong = append(s.wrong, err)
	}
	w.Header().Set("Date", time.Now().Add(s.off).UTC().Format(http.TimeFormat))
	if s.refuse != "" {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>not authorized</Message></Error></ErrorResponse>`, s.refuse)
		return
	}
	action, n := form.Get("Action"), len(s.asked)
	fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials><AccessKeyId>ASIAPLAINLYFAKE%[2]d</AccessKeyId>`+
		`<SecretAccessKey>secret/%[2]d</SecretAccessKey><SessionToken>token/%[2]d</SessionToken><Expiration>%[3]s</Expiration></Credentials></%[1]sResult></%[1]sResponse>`,
		action, n, time.Now().Add(s.life).UTC().Format(time.RFC3339))
}

// first returns the first request since the last call of actions.
func (s *fakeSTS) first() url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) == 0 {
		return nil
	}
	return s.asked[0]
}

// faults returns what was wrong with the signatures.
func (s *fakeSTS) faults() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrong
}

// actions returns what was asked for since the last call.
func (s *fakeSTS) actions() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, form := range s.asked {
		list = append(list, form.Get("Action"))
	}
	s.asked = nil
	return strings.Join(list, " ")
}

func awsBox(t *testing.T) *box {
	t.Helper()
	b := newBox(t)
	b.ok("", "init", "--name", "alice")
	b.ok(fakeID, "set", "AWS_ACCESS_KEY_ID", "-")
	b.ok(fakeSecret, "set", "AWS_SECRET_ACCESS_KEY", "-")
	return b
}

// A role of AWS: the command gets a session, and not the key that made it.
func TestAWSRole(t *testing.T) {
	b, sts := awsBox(t), newFakeSTS(t)
	b.ok("", "source", "add", "AWS", "aws", "role_arn=arn:aws:iam::123456789012:role/deploy", "region=eu-central-1", "endpoint="+sts.URL)
	env := func(want string) {
		t.Helper()
		r := b.ok("", "env", "--", "printenv", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION")
		if r.stdout != want {
			t.Errorf("%q, want %q", r.stdout, want)
		}
	}
	env("ASIAPLAINLYFAKE1\nsecret/1\ntoken/1\neu-central-1\neu-central-1\n")
	env("ASIAPLAINLYFAKE1\nsecret/1\ntoken/1\neu-central-1\neu-central-1\n")
	if got := sts.actions(); got != "AssumeRole" {
		t.Errorf("asked for %q", got)
	}
	var answer struct{ AccessKeyId, SecretAccessKey, SessionToken, Expiration string }
	r := b.ok("", "helper", "aws")
	if err := json.Unmarshal([]byte(r.stdout), &answer); err != nil || answer.SessionToken != "token/1" {
		t.Errorf("%q, %v", r.stdout, err)
	}
	if until, err := time.Parse(time.RFC3339, answer.Expiration); err != nil || until.Before(time.Now().Add(50*time.Minute)) {
		t.Errorf("Expiration %q", answer.Expiration)
	}
	if r := b.ok("", "-v", "env", "--", "env"); strings.Contains(r.stdout+r.stderr, fakeSecret) || strings.Contains(r.stdout, fakeID) {
		t.Error("the command got the key itself")
	}
	// A server that refuses.
	sts.mu.Lock()
	sts.refuse = "AccessDenied"
	sts.mu.Unlock()
	r = b.run("", "login", "--force")
	if r.code != exitNoKey || !strings.Contains(r.stderr, "source AWS: ") || strings.Contains(r.stderr, fakeSecret) {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	env("ASIAPLAINLYFAKE1\nsecret/1\ntoken/1\neu-central-1\neu-central-1\n")
	if wrong := sts.faults(); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// MFA once, for a source that two roles share.
func TestAWSChain(t *testing.T) {
	b, sts := awsBox(t), newFakeSTS(t)
	b.ok("otpauth://totp/AWS:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "set", "MFA", "-")
	b.ok("", "source", "add", "BASE", "aws", "mfa_serial=arn:aws:iam::123456789012:mfa/alice", "mfa_secret=MFA", "on_demand=true", "endpoint="+sts.URL)
	b.ok("", "source", "add", "DEPLOY", "aws", "from=BASE", "role_arn=arn:aws:iam::123456789012:role/deploy", "on_demand=true", "endpoint="+sts.URL)
	b.ok("", "source", "add", "AUDIT", "aws", "from=BASE", "role_arn=arn:aws:iam::123456789012:role/audit", "on_demand=true", "endpoint="+sts.URL)
	if r := b.ok("", "env", "--only", "DEPLOY", "--", "printenv", "AWS_SESSION_TOKEN"); r.stdout != "token/2\n" {
		t.Errorf("%q", r.stdout)
	}
	if got := sts.first(); got.Get("SerialNumber") != "arn:aws:iam::123456789012:mfa/alice" || len(got.Get("TokenCode")) != 6 {
		t.Errorf("%v", got)
	}
	b.ok("", "env", "--only", "AUDIT", "--", "true")
	if got := sts.actions(); got != "GetSessionToken AssumeRole AssumeRole" {
		t.Errorf("asked for %q", got)
	}
	r := b.run("", "env", "--with", "DEPLOY", "--with", "AUDIT", "--", "true")
	if r.code != exitEnv || !strings.Contains(r.stderr, "DEPLOY and AUDIT of profile default both give AWS_ACCESS_KEY_ID") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	if wrong := sts.faults(); len(wrong) > 0 {
		t.Error(wrong)
	}
	// Without the key of the device, a code is asked for, and nobody is there.
	b.ok("", "source", "add", "BASE", "aws", "mfa_serial=arn:aws:iam::123456789012:mfa/alice", "endpoint="+sts.URL)
	r = b.run("", "env", "--only", "DEPLOY", "--", "true")
	if r.code != exitEnv || !strings.Contains(r.stderr, "hint: in a terminal: credfile login BASE") || sts.actions() != "" {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}

// startedMoto starts moto, an AWS that others have written, and returns its address.
func startedMoto(t *testing.T) string {
	moto := needTool(t, "moto_server")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	server := exec.Command(moto, "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	address := fmt.Sprintf("http://127.0.0.1:%d", port)
	for i := 0; ; i++ {
		if conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://")); err == nil {
			conn.Close()
			break
		} else if i == 600 {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return address
}

// The real aws command, with a session that moto gave for a role, through env and through helper aws.
func TestMoto(t *testing.T) {
	aws := needTool(t, "aws")
	address := startedMoto(t)
	b := awsBox(t)
	b.ok("", "source", "add", "AWS", "aws", "role_arn=arn:aws:iam::123456789012:role/deploy", "region=eu-central-1", "endpoint="+address)
	config := filepath.Join(b.home, "config")
	if err := os.WriteFile(config, []byte("[profile x]\ncredential_process = "+b.helperCommand("helper aws")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.env = append(b.env, "AWS_ENDPOINT_URL="+address, "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_CONFIG_FILE="+config, "AWS_SHARED_CREDENTIALS_FILE="+config+".none")
	const want = "arn:aws:sts::123456789012:assumed-role/deploy/credfile"
	if r := b.ok("", "env", "--", aws, "sts", "get-caller-identity"); !strings.Contains(r.stdout, want) {
		t.Errorf("through env: %s", r.stdout)
	}
	r := b.exec(exec.Command(aws, "--profile", "x", "--region", "eu-central-1", "sts", "get-caller-identity"), "")
	if r.code != 0 || !strings.Contains(r.stdout, want) {
		t.Errorf("through the helper: exit code %d, %s%s", r.code, r.stdout, r.stderr)
	}

	// A secret of its Secrets Manager, by the real aws command as well.
	b.env = append(b.env, "AWS_ACCESS_KEY_ID="+fakeID, "AWS_SECRET_ACCESS_KEY="+fakeSecret, "AWS_DEFAULT_REGION=eu-central-1")
	secret := `{"user":"shop","password":"not-real \"1\""}`
	if r := b.exec(exec.Command(aws, "secretsmanager", "create-secret", "--name", "app/prod", "--secret-string", secret), ""); r.code != 0 {
		t.Fatal(r.stderr)
	}
	b.ok("", "source", "add", "DB", "aws-secret", "secret_id=app/prod", "map=DB_USER=user,DB_PASSWORD=password", "on_demand=true")
	if r := b.ok("", "env", "--only", "DB", "--", "printenv", "DB_USER", "DB_PASSWORD"); r.stdout != "shop\nnot-real \"1\"\n" {
		t.Errorf("a secret: %q", r.stdout)
	}
	b.ok("", "source", "add", "NONE", "aws-secret", "secret_id=app/none", "on_demand=true")
	if r := b.run("", "get", "NONE"); r.code != exitNotFound || !strings.Contains(r.stderr, "aws finds no such secret") {
		t.Errorf("no such secret: exit code %d, %s", r.code, r.stderr)
	}
	if r := b.ok("", "sessions"); strings.Contains(r.stdout, "DB") {
		t.Errorf("kept without cache: %s", r.stdout)
	}
}
