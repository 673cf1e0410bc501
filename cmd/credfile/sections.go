package main

import (
	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile/trust"
)

// verifiedFile opens the file and checks everything in it that needs no key.
func verifiedFile(a *app) (*file, error) {
	f, err := a.open()
	if err != nil {
		return nil, err
	}
	return f, at(f.Path, many(append([]error{f.Verify()}, f.VerifyTrust()...)...))
}

// verifiedSections returns the selected profiles of a file that is valid as a whole.
func verifiedSections(a *app) (*file, []*format.Profile, error) {
	f, err := verifiedFile(a)
	if err != nil {
		return nil, nil, err
	}
	names := f.Names()
	if len(a.profiles) > 0 {
		names = unique(a.profiles)
	}
	sections := make([]*format.Profile, len(names))
	for i, name := range names {
		if sections[i], err = f.Profile(name); err != nil {
			return nil, nil, at(f.Path, err)
		}
	}
	return f, sections, nil
}

// selectedSections returns the selected profiles, each verified. Profiles that are not approved
// cause a warning, not an error: nothing in them is opened.
func selectedSections(a *app, from *earlier) (*file, []*format.Profile, error) {
	f, err := from.open(a)
	if err != nil {
		return nil, nil, err
	}
	names := a.profiles
	if len(names) == 0 {
		names = f.Names()
	}
	var sections []*format.Profile
	for _, name := range names {
		s, err := f.Profile(name)
		if err == nil {
			sections = append(sections, s)
			err = warnOfProfile(a, f, name)
		}
		if err != nil {
			return nil, nil, at(f.Path, err)
		}
	}
	return f, sections, nil
}

func warnOfProfile(a *app, f *file, name string) error {
	judged, err := f.Judge()
	if err != nil {
		return err
	}
	for _, j := range judged {
		err := j.Of(name).Check(trust.Options{Strict: a.strict})
		if err != nil && a.strict {
			return err
		}
		if err != nil {
			a.warn("%s; it won't be opened", about(f.Path, explain(err).text))
		}
	}
	return nil
}
