package shell

import (
	"errors"
	"testing"
)

func TestBatchLine(t *testing.T) {
	const path = `C:\a b\npm.cmd`
	for _, c := range []struct {
		args []string
		want string
		n    int // the argument that is refused
	}{
		{nil, `"C:\a b\npm.cmd"`, 0},
		{[]string{"run", "--x", `C:\y`, "a@1.2"}, `"C:\a b\npm.cmd" run --x C:\y a@1.2`, 0},
		{[]string{"", "a b", "a&calc", "^|<>()!'`;,=*?~"}, `"C:\a b\npm.cmd" "" "a b" "a&calc" "^|<>()!'` + "`" + `;,=*?~"`, 0},
		{[]string{`C:\a\`, `C:\a b\\`, "ä"}, `"C:\a b\npm.cmd" "C:\a\\" "C:\a b\\\\" "ä"`, 0},
		{[]string{"a", `"&calc`}, "", 2},
		{[]string{"%TOKEN%"}, "", 1},
		{[]string{"a", "b", "c\r"}, "", 3},
		{[]string{"a\nb"}, "", 1},
	} {
		got, err := batchLine(path, c.args)
		var refused *ArgError
		if errors.As(err, &refused) != (c.n > 0) || got != c.want || c.n > 0 && refused.N != c.n {
			t.Errorf("%q: %s, %v", c.args, got, err)
		}
	}
	if _, err := batchLine(`C:\%x%\npm.cmd`, nil); err == nil {
		t.Error("a path with a percent sign is taken")
	}
}

func TestIsBatch(t *testing.T) {
	for path, want := range map[string]bool{`C:\x.cmd`: true, `x.BAT`: true, `x.bat. .`: true, `x.exe`: false, `x.cmd.exe`: false, `bat`: false} {
		if IsBatch(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}

func TestWithPath(t *testing.T) {
	lookup := func(name string) (string, error) {
		if name == "op" || name == "echo" {
			return `C:\a b\` + name + ".exe", nil
		}
		return "", errors.New("none")
	}
	for line, want := range map[string]string{
		"op": `"C:\a b\op.exe"`, `op read "x"`: `"C:\a b\op.exe" read "x"`, "echo x": "echo x", "other x": "other x",
		`bin\op x`: `bin\op x`, `"op" x`: `"op" x`, "op&x": "op&x", "": "", "op\tx": "\"C:\\a b\\op.exe\"\tx",
	} {
		if got := withPath(line, lookup); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}
