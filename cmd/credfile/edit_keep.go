package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile/merge"
)

// keptFor is how long a text is kept.
const keptFor = 7 * 24 * time.Hour

// kept is a text that could not be taken, and what it was made of.
type kept struct {
	Text  []byte                   `json:"text"`
	Given []byte                   `json:"given"`
	Base  map[string][]merge.Entry `json:"base"`
	Order []string                 `json:"order"`
}

func (e *editing) keptPath() (string, error) {
	dir, err := stateDir(e.getenv)
	if err != nil {
		return "", err
	}
	id := e.f.ID()
	return filepath.Join(dir, "edit", hex.EncodeToString(id[:])), nil
}

// keep ends an edit that failed. What the user wrote is kept, encrypted for an
// identity of his: work is not thrown away, and not left in clear.
func (e *editing) keep(why error) error {
	if len(e.saved) == 0 || bytes.Equal(e.saved, e.text) {
		return why
	}
	path, err := e.write()
	if err != nil {
		return &plainError{text: fmt.Sprintf("%v; and your text could not be kept: %v", why, err), code: codeOf(why)}
	}
	e.say("your text is kept for seven days, encrypted for yourself, in %s", path)
	f := explain(why)
	return &plainError{text: f.text, details: f.details, code: f.code, hint: "credfile edit --resume goes on with it"}
}

func codeOf(err error) int { return explain(err).code }

func (e *editing) write() (string, error) {
	path, err := e.keptPath()
	if err != nil {
		return "", err
	}
	if e.own == "" {
		return "", errors.New("there is no recipient of yours")
	}
	plain, err := json.Marshal(kept{e.saved, e.text, e.base, e.order})
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
	os.Remove(path)
	return path, keys.Create(path, b, 0o600)
}

// forget removes what was kept of an earlier edit.
func (e *editing) forget() {
	if path, err := e.keptPath(); err == nil {
		os.Remove(path)
	}
}

// resumed goes on with a text that was kept, if the user says so.
func (e *editing) resumed(resume bool) error {
	path, err := e.keptPath()
	if err != nil {
		return nil
	}
	info, err := os.Stat(path)
	if err == nil && e.now().Sub(info.ModTime()) > keptFor {
		os.Remove(path)
		err = fs.ErrNotExist
	}
	if err != nil && resume {
		return &plainError{text: "there is no text of an earlier edit", code: exitNotFound, hint: "credfile edit"}
	} else if err != nil {
		return nil
	}
	if !resume {
		switch err := e.confirm(fmt.Sprintf("an edit failed on %s: go on with its text?", info.ModTime().Format("2006-01-02 15:04")), ""); {
		case err == nil && !e.yes:
		case errors.Is(err, term.ErrNoTerminal), e.yes, isPlain(err):
			e.say("the text of an earlier edit is there: credfile edit --resume goes on with it")
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
	r, err := age.Decrypt(bytes.NewReader(b), ids...)
	var plain []byte
	if err == nil {
		plain, err = io.ReadAll(io.LimitReader(r, 4*editdoc.MaxDocument))
	}
	var k kept
	if err == nil {
		err = json.Unmarshal(plain, &k)
	}
	if err != nil {
		return &plainError{text: "the text of the earlier edit does not open with your identities", code: exitNoKey, hint: "it is in " + path}
	}
	for _, name := range k.Order {
		if e.base[name] == nil && !contains(e.order, name) {
			return &plainError{text: fmt.Sprintf("the text of the earlier edit has profile %q, which is not yours to write any more", name), code: exitNoKey}
		}
	}
	e.base, e.order, e.text = k.Base, k.Order, k.Given
	e.resumedText = k.Text
	return nil
}
