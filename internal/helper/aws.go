package helper

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"
)

// aws is version 1 of credential_process, as the AWS CLI and SDKs run it:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
// It has no input. What a source gives has its Expiration, so that the SDKs ask again before that.
// Credentials in the file have none: as far as we know they are not temporary, and without it
// tools don't ask for them again.
var aws = Protocol{Name: "aws", Serve: serveAWS}

const (
	awsID     = "AWS_ACCESS_KEY_ID"
	awsSecret = "AWS_SECRET_ACCESS_KEY"
	awsToken  = "AWS_SESSION_TOKEN"
)

// awsAnswer is what the tools read.
type awsAnswer struct {
	Version         int
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string `json:",omitempty"`
	Expiration      string `json:",omitempty"`
}

func serveAWS(c Call) error {
	if c.Obtain != nil {
		given, err := c.Obtain(awsID)
		if err != nil {
			return err
		}
		if given != nil {
			answer := awsAnswer{Version: 1, AccessKeyID: given.Values[awsID], SecretAccessKey: given.Values[awsSecret], SessionToken: given.Values[awsToken]}
			if !given.Expires.IsZero() {
				answer.Expiration = given.Expires.UTC().Format(time.RFC3339)
			}
			return writeJSON(c, answer)
		}
	}
	names, err := c.Source.Names()
	if err != nil {
		return err
	}
	missing := &MissingError{}
	for _, name := range []string{awsID, awsSecret} {
		if !slices.Contains(names, name) {
			missing.Names = append(missing.Names, name)
		}
	}
	if len(missing.Names) > 0 {
		return missing
	}
	answer := awsAnswer{Version: 1}
	for _, v := range []struct {
		name string
		to   *string
	}{{awsID, &answer.AccessKeyID}, {awsSecret, &answer.SecretAccessKey}, {awsToken, &answer.SessionToken}} {
		if !slices.Contains(names, v.name) {
			continue
		}
		if *v.to, err = reveal(c.Source, v.name); err != nil {
			return err
		}
		if *v.to == "" && v.name != awsToken {
			return &ValueError{v.name, "is empty"}
		}
	}
	return writeJSON(c, answer)
}

// reveal returns a value that JSON can carry. The encoder would replace other bytes with
// U+FFFD, and the login would fail without a reason.
func reveal(s Source, name string) (string, error) {
	value, err := s.Reveal(name)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(value) {
		return "", &ValueError{name, "is not UTF-8 text, and JSON can carry only that"}
	}
	return string(value), nil
}

// writeJSON writes a whole document or nothing: the AWS SDK for Go prints what it can't parse.
func writeJSON(c Call, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := c.Out.Write(b.Bytes())
	return err
}
