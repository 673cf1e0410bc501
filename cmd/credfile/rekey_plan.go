package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// step is what becomes of one profile.
type step struct {
	profile string
	p       *vaultfile.Profile
	add     []vaultfile.Recipient
	away    vaultfile.Removal
	lock    []vaultfile.Recipient // other locks of the same identities
	writer  []string
	rename  []string // OLD=NEW
}

func (s *step) takesAway() bool {
	return len(s.away.Remove)+len(s.away.Reader)+len(s.away.Replace) > 0
}

// plan says which profiles change, and how. Until the new locks are made, only
// their names stand in it.
func (r *rekeying) plan(f *file) ([]*step, error) {
	var steps []*step
	at := func(profile string) *step {
		for _, s := range steps {
			if s.profile == profile {
				return s
			}
		}
		steps = append(steps, &step{profile: profile})
		return steps[len(steps)-1]
	}
	wanted, err := r.wanted(f)
	if err != nil {
		return nil, err
	}
	if len(r.newcomers)+len(r.o.writer)+len(r.o.rename) > 0 {
		for _, profile := range wanted {
			s := at(profile)
			s.add, s.writer, s.rename = slices.Clone(r.newcomers), r.o.writer, r.o.rename
		}
	}
	if err := r.planAway(f, at); err != nil {
		return nil, err
	}
	return steps, r.planLocks(f, wanted, at)
}

// planAway is for what takes something away from a name, in every profile that has it,
// or has its key under another name.
func (r *rekeying) planAway(f *file, at func(string) *step) error {
	each := func(name string, do func(s *step, name string)) error {
		profiles, err := r.naming(f, name)
		if err != nil {
			return err
		}
		keys := map[string]bool{}
		for _, profile := range profiles {
			keys[f.recipient(profile, name).String] = true
			do(at(profile), name)
		}
		if len(r.profiles) > 0 {
			return nil
		}
		for _, profile := range f.Names() {
			s, err := f.Profile(profile)
			if err != nil {
				return err
			}
			for i := range s.Recipients {
				if has := &s.Recipients[i]; has.Name != name && keys[has.String] {
					do(at(profile), has.Name)
				}
			}
		}
		return nil
	}
	for _, name := range r.o.remove {
		if err := each(name, func(s *step, name string) { s.away.Remove = append(s.away.Remove, name) }); err != nil {
			return err
		}
	}
	for _, name := range r.o.reader {
		err := each(name, func(s *step, name string) {
			if f.recipient(s.profile, name).Writer {
				s.away.Reader = append(s.away.Reader, name)
			}
		})
		if err != nil {
			return err
		}
	}
	for _, other := range r.others {
		err := each(other.Name, func(s *step, name string) {
			other.Name = name
			s.away.Replace = append(s.away.Replace, other)
		})
		if err != nil {
			return err
		}
	}
	for _, name := range r.o.stronger {
		err := each(name, func(s *step, name string) { s.lock = append(s.lock, r.strongerFor(f, s.profile, name)...) })
		if err != nil {
			return err
		}
	}
	return nil
}

// planLocks: a name that is there gets its new lock, everywhere; one that is not is
// added.
func (r *rekeying) planLocks(f *file, wanted []string, at func(string) *step) error {
	for _, name := range r.lockNames {
		lock := vaultfile.Recipient{Name: name}
		if i := slices.IndexFunc(r.made, func(m vaultfile.Recipient) bool { return m.Name == name }); i >= 0 {
			lock = r.made[i]
		}
		profiles, err := r.naming(f, name)
		if err != nil && !isMissing(err) {
			return err
		}
		if len(profiles) > 0 && name == recovery && r.o.locks.recovery {
			return &usageError{text: "there is a lock named recovery", hint: "to change it: credfile rekey --passphrase recovery"}
		}
		for _, profile := range profiles {
			s := at(profile)
			has := f.recipient(profile, name)
			switch {
			case lock.String != "" && has.String == lock.String: // the identity stays
				s.lock = append(s.lock, lock)
			default:
				s.away.Replace = append(s.away.Replace, lock)
			}
		}
		for _, profile := range wanted {
			if len(profiles) > 0 && (len(r.profiles) == 0 && !r.all || contains(profiles, profile)) {
				continue
			}
			lock.Writer = !r.o.asReader
			s := at(profile)
			s.add = append(s.add, lock)
		}
	}
	return nil
}

// naming returns the profiles that name a recipient: of those that --profile names,
// or of all, and then none may be missing.
func (r *rekeying) naming(f *file, name string) ([]string, error) {
	among := r.profiles
	if len(among) == 0 {
		if err := r.nothingGone(f); err != nil {
			return nil, err
		}
		among = f.Names()
	}
	var profiles []string
	missing := &vaultfile.NotFoundError{Profile: strings.Join(among, ", "), Recipient: name}
	for _, profile := range among {
		s, err := f.Profile(profile)
		if err != nil {
			return nil, err
		}
		for i := range s.Recipients {
			missing.Known = append(missing.Known, s.Recipients[i].Name)
		}
		if f.recipient(profile, name) != nil {
			profiles = append(profiles, profile)
		} else if len(r.profiles) > 0 && len(among) > 1 {
			return profiles, &vaultfile.NotFoundError{Profile: profile, Recipient: name, Known: missing.Known}
		}
	}
	if len(profiles) == 0 {
		slices.Sort(missing.Known)
		missing.Known = slices.Compact(missing.Known)
		return nil, missing
	}
	return profiles, nil
}

// recipient returns a recipient of a verified section, or nil.
func (f *file) recipient(profile, name string) *format.Recipient {
	s, err := f.Profile(profile)
	if err != nil {
		return nil
	}
	for i := range s.Recipients {
		if s.Recipients[i].Name == name {
			return &s.Recipients[i]
		}
	}
	return nil
}

// unlockSteps unlocks every profile that changes. Of one that is not ours to write,
// nothing can be taken away; then nothing is taken away anywhere.
func (r *rekeying) unlockSteps(f *file, steps []*step) error {
	var ours, notOurs, me []string
	for _, s := range steps { // first what costs no question: it says who we are
		if s.p = r.quietly(f, s.profile); s.p != nil {
			me = append(me, s.p.OpenedBy())
		}
	}
	for _, s := range steps {
		if s.p == nil {
			s.p = r.quietly(f, s.profile) // with what was unlocked meanwhile
		}
		if s.p != nil {
			ours = append(ours, s.profile)
			continue
		}
		var p *vaultfile.Profile
		var err error
		var closed *openError
		others := s.takesAway() && len(me) > 0 && !slices.ContainsFunc(me, func(name string) bool {
			has := f.recipient(s.profile, name)
			return has != nil && has.Writer
		})
		if others {
			err = r.trusted(f, s.profile, write)
		} else {
			p, err = r.unlock(f, s.profile, write)
		}
		if s.takesAway() && (err == nil && (others || !p.Writer()) || errors.As(err, &closed) && !closed.terminal) {
			section, _ := f.Profile(s.profile)
			notOurs = append(notOurs, fmt.Sprintf("%s (writers: %s)", s.profile, strings.Join(vaultfile.WriterNames(section), ", ")))
			continue
		}
		if err != nil {
			return err
		}
		s.p = p
		ours, me = append(ours, s.profile), append(me, p.OpenedBy())
	}
	if len(notOurs) == 0 {
		return nil
	}
	e := &plainError{text: "not yours to change: " + strings.Join(notOurs, "; "), code: exitNoKey,
		hint: "one of the writers has to do it there"}
	if len(ours) > 0 {
		e.text += "; nothing was changed"
		e.hint = "for the rest alone: credfile rekey -p " + strings.Join(ours, " -p ") + " …; one of the writers has to do it there"
	}
	return e
}

// ask asks before the user locks himself out, or leaves a profile to one writer.
func (r *rekeying) ask(steps []*step) error {
	var yourself, last []string
	for _, s := range steps {
		writers := vaultfile.WriterNames(s.p.Section())
		left := slices.DeleteFunc(slices.Clone(writers), func(name string) bool {
			return contains(s.away.Remove, name) || contains(s.away.Reader, name)
		})
		if contains(s.away.Remove, s.p.OpenedBy()) || contains(s.away.Reader, s.p.OpenedBy()) || r.replacesMe(s) {
			yourself = append(yourself, s.profile)
		} else if len(left) == 1 && len(writers) > 1 {
			last = append(last, fmt.Sprintf("%s (%s)", s.profile, left[0]))
		}
	}
	var what []string
	if len(yourself) > 0 {
		what = append(what, "you take access away from yourself, in "+strings.Join(yourself, ", "))
	}
	if len(last) > 0 {
		what = append(what, "one writer alone is left in "+strings.Join(last, ", "))
	}
	if len(what) == 0 {
		return nil
	}
	text := strings.Join(what, "; ")
	return r.confirm(text+": go on?", text)
}

// replacesMe reports whether the user's own key is replaced by one that he does not
// have at hand.
func (r *rekeying) replacesMe(s *step) bool {
	for _, n := range s.away.Replace {
		if n.Name != s.p.OpenedBy() {
			continue
		}
		if n.String != "" { // --replace
			return !r.own([]vaultfile.Recipient{n})
		}
		for name, recipients := range byName(r.o.locks.lock) {
			if name == n.Name && !r.mayOpen(r.readAll(recipients)) {
				return true
			}
		}
	}
	return false
}

// readAll reads recipients, leaving out what is none: that is told later.
func (r *rekeying) readAll(texts []string) (list []string) {
	for _, text := range texts {
		if strings.HasPrefix(text, "@") || !strings.HasPrefix(text, "-") {
			if _, n, err := r.readRecipient("x=" + text); err == nil {
				list = append(list, n.String)
			}
		}
	}
	return list
}

// makeLocks makes the new locks, once.
func (r *rekeying) makeLocks(f *file, steps []*step) error {
	if r.made != nil {
		return nil
	}
	locks := r.o.locks
	r.made = []vaultfile.Recipient{}
	for name, recipients := range byName(locks.lock) {
		id := r.ownIdentity(f, name)
		if id == nil {
			continue
		}
		m, err := r.lockFor(f, name, id, recipients)
		if err != nil {
			return err
		}
		m.Name = name
		r.made = append(r.made, m)
		locks.lock = slices.DeleteFunc(slices.Clone(locks.lock), func(flag string) bool { return strings.HasPrefix(flag, name+"=") })
	}
	made, err := r.newLocks(f, locks)
	if err != nil {
		return err
	}
	r.made = append(r.made, made...)
	for _, name := range r.o.stronger {
		if err := r.strengthen(f, name); err != nil {
			return err
		}
	}
	return r.refuseSame(f, steps)
}

// ownIdentity returns the identity that a name has everywhere, if it is at hand and
// lies outside of the file: a lock can keep it. An identity that the file kept
// already would still open by the old lock.
func (r *rekeying) ownIdentity(f *file, name string) vaultfile.Identity {
	profiles, err := r.naming(f, name)
	if err != nil {
		return nil
	}
	for _, id := range r.allIdentities() {
		native, ok := id.(vaultfile.Identity)
		if ok && !slices.ContainsFunc(profiles, func(profile string) bool {
			has := f.recipient(profile, name)
			return has.Lock != "" || has.String != keys.Recipient(id)
		}) {
			return native
		}
	}
	return nil
}

// refuseSame refuses a new passphrase that is the old one: whoever knew it would
// stay able to open what is written later.
func (r *rekeying) refuseSame(f *file, steps []*step) error {
	for _, s := range steps {
		for _, lock := range s.away.Replace {
			pass, has := r.newPassphrases[lock.Name], f.recipient(s.profile, lock.Name)
			if pass == nil || !isPassphrase(has) {
				continue
			}
			old := r.unlocked.passphrases[has.String]
			same := old != nil && old.Equal(pass)
			if old == nil { // nobody typed it here: one derivation more
				_, err := f.OpenLock(s.profile, lock.Name, pass)
				same = err == nil
			}
			if same {
				return &usageError{text: fmt.Sprintf("the new passphrase of %s is the old one", lock.Name), hint: "choose another"}
			}
		}
	}
	return nil
}

// strengthen makes the same lock again at a higher cost.
func (r *rekeying) strengthen(f *file, name string) error {
	params, err := kdf.Parse(r.o.locks.kdf)
	if err != nil {
		return &usageError{text: fmt.Sprintf("--kdf: %v", err)}
	}
	profiles, err := r.naming(f, name)
	if err != nil {
		return err
	}
	if r.stronger == nil {
		r.stronger = map[string][]vaultfile.Recipient{}
	}
	for _, profile := range profiles {
		has := f.recipient(profile, name)
		was, ok := vaultfile.LockCost(has)
		if !ok {
			return &plainError{text: fmt.Sprintf("profile %q: %s has no passphrase lock", profile, name), code: exitUsage}
		}
		if params.Work() < was.Work() || params.Memory() < was.Memory() || params == was {
			return &usageError{text: fmt.Sprintf("%s costs no more than %s, which the lock of %s has", params, was, name),
				hint: "give a costlier one with --kdf; credfile keygen --calibrate 1s"}
		}
		if slices.ContainsFunc(r.stronger[name], func(m vaultfile.Recipient) bool { return m.String == has.String }) {
			continue
		}
		pass, id, err := r.passphraseOf(f, profile, has)
		if err != nil {
			return err
		}
		m, err := vaultfile.NewLock(id, pass, params)
		if err != nil {
			return err
		}
		m.Name = name
		r.stronger[name] = append(r.stronger[name], m)
	}
	return nil
}

// passphraseOf returns the passphrase of a lock, and the identity in it.
func (r *rekeying) passphraseOf(f *file, profile string, has *format.Recipient) (*vaultfile.Passphrase, vaultfile.Identity, error) {
	if r.unlocked.passphrases[has.String] == nil {
		s, err := f.Profile(profile)
		if err != nil {
			return nil, nil, err
		}
		o := r.opener(f, s, read)
		if _, err := o.openPassphrase(has); err != nil {
			return nil, nil, err
		}
		if r.unlocked.passphrases[has.String] == nil {
			return nil, nil, o.failed
		}
	}
	id, ok := r.unlocked.ids[has.String].(vaultfile.Identity)
	if !ok {
		return nil, nil, errors.New("internal error: a lock kept an identity of a foreign kind")
	}
	return r.unlocked.passphrases[has.String], id, nil
}

func (r *rekeying) strongerFor(f *file, profile, name string) []vaultfile.Recipient {
	has := f.recipient(profile, name)
	for _, m := range r.stronger[name] {
		if m.String == has.String {
			return []vaultfile.Recipient{m}
		}
	}
	return nil
}

// apply changes one profile and says what was done.
func (r *rekeying) apply(f *file, s *step) ([]string, error) {
	var lines []string
	line := func(format string, args ...any) {
		lines = append(lines, s.profile+": "+fmt.Sprintf(format, args...))
	}
	for _, n := range s.add {
		said, err := r.addOne(f, s.p, n)
		if err != nil {
			return nil, err
		}
		lines = append(lines, said)
	}
	for _, name := range s.writer {
		changed, err := s.p.MakeWriter(name)
		if r.all && isMissing(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		if changed {
			line("%s can write now, too", name)
		} else {
			line("%s is a writer already", name)
		}
	}
	for _, m := range s.lock {
		if err := s.p.SetLock(m); err != nil {
			return nil, err
		}
		line("%s has another lock (%s); it takes access away from nobody", m.Name, m.Lock)
	}
	if s.takesAway() {
		said, err := r.takeAway(s)
		if err != nil {
			return nil, err
		}
		lines = append(lines, said...)
	}
	for _, pair := range s.rename {
		old, name, _ := strings.Cut(pair, "=")
		if err := s.p.RenameRecipient(old, name); r.all && isMissing(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		line("%s is called %s now", old, name)
	}
	return lines, nil
}

// takeAway gives the profile new keys, without those who lose access.
func (r *rekeying) takeAway(s *step) ([]string, error) {
	before := map[string]vaultfile.Recipient{}
	for _, has := range s.p.Recipients() {
		before[has.Name] = has
	}
	quantum := postQuantum(s.p.Section())
	rotation := rotation{p: s.p, old: s.p.Section().Key}
	if err := s.p.TakeAway(s.away); err != nil {
		return nil, inProfile(s.profile, err)
	}
	var lines []string
	line := func(sign, name string, has vaultfile.Recipient) {
		lines = append(lines, fmt.Sprintf("%s: %s %s (%s)", s.profile, sign, name, describe(&has)))
	}
	for _, name := range s.away.Remove {
		line("-", name, before[name])
		rotation.lost = append(rotation.lost, name)
	}
	for _, n := range s.away.Replace {
		line("-", n.Name, before[n.Name])
		n.Writer = before[n.Name].Writer
		line("+", n.Name, n)
		rotation.lost = append(rotation.lost, n.Name)
	}
	for _, name := range s.away.Reader {
		lines = append(lines, fmt.Sprintf("%s: %s reads only, from now on", s.profile, name))
	}
	if quantum && !postQuantum(s.p.Section()) {
		r.warn("profile %q was post-quantum throughout, and is not any more", s.profile)
	}
	r.rotations = append(r.rotations, rotation)
	return lines, nil
}

// inProfile says in which profile a plugin is missing, or who could not be wrapped
// for.
func inProfile(profile string, err error) error {
	var missing *vaultfile.PluginError
	if errors.As(err, &missing) && errors.Is(err, vaultfile.ErrNoPlugin) {
		return &plainError{text: fmt.Sprintf("profile %q: %v; nothing was changed", profile, err), code: exitNoKey,
			hint: fmt.Sprintf("install age-plugin-%s, or take %s away too (--remove %s), or name the other profiles with -p", missing.Name, missing.Recipient, missing.Recipient)}
	}
	return err
}
