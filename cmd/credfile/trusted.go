package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/userdir"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// memory returns what this machine remembers about files.
func (a *app) memory() trust.Memory {
	if dir, err := userdir.State(a.getenv); err == nil {
		return trust.Memory{Dir: filepath.Join(dir, "trust"), ReadOnly: othersHome(dir)}
	}
	return trust.Memory{}
}

// look reads what this machine remembers about a file, once.
func (a *app) look(f *file) error {
	if f.sight != nil {
		return nil
	}
	if pins, ok := a.lookupEnv("CREDFILE_TRUST"); ok {
		known, err := trust.ParsePins(f.ID(), pins)
		f.place.Meant = f.place.Meant || err == nil && len(known.Profiles) > 0
	}
	sight, err := a.memory().Load(f.ID(), f.place)
	if err != nil {
		return err
	}
	f.sight = sight
	return a.tellBlind(f, sight.Blind)
}

// judge compares a file with what is known about it, once.
func (a *app) judge(f *file) error {
	if f.judged != nil {
		return nil
	}
	if err := a.look(f); err != nil {
		return err
	}
	judged := []*trust.Judgement{trust.Judge(f.sight.Known, f.File)}
	if pins, ok := a.lookupEnv("CREDFILE_TRUST"); ok {
		known, err := trust.ParsePins(f.ID(), pins)
		if err != nil {
			return err
		}
		judged = append(judged, trust.Judge(known, f.File))
	}
	f.judged = judged
	return nil
}

// tellBlind warns that this machine can't read what it knows about a file, so that it
// trusts the file as it is. With CREDFILE_TRUST a machine needs no memory.
func (a *app) tellBlind(f *file, dir string) error {
	if _, told := a.lookupEnv("CREDFILE_TRUST"); dir == "" || told {
		return nil
	}
	text := fmt.Sprintf("can't read what this machine knows about the file: %s belongs to another user", dir)
	if a.strict {
		return &plainError{text: text, code: exitDamaged, hint: fmt.Sprintf("sudo chown -R \"$(id -un)\" %s", term.Quote(dir))}
	}
	if f.tell(text) {
		a.warn("%s; trusting the file as it is (to fix that: sudo chown -R \"$(id -un)\" %s)", text, term.Quote(dir))
	}
	return nil
}

// trusted returns an error for a profile that is not approved. If there is both a memory
// and CREDFILE_TRUST, both must accept it.
func (a *app) trusted(f *file, profile string, want access) error {
	if err := a.refused(f, profile, want); err != nil {
		return err
	}
	if err := a.warnOfTrust(f, profile); err != nil {
		return err
	}
	if want != read || a.verbose {
		a.tellFirstUse(f)
	}
	return nil
}

// refused is trusted without any messages.
func (a *app) refused(f *file, profile string, want access) error {
	if err := a.judge(f); err != nil {
		return err
	}
	for _, j := range f.judged {
		if v := j.Of(profile); v != nil {
			o := trust.Options{Write: want != read, Strict: a.strict, AllowSuperseded: a.allowSuperseded}
			if err := v.Check(o); err != nil {
				return a.withHistory(f, err)
			}
		}
	}
	return nil
}

// tellFirstUse says in one line that a file was trusted on first use. With CREDFILE_TRUST,
// a machine trusts nothing on first use.
func (a *app) tellFirstUse(f *file) {
	if len(f.judged) > 1 || !f.judged[0].FirstSight && !f.sight.Untold || !f.tell("first use") {
		return
	}
	a.say("First use of %s on this machine: trusting its %s. To compare fingerprints: credfile trust", f.name(), count(f.taken(), "profile"))
	f.sight.Untold = false
}

// tellBefore says that another repository used to be here, if this one lacks files of it.
func (a *app) tellBefore(f *file) {
	if b := f.sight.Before(); b != nil && len(b.Gone) > 0 && f.tell("before") {
		a.say("There used to be another repository at %s. Missing from this one: %s", filepath.Dir(b.Common), firstOf(b.Gone))
	}
}

// name returns the path in the repository, which may have many files of the same name.
func (f *file) name() string {
	if len(f.place.At) == 0 || f.place.At[0].Repo.Root == "" {
		return f.path
	}
	return f.place.At[0].Path
}

// taken counts the profiles that were trusted on first use.
func (f *file) taken() (n int) {
	for _, v := range f.judged[0].Verdicts {
		if v.Section != nil {
			n++
		}
	}
	return n
}

// tell reports whether a message about the file has not been shown yet.
func (f *file) tell(what string) bool {
	said := f.told[what]
	f.told[what] = true
	return !said
}

// warnOfTrust warns of what is odd but no reason to refuse, except with --strict. It warns
// once of each state and says how to end it. profile is the one in use, or "".
func (a *app) warnOfTrust(f *file, profile string) error {
	if m := f.sight.Misfit; m != nil && m.Why == trust.ErrPassed {
		a.warnOnce(f, profile, fmt.Sprintf("%s is missing, so this uses %s (if you expected that: credfile trust)", m.Path, f.path), []byte("passed"), []byte(m.Path))
	}
	for _, v := range f.judged[0].Verdicts {
		text := ""
		switch {
		case v.Name == profile && v.Behind:
			text = fmt.Sprintf("profile %q is older than the version this machine last saw; run git pull, or merge the newer version", v.Name)
		case v.Name == profile:
		case v.State == trust.Gone:
			text = fmt.Sprintf("profile %q is missing, and the file has no record of its removal; merge the branch that has it, or if you expected that: credfile trust -p %s", v.Name, v.Name)
		case v.State == trust.Damaged:
			text = v.Damage.Error()
		}
		if text == "" {
			continue
		}
		if err := v.Check(trust.Options{Strict: true}); a.strict && err != nil {
			return err
		}
		switch {
		case v.State == trust.Damaged && f.tell(text):
			a.warn("%s: %s", f.path, text)
		case v.State != trust.Damaged:
			a.warnOnce(f, profile, f.path+": "+text, v.Mark()...)
		}
	}
	return nil
}

// warnOnce warns of a state that this machine was not warned of before. Without a profile,
// as in verify, it warns every time.
func (a *app) warnOnce(f *file, profile, text string, state ...[]byte) {
	if a.quiet || !f.tell(text) {
		return
	}
	if profile == "" {
		a.warn("%s", text)
		return
	}
	told := false
	err := f.sight.Note(func(k *trust.Known) { told = k.Told(state...) || told })
	if !told || err != nil {
		a.warn("%s", text)
	}
}

// warnOfName warns about a new name that used to be another profile's.
func (a *app) warnOfName(f *file, name string, id format.ID) {
	if a.look(f) == nil && f.sight.Bore(name, id) && !contains(f.Names(), name) {
		a.warn("colleagues' machines know a different profile named %s; each will need to run credfile trust -p %s", name, name)
	}
}

// keyFingerprint returns the fingerprint by which people compare profiles' keys.
func keyFingerprint(k format.Key) string { return vaultfile.Fingerprint(string(k[:])) }

// remember saves what was accepted, and the profiles that the user made. Failing to is no
// reason to refuse: containers and CI have nowhere to write.
func (a *app) remember(f *file, made ...string) {
	if err := a.look(f); err != nil {
		return // already reported
	}
	first := f.judged != nil && (f.judged[0].FirstSight || f.sight.Untold)
	a.tellBefore(f)
	err := f.sight.Learn(f.File, made...)
	kept := err == nil && a.memory().Dir != ""
	if first && kept {
		a.tellFirstUse(f)
	}
	if kept && f.told["first use"] && !a.quiet {
		err = f.sight.Note(func(k *trust.Known) { k.Untold = false })
	}
	var refused *atomicfile.RefusedError // a directory or file of another user
	switch {
	case err == nil && kept:
	case err == nil, trust.NoPlace(err), errors.Is(err, fs.ErrNotExist), errors.As(err, &refused):
		if a.verbose {
			a.say("this machine can't remember the file, since it has no writable state directory")
		}
	default:
		a.warn("can't remember this file: %v", err)
	}
}

// rememberLock saves which lock a passphrase opened, if there are several, to ask for that
// one next time.
func (a *app) rememberLock(f *file) {
	if a.lastLock != "" && f.tell("lock "+a.lastLock) {
		f.sight.Note(func(k *trust.Known) { k.LastLock = a.lastLock })
	}
}

// base64Text encodes ids and keys as the file does.
func base64Text(b []byte) string { return format.Base64.EncodeToString(b) }
