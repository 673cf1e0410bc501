package connect_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"html"
	"io"
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

	"github.com/credfile/credfile/internal/connect/aws/ssotest"
	"github.com/credfile/credfile/internal/source"
)

// Keys from AWS's documentation, which are nobody's.
const (
	keyID      = "AKIAIOSFODNN7EXAMPLE"
	keySecret  = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	sessionID  = ssotest.KeyID
	sessionKey = ssotest.Secret
	mfaSerial  = "arn:aws:iam::123456789012:mfa/alice"
	roleARN    = "arn:aws:iam::123456789012:role/deploy"
)

var sessionToken = ssotest.Token

func pair() map[string]string {
	return map[string]string{"access_key_id": keyID, "secret_access_key": keySecret}
}

// fakeSTS is an STS that checks each signature with AWS's own code, and each code for being new.
type fakeSTS struct {
	*httptest.Server
	t      *testing.T
	clock  func() time.Time
	region string
	mu     sync.Mutex
	forms  []url.Values
	codes  map[string]bool
	next   []func(w http.ResponseWriter) bool // what it does to the next requests instead of answering
	always func(w http.ResponseWriter) bool
}

func newSTS(t *testing.T, clock func() time.Time) *fakeSTS {
	s := &fakeSTS{t: t, clock: clock, region: "us-east-1", codes: map[string]bool{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *fakeSTS) asked() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]url.Values(nil), s.forms...)
}

func (s *fakeSTS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	form, err := url.ParseQuery(string(body))
	if err != nil || r.Method != http.MethodPost || r.URL.String() != "/" || form.Get("Version") != "2011-06-15" {
		s.t.Errorf("request %s %s %q", r.Method, r.URL, body)
	}
	s.forms = append(s.forms, form)
	w.Header().Set("Date", s.clock().UTC().Format(http.TimeFormat))
	if len(s.next) > 0 {
		now := s.next[0]
		s.next = s.next[1:]
		if now(w) {
			return
		}
	} else if s.always != nil && s.always(w) {
		return
	}
	if code, message := s.refuses(r, form, string(body)); code != "" {
		refuse(http.StatusForbidden, code, message)(w)
		return
	}
	action := form.Get("Action")
	fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><AssumedRoleUser><Arn>%[2]s</Arn></AssumedRoleUser>`+
		`<Credentials><AccessKeyId>%[3]s</AccessKeyId><SecretAccessKey>%[4]s</SecretAccessKey><SessionToken>%[5]s</SessionToken><Expiration>%[6]s</Expiration></Credentials>`+
		`</%[1]sResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></%[1]sResponse>`,
		action, html.EscapeString(form.Get("RoleArn")), sessionID, sessionKey, sessionToken, s.clock().Add(time.Hour).Format("2006-01-02T15:04:05.000000Z"))
}

// refuses is what STS checks.
func (s *fakeSTS) refuses(r *http.Request, form url.Values, body string) (code, message string) {
	if form.Get("Action") == "AssumeRoleWithWebIdentity" {
		if r.Header.Get("Authorization") != "" {
			s.t.Error("a web identity is signed")
		}
		return "", ""
	}
	date, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return "IncompleteSignature", "no date"
	}
	if off := s.clock().Sub(date); off > 5*time.Minute || off < -5*time.Minute {
		return "SignatureDoesNotMatch", "Signature expired: " + r.Header.Get("X-Amz-Date") + " is now earlier than " + s.clock().String()
	}
	k := request{ID: keyID, Secret: keySecret, Region: s.region, URL: s.URL + "/", ContentType: r.Header.Get("Content-Type"), Body: body, Time: date}
	if token := r.Header.Get("X-Amz-Security-Token"); token != "" {
		k.ID, k.Secret, k.Token = sessionID, sessionKey, token
		if token != sessionToken {
			return "ExpiredToken", "The security token included in the request is expired"
		}
	}
	switch {
	case !strings.Contains(r.Header.Get("Authorization"), "Credential="+k.ID+"/"):
		return "InvalidClientTokenId", "The security token included in the request is invalid."
	case r.Header.Get("Authorization") != theirs(s.t, k):
		return "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."
	}
	if mfa := form.Get("TokenCode"); form.Has("SerialNumber") != form.Has("TokenCode") {
		return "ValidationError", "SerialNumber and TokenCode belong together"
	} else if mfa == "000000" || s.codes[mfa] {
		return "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "
	} else if mfa != "" {
		s.codes[mfa] = true
	}
	return "", ""
}

// refuse answers as STS refuses.
func refuse(status int, code, message string) func(w http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		w.WriteHeader(status)
		fmt.Fprintf(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
			code, html.EscapeString(message))
		return true
	}
}

// page answers with something that is not from STS.
func page(status int, header, body string) func(w http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	}
}

func drop(http.ResponseWriter) bool { panic(http.ErrAbortHandler) }

// request is what testdata/signer signs.
type request struct {
	ID, Secret, Token, Region, URL, ContentType, Body string
	Time                                              time.Time
}

var signer struct {
	sync.Mutex
	in  *json.Encoder
	out *bufio.Reader
}

// theirs is the Authorization header that AWS's own code gives.
func theirs(t *testing.T, r request) string {
	signer.Lock()
	defer signer.Unlock()
	if err := signer.in.Encode(r); err != nil {
		t.Fatal(err)
	}
	line, err := signer.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func TestMain(m *testing.M) { os.Exit(withSigner(m)) }

// withSigner runs the tests with the program that signs as AWS's own code does.
func withSigner(m *testing.M) int {
	dir, err := os.MkdirTemp("", "signer")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "signer")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = "../../testdata/signer"
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v %s", err, out)
		return 1
	}
	cmd := exec.Command(program)
	in, err := cmd.StdinPipe()
	if err != nil {
		return 1
	}
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return 1
	}
	signer.in, signer.out = json.NewEncoder(in), bufio.NewReader(out)
	code := m.Run()
	in.Close()
	cmd.Wait()
	return code
}

// awsRef is a source of the kind aws at a fake.
func awsRef(t *testing.T, s *fakeSTS, secrets map[string]string, pairs ...any) *source.Ref {
	t.Helper()
	return &source.Ref{Kind: "aws", Definition: definition(t, "aws", append(pairs, "endpoint", s.URL)...), Secrets: secrets}
}
