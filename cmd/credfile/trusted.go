package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// memory is what this machine remembers of files.
func (a *app) memory() trust.Memory {
	if dir, err := stateDir(a.getenv); err == nil {
		return trust.Memory{Dir: filepath.Join(dir, "trust"), ReadOnly: othersHome(dir)}
	}
	return trust.Memory{}
}

func stateDir(getenv func(string) string) (string, error) {
	// The XDG specification: a relative path is to be ignored.
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "credfile"), nil
	}
	if dir := getenv("LocalAppData"); runtime.GOOS == "windows" && filepath.IsAbs(dir) {
		return filepath.Join(dir, "credfile"), nil
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "credfile"), nil
	}
	return "", errors.New("neither XDG_STATE_HOME nor HOME is set")
}

// judge compares a file with what is known of it, once.
func (a *app) judge(f *file) error {
	if f.judged != nil {
		return nil
	}
	known, err := a.memory().Load(f.ID(), f.place)
	if err != nil {
		return err
	}
	if err := a.tellBlind(f, known.Blind); err != nil {
		return err
	}
	f.untold = known.Untold
	judged := []*trust.Judgement{trust.Judge(known, f.File)}
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

// tellBlind says that what this machine knows of a file can't be read, so that all of it
// is taken as it is. A machine that CREDFILE_TRUST tells what to trust needs no memory.
func (a *app) tellBlind(f *file, dir string) error {
	if _, told := a.lookupEnv("CREDFILE_TRUST"); dir == "" || told {
		return nil
	}
	text := fmt.Sprintf("what this machine knows of the file can't be read: %s is another user's", dir)
	if a.strict {
		return &plainError{text: text, code: exitDamaged, hint: fmt.Sprintf("sudo chown -R \"$(id -un)\" %s", term.Quote(dir))}
	}
	if f.tell(text) {
		a.warn("%s; all of it is taken as it is (sudo chown -R \"$(id -un)\" %s)", text, term.Quote(dir))
	}
	return nil
}

// trusted refuses a profile that is not the one that is known. Where memory and
// CREDFILE_TRUST both exist, both have to accept.
func (a *app) trusted(f *file, profile string, for_ access) error {
	if err := a.refused(f, profile, for_); err != nil {
		return err
	}
	if err := a.warnOfTrust(f, profile); err != nil {
		return err
	}
	a.tellFirstSight(f, for_)
	return nil
}

// refused is trusted without a word to people.
func (a *app) refused(f *file, profile string, for_ access) error {
	if err := a.judge(f); err != nil {
		return err
	}
	for _, j := range f.judged {
		if v := j.Of(profile); v != nil {
			o := trust.Options{Write: for_ != read, Strict: a.strict, AllowSuperseded: a.allowSuperseded}
			if err := v.Check(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellFirstSight says in one line what is taken, or was taken, on faith: before the
// first write, and with -v before reading. A machine that CREDFILE_TRUST tells what to
// trust takes nothing on faith.
func (a *app) tellFirstSight(f *file, for_ access) {
	j := f.judged[0]
	if len(f.judged) > 1 || !j.FirstSight && !f.untold || for_ == read && !a.verbose {
		return
	}
	if f.tell("first sight") {
		a.say("%s", firstSight(j))
		f.untold = false
		f.toldNow = true
	}
}

// tell reports whether something is still to be said of a file.
func (f *file) tell(what string) bool {
	said := f.told[what]
	f.told[what] = true
	return !said
}

// warnOfTrust names what is odd and no reason to refuse; --strict refuses it.
func (a *app) warnOfTrust(f *file, profile string) error {
	for _, v := range f.judged[0].Verdicts {
		text := ""
		switch {
		case v.Name == profile && v.Behind:
			text = fmt.Sprintf("profile %q is older than what this machine has seen of it (another branch?)", v.Name)
		case v.Name == profile:
		case v.State == trust.Gone:
			text = fmt.Sprintf("profile %q is gone, and nothing says that it was removed (a branch from before it was added?)", v.Name)
		case v.State == trust.Damaged:
			text = v.Damage.Error()
		}
		if text == "" {
			continue
		}
		if err := v.Check(trust.Options{Strict: true}); a.strict && err != nil {
			return err
		}
		if f.tell(text) {
			a.warn("%s: %s", f.path, text)
		}
	}
	return nil
}

// warnOfName says what a name costs that was another profile's.
func (a *app) warnOfName(f *file, name string, id format.ID) {
	if known, err := a.memory().Load(f.ID(), f.place); err == nil && known.Bore(name, id) && !contains(f.Names(), name) {
		a.warn("another profile bore the name %s: colleagues' machines know it, and each will be asked for one credfile trust -p %s", name, name)
	}
}

// firstSight is the one line that says what is taken on faith.
func firstSight(j *trust.Judgement) string {
	var list []string
	unvouched := map[string]bool{}
	for _, name := range j.Unvouched() {
		unvouched[name] = true
	}
	for _, v := range j.Verdicts {
		if v.Section == nil {
			continue
		}
		text := fmt.Sprintf("%s %s (writers: %s", v.Name, keyFingerprint(v.Section.Key), strings.Join(vaultfile.WriterNames(v.Section), ", "))
		if unvouched[v.Name] {
			text += "; no other profile vouches for it"
		}
		list = append(list, text+")")
	}
	return "first sight of this file here, all of it is taken as it is: " + strings.Join(list, "; ")
}

// keyFingerprint is by what people tell profiles' keys apart.
func keyFingerprint(k format.Key) string { return vaultfile.Fingerprint(string(k[:])) }

// remember keeps what was let through. That it can't is no reason to refuse:
// containers and CI have nowhere to write.
func (a *app) remember(f *file, trusted ...string) {
	m := a.memory()
	err := m.Remember(f.File, f.place, trusted...)
	if err == nil && f.toldNow {
		err = m.Told(f.File, f.place)
	}
	var refused *atomicfile.RefusedError // a directory or a file of another user's
	switch {
	case err == nil && m.Dir != "":
	case err == nil, trust.NoPlace(err), errors.Is(err, fs.ErrNotExist), errors.As(err, &refused):
		if a.verbose {
			a.say("nothing can be remembered on this machine: no state directory can be written")
		}
	default:
		a.warn("what was seen of this file can't be remembered: %v", err)
	}
}

// rememberLock keeps which lock a passphrase opened: it is asked for next time.
// That matters only where there are several.
func (a *app) rememberLock(f *file) {
	if a.lastLock != "" && f.tell("lock "+a.lastLock) {
		a.memory().UsedLock(f.File, f.place, a.lastLock)
	}
}

// base64Text is how the file writes ids and keys.
func base64Text(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }
