package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var signed = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]+)$`)

// signedBy returns an error unless a request is signed by the key (Signature Version 4).
// The secret itself is never sent.
func signedBy(r *http.Request, body []byte, id, secret string) error {
	m := signed.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		return fmt.Errorf("it is not signed")
	}
	if m[1] != id {
		return fmt.Errorf("it is signed by %s", m[1])
	}
	var headers strings.Builder
	for _, name := range strings.Split(m[5], ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		fmt.Fprintf(&headers, "%s:%s\n", name, strings.TrimSpace(value))
	}
	hash := func(b []byte) string { h := sha256.Sum256(b); return hex.EncodeToString(h[:]) }
	request := strings.Join([]string{r.Method, r.URL.Path, r.URL.RawQuery, headers.String(), m[5], hash(body)}, "\n")
	scope := strings.Join([]string{m[2], m[3], m[4], "aws4_request"}, "/")
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), scope, hash([]byte(request))}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range []string{m[2], m[3], m[4], "aws4_request", text} {
		h := hmac.New(sha256.New, key)
		io.WriteString(h, part)
		key = h.Sum(nil)
	}
	if hex.EncodeToString(key) != m[6] {
		return fmt.Errorf("the signature is another key's")
	}
	return nil
}

// The real aws command runs credfile and signs with the key that it gets.
func TestHelperAWS(t *testing.T) {
	t.Parallel()
	aws := needTool(t, "aws")
	b := newBox(t)
	b.ok("", "init")
	b.ok("", "profile", "add", "dev")
	b.ok("AKIAPLAINLYFAKE", "-p", "dev", "set", "AWS_ACCESS_KEY_ID", "-")
	b.ok(canary, "-p", "dev", "set", "AWS_SECRET_ACCESS_KEY", "-")
	b.ok("session/"+canary, "-p", "dev", "set", "AWS_SESSION_TOKEN", "-")
	asked := make(chan error, 9)
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		err := signedBy(r, body, "AKIAPLAINLYFAKE", canary)
		if token := r.Header.Get("X-Amz-Security-Token"); err == nil && token != "session/"+canary {
			err = fmt.Errorf("the session's token is not ours")
		}
		asked <- err
		io.WriteString(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>`+
			`<Arn>arn:aws:iam::123456789012:user/dev</Arn><UserId>AIDA</UserId><Account>123456789012</Account>`+
			`</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`)
	}))
	t.Cleanup(sts.Close)
	config := filepath.Join(b.home, "config")
	text := "[profile dev]\ncredential_process = " + b.helperCommand("-p dev helper aws") +
		"\n[profile none]\ncredential_process = " + b.helperCommand("helper aws") + "\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.env = append(b.env, "AWS_CONFIG_FILE="+config, "AWS_SHARED_CREDENTIALS_FILE="+config+".none", "AWS_DEFAULT_REGION=eu-west-1",
		"AWS_ENDPOINT_URL="+sts.URL, "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=")
	identity := func(profile string) result {
		return b.exec(exec.Command(aws, "--profile", profile, "sts", "get-caller-identity"), "")
	}
	r := identity("dev")
	if r.code != 0 || !strings.Contains(r.stdout, "123456789012") {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	if err := <-asked; err != nil {
		t.Error(err)
	}
	r = identity("none")
	if r.code == 0 || len(asked) > 0 || !strings.Contains(r.stderr, "no AWS_ACCESS_KEY_ID") || !strings.Contains(r.stderr, "hint: to set them: credfile -p default set") {
		t.Errorf("without the names: exit code %d, %d requests\n%s", r.code, len(asked), r.stderr)
	}
}
