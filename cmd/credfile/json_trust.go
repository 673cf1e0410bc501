package main

import (
	"errors"

	"github.com/credfile/credfile/vaultfile/trust"
)

type (
	jsonTrust struct {
		Schema     int                `json:"schema"`
		File       string             `json:"file"`
		FirstSight bool               `json:"first_sight"`
		Instead    string             `json:"instead,omitempty"`
		Profiles   []jsonTrustProfile `json:"profiles"`
	}
	jsonTrustProfile struct {
		Name       string   `json:"name"`
		ID         string   `json:"id"`
		Refused    string   `json:"refused,omitempty"`
		KnownKeys  []string `json:"known_keys"`
		Key        string   `json:"key,omitempty"`
		Revision   uint64   `json:"revision,omitempty"`
		Recipients []string `json:"recipients,omitempty"`
	}
)

// refusals maps reasons to words, which are stable.
var refusals = map[error]string{
	trust.ErrNewFile: "new-file", trust.ErrOtherFile: "other-file", trust.ErrSwapped: "swapped", trust.ErrShadow: "shadow", trust.ErrPassed: "passed", trust.ErrOwner: "owner",
	trust.ErrUnvouched: "unvouched", trust.ErrSuperseded: "superseded", trust.ErrRemoved: "removed",
	trust.ErrForeign: "foreign", trust.ErrGone: "gone", trust.ErrName: "name", trust.ErrBehind: "behind",
}

// newJSONTrust returns what showTrust prints, as a document.
func newJSONTrust(f *file, sight *trust.Sight, j *trust.Judgement, asked []*trust.Verdict) jsonTrust {
	doc := jsonTrust{Schema: 1, File: f.Path, FirstSight: j.FirstSight, Profiles: []jsonTrustProfile{}}
	if sight.Misfit != nil {
		doc.Instead = sight.Misfit.Path
	}
	for _, v := range asked {
		p := jsonTrustProfile{Name: v.Name, ID: base64Text(v.ID[:]), KnownKeys: []string{}}
		var refusal *trust.Refusal
		if err := v.Check(trust.Options{Write: true}); errors.As(err, &refusal) {
			p.Refused = refusals[refusal.Why]
		} else if err != nil {
			p.Refused = "damaged"
		}
		was := sight.Profile(v.ID)
		if was != nil {
			for _, k := range was.Present {
				p.KnownKeys = append(p.KnownKeys, base64Text(k[:]))
			}
		}
		if v.Section != nil {
			p.Key, p.Revision = base64Text(v.Section.Key[:]), v.Section.Revision
			for i := range v.Section.Recipients {
				r := &v.Section.Recipients[i]
				p.Recipients = append(p.Recipients, r.Name)
			}
		}
		doc.Profiles = append(doc.Profiles, p)
	}
	return doc
}
