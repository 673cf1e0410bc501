package connect_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/source"
)

// RFC 6238, appendix B. AWS takes the last six of the eight digits.
var totpVectors = []struct {
	unix                 int64
	sha1, sha256, sha512 string
}{
	{unix: 59, sha1: "94287082", sha256: "46119246", sha512: "90693936"},
	{unix: 1111111109, sha1: "07081804", sha256: "68084774", sha512: "25091201"},
	{unix: 1111111111, sha1: "14050471", sha256: "67062674", sha512: "99943326"},
	{unix: 1234567890, sha1: "89005924", sha256: "91819424", sha512: "93441116"},
	{unix: 2000000000, sha1: "69279037", sha256: "90698825", sha512: "38618901"},
	{unix: 20000000000, sha1: "65353130", sha256: "77737706", sha512: "47863826"},
}

// The secrets of the vectors, 20, 32 and 64 bytes of 1234567890…, in base32.
const (
	secret20 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	secret32 = secret20 + "GEZDGNBVGY3TQOJQGEZA===="
	secret64 = secret20 + "GEZDGNBVGY3TQOJQ" + secret20 + "GEZDGNBVGY3TQOJQ" + "GEZDGNA="
)

func otp(secret, rest string) string {
	return "otpauth://totp/Amazon%20Web%20Services:alice@123456789012?secret=" + secret + rest
}

func withOTP(uri string) map[string]string {
	m := pair()
	m["mfa_secret"] = uri
	return m
}

func TestTOTPVectors(t *testing.T) {
	for _, v := range totpVectors {
		for _, c := range []struct{ uri, want string }{
			{otp(secret20, ""), v.sha1},
			{otp(secret20, "&issuer=AWS&algorithm=SHA1&digits=6&period=30") + "\n", v.sha1},
			{otp(secret32, "&algorithm=SHA256"), v.sha256},
			{otp(secret64, "&algorithm=SHA512"), v.sha512},
		} {
			m := newMachine(t)
			m.clock.now = time.Unix(v.unix, 0)
			s := newSTS(t, m.Now)
			a, _ := get(t, m, source.Get, awsRef(t, s, withOTP(c.uri), "mfa_serial", mfaSerial, "mfa_secret", "MFA"), nil)
			if a.Error != nil || len(s.asked()) != 1 || s.asked()[0].Get("TokenCode") != c.want[2:] {
				t.Errorf("%d %s: %v, %v", v.unix, c.want, a.Error, s.asked())
			}
		}
	}
}

// A URI that says what is not understood makes no code, which would be a wrong one.
func TestTOTPRefused(t *testing.T) {
	for _, uri := range []string{
		"", secret20, "otpauth://hotp/x?secret=" + secret20 + "&counter=1", "https://totp/x?secret=" + secret20, otp(secret20, "&digits=8"),
		otp(secret20, "&algorithm=MD5"), otp(secret20, "&algorithm=sha1"), otp(secret20, "&period=0"), otp(secret20, "&period=1x"), otp(secret20, "&encoder=steam"),
		otp(secret20, "&secret="+secret20), otp("", ""), otp("GEZDGNBV", ""), otp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQO1Q", ""), otp(secret20, "%zz"), otp(secret20, "#x"),
	} {
		m := newMachine(t)
		s := newSTS(t, m.Now)
		a, _ := get(t, m, source.Get, awsRef(t, s, withOTP(uri), "mfa_serial", mfaSerial, "mfa_secret", "MFA"), nil)
		if a.Error == nil || a.Error.Message != "the credential MFA is not an otpauth:// URI of a time-based code with 6 digits" || len(s.asked()) != 0 {
			t.Errorf("%q: %v", uri, a.Error)
		}
	}
}

// Two sources of one device never send one code twice: the second waits for the next.
func TestTOTPOnce(t *testing.T) {
	m := newMachine(t)
	s := newSTS(t, m.Now)
	ref := func() *source.Ref {
		return awsRef(t, s, withOTP(otp(secret20, "")), "mfa_serial", mfaSerial, "mfa_secret", "MFA")
	}
	r := &source.Request{V: 1, Op: source.Get, Refs: map[string]*source.Ref{"a": ref(), "b": ref()}}
	answers, _ := talk(t, m, r, nil)
	for name, a := range answers {
		if a.Error != nil {
			t.Errorf("%s: %v", name, a.Error)
		}
	}
	if len(answers) != 2 || !slices.Equal(m.clock.slept, []time.Duration{18 * time.Second}) { // from 09:30:12 to the next half minute
		t.Errorf("%d answers; waited %v", len(answers), m.clock.slept)
	}
	s.always = refuse(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")
	if a, _ := get(t, m, source.Get, ref(), nil); a.Error == nil || !strings.Contains(a.Error.Message, "try again in 30 seconds, and check the clock and mfa_secret") {
		t.Errorf("%v", a.Error)
	}
}

// A person is asked once for each source, one after the other, and only if there is one.
func TestMFAAsked(t *testing.T) {
	m := newMachine(t)
	s := newSTS(t, m.Now)
	ref := func() *source.Ref { return awsRef(t, s, pair(), "mfa_serial", mfaSerial) }
	for _, c := range []struct {
		name, typed string
		class       source.Class
		want        string
		requests    int
	}{
		{"as an app shows it", "123 457", "", "", 1},
		{"a wrong one", "000000", source.Denied, "AWS refused the MFA code", 1},
		{"five digits", "12345", source.NeedsLogin, "an MFA code has 6 digits", 0},
		{"no digits", "abcdef", source.NeedsLogin, "an MFA code has 6 digits", 0},
		{"nothing", "", source.NeedsLogin, "an MFA code has 6 digits", 0},
	} {
		before := len(s.asked())
		a, events := get(t, m, source.Get, ref(), func(source.Event) string { return c.typed })
		if len(events) != 1 || events[0] != (source.Event{Event: "ask", Source: "dev", What: "mfa"}) {
			t.Errorf("%s: events %+v", c.name, events)
		}
		if n := len(s.asked()) - before; n != c.requests || c.want == "" && a.Error != nil || c.want != "" && (a.Error == nil || a.Error.Class != c.class || !strings.Contains(a.Error.Message, c.want)) {
			t.Errorf("%s: %v after %d requests", c.name, a.Error, n)
		}
	}
	// Both in one request, with one code.
	before := len(s.asked())
	answers, events := talk(t, m, &source.Request{V: 1, Op: source.Get, Interactive: true, Refs: map[string]*source.Ref{"a": ref(), "b": ref()}}, func(source.Event) string { return "654321" })
	if len(events) != 2 || answers["a"].Error != nil || answers["b"].Error == nil || !strings.Contains(answers["b"].Error.Message, "was used already") || len(s.asked()) != before+1 {
		t.Errorf("%+v; %v, %v", events, answers["a"].Error, answers["b"].Error)
	}
	for _, op := range []source.Op{source.Get, source.Refresh, source.Login} {
		a, events := get(t, m, op, ref(), nil)
		if a.Error == nil || a.Error.Class != source.NeedsLogin || a.Error.Message != "needs an MFA code" || len(events) != 0 {
			t.Errorf("%s: %v, %v", op, a.Error, events)
		}
	}
	if a, events := get(t, m, source.Refresh, ref(), func(source.Event) string { return "222222" }); a.Error == nil || a.Error.Class != source.NeedsLogin || len(events) != 0 {
		t.Errorf("a renewal asks: %v, %v", a.Error, events)
	}
	if a, _ := get(t, m, source.Revoke, ref(), nil); a.Error != nil || a.Revoked {
		t.Errorf("%+v", a)
	}
}

// Sources that need nobody are obtained while a person is asked for another.
func TestAtOnce(t *testing.T) {
	m := newMachine(t)
	s := newSTS(t, m.Now)
	served := make(chan bool)
	r := &source.Request{V: 1, Op: source.Get, Interactive: true, Refs: map[string]*source.Ref{
		"a-asks": awsRef(t, s, pair(), "mfa_serial", mfaSerial), "b-alone": awsRef(t, s, pair()),
	}}
	go func() {
		for len(s.asked()) == 0 { // the one that is alone
			time.Sleep(time.Millisecond)
		}
		close(served)
	}()
	answers, _ := talk(t, m, r, func(source.Event) string { <-served; return "123456" })
	if answers["a-asks"].Error != nil || answers["b-alone"].Error != nil {
		t.Errorf("%v, %v", answers["a-asks"].Error, answers["b-alone"].Error)
	}
}
