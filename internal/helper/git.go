package helper

import (
	"bytes"
	"errors"
	"strings"
)

// git is the protocol of git's credential helpers, gitcredentials(7) and git-credential(1):
// attributes, one per line, up to an empty line or the end. A helper must silently ignore
// operations that it does not know.
var git = Protocol{Name: "git", Operations: []string{"get", "store", "erase"}, Serve: serveGit}

// maxGitLine is git's own limit for a line, without its end.
const maxGitLine = 65535

func serveGit(c Call) error {
	input, err := readInput(c.In)
	if c.Operation != "get" {
		return nil // including "store" and "erase", whatever the input
	}
	if err != nil {
		return err
	}
	r, err := parseGit(input)
	if err != nil {
		return err
	}
	q, ok := newQuestion(r.protocol, r.host, r.path, r.user)
	if !ok {
		return nil
	}
	names, err := c.Source.Names()
	if err != nil {
		return err
	}
	l, err := find(names, q)
	if errors.Is(err, ErrDeclined) {
		return nil
	} else if err != nil {
		return err
	}
	value, err := c.Source.Reveal(l.name)
	if err != nil {
		return err
	}
	return answerGit(c, l, value)
}

// answerGit refuses anything that could be read as another line. A value that contains a
// line end could name another host.
func answerGit(c Call, l login, value []byte) error {
	if strings.ContainsAny(l.user, "\r\n\x00") {
		return &ValueError{l.name, "belongs to a name with a line break or a NUL byte"}
	}
	if bytes.ContainsAny(value, "\r\n\x00") {
		return &ValueError{l.name, "contains a line break or a NUL byte, which git's protocol can't carry"}
	}
	if len("password=")+len(value) > maxGitLine {
		return &ValueError{l.name, "is too long for git's protocol"}
	}
	answer := append([]byte("username="+l.user+"\npassword="), value...)
	_, err := c.Out.Write(append(answer, '\n'))
	return err
}

// gitRequest is the part of a request that we need. git sends more.
type gitRequest struct{ protocol, host, path, user string }

// parseGit is as strict as git's credential_read: the last of repeated attributes counts,
// and a line without "=" makes the request invalid. Errors never quote a line, which may be
// a password.
func parseGit(input []byte) (gitRequest, error) {
	var r gitRequest
	for line := range bytes.Lines(input) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		if len(line) == 0 {
			break
		}
		if len(line) > maxGitLine {
			return gitRequest{}, &RequestError{"a line of the request is too long"}
		}
		key, value, ok := strings.Cut(string(line), "=")
		if !ok || strings.ContainsAny(string(line), "\r\x00") {
			return gitRequest{}, &RequestError{"a line of the request is not KEY=VALUE"}
		}
		switch key {
		case "protocol":
			r.protocol = value
		case "host":
			r.host = value
		case "path":
			r.path = value
		case "username":
			r.user = value
		}
	}
	return r, nil
}
