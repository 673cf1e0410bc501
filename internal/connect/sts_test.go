package connect_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

func values(pairs ...string) map[string]string {
	m := map[string]string{"AWS_ACCESS_KEY_ID": sessionID, "AWS_SECRET_ACCESS_KEY": sessionKey, "AWS_SESSION_TOKEN": sessionToken, "AWS_CREDENTIAL_EXPIRATION": "2026-11-27T10:30:12Z"}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

func jwt(claims string) string { return jwtOf(`{"alg":"RS256"}`, claims) }

func jwtOf(header, claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(header)) + "." + part([]byte(claims)) + "." + part([]byte("not a signature"))
}

var token = jwt(`{"sub":"repo:example/app"}`)

// What is asked of STS for each definition, whose signature AWS's own code has made as well.
func TestSTS(t *testing.T) {
	from := map[string]string{"from.AWS_ACCESS_KEY_ID": sessionID, "from.AWS_SECRET_ACCESS_KEY": sessionKey, "from.AWS_SESSION_TOKEN": sessionToken, "from.AWS_CREDENTIAL_EXPIRATION": "x"}
	for _, c := range []struct {
		name    string
		pairs   []any
		secrets map[string]string
		want    string // the form, without Version
		values  map[string]string
		subject string
	}{
		{"a session", nil, pair(), "Action=GetSessionToken", values(), ""},
		{"a session for a time", []any{"duration", "1h30m"}, pair(), "Action=GetSessionToken&DurationSeconds=5400", values(), ""},
		{"a region", []any{"region", "eu-central-1"}, pair(), "Action=GetSessionToken", values("AWS_REGION", "eu-central-1", "AWS_DEFAULT_REGION", "eu-central-1"), ""},
		{"MFA", []any{"mfa_serial", mfaSerial}, pair(), "Action=GetSessionToken&SerialNumber=" + mfaSerial + "&TokenCode=123456", values(), ""},
		{"a role", []any{"role_arn", roleARN}, pair(), "Action=AssumeRole&RoleArn=" + roleARN + "&RoleSessionName=credfile", values(), roleARN},
		{"a role with everything", []any{"role_arn", roleARN, "external_id", "a:b/c@d", "session_name", "alice@laptop", "duration", "12h", "mfa_serial", mfaSerial}, pair(),
			"Action=AssumeRole&RoleArn=" + roleARN + "&RoleSessionName=alice@laptop&ExternalId=a:b/c@d&DurationSeconds=43200&SerialNumber=" + mfaSerial + "&TokenCode=123456", values(), roleARN},
		{"a chain", []any{"role_arn", roleARN, "from", "base", "duration", "1h"}, from, "Action=AssumeRole&RoleArn=" + roleARN + "&RoleSessionName=credfile&DurationSeconds=3600", values(), roleARN},
		{"a web identity", []any{"role_arn", roleARN, "web_identity", "gitlab"}, map[string]string{"web_identity": token},
			"Action=AssumeRoleWithWebIdentity&RoleArn=" + roleARN + "&RoleSessionName=credfile&WebIdentityToken=" + token, values(), roleARN},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			s := newSTS(t, m.Now)
			ref := awsRef(t, s, c.secrets, c.pairs...)
			s.region = source.AWSRegion(ref.Definition)
			a, _ := get(t, m, source.Get, ref, func(source.Event) string { return "123 456" })
			want, _ := url.ParseQuery("Version=2011-06-15&" + c.want)
			if asked := s.asked(); len(asked) != 1 || !reflect.DeepEqual(asked[0], want) {
				t.Errorf("asked %v", asked)
			}
			if a.Error != nil || !reflect.DeepEqual(a.Values, c.values) || !a.Expires.Equal(start.Add(time.Hour)) || a.Subject != c.subject || a.Session != nil {
				t.Errorf("%+v %v", a, a.Error)
			}
			for name := range a.Values {
				if !strings.Contains(strings.Join(source.Find("aws").Gives("dev", ref.Definition), " ")+" ", name+" ") {
					t.Errorf("%s is given, which the kind does not give", name)
				}
			}
		})
	}
}

// Each way in which STS can say no has its own sentence, class and number of requests: what is sent with a
// code is never sent twice.
func TestSTSRefuses(t *testing.T) {
	code, role := []any{"mfa_serial", mfaSerial}, []any{"role_arn", roleARN}
	for _, c := range []struct {
		name     string
		pairs    []any
		always   func(http.ResponseWriter) bool
		class    source.Class
		message  string
		requests int
	}{
		{"a code that was used", code, refuse(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."), source.Denied, "AWS refused the MFA code of " + mfaSerial + "; it takes each code once, so use the next one", 1},
		{"a role", role, refuse(403, "AccessDenied", "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole"), source.Denied, "AWS does not let you use the role " + roleARN + ": User: arn:aws:iam::123456789012:user/alice is not", 1},
		{"a session", nil, refuse(403, "AccessDenied", "Cannot call GetSessionToken with session credentials"), source.Denied, "AWS denied access: Cannot call", 1},
		{"a deleted key", nil, refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid."), source.Denied, "AWS does not know the access key", 1},
		{"a wrong key", nil, refuse(403, "SignatureDoesNotMatch", "The request signature we calculated does not match"), source.Denied, "the secret access key does not belong to the access key", 1},
		{"a region", nil, refuse(403, "RegionDisabledException", "STS is not activated in this region"), source.Denied, "STS is not activated in the region us-east-1 of this account", 1},
		{"a duration", role, refuse(400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."), source.Other, "answered ValidationError: The requested DurationSeconds exceeds", 1},
		{"throttling", nil, refuse(400, "Throttling", "Rate exceeded"), source.Unavailable, "answered Throttling: Rate exceeded", 3},
		{"throttling of a code", code, refuse(400, "Throttling", "Rate exceeded"), source.Unavailable, "answered Throttling: Rate exceeded", 1},
		{"a failure", nil, refuse(500, "InternalFailure", "try again"), source.Unavailable, "answered InternalFailure: try again", 3},
		{"a page of a proxy", nil, page(502, "Content-Type: text/html", "<html><body>Bad gateway</body></html>"), source.Unavailable, "answered with status 502 and no reason", 3},
		{"a page of a hotel", nil, page(200, "Content-Type: text/html", "<html><body>Welcome!</body></html>"), source.Other, "gave an answer that is not credentials", 1},
		{"a redirect", nil, page(302, "Location: https://192.0.2.1/", ""), source.Other, "answered with a redirect, which is not followed", 1},
		{"no end", nil, page(200, "", strings.Repeat("<a>", 400000)), source.Other, "gave an answer that is longer than 1 MiB", 1},
		{"a dropped connection", nil, drop, source.Unavailable, "can't reach 127.0.0.1:", 3},
		{"a dropped connection with a code", code, drop, source.Unavailable, "can't reach 127.0.0.1:", 1},
		{"escapes", nil, refuse(400, "Odd", "\u009b2J\u202eodd "+keySecret), source.Other, `answered Odd: \u009b2J\u202eodd [secret]`, 1},
		{"no expiration", nil, page(200, "", "<R><X><Credentials><AccessKeyId>A</AccessKeyId></Credentials></X></R>"), source.Other, "not credentials", 1},
		{"a key of two lines", nil, page(200, "", "<R><X><Credentials><AccessKeyId>A\nB</AccessKeyId><SecretAccessKey>B</SecretAccessKey><SessionToken>C</SessionToken><Expiration>2026-11-27T10:00:00Z</Expiration></Credentials></X></R>"), source.Other, "not credentials", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			s := newSTS(t, m.Now)
			s.always = c.always
			a, _ := get(t, m, source.Get, awsRef(t, s, pair(), c.pairs...), func(source.Event) string { return "123456" })
			if a.Error == nil || a.Error.Class != c.class || !strings.Contains(a.Error.Message, c.message) || a.Values != nil {
				t.Errorf("%+v %v", a, a.Error)
			}
			if n := len(s.asked()); n != c.requests {
				t.Errorf("%d requests", n)
			}
			if len(m.clock.slept) != c.requests-1 || c.requests == 3 && m.clock.slept[1] != 2*m.clock.slept[0] {
				t.Errorf("waited %v", m.clock.slept)
			}
		})
	}
}

// A server that recovers is asked again.
func TestSTSRecovers(t *testing.T) {
	m := newMachine(t)
	s := newSTS(t, m.Now)
	s.next = []func(http.ResponseWriter) bool{drop, refuse(400, "Throttling", "Rate exceeded")}
	a, _ := get(t, m, source.Get, awsRef(t, s, pair()), nil)
	if a.Error != nil || len(s.asked()) != 3 {
		t.Errorf("%v after %d", a.Error, len(s.asked()))
	}
}

// What is wrong with the keys is said by the server that checks them, and by its clock.
func TestSTSKeys(t *testing.T) {
	other := map[string]string{"access_key_id": keyID, "secret_access_key": keySecret + "x"}
	old := map[string]string{"from.AWS_ACCESS_KEY_ID": sessionID, "from.AWS_SECRET_ACCESS_KEY": sessionKey, "from.AWS_SESSION_TOKEN": "old"}
	chain := []any{"role_arn", roleARN, "from", "base"}
	for _, c := range []struct {
		name    string
		pairs   []any
		secrets map[string]string
		off     time.Duration
		class   source.Class
		want    string
	}{
		{"a secret of another key", nil, other, 0, source.Denied, "the secret access key does not belong to the access key"},
		{"a deleted key", nil, map[string]string{"access_key_id": "AKIAI44QH8DHBEXAMPLE", "secret_access_key": keySecret}, 0, source.Denied, "AWS does not know the access key"},
		{"an old session", chain, old, 0, source.NeedsLogin, "what the source base gave has expired"},
		{"a slow clock", nil, pair(), time.Hour, source.Other, "the clock of this machine is 60 minutes slow, and AWS allows 5: set it, and try again"},
		{"a fast clock", nil, pair(), -26 * time.Hour, source.Other, "the clock of this machine is 26 hours fast, and AWS allows 5: set it, and try again"},
		{"no key", nil, map[string]string{}, 0, source.Other, "there is no access key"},
		{"a source of another kind", chain, map[string]string{"from": "gho_example"}, 0, source.Other, "the source base gives no AWS credentials"},
		{"a key with a line feed", nil, map[string]string{"access_key_id": keyID + "\n", "secret_access_key": keySecret}, 0, source.Other, "the access key has characters that no access key has"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			s := newSTS(t, func() time.Time { return m.Now().Add(c.off) })
			a, _ := get(t, m, source.Get, awsRef(t, s, c.secrets, c.pairs...), nil)
			if a.Error == nil || a.Error.Class != c.class || !strings.Contains(a.Error.Message, c.want) {
				t.Errorf("%+v", a.Error)
			}
		})
	}
}

// A web identity comes from where the definition says; what is not a JWT is sent nowhere.
func TestWebIdentity(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "file:" + path
	}
	env := map[string]string{
		"GITLAB_TOKEN": token, "EMPTY": "", "LONG": jwt(`{"x":"` + strings.Repeat("x", 20000) + `"}`), "PASSWORD": "hunter2",
		"DISCORD": "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs", "PADDED": token + "=", "HEADER": jwtOf("{}", "{}"), "CLAIMS": jwt("null"), "TWO": token + "\n" + token,
	}
	for _, c := range []struct{ name, where, want string }{
		{"a variable", "env:GITLAB_TOKEN", ""},
		{"a file", file("token", token+"\n"), ""},
		{"no variable", "env:EMPTY", "the variable EMPTY is not set"},
		{"a password", "env:PASSWORD", "the variable PASSWORD is not a web identity token"},
		{"a token of three other parts", "env:DISCORD", "the variable DISCORD is not a web identity token"},
		{"no algorithm", "env:HEADER", "the variable HEADER is not a web identity token"},
		{"no claims", "env:CLAIMS", "the variable CLAIMS is not a web identity token"},
		{"padding", "env:PADDED", "is not a web identity token"},
		{"two lines", "env:TWO", "is not a web identity token"},
		{"a long one", "env:LONG", "is not a web identity token, which is a JWT of at most 20,000 bytes"},
		{"a long file", file("long", token+strings.Repeat("A", 20000)), "is not a web identity token"},
		{"a private key", file("id", "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n"), "is not a web identity token"},
		{"no file", "file:" + filepath.Join(dir, "none"), "can't be read"},
		{"a device", "file:/dev/zero", "can't be read"},
		{"a directory", "file:" + dir, "can't be read"},
		{"a source", "other", "what the source other gives is not a web identity token"},
		{"no job", "github-actions:sts.amazonaws.com", "this is not a job of GitHub Actions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			m.env = env
			s := newSTS(t, m.Now)
			ref := awsRef(t, s, map[string]string{"web_identity": "hunter2"}, "role_arn", roleARN, "web_identity", c.where)
			a, _ := get(t, m, source.Get, ref, nil)
			if c.want == "" {
				if a.Error != nil || len(s.asked()) != 1 || s.asked()[0].Get("WebIdentityToken") != token {
					t.Errorf("%v, %v", a.Error, s.asked())
				}
				return
			}
			if a.Error == nil || !strings.Contains(a.Error.Message, c.want) || len(s.asked()) != 0 {
				t.Errorf("%v after %v", a.Error, s.asked())
			}
		})
	}
}

// GitHub gives a job's token to who has the job's own, for the audience that AWS wants.
func TestGitHubActions(t *testing.T) {
	gh := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.String() != "/token?api-version=2.0&audience=sts.amazonaws.com%26x%3D1" || r.Header.Get("Authorization") != "bearer ghs_example" {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		w.Write([]byte(`{"count":1,"value":"` + token + `"}`))
	}))
	t.Cleanup(gh.Close)
	m := newMachine(t)
	s := newSTS(t, m.Now)
	m.env["ACTIONS_ID_TOKEN_REQUEST_URL"], m.env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = gh.URL+"/token?api-version=2.0", "ghs_example"
	ref := awsRef(t, s, nil, "role_arn", roleARN, "web_identity", "github-actions:sts.amazonaws.com&x=1")
	a, _ := get(t, m, source.Get, ref, nil)
	if a.Error != nil || len(s.asked()) != 1 || s.asked()[0].Get("WebIdentityToken") != token {
		t.Errorf("%v, %v", a.Error, s.asked())
	}
	s.always = refuse(400, "ExpiredTokenException", "Token expired: "+token)
	if a, _ = get(t, m, source.Get, ref, nil); a.Error == nil || a.Error.Message != "the web identity token has expired" || a.Error.Class != source.NeedsLogin {
		t.Errorf("%v", a.Error)
	}
	s.always = refuse(400, "InvalidIdentityToken", "Couldn't retrieve verification key for "+token)
	if a, _ = get(t, m, source.Get, ref, nil); a.Error == nil || strings.Contains(a.Error.Message, token) || !strings.Contains(a.Error.Message, "AWS does not accept the web identity token") {
		t.Errorf("%v", a.Error)
	}
}
