package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/userdir"
	"github.com/credfile/credfile/vaultfile/merge"
)

// keptTime is the layout of the time that ends the name of a kept text.
const keptTime = "20060102T150405.000000000"

// keptFor is how long a text is kept.
const keptFor = 7 * 24 * time.Hour

// kept is a text that could not be applied, and what it was made from.
type kept struct {
	Text  []byte                 `json:"text"`
	Given []byte                 `json:"given"`
	Base  map[string][]keptEntry `json:"base"`
	Order []string               `json:"order"`
	// What the text was made from, encrypted, if a process without the key kept the text.
	Context []byte `json:"context,omitempty"`
}

// keptEntry holds a value as bytes, which a JSON string would not preserve.
type keptEntry struct {
	merge.Entry
	Value []byte
}

func keptBase(base map[string][]merge.Entry) map[string][]keptEntry {
	m := map[string][]keptEntry{}
	for name, entries := range base {
		m[name] = nil
		for _, x := range entries {
			m[name] = append(m[name], keptEntry{x, []byte(x.Value)})
		}
	}
	return m
}

func mergeBase(base map[string][]keptEntry) map[string][]merge.Entry {
	m := map[string][]merge.Entry{}
	for name, entries := range base {
		m[name] = nil
		for _, x := range entries {
			x.Entry.Value = string(x.Value)
			m[name] = append(m[name], x.Entry)
		}
	}
	return m
}

// keptPath returns the beginning of the paths of this file's kept texts. Each text has its
// own name, so none overwrites another.
func (e *editing) keptPath() (string, error) {
	dir, err := userdir.State(e.getenv)
	if err != nil {
		return "", err
	}
	id := e.f.ID()
	return keptBegin(dir, hex.EncodeToString(id[:])), nil
}

func keptBegin(stateDir, id string) string { return filepath.Join(stateDir, "edit", id+"-") }

// newest returns the newest kept text and removes expired ones.
func (e *editing) newest() (path string, when time.Time) {
	for _, p := range e.keptTexts() {
		info, err := os.Stat(p)
		switch {
		case err != nil:
		case e.now().Sub(info.ModTime()) > keptFor:
			os.Remove(p)
		case path == "" || info.ModTime().After(when):
			path, when = p, info.ModTime()
		}
	}
	return path, when
}

// keptTexts returns the paths of all kept texts of this file.
func (e *editing) keptTexts() []string {
	begin, err := e.keptPath()
	if err != nil {
		return nil
	}
	all, _ := filepath.Glob(begin + "*")
	return all
}

// discardEdits removes the kept texts of this file.
func (a *app) discardEdits() error {
	f, err := a.open()
	if err != nil {
		return err
	}
	e := &editing{app: a, f: f}
	texts := e.keptTexts()
	if len(texts) == 0 {
		return at(f.path, &plainError{text: "no saved text from an earlier edit", code: exitNotFound})
	}
	question := fmt.Sprintf("Delete %s that %s never applied?", count(len(texts), "text"), plural(len(texts), "was", "were"))
	if err := a.confirm(question); err != nil {
		return at(f.path, err)
	}
	for _, path := range texts {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	a.say("%s: deleted", f.path)
	return nil
}

// keep ends a failed edit. It keeps the user's text, encrypted for one of their identities,
// so that no work is lost or left in plaintext.
func (e *editing) keep(why error) error {
	if len(e.saved) == 0 || bytes.Equal(e.saved, e.text) {
		return why
	}
	path, err := e.write()
	if err != nil {
		return &plainError{text: fmt.Sprintf("%v; your text could not be saved: %v", why, err), code: codeOf(why)}
	}
	e.say("your text is saved for seven days, encrypted to you, in %s", path)
	f := explain(why)
	return &plainError{text: f.text, details: f.details, code: f.code, hint: "continue with credfile edit --resume, or delete the text with --discard"}
}

func codeOf(err error) int { return explain(err).code }

func (e *editing) write() (string, error) {
	begin, err := e.keptPath()
	if err != nil {
		return "", err
	}
	path := begin + e.now().UTC().Format(keptTime)
	if e.own == "" {
		return "", errors.New("none of your identities is a recipient")
	}
	plain, err := json.Marshal(kept{Text: e.saved, Given: e.text, Base: keptBase(e.base), Order: e.order})
	if err != nil {
		return "", err
	}
	b, err := e.f.EncryptFor(e.own, plain)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	if err := keys.Create(path, b, 0o600); err != nil {
		return "", err
	}
	e.forget() // the new text continues the old one
	return path, nil
}

// forget removes the kept text that this edit resumed.
func (e *editing) forget() {
	if e.resumedFrom != "" {
		os.Remove(e.resumedFrom)
	}
}

// resumed continues with a kept text, if the user agrees.
func (e *editing) resumed(resume bool) error {
	path, when := e.newest()
	if path == "" && resume {
		return &plainError{text: "no saved text from an earlier edit", code: exitNotFound, hint: "to start a new edit: credfile edit"}
	} else if path == "" {
		return nil
	}
	if resume && len(e.profiles) > 0 {
		return &usageError{text: "--resume continues with the profiles in the saved text", hint: "run it without --profile"}
	}
	if !resume {
		switch err := e.confirm(fmt.Sprintf("An edit failed on %s. Continue with its text?", when.Format("2006-01-02 15:04"))); {
		case err == nil && !e.yes:
		case errors.Is(err, term.ErrNoTerminal), e.yes, isPlain(err):
			e.say("text from an earlier edit is saved; to continue with it: credfile edit --resume")
			return nil
		default:
			return err
		}
	}
	return e.take(path)
}

func isPlain(err error) bool {
	var plain *plainError
	return errors.As(err, &plain)
}

func (e *editing) take(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	ids := e.allIdentities()
	for _, id := range e.unlocked.ids {
		ids = append(ids, id)
	}
	k, err := openKept(b, ids)
	if err == nil && k.Context != nil {
		text := k.Text
		k, err = openKept(k.Context, ids)
		k.Text = text
	}
	if err != nil {
		return &plainError{text: "your identities can't decrypt the text of the earlier edit", code: exitNoKey, hint: "the text is in " + path}
	}
	// A profile that the user can no longer write is a mistake to fix in the editor.
	e.order = slices.DeleteFunc(k.Order, func(name string) bool { return !contains(e.order, name) })
	e.base, e.text = mergeBase(k.Base), k.Given
	e.resumedText, e.resumedFrom = k.Text, path
	return nil
}

func openKept(b []byte, ids []age.Identity) (k kept, err error) {
	r, err := age.Decrypt(bytes.NewReader(b), ids...)
	if err != nil {
		return k, err
	}
	plain, err := io.ReadAll(io.LimitReader(r, 4*editdoc.MaxDocument))
	if err == nil {
		err = json.Unmarshal(plain, &k)
	}
	return k, err
}
