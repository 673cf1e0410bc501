package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/source"
)

// It talks to the credfile that it was built with and to no other, and says nothing but messages.
func TestRun(t *testing.T) {
	const request = `{"v":1,"op":"get","interactive":false,"refs":{"dev":{"kind":"none","definition":{}}}}` + "\n"
	for _, c := range []struct {
		name   string
		args   []string
		in     string
		code   int
		stderr string
	}{
		{"its own version", []string{source.Build()}, request, exitOK, ""},
		{"another version", []string{"v0.0.1"}, request, exitOther, "credfile-connect: this is version " + source.Build() + "; credfile needs its own\n"},
		{"no version", nil, request, exitOther, "credfile-connect: this is version " + source.Build() + "; credfile needs its own\n"},
		{"more", []string{source.Build(), "x"}, request, exitOther, "credfile-connect: this is version " + source.Build() + "; credfile needs its own\n"},
		{"no request", []string{source.Build()}, "s3cret\n", exitError, "credfile-connect: the request is not valid\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if code := run(c.args, strings.NewReader(c.in), &stdout, &stderr); code != c.code || stderr.String() != c.stderr {
				t.Errorf("%d, %q", code, stderr.String())
			}
			var got source.Response
			if c.code == exitOK && (json.Unmarshal([]byte(stdout.String()), &got) != nil || got.Answers["dev"] == nil) || c.code != exitOK && stdout.Len() > 0 {
				t.Errorf("%q", stdout.String())
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { panic("s3cret") }

// What a panic says can be a secret.
func TestPanic(t *testing.T) {
	var stdout, stderr strings.Builder
	if code := run([]string{source.Build()}, broken{}, &stdout, &stderr); code != exitError || stderr.String() != "credfile-connect: internal error\n" || stdout.Len() > 0 {
		t.Errorf("%d, %q, %q", code, stdout.String(), stderr.String())
	}
}
