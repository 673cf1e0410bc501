package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"filippo.io/age/plugin"

	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/keycache"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/openpgp"
	"github.com/credfile/credfile/vaultfile/trust"
)

// newMachine returns the user and the machine, for the flags of all commands.
func newMachine(a *app) *machine.Machine {
	m := &machine.Machine{
		Policy: machine.Policy{Memory: userMemory(a), Options: trust.Options{Strict: a.strict, AllowSuperseded: a.allowSuperseded}},
		Keys:   a.keys, Locate: func() trust.Locator { return newLocator(a) }, Plugin: func(name string) (*plugin.ClientUI, error) { return allowPlugin(a, name) }, Now: a.now, Tell: func(f *file, n machine.Note) { tellNote(a, f, n) }, Quiet: a.quiet, Verbose: a.verbose,
		Secrets: slices.Clone(a.identities),
	}
	if pins, ok := a.lookupEnv("CREDFILE_TRUST"); ok {
		m.Pins = &pins
	}
	if file, ok := a.lookupEnv("CREDFILE_AGE_KEY_FILE"); ok {
		m.Secrets = append(m.Secrets, file)
	}
	return m
}

func userMemory(a *app) trust.Memory { return trust.UserMemory(a.getenv) }

// newKeys returns what the user can open profiles with.
func newKeys(a *app) *unlock.Keys {
	return &unlock.Keys{
		Sources: func() []*keys.Source {
			if a.sources == nil {
				a.sources = keys.Sources(a.identities, a.lookupEnv, pluginUI(a))
			}
			return a.sources
		},
		Derive: unlock.Within(front.MemoryLimit, a.derive),
		Ask:    (*asker)(a),
		Cache:  &unlock.Cache{Now: a.now, Open: func() (keycache.Store, error) { return keycache.Open(a.getenv) }},
		GPG:    unlock.GPG{Program: func() *openpgp.GPG { return newGPG(a) }, HasTerminal: a.dialog.HasTerminal},

		DefaultFile: identitiesPath(a),
	}
}

func newGPG(a *app) *openpgp.GPG {
	g := &openpgp.GPG{Silent: a.nonInteractive, Environ: a.childEnv(nil)}
	if tty := term.Name(); tty != "" && a.getenv("GPG_TTY") == "" {
		g.Environ = append(g.Environ, "GPG_TTY="+tty)
	}
	return g
}

// longest limits how long an identity is kept unlocked.
const longest = 24 * time.Hour

// cacheFromEnv reads CREDFILE_UNLOCK, which makes every command keep what it unlocks.
func cacheFromEnv(a *app) (err error) {
	if text, ok := a.lookupEnv("CREDFILE_UNLOCK"); ok {
		if a.keys.Cache.For, err = parseFor(text); err != nil {
			return &usageError{Text: fmt.Sprintf("CREDFILE_UNLOCK: %v", err), Hint: "for example: CREDFILE_UNLOCK=15m"}
		}
	}
	return nil
}

// allowPlugin lets a plugin that the file names run if the user allowed it, by an identity,
// CREDFILE_PLUGINS, an earlier answer or an answer now. --yes does not count, since it is
// meant for other questions.
func allowPlugin(a *app, name string) (*plugin.ClientUI, error) {
	if a.keys.HasPlugin(name) || slices.Contains(strings.Split(a.getenv("CREDFILE_PLUGINS"), ","), name) || slices.Contains(userMemory(a).Plugins(), name) {
		return pluginUI(a), nil
	}
	err := a.dialog.ConfirmInPerson(fmt.Sprintf("The file names a plugin. Run the program age-plugin-%s, now and from now on?", name))
	switch {
	case errors.Is(err, term.ErrNoTerminal):
		return nil, vaultfile.ErrPlugin
	case err != nil && isDeclined(err):
		return nil, pluginNotRun(name)
	case err != nil:
		return nil, err
	}
	if err := userMemory(a).AllowPlugin(name); err != nil {
		a.warn("can't remember your answer: %v", err)
	}
	return pluginUI(a), nil
}

func parseFor(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d > longest {
		return 0, fmt.Errorf("must be a time between 1s and 24h, such as 15m or 8h")
	}
	return d, nil
}
