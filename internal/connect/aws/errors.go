package aws

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// maxSkew is how far a clock can be off for AWS.
const maxSkew = 5 * time.Minute

// refused says why STS gave nothing.
func (c *call) refused(form url.Values, status int, header http.Header, text []byte) error {
	host := source.Host(source.AWSURL(c.d, "sts"))
	var said struct {
		Error struct{ Code, Message string }
	}
	if xml.Unmarshal(text, &said) != nil || said.Error.Code == "" {
		if status >= 300 && status < 400 {
			return remote.Other(host + " answered with a redirect, which is not followed")
		}
		return remote.Status(host, status)
	}
	code, message := strings.TrimSuffix(said.Error.Code, "Exception"), said.Error.Message
	class, why := source.Other, ""
	switch code {
	case "AccessDenied":
		class, why = source.Denied, c.denied(form, message)
	case "ExpiredToken":
		class, why = c.expired()
	case "InvalidClientTokenId":
		class, why = source.Denied, "AWS does not know the access key: it was deleted or deactivated, or is of another partition"
	case "SignatureDoesNotMatch", "RequestExpired", "InvalidSignature", "RequestTimeTooSkewed":
		class, why = source.Denied, "the secret access key does not belong to the access key"
		if skew := c.skew(header); skew != "" {
			class, why = source.Other, "the clock of this machine is "+skew+", and AWS allows 5: set it, and try again"
		} else if code == "RequestExpired" {
			class, why = source.Other, "AWS says that the request is too old; is the clock right?"
		}
	case "RegionDisabled":
		class, why = source.Denied, "STS is not activated in the region "+source.AWSRegion(c.d)+" of this account"
	case "IDPRejectedClaim", "InvalidIdentityToken":
		class, why = source.Denied, "AWS does not accept the web identity token: "+c.Shown(message, 300)
	case "IDPCommunicationError", "Throttling", "ThrottledRequest", "RequestLimitExceeded", "TooManyRequests", "ServiceUnavailable", "InternalFailure":
		class = source.Unavailable
	}
	if why == "" {
		why = host + " answered " + c.Shown(code, 64) + ": " + c.Shown(message, 300)
	}
	if status >= 500 && class == source.Other {
		class = source.Unavailable
	}
	return &source.Error{Class: class, Message: why}
}

// denied tells a wrong MFA code from other refusals, which have the same error code.
func (c *call) denied(form url.Values, message string) string {
	switch {
	case strings.Contains(message, "MultiFactorAuthentication") && c.d.Text("mfa_secret") != "":
		return "AWS refused the MFA code of " + c.d.Text("mfa_serial") + "; it takes each code once, so try again in 30 seconds, and check the clock and mfa_secret"
	case strings.Contains(message, "MultiFactorAuthentication") && form.Has("TokenCode"):
		return "AWS refused the MFA code of " + c.d.Text("mfa_serial") + "; it takes each code once, so use the next one"
	case form.Get("RoleArn") != "":
		return "AWS does not let you use the role " + form.Get("RoleArn") + ": " + c.Shown(message, 300)
	}
	return "AWS denied access: " + c.Shown(message, 300)
}

// expired says what has expired: an access key can't.
func (c *call) expired() (source.Class, string) {
	if c.d.Text("web_identity") != "" {
		return source.NeedsLogin, "the web identity token has expired"
	}
	return source.NeedsLogin, "what the source " + c.d.Text("from") + " gave has expired"
}

// skew says how far this machine's clock is from the server's, if it is too far.
func (c *call) skew(header http.Header) string {
	there, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return ""
	}
	off := c.Now().Sub(there).Round(time.Minute)
	switch {
	case off > maxSkew:
		return fmt.Sprintf("%s fast", span(off))
	case off < -maxSkew:
		return fmt.Sprintf("%s slow", span(-off))
	}
	return ""
}

// span writes a time for people, who know minutes and hours.
func span(d time.Duration) string {
	if d < 2*time.Hour {
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
	return fmt.Sprintf("%d hours", int(d.Hours()))
}
