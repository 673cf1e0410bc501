package connect_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

// fakeSSO is an IAM Identity Center that checks what it gets.
type fakeSSO struct {
	*httptest.Server
	t        *testing.T
	m        *machine
	mu       sync.Mutex
	requests []string        // methods and paths
	tokens   map[string]bool // access tokens that are good
	refresh  string          // the refresh token that is good
	n        int             // of logins and renewals
	redirect string          // what the last browser had
	verifier string          // its challenge
	device   []string        // answers to polling before the token
	before   map[string]func(w http.ResponseWriter) bool
	page     string // where a device code is to be entered
}

func newSSO(t *testing.T, m *machine) *fakeSSO {
	s := &fakeSSO{t: t, m: m, tokens: map[string]bool{}, before: map[string]func(http.ResponseWriter) bool{}}
	s.Server = httptest.NewServer(s)
	s.page = s.URL + "/start/#/device"
	t.Cleanup(s.Close)
	return s
}

func (s *fakeSSO) ref(t *testing.T, session []byte, pairs ...any) *source.Ref {
	t.Helper()
	pairs = append([]any{"sso_start_url", s.URL + "/start", "sso_region", "eu-central-1", "account_id", "123456789012", "role_name", "ReadOnly", "endpoint", s.URL}, pairs...)
	return &source.Ref{Kind: "aws", Definition: definition(t, "aws", pairs...), Session: session}
}

// took returns the requests since it was last called.
func (s *fakeSSO) took() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := strings.Join(s.requests, " ")
	s.requests = nil
	return list
}

func (s *fakeSSO) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.URL.Path)
	if r.Header.Get("Authorization") != "" {
		s.t.Errorf("%s is signed", r.URL.Path)
	}
	if before := s.before[r.URL.Path]; before != nil && before(w) {
		return
	}
	text, _ := io.ReadAll(r.Body)
	var body map[string]any
	json.Unmarshal(text, &body)
	switch r.Method + " " + r.URL.Path {
	case "POST /client/register":
		s.register(w, body)
	case "POST /device_authorization":
		s.expect(body, map[string]any{"clientId": "client-1", "clientSecret": "client-secret-1", "startUrl": s.URL + "/start"})
		fmt.Fprintf(w, `{"deviceCode":"device-1","userCode":"ABCD-EFGH","verificationUri":%q,"verificationUriComplete":"https://evil.example.com","expiresIn":600,"interval":1}`, s.page)
	case "POST /token":
		s.token(w, body)
	case "GET /federation/credentials":
		if r.URL.RawQuery != "account_id=123456789012&role_name=ReadOnly" {
			s.t.Errorf("query %s", r.URL.RawQuery)
		}
		if s.bearer(w, r) {
			fmt.Fprintf(w, `{"roleCredentials":{"accessKeyId":%q,"secretAccessKey":%q,"sessionToken":%q,"expiration":%d}}`, sessionID, sessionKey, sessionToken, s.m.Now().Add(time.Hour).UnixMilli())
		}
	case "POST /logout":
		if s.bearer(w, r) {
			clear(s.tokens)
		}
	default:
		s.t.Errorf("%s %s", r.Method, r.URL)
	}
}

func (s *fakeSSO) expect(got, want map[string]any) {
	if !reflect.DeepEqual(got, want) {
		s.t.Errorf("got %v, want %v", got, want)
	}
}

func (s *fakeSSO) bearer(w http.ResponseWriter, r *http.Request) bool {
	if s.tokens[r.Header.Get("x-amz-sso_bearer_token")] {
		return true
	}
	w.Header().Set("X-Amzn-Errortype", "UnauthorizedException")
	w.WriteHeader(http.StatusUnauthorized)
	io.WriteString(w, `{"message":"Session token not found or invalid"}`)
	return false
}

func (s *fakeSSO) register(w http.ResponseWriter, body map[string]any) {
	want := map[string]any{"clientName": "credfile", "clientType": "public", "scopes": []any{"sso:account:access"}}
	if _, ok := body["grantTypes"]; ok {
		want["grantTypes"], want["redirectUris"], want["issuerUrl"] = []any{"authorization_code", "refresh_token"}, []any{"http://127.0.0.1/oauth/callback"}, s.URL+"/start"
	}
	s.expect(body, want)
	fmt.Fprintf(w, `{"clientId":"client-1","clientSecret":"client-secret-1","clientIdIssuedAt":1,"clientSecretExpiresAt":%d}`, s.m.Now().Add(90*24*time.Hour).Unix())
}

func (s *fakeSSO) token(w http.ResponseWriter, body map[string]any) {
	want := map[string]any{"clientId": "client-1", "clientSecret": "client-secret-1", "grantType": body["grantType"]}
	code := ""
	switch body["grantType"] {
	case "authorization_code":
		sum := sha256.Sum256([]byte(fmt.Sprint(body["codeVerifier"])))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != s.verifier {
			s.t.Errorf("verifier %v", body["codeVerifier"])
		}
		want["code"], want["redirectUri"], want["codeVerifier"] = "code-1", s.redirect, body["codeVerifier"]
	case "refresh_token":
		want["refreshToken"] = body["refreshToken"]
		if body["refreshToken"] != s.refresh {
			code = "InvalidGrantException"
		}
	case "urn:ietf:params:oauth:grant-type:device_code":
		want["deviceCode"] = "device-1"
		if len(s.device) > 0 {
			code, s.device = s.device[0], s.device[1:]
		}
	}
	s.expect(body, want)
	if code != "" {
		refuseSSO(code)(w)
		return
	}
	s.n++
	n := strconv.Itoa(s.n)
	s.tokens["access-"+n], s.refresh = true, "refresh-"+n
	fmt.Fprintf(w, `{"accessToken":"access-%[1]s","tokenType":"Bearer","expiresIn":28800,"refreshToken":"refresh-%[1]s"}`, n)
}

func refuseSSO(name string) func(w http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		if name == "HTML" {
			return page(502, "Content-Type: text/html", "<html>")(w)
		}
		w.Header().Set("X-Amzn-Errortype", name)
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, "{}")
		return true
	}
}

// browse is the user's browser: it goes to a page and is sent back, with what change makes of the query.
func (s *fakeSSO) browse(page string, change func(q url.Values)) (status int, body string) {
	u, err := url.Parse(page)
	if err != nil || !strings.HasPrefix(page, s.URL+"/authorize?") {
		s.t.Errorf("page %s", page)
	}
	q := u.Query()
	s.mu.Lock()
	s.redirect, s.verifier = q.Get("redirect_uri"), q.Get("code_challenge")
	s.mu.Unlock()
	want := url.Values{"response_type": {"code"}, "client_id": {"client-1"}, "redirect_uri": {s.redirect}, "state": {q.Get("state")},
		"code_challenge_method": {"S256"}, "code_challenge": {s.verifier}, "scopes": {"sso:account:access"}}
	if !reflect.DeepEqual(q, want) || len(q.Get("state")) < 32 || !strings.HasPrefix(s.redirect, "http://127.0.0.1:") || !strings.HasSuffix(s.redirect, "/oauth/callback") {
		s.t.Errorf("query %v", q)
	}
	back := url.Values{"code": {"code-1"}, "state": {q.Get("state")}}
	if change != nil {
		change(back)
	}
	resp, err := http.Get(s.redirect + "?" + back.Encode())
	if err != nil {
		s.t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}
