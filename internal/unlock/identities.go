package unlock

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
)

func fromOpened(o *opening, try yield) {
	var ids []age.Identity
	for i := range o.Section.Recipients {
		if id := o.opened.ids[o.Section.Recipients[i].String]; id != nil {
			ids = append(ids, id)
		}
	}
	if try(Attempt{}, ids...) {
		o.failure.Attempts = nil // they opened another profile, not this one
	}
}

func fromSources(o *opening, try yield) {
	for source := range o.sources {
		ids, err := source.Identities()
		if err != nil {
			o.note(Attempt{Source: source.Name, Err: err})
			o.failure.NoIdentity = o.failure.NoIdentity && !source.Named && errors.Is(err, fs.ErrNotExist)
			continue
		}
		o.failure.NoIdentity = false
		if o.Quiet {
			ids = withoutPlugins(ids)
		}
		if !try(Attempt{Source: source.Name}, ids...) {
			return
		}
	}
}

// sources yields the sources that can have an identity for the profile. SSH keys are read
// only where a profile names one.
func (o *opening) sources(yield func(*keys.Source) bool) {
	ssh := hasSSH(o.Section)
	for _, source := range o.Sources() {
		if (ssh || !source.SSH) && !yield(source) {
			return
		}
	}
}

// locked yields the identity files and SSH keys with a passphrase.
func (o *opening) locked(yield func(*keys.Source, *keys.Locked) bool) {
	for source := range o.sources {
		for _, l := range source.Locked() {
			if !yield(source, l) {
				return
			}
		}
	}
}

// fromKeptLocks takes the identities of locks that an earlier command kept unlocked.
func fromKeptLocks(o *opening, try yield) {
	for i := range o.Section.Recipients {
		r := &o.Section.Recipients[i]
		if r.Lock == "" || o.Chosen.Lock != "" && r.Name != o.Chosen.Lock {
			continue
		}
		ids, err := keys.Parse(bytes.NewReader(o.Cache.get(lockID(r.String))))
		if err != nil || len(ids) != 1 || keys.Recipient(ids[0]) != r.String {
			continue
		}
		o.opened.keep(r.String, ids[0], nil)
		if !try(Attempt{Lock: r.Name, Kept: true}, ids...) {
			return
		}
	}
}

// fromKeptFiles takes identity files with a passphrase that are unlocked: in this run, or by
// an earlier command that kept them.
func fromKeptFiles(o *opening, try yield) {
	for source, l := range o.locked {
		if !l.Open() && l.MayOpen(recipients(o.Section)) {
			if plain := o.Cache.get(fileID(l)); plain != nil {
				_ = l.Restore(plain) // if it fails, the user is asked
			}
		}
		if !l.Open() {
			continue
		}
		ids, _ := l.Identities(nil)
		if o.Quiet {
			ids = withoutPlugins(ids)
		}
		if !try(Attempt{Source: source.Name}, ids...) {
			return
		}
	}
}

// fromProtected asks for the passphrases of identity files and SSH keys, unless one could
// not help.
func fromProtected(o *opening, try yield) {
	for source, l := range o.locked {
		if !l.MayOpen(recipients(o.Section)) {
			o.note(Attempt{Source: source.Name, Err: ErrNoRecipient})
			continue
		}
		ids, err := o.openLocked(l)
		if err != nil && o.ends(err) {
			return
		} else if err != nil {
			o.note(Attempt{Source: source.Name, Err: err})
		} else if !try(Attempt{Source: source.Name}, ids...) {
			return
		}
	}
}

// ends reports whether an error ends the opening. It notes that a terminal is missing.
func (o *opening) ends(err error) bool {
	if isInterrupted(err) {
		o.err = err
	}
	o.failure.NoTerminal = o.failure.NoTerminal || errors.Is(err, term.ErrNoTerminal)
	return o.err != nil
}

func isInterrupted(err error) bool {
	var interrupted *term.Interrupted
	return errors.As(err, &interrupted)
}

// openLocked asks for the passphrase of an identity file or an SSH key.
func (o *opening) openLocked(l *keys.Locked) ([]age.Identity, error) {
	q := Question{Thing: File, Name: l.Name, Profile: o.Section.Name, Path: o.Path}
	for n := 1; ; n++ {
		if l.Open() {
			return l.Identities(nil)
		}
		pass, err := o.Ask.Passphrase(q)
		if err != nil {
			return nil, err
		}
		ids, err := l.Identities(pass)
		if err = o.Ask.Checked(err); err == nil {
			o.Cache.keepFile(l)
			o.Cache.Typed = true
		}
		if !errors.Is(err, keys.ErrPassphrase) || n == Tries {
			return ids, err
		}
		q.Again = err
	}
}

// Identities returns the available identities that need no passphrase now, plugins last.
func (k *Keys) Identities() []age.Identity {
	var native, ssh, plugins []age.Identity
	for _, source := range k.Sources() {
		ids, _ := source.Identities()
		for _, l := range source.Locked() {
			if l.Open() {
				opened, _ := l.Identities(nil)
				ids = append(ids[:len(ids):len(ids)], opened...)
			}
		}
		for _, id := range ids {
			switch id.(type) {
			case *plugin.Identity:
				plugins = append(plugins, id)
			case *age.X25519Identity, *age.HybridIdentity:
				native = append(native, id)
			default:
				ssh = append(ssh, id)
			}
		}
	}
	return slices.Concat(native, ssh, plugins)
}

// Has reports whether an available identity belongs to one of the recipients.
func (k *Keys) Has(recipients ...string) bool {
	return slices.ContainsFunc(k.Identities(), func(id age.Identity) bool {
		if p, ok := id.(*plugin.Identity); ok {
			return slices.ContainsFunc(recipients, func(r string) bool {
				return format.KindOf(r) == format.Plugin && format.PluginName(r) == p.Name()
			})
		}
		return slices.Contains(recipients, keys.Recipient(id))
	})
}

// HasPlugin reports whether one of the user's identities belongs to the plugin.
func (k *Keys) HasPlugin(name string) bool {
	return slices.ContainsFunc(k.Identities(), func(id age.Identity) bool {
		p, ok := id.(*plugin.Identity)
		return ok && p.Name() == name
	})
}

func isPlugin(id age.Identity) bool {
	_, ok := id.(*plugin.Identity)
	return ok
}

func withoutPlugins(ids []age.Identity) []age.Identity {
	return slices.DeleteFunc(slices.Clone(ids), isPlugin)
}

func hasSSH(s *format.Profile) bool {
	return slices.ContainsFunc(s.Recipients, func(r format.Recipient) bool {
		kind := format.KindOf(r.String)
		return kind == format.SSHEd25519 || kind == format.SSHRSA
	})
}

func recipients(s *format.Profile) []string {
	list := make([]string, len(s.Recipients))
	for i := range list {
		list[i] = s.Recipients[i].String
	}
	return list
}
