package aws

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// FuzzAnswer: an answer of STS has credentials or an error without a secret, and a key URI makes codes of six digits
// or gives the one error.
func FuzzAnswer(f *testing.F) {
	const ok = `<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/x/y</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>fake</SecretAccessKey><SessionToken>fake</SessionToken><Expiration>2026-11-20T08:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`
	denied := func(code, message string) string {
		return "<ErrorResponse><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error></ErrorResponse>"
	}
	for _, s := range []string{
		ok, strings.Replace(ok, "Z</Exp", "</Exp", 1), denied("AccessDenied", "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole"), denied("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."),
		denied("ExpiredToken", "x"), denied("SignatureDoesNotMatch", "not-a-real-secret"), denied("InvalidIdentityToken", "not-a-real-secret\x1b"), denied("Throttling", ""), denied("X", "y"), "<a>", "", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
		"otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=a", "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&algorithm=SHA256&digits=6&period=60", "otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQ&counter=1", "otpauth://totp/x?secret=A", "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&secret=GEZDGNBVGY3TQOJQ",
	} {
		f.Add([]byte(s), uint16(403))
	}
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text []byte, status uint16) {
		codes(t, string(text), now)
		got := parseCredentials(text)
		if got != nil && got.expires.IsZero() && !strings.Contains(string(text), "0001-01-01") {
			t.Errorf("%+v", got)
		}
		c := &call{World: &remote.World{Now: func() time.Time { return now }}, Client: remote.Client{Secrets: []string{"not-a-real-secret"}}, d: source.Definition{"role_arn": "arn:aws:iam::1:role/x"}}
		err := c.refused(url.Values{"Action": {"AssumeRole"}}, int(status), http.Header{}, text)
		var e *source.Error
		if !errors.As(err, &e) || e.Class == "" || strings.Contains(e.Message, "not-a-real-secret") || strings.ContainsFunc(e.Message, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("%T %q", err, err)
		}
	})
}

// codes checks what is read as a key URI.
func codes(t *testing.T, text string, now time.Time) {
	key, err := parseTOTP(text)
	if err != nil {
		if err != errOTP || key != nil {
			t.Errorf("%v, %v", key, err)
		}
		return
	}
	if key.period < 10*time.Second || key.period > 300*time.Second || len(key.key) < 10 {
		t.Errorf("%+v", key)
	}
	if code := key.code(now.Unix()/int64(key.period/time.Second), digits); len(code) != digits || strings.Trim(code, "0123456789") != "" {
		t.Errorf("%q is a code", code)
	}
}
