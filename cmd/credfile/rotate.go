package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

func newRotate(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "rotate [--all]",
		Long: `Replaces the keys of the current profile, of those given with --profile, or of --all, and encrypts everything in them again for the same people. The old key vouches for the new one, so no one has to do anything. The values stay the same; to change one, use credfile set.

To remove someone: credfile rekey --remove NAME, which also replaces the keys.`,
		Example: "  credfile rotate -p production\n  credfile rotate --all",
		Args:    cli.Args(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runRotate(a, all) },
	}
	cmd.Flags().BoolVar(&all, "all", false, "replace the keys of every profile")
	return cmd
}

func runRotate(a *app, all bool) error {
	var rs rotations
	err := updateProfiles(a, func(f *file) ([]string, error) { return wantedProfiles(a, f, all) }, func(f *file, ps []*vaultfile.Profile) ([]string, error) {
		rs = rotations{}
		for _, p := range ps {
			r := rotation{Rotation: machine.Rotation{Profile: p, Old: p.Section().Key}, kept: a.voidedOf(f, p)}
			if err := p.Rotate(); err != nil {
				return nil, inProfile(err)
			}
			rs.list = append(rs.list, r)
		}
		return nil, rs.renew(f)
	})
	if err != nil {
		return err
	}
	for _, r := range rs.list {
		a.say("%s: new keys for the same people; the values are unchanged (to change one: credfile set NAME)", r.Profile.Name())
	}
	rs.tell(a)
	return nil
}

// rotation is a profile that got new keys.
type rotation struct {
	machine.Rotation
	lost []string     // who lost access
	kept keptSessions // of this machine, which are void now
}

// rotations are the rotations of a change.
type rotations struct {
	now     *vaultfile.File
	list    []rotation
	orphans []string // files for which no key vouches any more
}

// renew has the repository's other files vouch for the new keys.
func (rs *rotations) renew(f *file) (err error) {
	list := make([]machine.Rotation, len(rs.list))
	for i, r := range rs.list {
		list[i] = r.Rotation
	}
	rs.now = f.File
	rs.orphans, err = f.RenewNeighbours(list)
	return err
}

// tell reports a rotation: what those who lost access still know, and what CI needs.
func (rs rotations) tell(a *app) {
	if len(rs.list) == 0 {
		return
	}
	var names []string
	for _, r := range rs.list {
		for _, name := range r.lost {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		rs.tellExposed(a, name)
	}
	if len(names) > 0 {
		tellPast(a, rs.now, names)
		rs.tellSources(a, names)
		rs.tellLocks(a, names)
	}
	for _, path := range rs.orphans {
		a.say("the old key was the last one that vouched for %s; to keep colleagues from being asked: credfile -f %s rotate", path, term.Quote(path))
	}
	pins := make([]string, len(rs.list))
	for i, r := range rs.list {
		pins[i] = trust.Pin(rs.now.ID(), r.Profile.Section())
	}
	a.say("where you set CREDFILE_TRUST (CI), replace the old entries with:")
	a.say("  %s", strings.Join(pins, ","))
	for _, r := range rs.list { // last: it waits for servers
		r.kept.endAll(a)
	}
}

// tellSources names the sources, of which those who lost access may have sessions of their own.
func (rs rotations) tellSources(a *app, names []string) {
	var lines []string
	for _, r := range rs.list {
		list, err := r.Profile.Sources()
		if err != nil || len(r.lost) == 0 {
			continue
		}
		for _, s := range list {
			lines = append(lines, fmt.Sprintf("  %s: %s (%s)", r.Profile.Name(), s.Name, s.Kind))
		}
	}
	if len(lines) == 0 {
		return
	}
	a.say("%s may have logged in with these sources. What they obtained is valid until it expires, or until you end it at the provider:", strings.Join(names, ", "))
	for _, line := range lines {
		a.say("%s", line)
	}
}

// tellLocks names the unchanged locks, which those who lost access may still open.
func (rs rotations) tellLocks(a *app, names []string) {
	var locks []string
	for _, r := range rs.list {
		for _, has := range r.Profile.Recipients() {
			if has.Lock != "" && !slices.Contains(locks, has.Name) && !slices.Contains(names, has.Name) {
				locks = append(locks, has.Name)
			}
		}
	}
	if len(locks) > 0 {
		a.say("unchanged locks: %s; if %s can open one, change it too (credfile rekey --passphrase, --openpgp or --lock)",
			strings.Join(locks, ", "), strings.Join(names, ", "))
	}
}

func (rs rotations) tellExposed(a *app, name string) {
	var lines []string
	for _, r := range rs.list {
		if list := exposedNames(r.Profile, name); len(list) > 0 {
			lines = append(lines, fmt.Sprintf("  %s: %s", r.Profile.Name(), strings.Join(list, ", ")))
		}
	}
	if len(lines) == 0 {
		return
	}
	a.say("Whoever holds %s's old key still knows these values, which are also in older copies of the file. Replace them with credfile set NAME:", name)
	for _, line := range lines {
		a.say("%s", line)
	}
}

// exposedNames returns the real names of the credentials that a former recipient knows.
func exposedNames(p *vaultfile.Profile, name string) []string {
	var last time.Time
	for _, f := range p.Section().Former {
		if f.Name == name {
			last = f.Time
		}
	}
	items, err := p.Items()
	if err != nil || last.IsZero() {
		return nil
	}
	var names []string
	for _, item := range items {
		if item.HasValue() && !item.Time.After(last) {
			names = append(names, item.Name)
		}
	}
	return names
}
