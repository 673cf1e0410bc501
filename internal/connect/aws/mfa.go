package aws

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// digits is how many AWS takes.
const digits = 6

var errOTP = errors.New("is not an otpauth:// URI of a time-based code with 6 digits")

// totp makes codes (RFC 6238).
type totp struct {
	key    []byte
	hash   func() hash.Hash
	period time.Duration
}

// parseTOTP reads a key URI: https://github.com/google/google-authenticator/wiki/Key-Uri-Format. Errors:
// [errOTP], which has nothing of it.
func parseTOTP(text string) (*totp, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "\n"))
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.User != nil || u.Fragment != "" {
		return nil, errOTP
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errOTP
	}
	t := &totp{hash: sha1.New, period: 30 * time.Second}
	for key, values := range query {
		if len(values) != 1 || !t.set(key, values[0]) {
			return nil, errOTP
		}
	}
	if len(t.key) < 10 {
		return nil, errOTP
	}
	return t, nil
}

// set takes a parameter. An unknown one could change the code.
func (t *totp) set(key, value string) (ok bool) {
	switch key {
	case "secret":
		b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(strings.ToUpper(value), "="))
		t.key = b
		return err == nil
	case "algorithm":
		t.hash = map[string]func() hash.Hash{"SHA1": sha1.New, "SHA256": sha256.New, "SHA512": sha512.New}[value]
		return t.hash != nil
	case "digits":
		return value == strconv.Itoa(digits)
	case "period":
		n, err := strconv.Atoi(value)
		t.period = time.Duration(n) * time.Second
		return err == nil && n >= 10 && n <= 300
	}
	return key == "issuer"
}

// code returns the code of a step (RFC 4226, 5.3).
func (t *totp) code(step int64, digits int) string {
	h := hmac.New(t.hash, t.key)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := h.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	mod := uint32(1)
	for range digits {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%mod)
}

// mfaCode returns the code for an MFA device. AWS takes each one once, so none is returned twice.
func (c *call) mfaCode(ctx context.Context) (string, error) {
	if c.d.Text("mfa_secret") != "" {
		return c.madeCode(ctx)
	}
	if !c.Interactive || c.op == source.Refresh {
		return "", &source.Error{Class: source.NeedsLogin, Message: "needs an MFA code"}
	}
	code, err := c.Event(source.Event{Event: "ask", Source: c.name, What: "mfa"})
	if err != nil {
		return "", err
	}
	code = strings.ReplaceAll(code, " ", "") // as apps show it
	if len(code) != digits || strings.Trim(code, "0123456789") != "" {
		return "", &source.Error{Class: source.NeedsLogin, Message: "an MFA code has 6 digits"}
	}
	if !c.kind.useCode(c.d.Text("mfa_serial") + " " + code) {
		return "", &source.Error{Class: source.Denied, Message: "this MFA code was used already; AWS takes each one once, so wait for the next"}
	}
	return code, nil
}

// madeCode computes a code. Where the one of now was used, it waits for the next.
func (c *call) madeCode(ctx context.Context) (string, error) {
	t, err := parseTOTP(c.ref.Secrets["mfa_secret"])
	if err != nil {
		return "", remote.Other("the credential " + c.d.Text("mfa_secret") + " " + err.Error())
	}
	for {
		now := c.Now()
		step := now.Unix() / int64(t.period/time.Second)
		code := t.code(step, digits)
		if c.kind.useCode(fmt.Sprintf("%s %d", c.d.Text("mfa_serial"), step)) {
			c.Secrets = append(c.Secrets, code)
			return code, nil
		}
		next := time.Unix((step+1)*int64(t.period/time.Second), 0)
		if err := c.Sleep(ctx, next.Sub(now)); err != nil {
			return "", &source.Error{Class: source.Unavailable, Message: "the next MFA code was not there in time"}
		}
	}
}

// useCode reports whether a code was not used yet.
func (k *Kind) useCode(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.used[id] {
		return false
	}
	k.used[id] = true
	return true
}
