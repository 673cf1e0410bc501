//go:build linux && amd64

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// What must not leak: each as it is and as programs write it.
type canaries struct {
	forms    map[string][][]byte // by name
	searches int
	found    int
}

func (c *canaries) add(name string, secret []byte) {
	reversed := slices.Clone(secret)
	slices.Reverse(reversed)
	forms := [][]byte{secret, reversed, []byte(hex.EncodeToString(secret)), []byte(strings.ToUpper(hex.EncodeToString(secret))), []byte(url.QueryEscape(string(secret)))}
	for skip := range 3 { // what is in the middle of a longer text
		whole := base64.StdEncoding.EncodeToString(secret[skip:])
		whole = whole[:len(whole)/4*4-4]
		forms = append(forms, []byte(whole), []byte(strings.NewReplacer("+", "-", "/", "_").Replace(whole)))
	}
	var little, big []byte
	for _, u := range utf16.Encode([]rune(string(secret))) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	c.forms[name] = append(forms, little, big)
}

// in returns what is in a text.
func (c *canaries) in(data []byte) string {
	for name, forms := range c.forms {
		for _, form := range forms {
			c.searches++
			if bytes.Contains(data, form) {
				return name
			}
		}
	}
	return ""
}

// An airing is a command, and where a value may appear.
type airing struct {
	args  []string
	stdin string
	shows bool   // on standard output
	file  string // in this file
	fails bool
}

// value is what must not leak.
const value = "not-real+CANARY/of a value?"

var airings = []airing{
	{args: []string{"set", "NEW", "-"}, stdin: value},
	{args: []string{"set", "NEW", "-"}, stdin: value},
	{args: []string{"get", "NEW"}, shows: true},
	{args: []string{"list"}}, {args: []string{"list", "--json"}}, {args: []string{"-v", "list"}},
	{args: []string{"env", "--", "true"}}, {args: []string{"-v", "env", "--", "true"}}, {args: []string{"env", "--mask", "--", "printenv", "NEW"}},
	{args: []string{"env", "--as-file", "NEW", "--", "true"}, file: "run/"}, {args: []string{"env", "--stdin", "NEW", "--", "true"}, file: "run/"},
	{args: []string{"env", "--shell", "sh", "--reveal"}, shows: true},
	{args: []string{"export", "--format", "dotenv", "-o", "out"}, file: "work/out"}, {args: []string{"export", "--format", "dotenv"}, shows: true},
	{args: []string{"import", "plain"}}, {args: []string{"import", "damaged"}, fails: true}, {args: []string{"import", "--from", "json", "plain"}, fails: true},
	{args: []string{"inject", "template", "-o", "filled"}, file: "work/filled"},
	{args: []string{"edit"}, file: "run/"},
	{args: []string{"status"}}, {args: []string{"check"}}, {args: []string{"doctor"}}, {args: []string{"recipients"}}, {args: []string{"whoami"}}, {args: []string{"profile", "list"}},
	{args: []string{"verify"}}, {args: []string{"trust", "--print"}}, {args: []string{"trust", "--yes"}}, {args: []string{"sources"}, fails: true}, {args: []string{"sessions"}, fails: true},
	{args: []string{"scan", "plain"}, fails: true}, {args: []string{"scan", "."}, fails: true},
	{args: []string{"diff", "HEAD"}}, {args: []string{"diff", "--values", "--reveal", "HEAD"}, shows: true}, {args: []string{"log"}},
	{args: []string{"rotate"}}, {args: []string{"rekey", "--add", "bob=" + aliceRecipient}}, {args: []string{"rekey", "--remove", "bob", "--yes"}},
	{args: []string{"rekey", "--passphrase", "me", "--new-passphrase-file", "phrase", "--kdf", "argon2id:65536:1:1", "--allow-weak", "--yes"}},
	{args: []string{"--passphrase-file", "phrase", "--as", "me", "get", "NEW"}, shows: true},
	{args: []string{"--passphrase-file", "damaged", "--as", "me", "get", "NEW"}, fails: true},
	{args: []string{"merge", "--base", "before", "--ours", "before", "--theirs", defaultFile, "-o", "merged"}},
	{args: []string{"rename", "NEW", "NEWER"}}, {args: []string{"unset", "NEWER"}}, {args: []string{"get", "NEWER"}, fails: true},
	{args: []string{"source", "add", "DYN", "demo"}}, {args: []string{"login"}}, {args: []string{"env", "--", "true"}}, {args: []string{"logout", "--all"}, fails: true},
	{args: []string{"keygen", "-o", "ci.txt"}}, {args: []string{"set", "NEW", value}, fails: true}, {args: []string{"set", "NEW=" + value}, fails: true}, {args: []string{"rekey", "--add", "x=" + value}, fails: true},
	{args: []string{"-i", "damaged", "get", "ONE"}, shows: true}, {args: []string{"-f", "damaged", "get", "ONE"}, fails: true}, {args: []string{"-f", "plain", "verify"}, fails: true},
}
