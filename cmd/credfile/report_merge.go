package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/changes"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile/merge"
	"github.com/credfile/credfile/vaultfile/trust"
)

// errNoVersions: there are conflict markers, and git does not have the versions.
var errNoVersions = &plainError{text: "git does not have the two versions of this file anymore", code: exitBusy,
	hint: "save each version as a file, then: credfile merge --base FILE --ours FILE --theirs FILE"}

// errDeleted: git asks whether the file is to be there at all.
var errDeleted = &plainError{text: "one side deleted the file, and the other changed it", code: exitBusy,
	hint: "to keep it: git add {file}; to delete it: git rm {file}"}

// mergeError reports what is left to decide.
type mergeError struct {
	op        gitrepo.Operation
	conflicts []merge.Conflict
	dropped   []string
	closed    map[format.ID]closedProfile
	reveal    bool
}

// closedProfile is a profile that both sides changed and the user can't write.
type closedProfile struct {
	writers [2][]string // of each side
	both    []string    // who is a writer on both sides
	err     error
}

func (e *mergeError) Error() string {
	n := len(e.conflicts)
	return fmt.Sprintf("%s left to decide; nothing was written", count(n, "conflict")+plural(n, " is", " are"))
}

func (m *merging) unresolved(plan *merge.Plan) error {
	e := &mergeError{op: m.op, conflicts: plan.Conflicts, dropped: plan.Dropped, closed: map[format.ID]closedProfile{}, reveal: m.answer.reveal}
	for _, c := range plan.Conflicts {
		if c.Kind == merge.NotWriter {
			writers, both, err := m.x.Closed(c.ID)
			e.closed[c.ID] = closedProfile{writers, both, err}
		}
	}
	return e
}

func explainMerge(err error, f *finding) bool {
	var e *mergeError
	if !errors.As(err, &e) {
		return false
	}
	f.code = exitBusy
	var decide *merge.Conflict
	for i := range e.conflicts {
		c := &e.conflicts[i]
		f.details = append(f.details, e.detail(*c)...)
		if decide == nil && resolvable(*c) {
			decide = c
		}
	}
	for _, text := range e.dropped {
		f.details = append(f.details, "not taken: "+text)
	}
	f.hint = e.hint(decide)
	return true
}

// hint returns the next step: a conflict that can be decided, if there is one.
func (e *mergeError) hint(decide *merge.Conflict) string {
	if decide != nil && decide.Kind == merge.OneNameTwoProfiles {
		return fmt.Sprintf("give the second profile a new name, for example: credfile merge --resolve %s=%s-2", decide.Profile, decide.Profile)
	} else if decide != nil {
		return fmt.Sprintf("decide each, for example: credfile merge --resolve %s=ours (%s) or =theirs (%s)", conflictName(*decide), e.op.Ours, e.op.Theirs)
	}
	for _, x := range e.closed {
		if len(x.both) == 0 {
			return "on one of the branches, let a writer add a writer of the other one, and merge again"
		}
		return "ask one of the writers to merge these branches"
	}
	hint := "if you expect this change: abort the merge, check out that version, run credfile trust, and merge again"
	for _, c := range e.conflicts {
		if !errors.Is(c.Err, trust.ErrSuperseded) {
			continue
		} else if c.Side == merge.Ours { // as after git reset
			return fmt.Sprintf("abort the merge; then merge the newer version first, or if you gave it up: credfile trust -p %s, and merge again", c.Profile)
		}
		hint = "abort the merge; then merge the newer version first, or let someone who has access make the change again"
	}
	return hint
}

// detail says what a conflict is, by profile, name and side.
func (e *mergeError) detail(c merge.Conflict) []string {
	switch c.Kind {
	case merge.NotWriter:
		x := e.closed[c.ID]
		why := "you can't write it"
		if x.err != nil {
			why += " (" + explain(x.err).text + ")"
		}
		who := "its writers: " + strings.Join(x.both, ", ")
		if len(x.both) == 0 {
			who = fmt.Sprintf("no one is a writer on both sides (%s: %s; %s: %s)", e.op.Ours, strings.Join(x.writers[merge.Ours], ", "),
				e.op.Theirs, strings.Join(x.writers[merge.Theirs], ", "))
		}
		return []string{fmt.Sprintf("%s: both sides changed it, and %s; %s", c.Profile, why, who)}
	case merge.RefusedSide:
		return []string{fmt.Sprintf("%s: %s is not approved: %s", c.Profile, sideName(e.op, c.Side), plainReason(c.Err))}
	}
	return conflictLines(e.op, c, e.reveal)
}

func plainReason(err error) string {
	var r *trust.Refusal
	if errors.As(err, &r) {
		return r.Why.Error()
	}
	return err.Error()
}

func sideName(op gitrepo.Operation, side merge.Side) string {
	if side == merge.Theirs {
		return op.Theirs
	}
	return op.Ours
}

// conflictLines describes a conflict that the user can decide, in one line, and with its values if
// they are to be shown.
func conflictLines(op gitrepo.Operation, c merge.Conflict, reveal bool) []string {
	ours, theirs := op.Ours, op.Theirs
	lines := []string{conflictText(op, c)}
	if c.Profile != "" {
		lines[0] = c.Profile + ": " + lines[0]
	}
	if !reveal || c.Credential == "" {
		return lines
	}
	for _, v := range []struct {
		name string
		e    *merge.Entry
	}{{ours, c.Ours}, {theirs, c.Theirs}} {
		if v.e != nil {
			text := v.e.Value
			if c.Ours != nil && c.Theirs != nil && c.Ours.Value == c.Theirs.Value {
				text += fmt.Sprintf(" (comment: %q; expires: %s; as a file: %t)", v.e.Comment, expiryDate(v.e), v.e.File)
			}
			lines = append(lines, fmt.Sprintf("  %s: %s", v.name, text))
		}
	}
	return lines
}

func conflictText(op gitrepo.Operation, c merge.Conflict) string {
	ours, theirs := op.Ours, op.Theirs
	what := c.Credential
	if what == "" {
		what = "the comment at the end"
	}
	switch c.Kind {
	case merge.TwoValues:
		return fmt.Sprintf("%s was changed by %s%s and by %s%s", what, ours, when(c.Ours), theirs, when(c.Theirs))
	case merge.TwoAdditions:
		return fmt.Sprintf("%s was added by %s%s and by %s%s, with different values", what, ours, when(c.Ours), theirs, when(c.Theirs))
	case merge.ChangedAndUnset:
		if c.Ours == nil {
			return fmt.Sprintf("%s was removed by %s and changed by %s%s", what, ours, theirs, when(c.Theirs))
		}
		return fmt.Sprintf("%s was changed by %s%s and removed by %s", what, ours, when(c.Ours), theirs)
	case merge.RenamedAndChanged:
		if c.Ours == nil {
			return fmt.Sprintf("%s was renamed to %s by %s and changed by %s%s", what, c.Renamed, ours, theirs, when(c.Theirs))
		}
		return fmt.Sprintf("%s was changed by %s%s and renamed to %s by %s", what, ours, when(c.Ours), c.Renamed, theirs)
	case merge.ExposedValue:
		return fmt.Sprintf("%s would get back a value that someone who lost access knows", what)
	case merge.ConfirmValue:
		return fmt.Sprintf("%s %s by %s, and the other side removed someone who could have done it", what, changeOf(c), sideName(op, c.Side))
	}
	return peopleText(op, c)
}

// peopleText is conflictText for recipients and profiles.
func peopleText(op gitrepo.Operation, c merge.Conflict) string {
	ours, theirs := op.Ours, op.Theirs
	switch c.Kind {
	case merge.RecipientTwoNames:
		return fmt.Sprintf("the same recipient is %s on %s and %s on %s", c.Names[merge.Ours], ours, c.Names[merge.Theirs], theirs)
	case merge.RecipientTwoStrings:
		return fmt.Sprintf("%s has one key on %s and another on %s", c.Names[merge.Ours], ours, theirs)
	case merge.TwoProfileNames:
		return fmt.Sprintf("the profile was renamed to %s by %s and to %s by %s", c.Names[merge.Ours], ours, c.Names[merge.Theirs], theirs)
	case merge.OneNameTwoProfiles:
		return fmt.Sprintf("%s and %s have different profiles of this name", ours, theirs)
	case merge.RemovedAndChanged:
		return fmt.Sprintf("the profile was removed by %s and changed by %s", sideName(op, c.Side), sideName(op, 1-c.Side))
	case merge.NoWriter:
		return "together, the two sides removed all writers; choose whose version stays"
	case merge.NoProfile:
		return "together, the two sides removed all profiles; choose whose profiles stay"
	case merge.ConfirmAccess:
		return fmt.Sprintf("%s has access, or another role or key, only on %s, and the other side replaced the keys since", c.Names[merge.Ours], sideName(op, c.Side))
	case merge.ConfirmRemoval:
		return fmt.Sprintf("%s was removed by %s, and the other side removed someone who could have done it", c.Names[merge.Ours], sideName(op, c.Side))
	case merge.ConfirmProfile:
		return fmt.Sprintf("the profile was added by %s, and the other side removed someone who could have done it", sideName(op, c.Side))
	}
	return "both sides changed it"
}

func changeOf(c merge.Conflict) string {
	is := c.Ours
	if c.Side == merge.Theirs {
		is = c.Theirs
	}
	switch {
	case is == nil:
		return "was removed"
	case c.Base == nil:
		return "was added"
	}
	return "was changed"
}

func expiryDate(e *merge.Entry) string {
	if e.Expires.IsZero() {
		return "never"
	}
	return format.FormatDate(e.Expires)
}

func when(e *merge.Entry) string {
	if e == nil || e.Time.IsZero() {
		return ""
	}
	return " on " + format.FormatDate(e.Time)
}

// question asks for a choice.
func question(op gitrepo.Operation, c merge.Conflict) string {
	switch {
	case c.Kind == merge.OneNameTwoProfiles:
		return "A new name for the second profile, or Enter to leave it"
	case keepsBoth(c):
		return fmt.Sprintf("ours (%s), theirs (%s), a new name to keep theirs as well, or Enter to leave it", op.Ours, op.Theirs)
	}
	return fmt.Sprintf("ours (%s), theirs (%s), or Enter to leave it", op.Ours, op.Theirs)
}

// tell says what the merge changed in our version.
func (m *merging) tell(f *file, plan *merge.Plan) []changes.Profile {
	var c changes.Comparer
	list := c.Compare(m.x.Before(), f.File).Profiles
	for i := range list {
		m.say("%s", changeLine(&list[i], plainName, mostShown(m.app)))
	}
	if len(list) == 0 {
		m.say("our version has everything already")
	}
	for _, text := range plan.Dropped {
		m.say("not taken: %s", text)
	}
	for _, r := range plan.Results {
		if r.Vouch && len(r.Vouchers) == 0 {
			m.say("profile %s was removed on one side and is back; machines that know of its removal need, once: credfile trust -p %s", r.Name, r.Name)
		}
	}
	return list
}

// namedSide names the side of which an error is.
func namedSide(op gitrepo.Operation, err error) error {
	var e *machine.SideError
	if errors.As(err, &e) {
		return fmt.Errorf("%s: %w", sideName(op, e.Side), e.Err)
	}
	return err
}

// tellPins prints the new CREDFILE_TRUST, for machines that pin the old keys.
func tellPins(a *app, f *file) {
	var pins []string
	for _, name := range f.Names() {
		if s, err := f.Profile(name); err == nil {
			pins = append(pins, trust.Pin(f.ID(), s))
		}
	}
	a.say("where you set CREDFILE_TRUST (CI), replace the old entries with:")
	a.say("  %s", strings.Join(pins, ","))
}
