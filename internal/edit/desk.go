package edit

import (
	"bytes"
	"os"
	"path/filepath"
	"time"

	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/internal/front"
)

// textName is the name of the text in a desk.
const textName = "credentials.toml"

// longAgo is the modification time given to a text. An editor that writes changes it.
var longAgo = time.Unix(1e9, 0)

// Desk is the private directory in which an editor works on a text.
type Desk struct {
	*front.Dir
	// Waits leaves the directory behind, since a window may still save the text.
	Waits bool
}

// NewDesk makes a desk.
func NewDesk(getenv func(string) string) (*Desk, error) {
	dir, err := front.PrivateDir(getenv, front.Editing)
	if err != nil {
		return nil, err
	}
	return &Desk{Dir: dir}, nil
}

// Leave removes the directory. If a window may still save the text, it removes everything
// but the note, which a later process needs.
func (d *Desk) Leave() {
	if !d.Waits {
		d.Remove()
		return
	}
	entries, _ := os.ReadDir(d.Path)
	for _, entry := range entries {
		if entry.Name() != noteName {
			os.RemoveAll(filepath.Join(d.Path, entry.Name()))
		}
	}
	d.Dir.Leave()
}

// Editor is a program that edits texts.
type Editor struct {
	Line    string // its command line
	Environ []string
	// Keep remembers the terminal's settings, which the editor may leave changed.
	Keep func() (restore func(clear bool))
	// AtOnce is called if the editor exited at once without writing, perhaps since it
	// opened a window.
	AtOnce func() error
}

// Saved is what an editor left of a text.
type Saved struct {
	Text    []byte
	Written bool      // the editor wrote the text
	Window  bool      // it may still have it in a window
	Ended   os.Signal // the signal that ended us and the editor, or nil
}

// EditorError reports that the editor failed.
type EditorError struct{ Err error }

func (e *EditorError) Error() string { return "the editor failed: " + e.Err.Error() }
func (e *EditorError) Unwrap() error { return e.Err }

// TextError reports that the edited text can't be read.
type TextError struct{ Err error }

func (e *TextError) Error() string { return "can't read the edited text: " + e.Err.Error() }
func (e *TextError) Unwrap() error { return e.Err }

// Edit runs the editor on a text, removes the text, and returns what the editor saved, even
// with an error. Errors: [EditorError], [TextError].
func (d *Desk) Edit(editor Editor, text []byte) (s Saved, err error) {
	path, err := front.WriteFile(d.Path, textName, text)
	if err != nil {
		return s, err
	}
	if err := os.Chtimes(path, longAgo, longAgo); err != nil {
		return s, err
	}
	restore := editor.Keep()
	started := time.Now()
	ended, failed := front.Edit(editor.Line, path, editor.Environ)
	restore(ended != nil)
	if failed == nil && ended == nil && unwritten(path) && time.Since(started) < time.Second && !front.KnownEditor(editor.Line).Terminal {
		if err := editor.AtOnce(); err != nil {
			return s, err
		}
		s.Window = unwritten(path)
	}
	s.Written, s.Ended = !unwritten(path), ended
	saved, unread := front.ReadFile(path, editdoc.MaxDocument)
	os.Remove(path)
	if unread == nil {
		s.Text = saved
	}
	switch {
	case ended != nil:
		return s, nil
	case failed != nil:
		return s, &EditorError{failed}
	case unread != nil:
		return s, &TextError{unread}
	}
	return s, nil
}

func unwritten(path string) bool {
	info, err := os.Lstat(path)
	return err != nil || info.ModTime().Equal(longAgo)
}

// Empty reports whether nothing is left of the text.
func (s *Saved) Empty() bool { return len(bytes.TrimSpace(s.Text)) == 0 }
