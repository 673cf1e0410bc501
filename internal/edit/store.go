package edit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile/merge"
)

// keptTime is the layout of the time that ends the name of a kept text.
const keptTime = "20060102T150405.000000000"

// keptFor is how long a text is kept.
const keptFor = 7 * 24 * time.Hour

// Store keeps drafts that could not be applied, each encrypted for its writer.
type Store struct {
	Dir func() (string, error) // the user's directory of state
	Now func() time.Time
}

// kept is a draft as stored.
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

func (d *Draft) marshal() ([]byte, error) {
	base := map[string][]keptEntry{}
	for name, entries := range d.Base {
		base[name] = nil
		for _, x := range entries {
			base[name] = append(base[name], keptEntry{x, []byte(x.Value)})
		}
	}
	return json.Marshal(kept{Text: d.Text, Given: d.Given, Base: base, Order: d.Order})
}

func (k *kept) draft() *Draft {
	d := &Draft{Text: k.Text, Given: k.Given, Base: map[string][]merge.Entry{}, Order: k.Order}
	for name, entries := range k.Base {
		d.Base[name] = nil
		for _, x := range entries {
			x.Entry.Value = string(x.Value)
			d.Base[name] = append(d.Base[name], x.Entry)
		}
	}
	return d
}

// begin returns the beginning of the paths of a file's texts. Each text has its own name, so
// none overwrites another.
func (s Store) begin(id string) (string, error) {
	dir, err := s.Dir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "edit", id+"-"), nil
}

// Texts returns the paths of all kept texts of a file.
func (s Store) Texts(id format.ID) []string {
	begin, err := s.begin(hex.EncodeToString(id[:]))
	if err != nil {
		return nil
	}
	all, _ := filepath.Glob(begin + "*")
	return all
}

// Newest returns a file's newest kept text, or "", and removes expired ones.
func (s Store) Newest(id format.ID) (path string, when time.Time) {
	for _, p := range s.Texts(id) {
		info, err := os.Stat(p)
		switch {
		case err != nil:
		case s.Now().Sub(info.ModTime()) > keptFor:
			os.Remove(p)
		case path == "" || info.ModTime().After(when):
			path, when = p, info.ModTime()
		}
	}
	return path, when
}

// Keep keeps a draft, which seal encrypts for its writer.
func (s Store) Keep(id format.ID, d *Draft, seal func([]byte) ([]byte, error)) (path string, err error) {
	plain, err := d.marshal()
	if err != nil {
		return "", err
	}
	return s.keep(hex.EncodeToString(id[:]), plain, seal)
}

func (s Store) keep(id string, plain []byte, seal func([]byte) ([]byte, error)) (string, error) {
	begin, err := s.begin(id)
	if err != nil {
		return "", err
	}
	path := begin + s.Now().UTC().Format(keptTime)
	b, err := seal(plain)
	if err != nil {
		return "", err
	}
	return path, keys.Create(path, b, 0o600)
}

// Open decrypts a kept draft.
func Open(b []byte, ids []age.Identity) (*Draft, error) {
	k, err := open(b, ids)
	if err == nil && k.Context != nil {
		text := k.Text
		k, err = open(k.Context, ids)
		k.Text = text
	}
	if err != nil {
		return nil, err
	}
	return k.draft(), nil
}

func open(b []byte, ids []age.Identity) (k kept, err error) {
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
