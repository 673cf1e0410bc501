package main

import (
	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/vaultfile"
)

type (
	jsonCheck struct {
		Schema   int           `json:"schema"`
		File     string        `json:"file"`
		Findings []jsonFinding `json:"findings"`
	}
	jsonFinding struct {
		Kind       string   `json:"kind"`
		Profile    string   `json:"profile"`
		Credential string   `json:"credential,omitempty"`
		Recipient  string   `json:"recipient,omitempty"`
		ExposedTo  []string `json:"exposed_to,omitempty"`
		// How many more there are than exposed_to names.
		ExposedToMore int    `json:"exposed_to_more,omitempty"`
		Expires       string `json:"expires,omitempty"`
		Message       string `json:"message"`
		Fix           string `json:"fix"`
	}
	jsonStatus struct {
		Schema   int                 `json:"schema"`
		File     string              `json:"file"`
		Profiles []jsonStatusProfile `json:"profiles"`
		Findings []jsonFinding       `json:"findings"`
	}
	jsonStatusProfile struct {
		Name        string     `json:"name"`
		Hidden      bool       `json:"hidden"`
		Credentials int        `json:"credentials"`
		NextExpiry  string     `json:"next_expiry,omitempty"`
		Writers     []string   `json:"writers"`
		Readers     []string   `json:"readers"`
		PostQuantum bool       `json:"post_quantum"`
		Locks       []jsonLock `json:"passphrase_locks,omitempty"`
	}
	jsonLock struct {
		Recipient string `json:"recipient"`
		Cost      string `json:"cost"`
	}
)

func jsonFindings(ps []health.Finding) []jsonFinding {
	list := make([]jsonFinding, len(ps))
	for i, p := range ps {
		list[i] = jsonFinding{Kind: string(p.Kind), Profile: p.Profile, Credential: p.Credential, Recipient: p.Who(),
			ExposedTo: p.KnownTo[:min(len(p.KnownTo), mostNames)].Names(), ExposedToMore: max(0, len(p.KnownTo)-mostNames), Message: findingText(&p), Fix: findingFix(&p)}
		if !p.Expires.IsZero() {
			list[i].Expires = format.FormatDate(p.Expires)
		}
	}
	return list
}

// newJSONStatus returns everything, but shortens long lists of former recipients.
func newJSONStatus(path string, rows []health.Report) jsonStatus {
	doc := jsonStatus{Schema: 1, File: path, Profiles: []jsonStatusProfile{}, Findings: []jsonFinding{}}
	for _, r := range rows {
		p := jsonStatusProfile{Name: r.Section.Name, Hidden: r.Section.Hidden, Writers: vaultfile.WriterNames(r.Section), Readers: health.ReaderNames(r.Section),
			PostQuantum: len(r.Of(health.Classic)) == 0}
		for i := range r.Section.Entries {
			if !r.Section.Entries[i].IsComment() {
				p.Credentials++
			}
		}
		if next := health.NextExpiry(r.Section); !next.IsZero() {
			p.NextExpiry = format.FormatDate(next)
		}
		for i := range r.Section.Recipients {
			if cost, ok := vaultfile.LockCost(&r.Section.Recipients[i]); ok {
				p.Locks = append(p.Locks, jsonLock{r.Section.Recipients[i].Name, cost.String()})
			}
		}
		doc.Profiles = append(doc.Profiles, p)
		doc.Findings = append(doc.Findings, jsonFindings(r.Findings)...)
	}
	return doc
}
