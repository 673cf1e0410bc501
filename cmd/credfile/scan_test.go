//go:build linux

package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// planted returns a value in forms that people and programs leave it in, by the word for each.
func planted(value string) map[string]string {
	quoted, _ := json.Marshal(value)
	b64 := base64.StdEncoding.EncodeToString([]byte("a line of base64 has 48 bytes of text:" + value + ":more of it"))
	half := len(value) / 2
	return map[string]string{
		"exact":         value,
		"json":          string(quoted),
		"base64":        base64.RawURLEncoding.EncodeToString([]byte(value)),
		"base64-2":      base64.URLEncoding.EncodeToString([]byte("user:" + value + "\n")),
		"hex":           hex.EncodeToString([]byte(value)),
		"hex-2":         strings.ToUpper(hex.EncodeToString([]byte(value))),
		"url":           url.QueryEscape(value),
		"url-2":         strings.ToLower(url.PathEscape(strings.ToLower(value))),
		"exact split":   value[:half] + "\\\n      " + value[half:],
		"exact split-2": fmt.Sprintf("%q +\n\t%q", value[:half], value[half:]),
		"exact split-3": "'" + value[:half] + "'\r\n    '" + value[half:] + "'",
		"base64 split":  b64[:64] + "\r\n" + b64[64:],
		"binary":        "\x7fELF\x00\x01" + value + "\x00\xff",
	}
}

// Row 26: each form is found, by its name, and nothing that scan prints has a value.
func TestScanForms(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "init")
	b.git("init", "-q")
	values := map[string]string{"LOWER": "fake<k&y>/0123456789abcdef0123/=", "PLAIN": "sk_test_PlainlyFake0123456789abcdef"}
	key := "-----BEGIN FAKE KEY-----\n" + strings.Repeat("ABCDabcd0123456789plainlyFake+/x\n", 1) + strings.Repeat("EFGHefgh0123456789plainlyFake+/y\n", 1) + "-----END FAKE KEY-----\n"
	values["KEY"] = key
	for name, value := range values {
		b.ok(value, "set", name, "-")
	}
	want := map[string]string{}
	plant := func(name, form, text string) {
		path := fmt.Sprintf("%s %s", name, form)
		if err := os.WriteFile(filepath.Join(b.dir, path), []byte("before = 1\n"+text+"\nafter\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		word, _, _ := strings.Cut(form, "-")
		if form == "binary" {
			word = "exact"
		}
		if name == "PLAIN" && slices.Contains([]string{"json", "url", "url-2"}, form) {
			word = "exact" // nothing in it is escaped
		}
		want[path] = word
	}
	for name, value := range values {
		if name == "KEY" {
			continue
		}
		for form, text := range planted(value) {
			if form != "url-2" || name == "LOWER" {
				plant(name, form, text)
			}
		}
	}
	plant("KEY", "exact", key)
	plant("KEY", "exact-2", strings.ReplaceAll(key, "\n", "\r\n"))
	plant("KEY", "exact-3", "  "+strings.ReplaceAll(key, "\n", "\n  "))
	plant("KEY", "json", strings.ReplaceAll(key, "\n", `\n`))
	plant("KEY", "line", "EFGHefgh0123456789plainlyFake+/y")
	r := b.run("", "scan", "--json")
	var doc struct {
		Findings []struct {
			Credential, Path, Form string
			Split                  bool
			Line                   int
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &doc); err != nil || r.code != 8 {
		t.Fatal(err, r.code, r.stderr)
	}
	got := map[string]string{}
	for _, f := range doc.Findings {
		form := f.Form
		if f.Split {
			form += " split"
		}
		if name, _, _ := strings.Cut(f.Path, " "); name != f.Credential || f.Line != 2 || got[f.Path] != "" {
			t.Errorf("%+v", f)
		}
		got[f.Path] = form
	}
	for path, form := range want {
		if got[path] != form {
			t.Errorf("%s: found as %q, not %q", path, got[path], form)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files with findings, not %d", len(got), len(want))
	}
	b.git("add", ".")
	b.git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "with "+values["PLAIN"])
	for _, args := range [][]string{{"scan"}, {"scan", "--json"}, {"scan", "-v"}, {"scan", "--git"}, {"scan", "--git", "--json"}, {"scan", "."}} {
		r := b.run("", args...)
		if r.code != 8 {
			t.Errorf("%q: %d", args, r.code)
		}
		nothingOf(t, r.stdout+r.stderr, values)
	}
}

// nothingOf fails if a text has a value, or a part of one, in any form.
func nothingOf(t *testing.T, text string, values map[string]string) {
	t.Helper()
	for name, value := range values {
		for form, planted := range planted(value) {
			if at := len(planted) / 3; strings.Contains(text, planted) || strings.Contains(text, planted[at:at+16]) {
				t.Errorf("the output has %s, %s", name, form)
			}
		}
	}
}

// Row 26a: in a CI job on the change of a fork, nothing is scanned.
func TestScanRefusesForks(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.ok("", "init")
	b.ok("plainly-fake-0123", "set", "ONE", "-")
	event := filepath.Join(b.dir, "event.json")
	pull := func(head, base string) string {
		return fmt.Sprintf(`{"pull_request":{"head":{"repo":%s},"base":{"repo":%s}}}`, head, base)
	}
	own, fork := `{"full_name":"org/app","fork":false}`, `{"full_name":"mallory/app","fork":true}`
	for _, c := range []struct {
		name, event string
		env         []string
		refused     bool
	}{
		{"no CI", "", nil, false},
		{"a push", `{"ref":"refs/heads/main","repository":` + own + `}`, nil, false},
		{"a pull request of a branch", pull(own, own), nil, false},
		{"a pull request of a fork", pull(fork, own), nil, true},
		{"a pull request of a deleted fork", pull("null", own), nil, true},
		{"a pull request to what is gone", pull(own, "null"), nil, true},
		{"a pull request without names", pull(`{}`, `{}`), nil, true},
		{"a run for a fork", `{"workflow_run":{"head_repository":` + fork + `},"repository":` + own + `}`, nil, true},
		{"a run for a branch", `{"workflow_run":{"head_repository":` + own + `},"repository":` + own + `}`, nil, false},
		{"no event", "{", nil, true},
		{"pull_request_target", pull(own, own), []string{"GITHUB_EVENT_NAME=pull_request_target"}, true},
		{"a merge request of a fork", "", []string{"CI_MERGE_REQUEST_SOURCE_PROJECT_ID=2", "CI_PROJECT_ID=1"}, true},
		{"a merge request of a branch", "", []string{"CI_MERGE_REQUEST_SOURCE_PROJECT_ID=1", "CI_PROJECT_ID=1"}, false},
	} {
		env := c.env
		if c.event != "" {
			b.put("event.json", []byte(c.event))
			env = append(env, "GITHUB_EVENT_PATH="+event)
		}
		b.with(func() {
			for _, args := range [][]string{{"scan", "-"}, {"scan", "event.json"}} {
				r := b.run("plainly-fake-0123", args...)
				if refused := r.code == 1 && strings.Contains(r.stderr, "refusing to scan"); refused != c.refused || refused && strings.Contains(r.stderr, "find") {
					t.Errorf("%s: %d %s", c.name, r.code, r.stderr)
				}
			}
		}, env...)
	}
	if r := b.with1("GITHUB_EVENT_PATH="+filepath.Join(b.dir, "missing"), "scan", "-"); r.code != 1 {
		t.Errorf("no such event: %d", r.code)
	}
}

// with1 runs a command with a variable.
func (b *box) with1(kv string, args ...string) (r result) {
	b.with(func() { r = b.run("", args...) }, kv)
	return r
}

// A hook starts no plugin. Otherwise scan starts one only if nothing opens without it, or for a
// profile that the user names.
func TestScanStartsNothing(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.env = append(b.env, "CREDTEST_LOG="+filepath.Join(b.home, "log"))
	b.ok("", "init", "--name", "me")
	b.ok("plainly-fake-0123", "set", "ONE", "-")
	b.git("init", "-q")
	identity, recipient := hardware(t)
	b.ok("", "trust", "--plugin", "credtest")
	b.ok("", "rekey", "--add", "token="+recipient)
	b.ok("", "profile", "add", "other")
	b.ok("other-fake-012345", "-p", "other", "set", "TWO", "-")
	b.ok("", "rekey", "-p", "default", "--remove", "me", "--yes")
	b.put("token.txt", []byte(identity+"\n"))
	b.put("leak", []byte("plainly-fake-0123 other-fake-012345"))
	b.git("add", "leak")
	b.log()
	token := "CREDFILE_AGE_KEY_FILE=" + filepath.Join(b.dir, "token.txt")
	for _, c := range []struct {
		args []string
		code int
		log  string
		out  string
	}{
		{[]string{"scan", "--staged"}, 8, "", "leak:1: other TWO (exact)\n"},
		{[]string{"scan", "--staged", "-p", "default"}, 0, "", ""},
		{[]string{"scan", "--staged", "-p", "default", "--require"}, 3, "", ""},
		{[]string{"scan", "leak"}, 8, "", "leak:1: other TWO (exact)\n"},
		{[]string{"scan", "leak", "-p", "default"}, 8, "start touch", "leak:1: default ONE (exact)\n"},
		{[]string{"scan", "leak", "-p", "default", "-p", "other"}, 8, "start touch", "leak:1: default ONE (exact)\nleak:1: other TWO (exact)\n"},
	} {
		b.with(func() {
			r := b.run("", c.args...)
			if log := b.log(); r.code != c.code || log != c.log || r.stdout != c.out {
				t.Errorf("%q: %d, plugin: %q\n%s%s", c.args, r.code, log, r.stdout, r.stderr)
			}
		}, token)
	}
}
