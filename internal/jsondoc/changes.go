package jsondoc

import (
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/changes"
)

type (
	// Diff is what changed from one version of a file to another.
	Diff struct {
		Schema   int             `json:"schema"`
		File     string          `json:"file"`
		From     Revision        `json:"from"`
		To       *Revision       `json:"to,omitempty"` // missing for the file as it is
		Replaced bool            `json:"replaced"`
		Profiles []ProfileChange `json:"profiles"`
	}
	// Revision is a revision as the user named it, and its commit.
	Revision struct {
		Rev    string `json:"rev"`
		Commit string `json:"commit"`
	}
	// ProfileChange is what changed in a profile.
	ProfileChange struct {
		Name           string             `json:"name"`
		Was            string             `json:"was,omitempty"`
		ID             string             `json:"id"`
		Hidden         bool               `json:"hidden"`
		Change         string             `json:"change"`
		NameTaken      bool               `json:"name_taken,omitempty"`
		Restored       bool               `json:"restored,omitempty"`
		Credentials    []CredentialChange `json:"credentials,omitempty"`
		Recipients     []RecipientChange  `json:"recipients,omitempty"`
		Rotated        bool               `json:"rotated,omitempty"`
		Vouched        bool               `json:"vouched,omitempty"`
		Resealed       bool               `json:"resealed,omitempty"`
		Comments       bool               `json:"comments,omitempty"`
		Order          bool               `json:"order,omitempty"`
		Older          bool               `json:"older,omitempty"`
		Forgotten      []string           `json:"forgotten,omitempty"`
		Revision       uint64             `json:"revision,omitempty"`
		RevisionBefore uint64             `json:"revision_before,omitempty"`
		Damage         string             `json:"damage,omitempty"`
		DamageBefore   string             `json:"damage_before,omitempty"`
	}
	// CredentialChange is what changed about a credential.
	CredentialChange struct {
		Name    string   `json:"name"`
		Was     string   `json:"was,omitempty"`
		Changes []string `json:"changes"`
		Expires string   `json:"expires,omitempty"`
	}
	// RecipientChange is what changed about a recipient.
	RecipientChange struct {
		Name    string   `json:"name"`
		Was     string   `json:"was,omitempty"`
		Role    string   `json:"role"`
		Changes []string `json:"changes"`
	}
)

var stateWords = map[changes.State]string{
	changes.Changed: "changed", changes.Added: "added", changes.Removed: "removed", changes.Missing: "missing",
	changes.Unrecorded: "record-missing", changes.Damaged: "damaged",
}

var changeWords = []struct {
	what changes.What
	word string
}{
	{changes.Add, "added"}, {changes.Remove, "removed"}, {changes.Rename, "renamed"}, {changes.Value, "changed"}, {changes.Expiry, "expiry"}, {changes.AsFile, "file"},
	{changes.Sealed, "resealed"}, {changes.Role, "role"}, {changes.Key, "key"}, {changes.Lock, "lock"},
}

func whatWords(what changes.What) (words []string) {
	for _, w := range changeWords {
		if what&w.what != 0 {
			words = append(words, w.word)
		}
	}
	return words
}

// NewProfileChanges returns what changed in profiles.
func NewProfileChanges(profiles []changes.Profile) []ProfileChange {
	list := []ProfileChange{}
	for i := range profiles {
		p := &profiles[i]
		c := ProfileChange{Name: p.Name, Was: p.Was, ID: format.Base64.EncodeToString(p.ID[:]), Hidden: p.Hidden, Change: stateWords[p.State],
			NameTaken: p.NameTaken, Restored: p.Restored, Rotated: p.Rotated, Vouched: p.Vouched, Resealed: p.Resealed, Comments: p.Comments,
			Order: p.Order, Older: p.Older(), Forgotten: p.Forgotten, Revision: p.Revision, RevisionBefore: p.Before}
		for _, x := range p.Credentials {
			c.Credentials = append(c.Credentials, CredentialChange{x.Name, x.Was, whatWords(x.What), day(x.Expires)})
		}
		for _, x := range p.Recipients {
			c.Recipients = append(c.Recipients, RecipientChange{x.Name, x.Was, Role(&format.Recipient{Writer: x.Writer}), whatWords(x.What)})
		}
		c.Damage, c.DamageBefore = text(p.Damage), text(p.DamageBefore)
		list = append(list, c)
	}
	return list
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return format.FormatDate(t)
}
