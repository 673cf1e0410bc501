package jsondoc

import (
	"errors"
	"io/fs"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile"
)

type (
	// Whoami lists the user's identities, and what they open.
	Whoami struct {
		Schema     int        `json:"schema"`
		File       string     `json:"file,omitempty"`
		Identities []Identity `json:"identities"`
	}
	// Identity is one of the user's identities.
	Identity struct {
		Source      string   `json:"source"`
		Recipient   string   `json:"recipient,omitempty"`
		Fingerprint string   `json:"fingerprint,omitempty"`
		Locked      bool     `json:"locked,omitempty"`
		Problem     string   `json:"problem,omitempty"`
		Access      []Access `json:"access"`
	}
	// Access is a profile that an identity opens, and its name there.
	Access struct {
		Profile string `json:"profile"`
		Name    string `json:"name"`
		Role    string `json:"role"`
	}
)

// Naming returns where a file names a recipient.
type Naming func(recipient string) func(yield func(*format.Profile, *format.Recipient) bool)

// NewWhoami lists the identities of sources, and why others can't be used. Without a file,
// path is empty and naming nil.
func NewWhoami(path string, sources []*keys.Source, naming Naming) Whoami {
	doc := Whoami{Schema: Schema, File: path, Identities: []Identity{}}
	add := func(x Identity) {
		if x.Access == nil {
			x.Access = []Access{}
		}
		doc.Identities = append(doc.Identities, x)
	}
	for _, source := range sources {
		ids, err := source.Identities()
		if err != nil {
			if source.Named || !errors.Is(err, fs.ErrNotExist) {
				add(Identity{Source: source.Name, Problem: err.Error()})
			}
			continue
		}
		for _, id := range ids {
			add(newIdentity(source.Name, id, naming))
		}
		for range source.Locked() {
			add(Identity{Source: source.Name, Locked: true})
		}
	}
	return doc
}

func newIdentity(source string, id age.Identity, naming Naming) Identity {
	x := Identity{Source: source, Recipient: keys.Recipient(id)}
	if x.Recipient == "" {
		return x // a plugin's identity does not reveal its recipient
	}
	x.Fingerprint = vaultfile.Fingerprint(x.Recipient)
	if naming != nil {
		for s, r := range naming(x.Recipient) {
			x.Access = append(x.Access, Access{Profile: s.Name, Name: r.Name, Role: Role(r)})
		}
	}
	return x
}
