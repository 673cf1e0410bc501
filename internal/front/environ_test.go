package front

import (
	"slices"
	"strings"
	"testing"
)

// On Windows, the names of variables ignore case.
func TestNamesWithoutCase(t *testing.T) {
	defer func(was bool) { foldNames = was }(foldNames)
	foldNames = true
	environ := []string{"APPDATA=x", "Path=p", "Credfile_Age_Key=secret", "aws_session_token=old", "OTHER=o"}
	for name, want := range map[string]string{"AppData": "x", "PATH": "p", "CREDFILE_AGE_KEY": "secret", "APPDATA": "x"} {
		if got, ok := LookupEnv(environ, name); !ok || got != want {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	got, removed := Environ(environ, []Variable{{Name: "other", Value: "n"}, {Name: "AWS_ACCESS_KEY_ID", Value: "a"}})
	if want := []string{"APPDATA=x", "Path=p", "other=n", "AWS_ACCESS_KEY_ID=a"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if !slices.Equal(removed, []string{"aws_session_token"}) {
		t.Errorf("%q is removed", removed)
	}
	foldNames = false
	if _, ok := LookupEnv(environ, "AppData"); ok {
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

func TestShellOf(t *testing.T) {
	for program, want := range map[string]string{"powershell.exe": "powershell", "pwsh.exe": "powershell", "CMD.EXE": "cmd", "bash.exe": "sh", "fish": "fish", "make.exe": "", "": ""} {
		if got := shellOf(program); got != want {
			t.Errorf("%s: %q", program, got)
		}
	}
}
