//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ends checks that a command ended with an exit code and sentences, and with none of the words that the
// network library has for its programmers.
func (r result) ends(t *testing.T, about string, code int, want ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("%s: exit code %d, want %d: %s", about, r.code, code, r.stderr)
	}
	for _, text := range want {
		if !strings.Contains(r.stderr, text) {
			t.Errorf("%s: without %q: %s", about, text, r.stderr)
		}
	}
	for _, raw := range []string{"dial ", "lookup ", "tcp", "udp", "EOF", "by a signal", "Get \"", "Post \""} {
		if strings.Contains(r.stderr, raw) {
			t.Errorf("%s: with %q: %s", about, raw, r.stderr)
		}
	}
}

const (
	mfaDefinition = "mfa_serial=arn:aws:iam::123456789012:mfa/alice"
	nothingDone   = "interrupted; nothing changed\n"
)

// On a machine that can't do something, each command ends with a sentence and the next step.
func TestHeadless(t *testing.T) {
	b := awsBox(t)
	b.env = append(b.env, "SSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22")
	b.ok("", "source", "add", "AWS", "aws", "endpoint=http://127.0.0.1:1", "on_demand=true")
	b.ok("not-real", "set", "SECRET", "-")
	b.ok("", "source", "add", "AWAY", "oauth", "issuer=https://login.example.invalid", "client_id=x", "client_secret=SECRET", "flow=client_credentials", "on_demand=true")
	b.ok("", "source", "add", "PAGE", "oauth", "authorization_endpoint=http://127.0.0.1:1/a", "token_endpoint=http://127.0.0.1:1/t", "client_id=x", "on_demand=true")
	r := b.run("", "env", "--with", "AWS", "--", "true")
	r.ends(t, "no server", exitEnv, "source AWS: can't reach 127.0.0.1:1: the connection was refused\n", "hint: try again later; to run a command without what the source gives: credfile env --except AWS -p default -- COMMAND")
	r = b.run("", "login", "AWAY") // the machine of this test may have a network, or none
	r.ends(t, "no network", exitOther, "source AWAY: can't reach login.example.invalid: ")
	if !strings.Contains(r.stderr, ": there is no host of that name\n") && !strings.Contains(r.stderr, ": its name can't be looked up; is this machine online?\n") {
		t.Error(r.stderr)
	}
	b.run("", "login", "PAGE").ends(t, "no terminal", exitNoTerminal, "hint: in a terminal: credfile login PAGE -p default")
	r, screen := b.atTerminal(exec.Command("sh", "-c", "exec credfile login PAGE 2>/dev/tty"), [2]string{"There is no browser on this machine.", "\x03"})
	r.stderr = screen
	r.ends(t, "no browser", exitInterrupted, "press Ctrl-C, and use: credfile login PAGE -p default --no-browser", "interrupted; nothing changed")
	r, _ = b.onTerminal([]string{"login", "PAGE", "--no-browser"}, [2]string{"Page to which the browser was sent, for source PAGE", "http://127.0.0.1:1/a\n"})
	r.ends(t, "another page", exitOther, "source PAGE: this is not the address that the login ends at: copy all of the browser's address bar, and try again")
	if strings.Contains(r.stderr, "There is no browser") {
		t.Error(r.stderr)
	}
}

// Ctrl-C at a question is an end, whatever is asked. So are the end of the input and a no.
func TestQuestionsEnd(t *testing.T) {
	b, sts := awsBox(t), newFakeSTS(t)
	b.ok("", "source", "add", "MFA", "aws", mfaDefinition, "endpoint="+sts.URL)
	b.ok("", "source", "add", "PAGE", "oauth", "authorization_endpoint=http://127.0.0.1:1/a", "token_endpoint=http://127.0.0.1:1/t", "client_id=x", "on_demand=true")
	const agree, code, page = "Use this source on this machine from now on?", "MFA code of arn:aws:iam::123456789012:mfa/alice, for source MFA", "Page to which the browser was sent"
	for _, c := range []struct {
		args                   []string
		question, answer, want string
		code                   int
	}{
		{[]string{"login", "MFA"}, code, "\x03", nothingDone, exitInterrupted},
		{[]string{"env", "--", "true"}, code, "\x03", nothingDone, exitInterrupted},
		{[]string{"login", "MFA"}, code, "\x04", "source MFA got no answer\ncredfile: hint: in a terminal: credfile login MFA", exitNoTerminal},
		{[]string{"login", "MFA"}, code, "12345\n", "source MFA: an MFA code has 6 digits\ncredfile: hint: in a terminal: credfile login MFA", exitNoTerminal},
		{[]string{"login", "PAGE", "--no-browser"}, page, "\x03", nothingDone, exitInterrupted},
		{[]string{"login", "PAGE", "--no-browser"}, page, "\x04", "source PAGE got no answer\ncredfile: hint: in a terminal: credfile login PAGE", exitNoTerminal},
		{nil, "", "", "", 0}, // from here on, nobody has agreed
		{[]string{"login", "MFA"}, agree, "\x03", nothingDone, exitInterrupted},
		{[]string{"env", "--", "true"}, agree, "\x03", nothingDone, exitInterrupted},
		{[]string{"trust", "--source", "MFA"}, agree, "\x03", nothingDone, exitInterrupted},
		{[]string{"env", "--", "true"}, agree, "n\n", "you did not agree to the source MFA, so it was not used\ncredfile: hint: to run a command without it: credfile env --except MFA", exitEnv},
		{[]string{"login", "MFA"}, agree, "\x04", "you did not agree to the source MFA, so it was not used", exitOther},
	} {
		if c.args == nil {
			if err := os.RemoveAll(filepath.Join(b.home, ".local", "state", "credfile", "sources")); err != nil {
				t.Fatal(err)
			}
			continue
		}
		r, _ := b.onTerminal(c.args, [2]string{c.question, c.answer})
		r.ends(t, strings.Join(c.args, " ")+" "+c.answer, c.code, c.want)
	}
	if got := sts.actions(); got != "" {
		t.Errorf("asked for %s", got)
	}
}

// A clock that is an hour off is told by what the server says of the time.
func TestWrongClock(t *testing.T) {
	b, sts := awsBox(t), newFakeSTS(t)
	b.ok("", "source", "add", "AWS", "aws", "endpoint="+sts.URL)
	for off, way := range map[time.Duration]string{time.Hour: "slow", -time.Hour: "fast"} {
		sts.mu.Lock()
		sts.off, sts.refuse = off, "SignatureDoesNotMatch"
		sts.mu.Unlock()
		b.run("", "env", "--", "true").ends(t, way, exitEnv, "source AWS: the clock of this machine is 60 minutes "+way+", and AWS allows 5: set it, and try again\n")
	}
	sts.mu.Lock()
	sts.refuse, sts.life = "", -time.Minute
	sts.mu.Unlock()
	b.run("", "login").ends(t, "expired", exitOther, "source AWS: gave something that has expired already; is the clock right?\n")
}

// Without a directory to keep sessions in, as in many containers, a session is for one command. A login
// that can't be kept is said to be none.
func TestNothingKept(t *testing.T) {
	b, sts := awsBox(t), newFakeSTS(t)
	b.ok("", "source", "add", "AWS", "aws", "endpoint="+sts.URL)
	pin := strings.TrimSpace(b.ok("", "trust", "--source", "AWS", "--print").stdout)
	if err := os.RemoveAll(filepath.Join(b.home, ".local")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.home, ".local"), nil, 0o400); err != nil { // which stops root as well
		t.Fatal(err)
	}
	b.env = append(b.env, "CREDFILE_SOURCES="+pin)
	for range 2 {
		if r := b.ok("", "env", "--", "printenv", "AWS_ACCESS_KEY_ID"); !strings.HasPrefix(r.stdout, "ASIAPLAINLYFAKE") || strings.Contains(r.stderr, "kept") {
			t.Errorf("%s%s", r.stdout, r.stderr)
		}
	}
	b.run("", "-v", "env", "--", "true").ends(t, "-v", 0, "source AWS: the session can't be kept, and lasts for this command: ")
	r := b.run("", "login")
	r.ends(t, "login", exitOther, "warning: source AWS: what the login gives can't be kept on this machine, and is gone with this command: ")
	if strings.Contains(r.stderr, "logged in") {
		t.Error(r.stderr)
	}
	if got := sts.actions(); got != strings.TrimSpace(strings.Repeat("GetSessionToken ", 4)) {
		t.Errorf("asked for %q", got)
	}
	b.ok("", "source", "add", "OTHER", "aws", "on_demand=true", "endpoint="+sts.URL)
	r = b.run("", "source", "add", "OTHER", "aws", "on_demand=true", "duration=1h", "endpoint="+sts.URL)
	r.ends(t, "source add", 0, "warning: source OTHER: this machine can't remember that you agreed to it, and will ask again: ", "source OTHER set")
}
