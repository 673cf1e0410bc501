package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/userdir"
	"github.com/credfile/credfile/vaultfile"
)

// noteName is a file beside the text that says whose text it is, in case this process ends
// before the editor does.
const noteName = ".credfile.json"

// editNote contains no plaintext secret.
type editNote struct {
	File      string `json:"file"`
	ID        string `json:"id"`
	Recipient string `json:"recipient"`
	Context   []byte `json:"context"`
}

// noteEdit writes the note, with which a process without the key can keep the text. It does
// not start a plugin for that.
func (e *editing) noteEdit() {
	if e.own == "" || format.KindOf(e.own) == format.Plugin {
		return
	}
	plain, err := json.Marshal(kept{Given: e.text, Base: keptBase(e.base), Order: e.order})
	if err != nil {
		return
	}
	context, err := e.f.EncryptFor(e.own, plain)
	if err != nil {
		return
	}
	id := e.f.ID()
	note, err := json.Marshal(editNote{absolute(e.f.path), hex.EncodeToString(id[:]), e.own, context})
	if err == nil {
		front.WriteFile(e.dir.Path, noteName, note)
	}
}

// leave removes the directory. If a window may still save the text, it removes everything
// but the note, which a later process needs.
func (e *editing) leave() {
	if e.mayCome {
		entries, _ := os.ReadDir(e.dir.Path)
		for _, entry := range entries {
			if entry.Name() != noteName {
				os.RemoveAll(filepath.Join(e.dir.Path, entry.Name()))
			}
		}
		e.dir.Leave()
		return
	}
	e.dir.Remove()
}

// waitForWindow is how long a directory stays for a window that may still save its text.
const waitForWindow = time.Hour

// keepLeft keeps what an editor saved after the process that started it was gone, encrypted
// for the user who edited it. It reports whether the directory can be removed.
func (a *app) keepLeft(dir string) bool {
	text, found := leftText(dir)
	if !found {
		info, err := os.Stat(filepath.Join(dir, noteName))
		return err != nil || a.now().Sub(info.ModTime()) > waitForWindow || leftUntouched(dir)
	}
	var note editNote
	b, err := front.ReadFile(filepath.Join(dir, noteName), 4*editdoc.MaxDocument)
	if err == nil {
		err = json.Unmarshal(b, &note)
	}
	if err == nil {
		err = a.keepText(note, text)
	}
	if err != nil {
		a.warn("an editor left unencrypted text in %s, and it can't be saved: %v", dir, err)
		return false
	}
	a.say("an editor saved its text after the edit had ended; it is saved, encrypted to you: credfile -f %s edit --resume", term.Quote(note.File))
	return true
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
	info, err := os.Lstat(filepath.Join(dir, "credentials.toml"))
	return err == nil && info.ModTime().Equal(longAgo)
}

func (a *app) keepText(note editNote, text []byte) error {
	if id, err := hex.DecodeString(note.ID); err != nil || len(id) != len(format.ID{}) {
		return fs.ErrInvalid
	}
	if format.KindOf(note.Recipient) == format.Plugin {
		return fmt.Errorf("it belongs to a plugin's recipient")
	}
	plain, err := json.Marshal(kept{Text: text, Context: note.Context})
	if err != nil {
		return err
	}
	b, err := vaultfile.New().EncryptFor(note.Recipient, plain)
	if err != nil {
		return err
	}
	state, err := userdir.State(a.getenv)
	if err != nil {
		return err
	}
	return keys.Create(keptBegin(state, note.ID)+a.now().UTC().Format(keptTime), b, 0o600)
}
