package clip

import (
	"os"
	"testing"
)

// The clipboard gets every character, and Clear removes only what was copied.
func TestNative(t *testing.T) {
	const value = "plainly-fäke ’😀\n"
	cs := Clipboards{Getenv: os.Getenv, Environ: os.Environ()}
	if err := cs.Copy([]byte(value), "-test.run=^$"); err != nil {
		t.Fatal(err)
	}
	if got, err := getNative(); string(got) != value || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	cs.Clear([]byte("another"))
	if got, err := getNative(); string(got) != value || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	cs.Clear([]byte(value))
	if got, err := getNative(); len(got) > 0 {
		t.Errorf("%q, %v", got, err)
	}
	if err := setNative([]byte("\xff")); err == nil {
		t.Error("what is not UTF-8 is copied")
	}
}
