package main

import (
	"io"
	"slices"
	"strings"
	"testing"
)

// On Windows, the names of variables ignore case.
func TestNamesWithoutCase(t *testing.T) {
	defer func(was bool) { foldNames = was }(foldNames)
	foldNames = true
	a := &app{world: world{stderr: io.Discard, environ: []string{"APPDATA=x", "Path=p", "Credfile_Age_Key=secret", "aws_session_token=old", "OTHER=o"}}}
	for name, want := range map[string]string{"AppData": "x", "PATH": "p", "CREDFILE_AGE_KEY": "secret", "APPDATA": "x"} {
		if got, ok := a.lookupEnv(name); !ok || got != want {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	got := a.childEnv([]variable{{name: "other", value: "n"}, {name: "AWS_ACCESS_KEY_ID", value: "a"}})
	if want := []string{"APPDATA=x", "Path=p", "other=n", "AWS_ACCESS_KEY_ID=a"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	foldNames = false
	if _, ok := a.lookupEnv("AppData"); ok {
		t.Error("a name was found by another case")
	}
}

func TestWindowsLookup(t *testing.T) {
	there := map[string]bool{`C:\Windows\System32\cmd.exe`: true, `C:\node\node.exe`: true, `C:\node\npm.cmd`: true, `C:\tools\x.py`: true,
		`bin\tool.exe`: true, `tool.exe`: true, `\\host\share\remote.exe`: true, `C:\node\bare`: true, `C:\a b\spaced.exe`: true}
	is := func(path string) bool {
		for name := range there {
			if strings.EqualFold(name, path) {
				return true
			}
		}
		return false
	}
	const path = `bin;.;;C:\Windows\System32;"C:\a b";C:\node\;\\host\share`
	for _, c := range []struct{ name, pathext, want string }{
		{"cmd", "", `C:\Windows\System32\cmd.exe`}, {"cmd.exe", "", `C:\Windows\System32\cmd.exe`}, {"CMD", ".EXE", `C:\Windows\System32\CMD.exe`},
		{"node", ".COM;.EXE;.CMD", `C:\node\node.exe`}, {"npm", ".COM;.EXE;.CMD", `C:\node\npm.cmd`}, {"npm", ".EXE", ""},
		{`C:\windows\system32\cmd`, "", `C:\windows\system32\cmd.exe`}, {`C:\tools\x`, ".EXE;.PY", `C:\tools\x.py`}, {`C:\tools\x.py`, ".EXE;.PY", `C:\tools\x.py`},
		{"tool", "", ""}, {`bin\tool`, "", `bin\tool.exe`}, {"bare", "", ""}, {"remote", "", `\\host\share\remote.exe`}, {"spaced", "", `C:\a b\spaced.exe`}, {"none", "", ""},
	} {
		got, ok := windowsLookup(c.name, path, c.pathext, is)
		if ok != (c.want != "") || !strings.EqualFold(got, c.want) {
			t.Errorf("%s with %q: %q, want %q", c.name, c.pathext, got, c.want)
		}
	}
}
