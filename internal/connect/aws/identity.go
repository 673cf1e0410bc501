package aws

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// maxIdentity is the longest token that AWS takes.
const maxIdentity = 20000

// identity returns the token of web_identity. What is not a JWT is sent nowhere: whoever writes a
// definition could else have any variable or file of this machine sent to AWS.
func (c *call) identity(ctx context.Context) (string, error) {
	kind, place := source.TokenPlace(c.d.Text("web_identity"))
	token, what := "", ""
	switch kind {
	case "env":
		token, what = c.Getenv(place), "the variable "+place
		if token == "" {
			return "", remote.Other(what + " is not set")
		}
	case "file":
		what = "the file " + place
		text, err := readToken(place)
		if err != nil {
			return "", remote.Other(what + " can't be read")
		}
		token = text
	case "github-actions":
		what = "GitHub's answer"
		text, err := c.githubToken(ctx, place)
		if err != nil {
			return "", err
		}
		token = text
	default:
		token, what = c.ref.Secrets["web_identity"], "what the source "+place+" gives"
	}
	token = strings.TrimRight(token, "\r\n")
	if !isJWT(token) {
		return "", remote.Other(what + " is not a web identity token, which is a JWT of at most 20,000 bytes")
	}
	c.Secrets = append(c.Secrets, token)
	return token, nil
}

// readToken reads a file, but not a device or a pipe, which might never end.
func readToken(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", os.ErrInvalid
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxIdentity+3)) // an end of line, and one more to be too long
	return string(text), err
}

// isJWT reports whether a token is three parts of base64url, of which two are JSON objects and the first
// names an algorithm (RFC 7519, 7.2). Other tokens, such as Discord's, have three parts as well.
func isJWT(token string) bool {
	parts := strings.Split(token, ".")
	if len(token) > maxIdentity || len(parts) != 3 || parts[2] == "" {
		return false
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(parts[2]); err != nil {
		return false
	}
	var header struct {
		Alg string `json:"alg"`
	}
	var claims map[string]json.RawMessage
	for i, v := range []any{&header, &claims} {
		text, err := base64.RawURLEncoding.Strict().DecodeString(parts[i])
		if err != nil || json.Unmarshal(text, v) != nil {
			return false
		}
	}
	return header.Alg != "" && claims != nil
}

// githubToken asks GitHub Actions for a token of the job:
// https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token.
func (c *call) githubToken(ctx context.Context, audience string) (string, error) {
	address, bearer := c.Getenv("ACTIONS_ID_TOKEN_REQUEST_URL"), c.Getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
	if address == "" || bearer == "" {
		return "", remote.Other("this is not a job of GitHub Actions with the permission id-token: write")
	}
	c.Secrets = append(c.Secrets, bearer)
	if !remote.IsToken(bearer) || source.CheckURL(address) != "" || !strings.Contains(address, "?") {
		return "", remote.Other("the variables of GitHub Actions are not valid")
	}
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	host := source.Host(address)
	var got struct {
		Value string `json:"value"`
	}
	err := c.Again(ctx, func() error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"&audience="+url.QueryEscape(audience), nil)
		if err != nil {
			return remote.Other("the variables of GitHub Actions are not valid")
		}
		r.Header.Set("Authorization", "bearer "+bearer)
		status, body, err := c.Do(r)
		if err != nil {
			return err
		}
		if status != http.StatusOK {
			return remote.Status(host, status)
		}
		if json.Unmarshal(body, &got) != nil {
			return remote.Other(host + " gave an answer that is not a token")
		}
		return nil
	})
	return got.Value, err
}
