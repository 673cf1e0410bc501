package front

import "testing"

func TestEditorOfWindows(t *testing.T) {
	if got := Editor(func(string) string { return "" }); got != "notepad" {
		t.Errorf("%q", got)
	}
}
