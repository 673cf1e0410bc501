package passphrase

import (
	"errors"
	"io/fs"
	"testing"
)

func lines(text string) *Source {
	return &Source{"test", func() ([]byte, error) { return []byte(text), nil }}
}

// Each new passphrase is a line of its own. One that is missing, weak or left over is an
// error, never another's.
func TestNew(t *testing.T) {
	n := New{Source: lines("correct horse battery staple pony\r\nsix random words for bob's lock\npassword\n")}
	for _, want := range []string{"correct horse battery staple pony", "six random words for bob's lock"} {
		if text, err := n.Text("bob"); string(text) != want || err != nil {
			t.Errorf("%q, %v; want %q", text, err, want)
		}
	}
	var unused *UnusedError
	if err := n.Unused(); !errors.As(err, &unused) || unused.Lines != 1 {
		t.Error(err)
	}
	var weak *WeakError
	if _, err := n.Text("carol"); !errors.As(err, &weak) {
		t.Error(err)
	}
	if _, err := n.Text("dave"); !errors.Is(err, ErrNoLine) {
		t.Error(err)
	}
	if err := n.Unused(); err != nil {
		t.Error(err)
	}
}

// The path of a file may be the passphrase itself, and is not repeated.
func TestPathIsSecret(t *testing.T) {
	s := FromEnv(func(name string) (string, bool) { return "correct horse", name == "CREDFILE_PASSPHRASE_FILE" },
		func(path string) ([]byte, error) {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		})
	_, name, err := s.One(nil)()
	if name != "CREDFILE_PASSPHRASE_FILE" || err == nil || err.Error() != name+": file does not exist" {
		t.Errorf("%s: %v", name, err)
	}
	if _, _, err := lines("one\ntwo\n").One(nil)(); !errors.Is(err, ErrLines) {
		t.Error(err)
	}
}

type typist struct {
	answers []string
	refused []error
}

func (t *typist) next() ([]byte, error) {
	answer := t.answers[0]
	t.answers = t.answers[1:]
	return []byte(answer), nil
}
func (t *typist) First(string) ([]byte, error) { return t.next() }
func (t *typist) Repeat() ([]byte, error)      { return t.next() }
func (t *typist) Refuse(err error)             { t.refused = append(t.refused, err) }

// A typed passphrase counts once it was typed twice alike.
func TestTyped(t *testing.T) {
	const good = "correct horse battery staple pony"
	ask := &typist{answers: []string{"password", good, good + "x", good, good}}
	n := New{Ask: ask}
	if text, err := n.Text("bob"); string(text) != good || err != nil || len(ask.refused) != 2 {
		t.Errorf("%q, %v, %v", text, err, ask.refused)
	}
	ask.answers = []string{"a", "b", "c"}
	if _, err := n.Text("bob"); err != ErrNone {
		t.Error(err)
	}
}
