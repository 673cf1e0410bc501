package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/vaultfile"
)

// lost is what people could read who lost access, from git's history.
type lost struct {
	list       []health.Lost
	incomplete bool // this clone lacks a part of the history
	unread     int  // versions that can't be read, or do not verify
}

// lostSince finds out, from every version of the file that git has, what people could read who have
// no access to it now.
func lostSince(a *app, now *vaultfile.File) (*lost, error) {
	h, err := openHistory(a)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	head, err := h.Resolve("HEAD")
	if err != nil {
		return nil, at(h.path, neverCommitted())
	}
	objects, err := h.AllContents(head)
	if err != nil {
		return nil, at(h.path, err)
	}
	found := &lost{incomplete: h.Shallow || h.Partial}
	var past health.Past
	for _, object := range objects {
		text, err := h.Read(object, format.MaxFile)
		if err != nil && !isA[*gitrepo.SizeError](err) && !errors.Is(err, gitrepo.ErrMissing) {
			return nil, at(h.path, err)
		}
		if err != nil || !addVersion(&past, text, now) {
			found.unread++
		}
	}
	found.list = past.Lost(now.UnverifiedSections())
	return found, nil
}

// addVersion adds what verifies of a version, and reports whether that is all of it. Another file
// has nothing of this one.
func addVersion(past *health.Past, text []byte, now *vaultfile.File) bool {
	f, err := vaultfile.Parse(text)
	if err != nil {
		return false
	} else if f.ID() != now.ID() {
		return true
	}
	whole := true
	for _, s := range f.UnverifiedSections() {
		if f.VerifyProfile(s.Name) != nil {
			whole = false
			continue
		}
		past.Add(s, f.Digest(s))
	}
	return whole
}

// only leaves out all profiles but some, if any are given.
func (l *lost) only(profiles []string) {
	l.list = slices.DeleteFunc(l.list, func(x health.Lost) bool { return len(profiles) > 0 && !slices.Contains(profiles, x.Profile) })
}

// of returns only what certain people could read.
func (l *lost) of(people []string) (list []health.Lost) {
	for _, x := range l.list {
		if slices.Contains(people, x.Person) {
			list = append(list, x)
		}
	}
	return list
}

// tellPast adds to what people still know who were removed now: values of earlier versions.
func tellPast(a *app, f *vaultfile.File, people []string) {
	found, err := lostSince(a, f)
	if err != nil {
		return // there is no history, and nothing depends on it
	}
	said := false
	for _, x := range found.of(people) {
		x.Values = slices.DeleteFunc(x.Values, func(v health.LostValue) bool { return v.Since == health.Unchanged })
		if len(x.Values) == 0 {
			continue
		}
		if !said {
			a.say("In git's history, %s could also read:", strings.Join(people, ", "))
			said = true
		}
		a.say("  %s", lostLine(&x))
	}
	found.tellRest(a)
}

func (l *lost) tellRest(a *app) {
	if l.unread > 0 {
		a.warn("%s of the file in git's history can't be read or %s not verify", count(l.unread, "version"), plural(l.unread, "does", "do"))
	}
	if l.incomplete {
		tellIncomplete(a)
	}
}

func tellIncomplete(a *app) {
	a.warn("incomplete: this clone has only a part of the history (to get the rest: git fetch --unshallow, or git fetch --refetch)")
}

// lostText is what status prints.
func lostText(list []health.Lost) string {
	if len(list) == 0 {
		return "\nIn git's history, no one had access who has none now.\n"
	}
	var b strings.Builder
	fmt.Fprintln(&b, "\nIn git's history, these people could read values of profiles that they can't open now:")
	for i := range list {
		who := list[i].Person
		if list[i].OldKey {
			who += " (an old key)"
		}
		fmt.Fprintf(&b, "  %s: %s\n", who, lostLine(&list[i]))
	}
	return b.String()
}

// lostLine is a profile's line: each credential, and what became of it.
func lostLine(x *health.Lost) string {
	var parts []string
	for _, v := range x.Values {
		parts = append(parts, v.Name+" ("+sinceWords[v.Since]+")")
	}
	if x.Hidden > 0 {
		parts = append(parts, fmt.Sprintf("%s with hidden names", count(x.Hidden, "credential")))
	}
	return x.Profile + ": " + strings.Join(parts, ", ")
}

var sinceWords = map[health.Since]string{
	health.Unchanged: "not set since",
	health.SetAgain:  "set since",
	health.Gone:      "removed or renamed since",
}
