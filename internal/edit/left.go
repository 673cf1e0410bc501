package edit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/vaultfile"
)

// noteName is a file beside the text that says whose text it is, in case this process ends
// before the editor does.
const noteName = ".credfile.json"

// note contains no plaintext secret.
type note struct {
	File      string `json:"file"`
	ID        string `json:"id"`
	Recipient string `json:"recipient"`
	Context   []byte `json:"context"`
}

// Note leaves a note on the desk, with which a process without the key can keep the text of
// a file for recipient, for whom seal encrypts. It does not start a plugin for that.
func (d *Desk) Note(file string, id format.ID, recipient string, draft *Draft, seal func([]byte) ([]byte, error)) {
	if recipient == "" || format.KindOf(recipient) == format.Plugin {
		return
	}
	plain, err := (&Draft{Given: draft.Given, Base: draft.Base, Order: draft.Order}).marshal()
	if err != nil {
		return
	}
	context, err := seal(plain)
	if err != nil {
		return
	}
	b, err := json.Marshal(note{file, hex.EncodeToString(id[:]), recipient, context})
	if err == nil {
		front.WriteFile(d.Path, noteName, b)
	}
}

// waitForWindow is how long a directory stays for a window that may still save its text.
const waitForWindow = time.Hour

// KeepLeft keeps what an editor saved on the desk of a process that was gone, encrypted for
// the user who edited it. It returns the path of the text's credfile, or "" if there is no
// text, and whether the directory can be removed.
func (s Store) KeepLeft(dir string) (file string, done bool, err error) {
	text, found := leftText(dir)
	if !found {
		info, err := os.Stat(filepath.Join(dir, noteName))
		return "", err != nil || s.Now().Sub(info.ModTime()) > waitForWindow || leftUntouched(dir), nil
	}
	var n note
	b, err := front.ReadFile(filepath.Join(dir, noteName), 4*editdoc.MaxDocument)
	if err == nil {
		err = json.Unmarshal(b, &n)
	}
	if err == nil {
		err = s.keepNoted(n, text)
	}
	return n.File, err == nil, err
}

// leftText returns the text that an editor left, if any.
func leftText(dir string) (text []byte, found bool) {
	entries, _ := os.ReadDir(dir)
	var newest time.Time
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || entry.Name() == noteName || info.ModTime().Equal(longAgo) || !info.ModTime().After(newest) {
			continue
		}
		b, err := front.ReadFile(filepath.Join(dir, entry.Name()), editdoc.MaxDocument)
		if err == nil && len(bytes.TrimSpace(b)) > 0 {
			text, found, newest = b, true, info.ModTime()
		}
	}
	return text, found
}

// leftUntouched reports whether the text is still as it was given to the editor.
func leftUntouched(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, textName))
	return err == nil && info.ModTime().Equal(longAgo)
}

func (s Store) keepNoted(n note, text []byte) error {
	if id, err := hex.DecodeString(n.ID); err != nil || len(id) != len(format.ID{}) {
		return fs.ErrInvalid
	}
	if format.KindOf(n.Recipient) == format.Plugin {
		return errors.New("it belongs to a plugin's recipient")
	}
	plain, err := json.Marshal(kept{Text: text, Context: n.Context})
	if err != nil {
		return err
	}
	_, err = s.keep(n.ID, plain, func(plain []byte) ([]byte, error) { return vaultfile.New().EncryptFor(n.Recipient, plain) })
	return err
}
