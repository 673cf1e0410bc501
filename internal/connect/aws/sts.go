package aws

import (
	"bytes"
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// sts obtains credentials from the Security Token Service.
func (c *call) sts(ctx context.Context) (*credentials, error) {
	form := url.Values{"Version": {"2011-06-15"}, "Action": {"GetSessionToken"}}
	if n := source.AWSDuration(c.d); n > 0 {
		form.Set("DurationSeconds", strconv.Itoa(int(n/time.Second)))
	}
	if role := c.d.Text("role_arn"); role != "" {
		form.Set("Action", "AssumeRole")
		form.Set("RoleArn", role)
		form.Set("RoleSessionName", "credfile")
		if name := c.d.Text("session_name"); name != "" {
			form.Set("RoleSessionName", name)
		}
		if id := c.d.Text("external_id"); id != "" {
			form.Set("ExternalId", id)
		}
	}
	if c.d.Text("web_identity") != "" {
		token, err := c.identity(ctx)
		if err != nil {
			return nil, err
		}
		form.Set("Action", "AssumeRoleWithWebIdentity")
		form.Set("WebIdentityToken", token)
		return c.post(ctx, form, keys{})
	}
	k, err := c.ownKeys()
	if err != nil {
		return nil, err
	}
	if serial := c.d.Text("mfa_serial"); serial != "" {
		code, err := c.mfaCode(ctx)
		if err != nil {
			return nil, err
		}
		form.Set("SerialNumber", serial)
		form.Set("TokenCode", code)
	}
	return c.post(ctx, form, k)
}

// ownKeys returns the keys that requests are signed with.
func (c *call) ownKeys() (keys, error) {
	s := c.ref.Secrets
	if from := c.d.Text("from"); from != "" {
		k := keys{s["from.AWS_ACCESS_KEY_ID"], s["from.AWS_SECRET_ACCESS_KEY"], s["from.AWS_SESSION_TOKEN"]}
		if k.id == "" || k.secret == "" {
			return k, remote.Other("the source " + from + " gives no AWS credentials")
		}
		return k, checkKeys(k)
	}
	k := keys{id: s["access_key_id"], secret: s["secret_access_key"]}
	if k.id == "" || k.secret == "" {
		return k, remote.Other("there is no access key: it needs the credentials AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or others that access_key_id and secret_access_key name")
	}
	return k, checkKeys(k)
}

// checkKeys refuses what would end a header or be cut in one.
func checkKeys(k keys) error {
	if !remote.IsToken(k.id) || !remote.IsToken(k.secret) || k.token != "" && !remote.IsToken(k.token) {
		return remote.Other("the access key has characters that no access key has")
	}
	return nil
}

// post sends a request, again where the first one can't be sent and that is safe: an MFA code is good once.
func (c *call) post(ctx context.Context, form url.Values, k keys) (got *credentials, err error) {
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	once := func() error {
		got, err = c.postOnce(ctx, form, k)
		return err
	}
	if form.Has("TokenCode") {
		err = once()
	} else {
		err = c.Again(ctx, once)
	}
	return got, err
}

func (c *call) postOnce(ctx context.Context, form url.Values, k keys) (*credentials, error) {
	base := source.AWSURL(c.d, "sts")
	body := []byte(form.Encode())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/", bytes.NewReader(body))
	if err != nil {
		return nil, remote.Other("the endpoint is not a URL")
	}
	r.Header.Set("Accept", "application/xml")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if k.id != "" {
		sign(r, body, k, source.AWSRegion(c.d), c.Now())
	}
	status, header, text, err := c.DoHeader(r)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, c.refused(form, status, header, text)
	}
	got := parseCredentials(text)
	if got == nil {
		return nil, remote.Other(source.Host(base) + " gave an answer that is not credentials")
	}
	return got, nil
}

// result is what the action's own element has.
type result struct {
	Credentials *struct {
		AccessKeyID     string `xml:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      string
	}
	AssumedRoleUser struct{ Arn string }
}

func parseCredentials(text []byte) *credentials {
	var reply struct {
		Results []result `xml:",any"`
	}
	if xml.Unmarshal(text, &reply) != nil {
		return nil
	}
	for _, r := range reply.Results {
		if r.Credentials == nil {
			continue
		}
		expires, err := time.Parse(time.RFC3339, r.Credentials.Expiration)
		if err != nil {
			return nil
		}
		k := keys{r.Credentials.AccessKeyID, r.Credentials.SecretAccessKey, r.Credentials.SessionToken}
		return &credentials{k, expires, r.AssumedRoleUser.Arn}
	}
	return nil
}
