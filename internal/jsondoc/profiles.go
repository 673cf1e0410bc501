package jsondoc

import (
	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

type (
	// Profiles lists profiles, with their credentials or recipients.
	Profiles struct {
		Schema   int       `json:"schema"`
		File     string    `json:"file"`
		Commit   string    `json:"commit,omitempty"` // of an earlier version
		Profiles []Profile `json:"profiles"`
	}
	// Profile is a section.
	Profile struct {
		Name        string       `json:"name"`
		ID          string       `json:"id"`
		Key         string       `json:"key"`
		Revision    uint64       `json:"revision"`
		Hidden      bool         `json:"hidden"`
		Credentials []Credential `json:"credentials,omitempty"`
		Recipients  []Recipient  `json:"recipients,omitempty"`
	}
	// Credential is a credential without its value.
	Credential struct {
		Name    string `json:"name"`
		Source  string `json:"source,omitempty"` // the kind of a source
		Changed string `json:"changed"`
		Expires string `json:"expires,omitempty"`
		File    bool   `json:"file,omitempty"`
	}
	// Recipient is someone who can open a profile.
	Recipient struct {
		Name        string `json:"name"`
		Role        string `json:"role"`
		Kind        string `json:"kind"`
		Lock        string `json:"lock,omitempty"`
		Fingerprint string `json:"fingerprint"`
		Recipient   string `json:"recipient"`
	}
)

// Role returns the word for a recipient's role.
func Role(r *format.Recipient) string {
	if r.Writer {
		return "writer"
	}
	return "reader"
}

// Kind describes a recipient's kind of key and lock.
func Kind(r *format.Recipient) string {
	name := map[format.Kind]string{
		format.X25519: "age", format.Hybrid: "age post-quantum", format.Tag: "age tag", format.TagHybrid: "age tag post-quantum",
		format.Plugin: "age plugin", format.SSHEd25519: "ssh-ed25519", format.SSHRSA: "ssh-rsa",
	}[format.KindOf(r.String)]
	if format.KindOf(r.String) == format.Plugin {
		name += " (" + format.PluginName(r.String) + ")"
	}
	if r.Lock != "" {
		name += ", " + r.Lock + " lock"
	}
	return name
}

func newProfile(s *format.Profile) Profile {
	return Profile{Name: s.Name, ID: format.Base64.EncodeToString(s.ID[:]), Key: format.Base64.EncodeToString(s.Key[:]), Revision: s.Revision, Hidden: s.Hidden}
}

// NewCredentials lists the credentials of profiles.
func NewCredentials(path string, sections []*format.Profile) Profiles {
	doc := Profiles{Schema: Schema, File: path, Profiles: []Profile{}}
	for _, s := range sections {
		p := newProfile(s)
		for i := range s.Entries {
			e := &s.Entries[i]
			if e.IsComment() {
				continue
			}
			c := Credential{Name: e.Name, Changed: format.FormatTime(e.Time), File: e.File, Source: e.Kind}
			if !e.Expires.IsZero() {
				c.Expires = format.FormatDate(e.Expires)
			}
			p.Credentials = append(p.Credentials, c)
		}
		doc.Profiles = append(doc.Profiles, p)
	}
	return doc
}

// NewRecipients lists the recipients of profiles.
func NewRecipients(path string, sections []*format.Profile) Profiles {
	doc := Profiles{Schema: Schema, File: path, Profiles: []Profile{}}
	for _, s := range sections {
		p := newProfile(s)
		for i := range s.Recipients {
			r := &s.Recipients[i]
			p.Recipients = append(p.Recipients, Recipient{Name: r.Name, Role: Role(r), Kind: Kind(r), Lock: r.Lock,
				Fingerprint: vaultfile.Fingerprint(r.String), Recipient: r.String})
		}
		doc.Profiles = append(doc.Profiles, p)
	}
	return doc
}
