package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// Note is a fact that the user should know, though nothing is refused.
type Note struct {
	Kind    Kind
	Profile string
	Path    string   // of another file or a directory
	Names   []string // of files
	Count   int      // of profiles
	Err     error
}

// Kind is a kind of note.
type Kind int

// The kinds of notes.
const (
	FirstUse        Kind = iota // Count profiles were trusted on first use
	OtherRepository             // another repository was at Path; this one lacks Names
	Blind                       // what this machine knows is in Path, which belongs to another user
	Passed                      // this file is used, since the known one at Path is missing
	Behind                      // Profile is older than the version last seen
	Gone                        // Profile is missing, without a record of its removal
	Damaged                     // another profile is damaged: Err
	Unvouched                   // Profile was restored, and no other profile can vouch for it
	NameKnown                   // the name Profile was another profile's
	Orphan                      // nothing that the user can write vouches for Profile anymore
	InRepository                // git would add the identity file Path: Names has the root and the path from there
	NotKept                     // an identity can't be kept unlocked: Err
	Typed                       // the user typed a passphrase that unlock could spare them
	NotRemembered               // this machine can't remember the file: Err, or nil if it has no place for it
)

// tell tells what the user was not told before in this run.
func (f *File) tell(key string, n Note) {
	if f.first(key) {
		f.machine.Tell(f, n)
	}
}

// tellOnce tells of a state that this machine was not told of before. Without a profile in
// use, as when everything is verified, it tells every time.
func (f *File) tellOnce(inUse string, n Note, state ...[]byte) {
	if f.machine.Quiet || !f.first(fmt.Sprint(n.Kind, n.Profile, n.Path)) {
		return
	}
	told := false
	if inUse != "" {
		err := f.sight.Note(func(k *trust.Known) { told = k.Told(state...) || told })
		told = told && err == nil
	}
	if !told {
		f.machine.Tell(f, n)
	}
}

// TellFirstUse tells that a file was trusted on first use. With pins, a machine trusts
// nothing on first use.
func (f *File) TellFirstUse() {
	if len(f.judged) > 1 || !f.judged[0].FirstSight && !f.sight.Untold || !f.first("first use") {
		return
	}
	n := Note{Kind: FirstUse}
	for _, v := range f.judged[0].Verdicts {
		if v.Section != nil {
			n.Count++
		}
	}
	f.machine.Tell(f, n)
	f.sight.Untold = false
}

// TellOdd tells what is odd about the file. With [trust.Options] Strict it is an error. inUse
// is the profile in use, or "".
func (f *File) TellOdd(inUse string) error {
	if m := f.sight.Misfit; m != nil && m.Why == trust.ErrPassed {
		f.tellOnce(inUse, Note{Kind: Passed, Path: m.Path}, []byte("passed"), []byte(m.Path))
	}
	for _, v := range f.judged[0].Verdicts {
		n := Note{Profile: v.Name}
		switch {
		case f.past && (v.Behind || v.State == trust.Gone): // as it must be
			continue
		case v.Name == inUse && v.Behind:
			n.Kind = Behind
		case v.Name == inUse:
			continue
		case v.State == trust.Gone:
			n.Kind = Gone
		case v.State == trust.Damaged:
			n.Kind, n.Err = Damaged, v.Damage
		default:
			continue
		}
		if err := v.Check(trust.Options{Strict: true}); f.machine.Options.Strict && err != nil {
			return err
		}
		if v.State == trust.Damaged {
			f.tell(v.Damage.Error(), n)
		} else {
			f.tellOnce(inUse, n, v.Mark()...)
		}
	}
	return nil
}

// tellDamage tells of other profiles with damage that their signature does not show. It does
// not stop a change, but their writers should know.
func (f *File) tellDamage(except string) {
	for _, name := range f.Names() {
		var damage *vaultfile.DamageError
		if err := f.VerifyProfile(name); name != except && errors.As(err, &damage) && errors.Is(damage, vaultfile.ErrDeep) {
			f.tell(err.Error(), Note{Kind: Damaged, Profile: name, Err: err})
		}
	}
}

// TellOfName tells that a new name used to be another profile's.
func (f *File) TellOfName(name string, id format.ID) {
	if _, err := f.Sight(); err == nil && f.sight.Bore(name, id) && !slices.Contains(f.Names(), name) {
		f.machine.Tell(f, Note{Kind: NameKnown, Profile: name})
	}
}

// tellSecrets tells of identity files that the next git add would add.
func (f *File) tellSecrets() {
	for _, path := range f.machine.Secrets {
		if _, err := os.Stat(path); err != nil || !f.first("identity "+path) {
			continue
		}
		if root, file, exposed := gitrepo.Exposed(Absolute(path), f.machine.Locate().Environ); exposed {
			f.machine.Tell(f, Note{Kind: InRepository, Path: path, Names: []string{root, file}})
		}
	}
}

// Remember saves what was accepted, and the profiles that the user made. Failing to is no
// reason to refuse: containers and CI have nowhere to write.
func (f *File) Remember(made ...string) {
	if _, err := f.Sight(); err != nil {
		return // already reported
	}
	first := f.judged != nil && (f.judged[0].FirstSight || f.sight.Untold)
	if b := f.sight.Before(); b != nil && len(b.Gone) > 0 {
		f.tell("before", Note{Kind: OtherRepository, Path: filepath.Dir(b.Common), Names: b.Gone})
	}
	err := f.sight.Learn(f.File, made...)
	kept := err == nil && f.machine.Memory.Dir != ""
	if first && kept {
		f.TellFirstUse()
	}
	if kept && f.told["first use"] && !f.machine.Quiet {
		err = f.sight.Note(func(k *trust.Known) { k.Untold = false })
	}
	var refused *atomicfile.RefusedError // a directory or file of another user
	switch {
	case err == nil && kept:
	case err == nil, trust.NoPlace(err), errors.Is(err, fs.ErrNotExist), errors.As(err, &refused):
		f.machine.Tell(f, Note{Kind: NotRemembered})
	default:
		f.machine.Tell(f, Note{Kind: NotRemembered, Err: err})
	}
}

// tellCache tells once that an identity could not be kept, and once that it could be.
func (f *File) tellCache() {
	m, c := f.machine, f.machine.Keys.Cache
	if m.told == nil {
		m.told = map[string]bool{}
	}
	if c.Err != nil && !c.Fresh && !m.told["kept"] {
		m.told["kept"] = true
		m.Tell(f, Note{Kind: NotKept, Err: c.Err})
	}
	if c.Typed && !m.told["typed"] {
		m.told["typed"] = true
		if c.For == 0 && c.Store() != nil {
			m.Tell(f, Note{Kind: Typed})
		}
	}
}

// rememberLock saves which lock a passphrase opened, to ask for that one next time.
func (f *File) rememberLock() {
	if name := f.machine.Keys.LastLock; name != "" && f.first("lock "+name) {
		_ = f.sight.Note(func(k *trust.Known) { k.LastLock = name }) // a convenience
	}
}

// Absolute returns an absolute path, or - for standard input.
func Absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil && path != "-" {
		return abs
	}
	return path
}
