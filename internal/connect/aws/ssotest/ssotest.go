// Package ssotest is an IAM Identity Center that checks what it gets, for tests. AWS's own command line
// logs in here as credfile does.
package ssotest

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
)

// Credentials that it gives for the one role that it has.
const (
	Account = "123456789012"
	Role    = "ReadOnly"
	Region  = "eu-central-1"
	KeyID   = "ASIAIOSFODNN7EXAMPLE"
	Secret  = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
)

// Token is a session token with the characters that such tokens have.
var Token = "IQoJb3JpZ2luX2VjEXAMPLE/+=" + strings.Repeat("A", 700)

// Server is an IAM Identity Center. Its fields are guarded by its mutex.
type Server struct {
	*httptest.Server
	sync.Mutex
	Tokens   map[string]bool // access tokens that are good
	Refresh  string          // the refresh token that is good
	Logins   int             // and renewals
	Redirect string          // what the last browser had
	Verifier string          // its challenge
	Device   []string        // answers to polling before the token
	Before   map[string]func(w http.ResponseWriter) bool
	Page     string // where a device code is to be entered
	Name     string // that clients begin theirs with

	t        testing.TB
	now      func() time.Time
	requests []string // methods and paths
}

// New starts a server, which ends with the test.
func New(t testing.TB, now func() time.Time) *Server {
	s := &Server{t: t, now: now, Name: "credfile", Tokens: map[string]bool{}, Before: map[string]func(http.ResponseWriter) bool{}}
	s.Server = httptest.NewServer(s)
	s.Page = s.URL + "/start/#/device"
	t.Cleanup(s.Close)
	return s
}

// Took returns the requests since it was last called.
func (s *Server) Took() string {
	s.Lock()
	defer s.Unlock()
	list := strings.Join(s.requests, " ")
	s.requests = nil
	return list
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	s.requests = append(s.requests, r.URL.Path)
	if r.Header.Get("Authorization") != "" {
		s.t.Errorf("%s is signed", r.URL.Path)
	}
	if before := s.Before[r.URL.Path]; before != nil && before(w) {
		return
	}
	text, _ := io.ReadAll(r.Body)
	var body map[string]any
	json.Unmarshal(text, &body)
	switch r.Method + " " + r.URL.Path {
	case "POST /client/register":
		s.register(w, body)
	case "GET /authorize":
		http.Redirect(w, r, s.saw(r.URL.Query()), http.StatusFound)
	case "POST /device_authorization":
		s.expect(body, map[string]any{"clientId": "client-1", "clientSecret": "client-secret-1", "startUrl": s.URL + "/start"})
		fmt.Fprintf(w, `{"deviceCode":"device-1","userCode":"ABCD-EFGH","verificationUri":%q,"verificationUriComplete":"https://evil.example.com","expiresIn":600,"interval":1}`, s.Page)
	case "POST /token":
		s.token(w, body)
	case "GET /federation/credentials":
		s.credentials(w, r)
	case "POST /logout":
		if s.bearer(w, r) {
			clear(s.Tokens)
		}
	default:
		s.t.Errorf("%s %s", r.Method, r.URL)
	}
}

func (s *Server) expect(got, want map[string]any) {
	if !reflect.DeepEqual(got, want) {
		s.t.Errorf("got %v, want %v", got, want)
	}
}

func (s *Server) credentials(w http.ResponseWriter, r *http.Request) {
	if q := r.URL.Query(); !reflect.DeepEqual(q, url.Values{"account_id": {Account}, "role_name": {Role}}) {
		s.t.Errorf("query %v", q)
	}
	if s.bearer(w, r) {
		fmt.Fprintf(w, `{"roleCredentials":{"accessKeyId":%q,"secretAccessKey":%q,"sessionToken":%q,"expiration":%d}}`, KeyID, Secret, Token, s.now().Add(time.Hour).UnixMilli())
	}
}

func (s *Server) bearer(w http.ResponseWriter, r *http.Request) bool {
	if s.Tokens[r.Header.Get("x-amz-sso_bearer_token")] {
		return true
	}
	w.Header().Set("X-Amzn-Errortype", "UnauthorizedException")
	w.WriteHeader(http.StatusUnauthorized)
	io.WriteString(w, `{"message":"Session token not found or invalid"}`)
	return false
}

func (s *Server) register(w http.ResponseWriter, body map[string]any) {
	name, _ := body["clientName"].(string)
	if !strings.HasPrefix(name, s.Name) {
		s.t.Errorf("client %q", name)
	}
	want := map[string]any{"clientName": name, "clientType": "public", "scopes": []any{"sso:account:access"}}
	if _, ok := body["scopes"]; !ok && s.Name != "credfile" { // as AWS's own does for a profile without a session
		delete(want, "scopes")
	}
	if _, ok := body["grantTypes"]; ok {
		want["grantTypes"], want["redirectUris"], want["issuerUrl"] = []any{"authorization_code", "refresh_token"}, []any{"http://127.0.0.1/oauth/callback"}, s.URL+"/start"
	}
	s.expect(body, want)
	fmt.Fprintf(w, `{"clientId":"client-1","clientSecret":"client-secret-1","clientIdIssuedAt":1,"clientSecretExpiresAt":%d}`, s.now().Add(90*24*time.Hour).Unix())
}

func (s *Server) token(w http.ResponseWriter, body map[string]any) {
	want := map[string]any{"clientId": "client-1", "clientSecret": "client-secret-1", "grantType": body["grantType"]}
	code := ""
	switch body["grantType"] {
	case "authorization_code":
		sum := sha256.Sum256([]byte(fmt.Sprint(body["codeVerifier"])))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != s.Verifier {
			s.t.Errorf("verifier %v", body["codeVerifier"])
		}
		want["code"], want["redirectUri"], want["codeVerifier"] = "code-1", s.Redirect, body["codeVerifier"]
	case "refresh_token":
		want["refreshToken"] = body["refreshToken"]
		if body["refreshToken"] != s.Refresh {
			code = "InvalidGrantException"
		}
	case "urn:ietf:params:oauth:grant-type:device_code":
		want["deviceCode"] = "device-1"
		if len(s.Device) > 0 {
			code, s.Device = s.Device[0], s.Device[1:]
		}
	}
	s.expect(body, want)
	if code != "" {
		refuse(w, code)
		return
	}
	s.Logins++
	n := strconv.Itoa(s.Logins)
	s.Tokens["access-"+n], s.Refresh = true, "refresh-"+n
	fmt.Fprintf(w, `{"accessToken":"access-%[1]s","tokenType":"Bearer","expiresIn":28800,"refreshToken":"refresh-%[1]s"}`, n)
}

// refuse answers with an error by its name, or as a proxy does.
func refuse(w http.ResponseWriter, name string) {
	if name == "HTML" {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		io.WriteString(w, "<html>")
		return
	}
	w.Header().Set("X-Amzn-Errortype", name)
	w.WriteHeader(http.StatusBadRequest)
	io.WriteString(w, "{}")
}

// saw checks the query of a login page, and returns where its user is sent back to.
func (s *Server) saw(q url.Values) string {
	s.Redirect, s.Verifier = q.Get("redirect_uri"), q.Get("code_challenge")
	want := url.Values{"response_type": {"code"}, "client_id": {"client-1"}, "redirect_uri": {s.Redirect}, "state": {q.Get("state")},
		"code_challenge_method": {"S256"}, "code_challenge": {s.Verifier}, "scopes": {"sso:account:access"}}
	if !reflect.DeepEqual(q, want) || len(q.Get("state")) < 32 || !strings.HasPrefix(s.Redirect, "http://127.0.0.1:") || !strings.HasSuffix(s.Redirect, "/oauth/callback") {
		s.t.Errorf("query %v", q)
	}
	return s.Redirect + "?" + url.Values{"code": {"code-1"}, "state": {q.Get("state")}}.Encode()
}

// Browse is the user's browser: it goes to a page and is sent back, with what change makes of the query.
func (s *Server) Browse(page string, change func(q url.Values)) (status int, body string) {
	u, err := url.Parse(page)
	if err != nil || !strings.HasPrefix(page, s.URL+"/authorize?") {
		s.t.Errorf("page %s", page)
		return 0, ""
	}
	s.Lock()
	back, err := url.Parse(s.saw(u.Query()))
	s.Unlock()
	if err != nil {
		s.t.Error(err)
		return 0, ""
	}
	q := back.Query()
	if change != nil {
		change(q)
	}
	back.RawQuery = q.Encode()
	resp, err := http.Get(back.String())
	if err != nil {
		s.t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}
