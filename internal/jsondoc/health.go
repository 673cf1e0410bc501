package jsondoc

import (
	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/vaultfile"
)

// MostNames is how many of those who know a value are named. The rest are counted.
const MostNames = 16

type (
	// Check lists where profiles do not fulfil a policy.
	Check struct {
		Schema   int       `json:"schema"`
		File     string    `json:"file"`
		Findings []Finding `json:"findings"`
	}
	// Finding is one thing that is wrong with a profile.
	Finding struct {
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
	// Status is the state of profiles, worst first.
	Status struct {
		Schema   int             `json:"schema"`
		File     string          `json:"file"`
		Profiles []StatusProfile `json:"profiles"`
		Findings []Finding       `json:"findings"`
		History  *StatusHistory  `json:"history,omitempty"`
	}
	// StatusHistory is what people could read in git's history who have no access now.
	StatusHistory struct {
		Incomplete bool   `json:"incomplete"`
		Lost       []Lost `json:"lost"`
	}
	// Lost is what a recipient could read of a profile.
	Lost struct {
		Recipient   string      `json:"recipient"`
		OldKey      bool        `json:"old_key"`
		Profile     string      `json:"profile"`
		Credentials []LostValue `json:"credentials"`
		Hidden      int         `json:"hidden,omitempty"`
	}
	// LostValue is a credential, and what became of it: unchanged, set or gone.
	LostValue struct {
		Name  string `json:"name"`
		Since string `json:"since"`
	}
	// StatusProfile is the state of a profile.
	StatusProfile struct {
		Name        string   `json:"name"`
		Hidden      bool     `json:"hidden"`
		Credentials int      `json:"credentials"`
		NextExpiry  string   `json:"next_expiry,omitempty"`
		Writers     []string `json:"writers"`
		Readers     []string `json:"readers"`
		PostQuantum bool     `json:"post_quantum"`
		Locks       []Lock   `json:"passphrase_locks,omitempty"`
	}
	// Lock is a passphrase lock, and what it costs to try a passphrase.
	Lock struct {
		Recipient string `json:"recipient"`
		Cost      string `json:"cost"`
	}
)

// Words say in one sentence what is wrong, and with which command to fix it.
type Words func(f *health.Finding) (message, fix string)

// NewFindings lists findings.
func NewFindings(findings []health.Finding, words Words) []Finding {
	list := make([]Finding, len(findings))
	for i, f := range findings {
		shown := min(len(f.KnownTo), MostNames)
		list[i] = Finding{Kind: string(f.Kind), Profile: f.Profile, Credential: f.Credential, Recipient: f.Who(),
			ExposedTo: f.KnownTo[:shown].Names(), ExposedToMore: len(f.KnownTo) - shown}
		list[i].Message, list[i].Fix = words(&f)
		if !f.Expires.IsZero() {
			list[i].Expires = format.FormatDate(f.Expires)
		}
	}
	return list
}

// NewStatus has everything, but shortens long lists of former recipients.
func NewStatus(path string, reports []health.Report, words Words) Status {
	doc := Status{Schema: Schema, File: path, Profiles: []StatusProfile{}, Findings: []Finding{}}
	for _, r := range reports {
		s := r.Section
		p := StatusProfile{Name: s.Name, Hidden: s.Hidden, Writers: s.Writers(), Readers: health.ReaderNames(s),
			PostQuantum: len(r.Of(health.Classic)) == 0}
		for i := range s.Entries {
			if s.Entries[i].HasValue() {
				p.Credentials++
			}
		}
		if next := health.NextExpiry(s); !next.IsZero() {
			p.NextExpiry = format.FormatDate(next)
		}
		for i := range s.Recipients {
			if cost, ok := vaultfile.LockCost(&s.Recipients[i]); ok {
				p.Locks = append(p.Locks, Lock{s.Recipients[i].Name, cost.String()})
			}
		}
		doc.Profiles = append(doc.Profiles, p)
		doc.Findings = append(doc.Findings, NewFindings(r.Findings, words)...)
	}
	return doc
}

// NewStatusHistory lists what people could read.
func NewStatusHistory(list []health.Lost, incomplete bool) *StatusHistory {
	h := &StatusHistory{Incomplete: incomplete, Lost: []Lost{}}
	for _, x := range list {
		l := Lost{Recipient: x.Person, OldKey: x.OldKey, Profile: x.Profile, Credentials: []LostValue{}, Hidden: x.Hidden}
		for _, v := range x.Values {
			l.Credentials = append(l.Credentials, LostValue{v.Name, string(v.Since)})
		}
		h.Lost = append(h.Lost, l)
	}
	return h
}
