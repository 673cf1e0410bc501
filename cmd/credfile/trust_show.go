package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// How many profiles, and how many recipients of all of them, fit on a screen.
const (
	screenProfiles   = 6
	screenRecipients = 12
)

// showTrust prints, for each profile, what was known and what is in the file, changes
// first. It fits on one screen; --json prints everything.
func showTrust(a *app, f *file, x *machine.Approval, asked []*trust.Verdict) {
	sight := x.Sight
	if a.json {
		a.printJSON(jsondoc.NewTrust(f.Path, sight, x.Judgement.FirstSight, asked))
		return
	}
	s := &screen{a: a, sight: sight}
	s.print("%s", f.Path)
	switch m := sight.Misfit; {
	case m != nil:
		s.print("  %s", misfitText(m))
		if m.Why == trust.ErrNewFile {
			s.print("  known files: %s", firstOf(m.Known))
		}
	case x.Judgement.FirstSight:
		s.print("  first use on this machine")
	}
	if c := f.History(sight.Misfit != nil && sight.Misfit.Why != trust.ErrOwner); c.Text != "" {
		s.print("  %s", commitText(c))
	}
	shown := asked[:min(len(asked), screenProfiles)]
	for _, v := range shown {
		s.profile(v, max(2, screenRecipients/len(shown)))
	}
	if n := len(asked) - len(shown); n > 0 {
		s.print("  and %s more (to list all: credfile trust --json)", count(n, "profile"))
	}
}

type screen struct {
	a     *app
	sight *trust.Sight
}

func (s *screen) print(format string, args ...any) {
	fmt.Fprintln(s.a.stdout, term.Escape(fmt.Sprintf(format, args...)))
}

func (s *screen) profile(v *trust.Verdict, room int) {
	var refusal *trust.Refusal
	err := v.Check(trust.Options{Write: true})
	if errors.As(err, &refusal) && (refusal.Misfit() == nil || refusal.Why != refusal.Misfit().Why) {
		s.print("  profile %s: %v", v.Name, refusal.Why)
	} else {
		s.print("  profile %s", v.Name)
	}
	p := s.sight.Profile(v.ID)
	if p != nil {
		s.print("    known fingerprint  %s", keyNames(p))
	}
	if v.Section == nil {
		return
	}
	s.print("    fingerprint        %s (revision %d)", keyFingerprint(v.Section.Key), v.Section.Revision)
	s.print("    writers            %s", firstOf(v.Section.Writers()))
	changed, same := recipientChanges(p, v.Section)
	lines := append(changed, same...)
	for _, line := range lines[:min(len(lines), room)] {
		s.print("    recipient        %s", line)
	}
	if n := len(lines) - room; n > 0 {
		s.print("    and %s more", count(n, "recipient"))
	}
}

// recipientChanges lists the new (+), removed (-) and unchanged recipients.
func recipientChanges(p *trust.Profile, s *format.Profile) (changed, same []string) {
	var before, here []string
	if p != nil {
		before = p.Recipients
	}
	for i := range s.Recipients {
		r := &s.Recipients[i]
		line := fmt.Sprintf("%s %s %s", r.Name, jsondoc.Role(r), vaultfile.Fingerprint(r.String))
		here = append(here, line)
		if p != nil && !slices.Contains(before, line) {
			changed = append(changed, "+ "+line)
		} else {
			same = append(same, "  "+line)
		}
	}
	for _, line := range before {
		if !slices.Contains(here, line) {
			changed = append(changed, "- "+line)
		}
	}
	return changed, same
}
