package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/changes"
	"github.com/credfile/credfile/vaultfile"
)

// changesShown is how many credentials, and how many recipients, a line names without --verbose.
const changesShown = 12

// changeLine says what changed in a profile, in one line. name marks up a name.
func changeLine(p *changes.Profile, name func(string) string, most int) string {
	return name(p.Name) + ": " + strings.Join(changeFacts(p, name, most), ", ")
}

func changeFacts(p *changes.Profile, name func(string) string, most int) (facts []string) {
	fact := func(when bool, format string, args ...any) {
		if when {
			facts = append(facts, fmt.Sprintf(format, args...))
		}
	}
	fact(p.Damage != nil, "does not verify (%s)", damageText(p.Damage))
	fact(p.DamageBefore != nil, "did not verify before (%s)", damageText(p.DamageBefore))
	fact(p.Was != "", "renamed from %s", name(p.Was))
	switch p.State {
	case changes.Added:
		fact(!p.NameTaken, "profile added")
		fact(p.NameTaken, "replaced by a different profile of the same name")
		fact(p.Restored, "restored after its removal")
	case changes.Removed:
		fact(true, "profile removed")
	case changes.Missing:
		fact(p.DamageBefore == nil, "profile missing, without a record of its removal")
		fact(p.DamageBefore != nil, "profile missing")
	case changes.Unrecorded:
		fact(true, "the record of its removal is missing")
	}
	facts = append(facts, atMost(credentialFacts(p, name), most)...)
	facts = append(facts, atMost(recipientFacts(p, name), most)...)
	fact(p.Rotated && p.Vouched, "rotated")
	fact(p.Rotated && !p.Vouched, "replaced by another key, which the key before does not vouch for")
	fact(p.Resealed, "resealed")
	fact(p.Comments, "comments changed")
	fact(p.Order, "order changed")
	for _, who := range p.Forgotten {
		fact(true, "no longer records that %s lost access and still knows values", name(who))
	}
	fact(p.Older(), "older than before (revision %d after %d)", p.Revision, p.Before)
	fact(p.Nothing(), "signed again without a visible change")
	return facts
}

// atMost shortens a list of facts.
func atMost(facts []string, most int) []string {
	if len(facts) <= most {
		return facts
	}
	return append(facts[:most:most], fmt.Sprintf("and %d more", len(facts)-most))
}

func damageText(err error) string {
	var damage *vaultfile.DamageError
	if errors.As(err, &damage) {
		return damage.Class.Error()
	} else if err != nil {
		return err.Error()
	}
	return ""
}

// credentialFacts says what changed about credentials: values first, then what was removed
// and added, then the rest.
func credentialFacts(p *changes.Profile, name func(string) string) (facts []string) {
	for _, what := range []changes.What{changes.Value, changes.Remove, changes.Add, changes.Rename, changes.Expiry, changes.AsFile} {
		for _, c := range p.Credentials {
			if c.What&what == 0 || what == changes.Expiry && c.What&changes.Value != 0 {
				continue
			}
			until := "no longer expires"
			if !c.Expires.IsZero() {
				until = "now expires " + format.FormatDate(c.Expires)
			}
			switch what {
			case changes.Value:
				facts = append(facts, name(c.Name)+" changed")
				if c.What&changes.Expiry != 0 {
					facts[len(facts)-1] += " and " + until
				}
			case changes.Remove:
				facts = append(facts, name(c.Name)+" removed")
			case changes.Add:
				facts = append(facts, name(c.Name)+" added")
			case changes.Rename:
				facts = append(facts, fmt.Sprintf("%s renamed to %s", name(c.Was), name(c.Name)))
			case changes.Expiry:
				facts = append(facts, name(c.Name)+" "+until)
			case changes.AsFile:
				facts = append(facts, name(c.Name)+" "+fileText(c.File))
			}
		}
	}
	return facts
}

func recipientFacts(p *changes.Profile, name func(string) string) (facts []string) {
	for _, what := range []changes.What{changes.Add, changes.Remove, changes.Rename, changes.Role, changes.Key, changes.Lock} {
		for _, r := range p.Recipients {
			if r.What&what == 0 || what == changes.Lock && r.What&changes.Key != 0 {
				continue
			}
			role := "reader"
			if r.Writer {
				role = "writer"
			}
			switch what {
			case changes.Add:
				facts = append(facts, fmt.Sprintf("+%s (%s)", name(r.Name), role))
			case changes.Remove:
				facts = append(facts, "-"+name(r.Name))
			case changes.Rename:
				facts = append(facts, fmt.Sprintf("recipient %s renamed to %s", name(r.Was), name(r.Name)))
			case changes.Role:
				facts = append(facts, fmt.Sprintf("%s is now a %s", name(r.Name), role))
			case changes.Key:
				facts = append(facts, fmt.Sprintf("key of %s replaced", name(r.Name)))
			case changes.Lock:
				facts = append(facts, fmt.Sprintf("lock of %s changed", name(r.Name)))
			}
		}
	}
	return facts
}

// codeSpan marks up text as code in Markdown, where nothing in it is a mention, a link, HTML or
// a mark.
func codeSpan(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.TrimSpace(text) != text {
		text = " " + text + " "
	}
	return fence + text + fence
}

func plainName(name string) string { return name }

// fileText says how programs get a credential now.
func fileText(file bool) string {
	if file {
		return "now passed as a file"
	}
	return "no longer passed as a file"
}
