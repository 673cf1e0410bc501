package codec

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// Real shells read back the original values.
func TestShell(t *testing.T) {
	values := []string{"", "plain", "it's", `a\b\\c\'d`, `"$HOME" $(id) ` + "`id`", "two\nlines\n\n", " spaces ", "tab\tand\rreturn", "*?[a]~!#&|;<>(){}", "ä‘’‚‛“", "-n", "\x01\x7f\xff", "%s %n \\n"}
	for _, c := range []struct{ shell, kind string }{{"dash", "sh"}, {"bash", "sh"}, {"zsh", "sh"}, {"fish", "fish"}} {
		t.Run(c.shell, func(t *testing.T) {
			path, err := exec.LookPath(c.shell)
			if err != nil {
				t.Skipf("needs %s", c.shell)
			}
			for _, value := range values {
				if c.shell == "fish" && strings.Contains(value, "\xff") {
					continue // it reads its input as UTF-8
				}
				script, err := Shell(c.kind, []Pair{{Name: "X_1", Value: []byte(value)}})
				if err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(path, "-c", script+"env -0")
				cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir()}
				out, err := cmd.Output()
				if err != nil || !bytes.Contains(append([]byte{0}, out...), []byte("\x00X_1="+value+"\x00")) {
					t.Errorf("%q: %v", value, err)
				}
			}
		})
	}
}

// Shells keep some variables for themselves. Export leaves these out, and what is left comes back.
func TestShellOwn(t *testing.T) {
	names := strings.Fields("A UID PPID RANDOM SRANDOM LINENO SHLVL HISTCMD GROUPS EPOCHSECONDS _ PWD status hostname version history umask")
	for _, c := range []struct{ shell, format string }{{"bash", "sh"}, {"zsh", "sh"}, {"fish", "fish"}} {
		path, err := exec.LookPath(c.shell)
		if err != nil {
			continue
		}
		for _, name := range names {
			if c.shell == "zsh" && name == strings.ToLower(name) {
				continue // an error there
			}
			f, _ := Lookup(c.format)
			text, left, _ := f.Export([]Pair{{Name: name, Value: []byte("12")}}, Options{})
			cmd := exec.Command(path, "-c", string(text)+"env")
			cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir()}
			out, _ := cmd.CombinedOutput()
			if len(left) == 0 && !bytes.Contains(append([]byte("\n"), out...), []byte("\n"+name+"=12\n")) {
				t.Errorf("%s doesn't take %s", c.shell, name)
			}
		}
		if f, _ := Lookup(c.format); !f.Out.Named("A") || f.Out.Named("A-B") {
			t.Errorf("%s: wrong names", c.format)
		}
	}
}

// Follows the documented rule; no PowerShell has run it.
func TestPowerShell(t *testing.T) {
	for value, want := range map[string]string{
		"it's $x`(a)": "'it''s $x`(a)'", "": "''", "a\nb": "'a' + [char]10 + 'b'", "’": "'' + [char]8217 + ''", "a + ' + b": "'a + '' + b'", "\n + ' + \n": "'' + [char]10 + ' + '' + ' + [char]10 + ''", "äö": "'' + [char]228 + [char]246 + ''",
		"😀": "'' + [char]55357 + [char]56832 + ''",
	} {
		got, err := Shell("powershell", []Pair{{Name: "A", Value: []byte(value)}})
		if err != nil || got != "$env:A = "+want+"\n" {
			t.Errorf("%q: %q, %v", value, got, err)
		}
	}
	if _, err := Shell("powershell", []Pair{{Name: "A", Value: []byte("\xff")}}); err == nil {
		t.Error("what is not UTF-8 is written")
	}
	if _, err := Shell("csh", nil); err == nil {
		t.Error("csh is taken")
	}
}

// A test for Windows has cmd.exe read it.
func TestCmd(t *testing.T) {
	got, err := Shell("cmd", []Pair{{Name: "A", Value: []byte(`x&calc|^<>()'=;,\`)}, {Name: "B", Value: []byte("1")}})
	if err != nil || got != "set \"A=x&calc|^<>()'=;,\\\"\r\nset \"B=1\"\r\n" {
		t.Errorf("%q, %v", got, err)
	}
	for _, value := range []string{"", `"`, `a" & calc & "b`, "%PATH%", "!x!", "a\nb", "a\rb", "\x1a", "ä", strings.Repeat("x", 8190)} {
		var refused *ShellError
		if _, err := Shell("cmd", []Pair{{Name: "A", Value: []byte(value)}}); !errors.As(err, &refused) {
			t.Errorf("%q: %v", value, err)
		}
	}
}
