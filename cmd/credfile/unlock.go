package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keycache"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
	"github.com/credfile/credfile/vaultfile/trust"
)

// unlock opens a profile, which must be approved.
func (a *app) unlock(f *file, profile string, for_ access) (*vaultfile.Profile, error) {
	s, err := f.Profile(profile)
	var missing *vaultfile.NotFoundError
	if err != nil && !errors.As(err, &missing) {
		return nil, err
	}
	if err := a.trusted(f, profile, for_); err != nil {
		return nil, err // a missing profile may have been there before
	}
	if err != nil {
		return nil, err
	}
	p, err := a.tryKeys(f, s, for_)
	if err != nil {
		return nil, err
	}
	if !f.remembered { // before any plaintext leaves and anything changes
		a.remember(f)
		f.remembered = true
	}
	a.rememberLock(f)
	if for_ == write {
		a.warnOfIdentities(f)
		a.warnOfOthers(f, profile)
		if err := a.readyToWrite(f, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (a *app) tryKeys(f *file, s *format.Profile, for_ access) (*vaultfile.Profile, error) {
	p, err := a.keys.Open(a.request(f, s, for_))
	if interrupted := a.dialog.Release(true); err == nil && interrupted != nil { // a wrong passphrase, then another way to open it
		return nil, interrupted
	}
	a.tellCache()
	var failed *unlock.Failure
	if errors.As(err, &failed) {
		return nil, a.explainAccess(f, s, failed)
	}
	return p, err
}

func (a *app) request(f *file, s *format.Profile, for_ access) unlock.Request {
	r := unlock.Request{File: f.File, Path: f.path, Section: s, Write: for_ != read}
	if slices.ContainsFunc(s.Recipients, func(r format.Recipient) bool { return unlock.IsPassphrase(&r) }) && a.look(f) == nil {
		r.Last = f.sight.LastLock
	}
	return r
}

// quietly unlocks a profile for writing, or returns nil if that needs a question.
func (a *app) quietly(f *file, profile string) *vaultfile.Profile {
	if a.trusted(f, profile, write) != nil {
		return nil
	}
	s, err := f.Profile(profile)
	if err != nil {
		return nil
	}
	r := a.request(f, s, write)
	r.Quiet = true
	p, err := a.keys.Open(r)
	if err != nil || !p.Writer() || a.readyToWrite(f, p) != nil {
		return nil
	}
	return p
}

// warnOfOthers warns of other profiles with damage that their signature does not show. It
// does not stop this change, but their writers should know.
func (a *app) warnOfOthers(f *file, profile string) {
	for _, name := range f.Names() {
		var damage *vaultfile.DamageError
		if err := f.VerifyProfile(name); name != profile && errors.As(err, &damage) && errors.Is(damage, vaultfile.ErrDeep) && f.tell(err.Error()) {
			a.warn("%s: %v", f.path, err)
		}
	}
}

// readyToWrite makes sure that the next revision is higher than any seen, and that a
// profile that was removed and restored gets new keys.
func (a *app) readyToWrite(f *file, p *vaultfile.Profile) error {
	if !p.Writer() {
		return nil // the change itself fails
	}
	for _, j := range f.judged {
		v := j.Of(p.Name())
		if v == nil {
			continue // created since
		}
		p.Seen(v.SeenRevision)
		if v.MustRotate && p.Section().Key == v.Section.Key {
			if err := p.Rotate(); err != nil {
				return err
			}
			if err := a.vouchForReturned(f, j, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// vouchForReturned lets another profile vouch for one that was removed and restored. To
// colleagues' machines, its own old key is not enough.
func (a *app) vouchForReturned(f *file, j *trust.Judgement, p *vaultfile.Profile) error {
	for _, v := range j.Verdicts {
		if v.Name == p.Name() || v.Section == nil || v.MustRotate {
			continue
		}
		if voucher := a.quietly(f, v.Name); voucher != nil {
			return voucher.VouchFor(p, format.Key{})
		}
	}
	if f.tell("returned " + p.Name()) {
		a.warn("no other profile that you can write vouches for %s; colleagues will need to run credfile trust -p %[1]s", p.Name())
	}
	return nil
}

// newKeys returns what the user can open profiles with.
func (a *app) newKeys() *unlock.Keys {
	return &unlock.Keys{
		Sources: func() []*keys.Source {
			if a.sources == nil {
				a.sources = keys.Sources(a.identities, a.lookupEnv, a.pluginUI())
			}
			return a.sources
		},
		Derive: a.derive,
		Ask:    (*asker)(a),
		Cache:  &unlock.Cache{Now: a.now, Open: func() (keycache.Store, error) { return keycache.Open(a.getenv) }},
		GPG:    unlock.GPG{Program: a.gpg},
	}
}

func (a *app) gpg() *openpgp.GPG {
	g := &openpgp.GPG{Silent: a.nonInteractive, Environ: a.childEnv(nil)}
	if tty := term.Name(); tty != "" && a.getenv("GPG_TTY") == "" {
		g.Environ = append(g.Environ, "GPG_TTY="+tty)
	}
	return g
}

// The limits of how long an identity is kept unlocked.
const (
	usualTime = 15 * time.Minute
	longest   = 24 * time.Hour
)

// cacheFromEnv reads CREDFILE_UNLOCK, which makes every command keep what it unlocks.
func (a *app) cacheFromEnv() (err error) {
	if text, ok := a.lookupEnv("CREDFILE_UNLOCK"); ok {
		if a.keys.Cache.For, err = parseFor(text); err != nil {
			return &usageError{text: fmt.Sprintf("CREDFILE_UNLOCK: %v", err), hint: "for example: CREDFILE_UNLOCK=15m"}
		}
	}
	return nil
}

func parseFor(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d > longest {
		return 0, fmt.Errorf("must be a time between 1s and 24h, such as 15m or 8h")
	}
	return d, nil
}

// tellCache warns once that an identity could not be kept, and says once how to keep one.
func (a *app) tellCache() {
	c := a.keys.Cache
	if c.Err != nil && !c.Fresh && !a.told["cache"] {
		a.warn("you will be asked for the passphrase again: %v", c.Err)
		a.told["cache"] = true
	}
	if c.Typed && !a.told["unlock"] && c.For == 0 && c.Store() != nil {
		a.say("to be remembered for 15 minutes: credfile unlock")
	}
	a.told["unlock"] = a.told["unlock"] || c.Typed
}

// allowPlugin lets a plugin that the file names run if the user allowed it, by an identity,
// CREDFILE_PLUGINS, an earlier answer or an answer now. --yes does not count, since it is
// meant for other questions.
func (a *app) allowPlugin(name string) (*plugin.ClientUI, error) {
	if a.keys.HasPlugin(name) || slices.Contains(strings.Split(a.getenv("CREDFILE_PLUGINS"), ","), name) || slices.Contains(a.memory().Plugins(), name) {
		return a.pluginUI(), nil
	}
	err := a.dialog.ConfirmInPerson(fmt.Sprintf("The file names a plugin. Run the program age-plugin-%s, now and from now on?", name))
	switch {
	case errors.Is(err, term.ErrNoTerminal):
		return nil, vaultfile.ErrPlugin
	case err != nil && isDeclined(err):
		return nil, &plainError{text: fmt.Sprintf("age-plugin-%s was not run; nothing changed", name), code: exitOther}
	case err != nil:
		return nil, err
	}
	if err := a.memory().AllowPlugin(name); err != nil {
		a.warn("can't remember your answer: %v", err)
	}
	return a.pluginUI(), nil
}
