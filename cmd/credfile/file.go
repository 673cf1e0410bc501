package main

import (
	"io"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/userdir"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// file is a credentials file, with what is known about it.
type file = machine.File

const (
	read  = machine.Read
	write = machine.Write
	lend  = machine.Lend
)

// newLocator finds the file that a command is about, and its place.
func newLocator(a *app) trust.Locator {
	l := trust.Locator{Name: defaultFile, Home: userdir.Home(a.getenv), Sudo: a.getenv("SUDO_UID"), Environ: a.childEnv(nil),
		Meant: a.file != "" || a.getenv("CREDFILE_FILE") != ""}
	if dir, err := a.getwd(); err == nil { // otherwise the file may still have a place
		l.Dir = dir
	}
	return l
}

// filePath returns the file to use: the one that the user named, or the nearest.
func filePath(a *app) (string, error) {
	if a.file != "" {
		return a.file, nil
	}
	if file := a.getenv("CREDFILE_FILE"); file != "" {
		return file, nil
	}
	if _, err := a.getwd(); err != nil {
		return "", err
	}
	l := newLocator(a)
	return l.Find()
}

// open reads the file.
func (a *app) open() (*file, error) {
	path, err := filePath(a)
	if err != nil {
		return nil, err
	}
	return openAt(a, a.machine, path)
}

// openAt reads a file. What this machine knows is read after it, and another process may have
// written both meanwhile: then the file would look like an older version, so it is read again.
func openAt(a *app, m *machine.Machine, path string) (*file, error) {
	if path == "-" {
		text, err := io.ReadAll(io.LimitReader(a.stdin, format.MaxFile+1))
		if err != nil {
			return nil, at(machine.Stdin, err)
		}
		f, err := parseAt(a, m, path, string(text))
		return f, at(machine.Stdin, err)
	}
	for tries := 1; ; tries++ {
		text, changed, err := atomicfile.ReadWatched(path, format.MaxFile)
		if err != nil {
			return nil, at(path, err)
		}
		f, err := parseAt(a, m, path, text)
		if tries == 10 || !changed() {
			return f, at(path, err)
		}
	}
}

func parseAt(a *app, m *machine.Machine, path, text string) (*file, error) {
	if err := findConflict(a, path, text); err != nil {
		return nil, err
	}
	if err := notCredfile(path, text); err != nil {
		return nil, err
	}
	return m.Parse(path, text)
}

// changeProfiles changes profiles. It returns the names of profiles that it made or renamed.
type changeProfiles func(f *file, ps []*vaultfile.Profile) (made []string, err error)

// update changes one profile.
func (a *app) update(profile string, change func(*file, *vaultfile.Profile) (made []string, err error)) error {
	return updateProfiles(a, func(*file) ([]string, error) { return []string{profile}, nil },
		func(f *file, ps []*vaultfile.Profile) ([]string, error) { return change(f, ps[0]) })
}

// updateProfiles changes all selected profiles, or none. It unlocks them before anyone else
// is kept from writing the file, since getting a key may take time.
func updateProfiles(a *app, names func(*file) ([]string, error), change changeProfiles) error {
	unlock := func(f *file) (ps []*vaultfile.Profile, err error) {
		list, err := names(f)
		if err != nil {
			return nil, err
		}
		for _, name := range list {
			p, err := f.Unlock(name, write)
			if err != nil {
				return nil, err
			}
			ps = append(ps, p)
		}
		return ps, nil
	}
	return a.updateFile(func(f *file) error {
		_, err := unlock(f)
		return err
	}, func(f *file) ([]string, error) {
		ps, err := unlock(f)
		if err != nil {
			return nil, err
		}
		return change(f, ps)
	})
}

// updateFile calls look on the file without the lock, then change with it.
func (a *app) updateFile(look func(*file) error, change machine.Change) error {
	f, err := a.open()
	if err != nil {
		return err
	}
	if !f.HasPlace() {
		return machine.ErrNoPlace
	}
	if err := look(f); err != nil {
		return at(f.Path, err)
	}
	return at(f.Path, a.dialog.Slowly("writing "+f.Path+"…", func() error { return f.Update(change) }))
}

// wantedProfiles returns the profiles that a command acts on. With --all that is every profile, and
// it is an error if a known one is missing.
func wantedProfiles(a *app, f *file, all bool) ([]string, error) {
	if !all {
		return a.profileNames(), nil
	}
	if len(a.profiles) > 0 {
		return nil, &usageError{Text: "use either --all or --profile", Hint: "--all means every profile"}
	}
	return f.Names(), many(f.NothingGone())
}

// findConflict returns an error if git left a merge conflict in the file.
func findConflict(a *app, path, text string) error {
	where := ""
	if path != "-" {
		where = machine.Absolute(path)
	}
	c, ok := gitrepo.ReadConflict(where, text, format.MaxFile, a.childEnv(nil))
	if !ok {
		return nil
	}
	op := gitrepo.Operation{Ours: "this side", Theirs: "the other side"}
	if c.Objects.Ours != "" && c.Objects.Theirs != "" {
		op = gitrepo.Merging(where, a.childEnv(nil))
	}
	return newConflict(op, c)
}
