package jsondoc

import (
	"errors"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile/trust"
)

type (
	// Trust is what was known about a file, and what is in it.
	Trust struct {
		Schema     int            `json:"schema"`
		File       string         `json:"file"`
		FirstSight bool           `json:"first_sight"`
		Instead    string         `json:"instead,omitempty"`
		Profiles   []TrustProfile `json:"profiles"`
	}
	// TrustProfile is what was known about a profile, and what is in it.
	TrustProfile struct {
		Name       string   `json:"name"`
		ID         string   `json:"id"`
		Refused    string   `json:"refused,omitempty"`
		KnownKeys  []string `json:"known_keys"`
		Key        string   `json:"key,omitempty"`
		Revision   uint64   `json:"revision,omitempty"`
		Recipients []string `json:"recipients,omitempty"`
	}
)

// refusals maps reasons to words.
var refusals = map[error]string{
	trust.ErrNewFile: "new-file", trust.ErrOtherFile: "other-file", trust.ErrSwapped: "swapped", trust.ErrShadow: "shadow", trust.ErrPassed: "passed", trust.ErrOwner: "owner",
	trust.ErrUnvouched: "unvouched", trust.ErrSuperseded: "superseded", trust.ErrRemoved: "removed",
	trust.ErrForeign: "foreign", trust.ErrGone: "gone", trust.ErrName: "name", trust.ErrBehind: "behind",
}

// NewTrust describes the verdicts on some profiles of a file.
func NewTrust(path string, sight *trust.Sight, firstSight bool, asked []*trust.Verdict) Trust {
	doc := Trust{Schema: Schema, File: path, FirstSight: firstSight, Profiles: []TrustProfile{}}
	if sight.Misfit != nil {
		doc.Instead = sight.Misfit.Path
	}
	for _, v := range asked {
		p := TrustProfile{Name: v.Name, ID: format.Base64.EncodeToString(v.ID[:]), KnownKeys: []string{}}
		var refusal *trust.Refusal
		if err := v.Check(trust.Options{Write: true}); errors.As(err, &refusal) {
			p.Refused = refusals[refusal.Why]
		} else if err != nil {
			p.Refused = "damaged"
		}
		if was := sight.Profile(v.ID); was != nil {
			for _, k := range was.Present {
				p.KnownKeys = append(p.KnownKeys, format.Base64.EncodeToString(k[:]))
			}
		}
		if v.Section != nil {
			p.Key, p.Revision = format.Base64.EncodeToString(v.Section.Key[:]), v.Section.Revision
			for i := range v.Section.Recipients {
				p.Recipients = append(p.Recipients, v.Section.Recipients[i].Name)
			}
		}
		doc.Profiles = append(doc.Profiles, p)
	}
	return doc
}
