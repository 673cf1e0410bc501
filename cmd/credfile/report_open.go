package main

import (
	"fmt"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// openError says why no source of identities opened a profile.
type openError struct {
	profile    string
	recipients []format.Recipient
	tried      []string
	terminal   bool // a prompt would have been next, and there is no terminal
	none       bool // there is no identity at all
	wrong      bool // a passphrase was wrong
	had        bool // an identity at hand opened it before

	others     []string // profiles that an identity at hand opens
	name       string   // by which they know it
	identities string   // where identities.txt is, or would be
}

func (e *openError) Error() string {
	switch {
	case e.had:
		return fmt.Sprintf("you had access to profile %q, and have it no more", e.profile)
	case len(e.others) > 0:
		return fmt.Sprintf("your identity does not open profile %q, only %s", e.profile, strings.Join(e.others, ", "))
	}
	return fmt.Sprintf("no key at hand opens profile %q", e.profile)
}

// hint says what helps: who can let the user in, and with which words.
func (e *openError) hint() string {
	writer := "a writer"
	for i := range e.recipients {
		if e.recipients[i].Writer {
			writer = e.recipients[i].Name
			break
		}
	}
	ask := func(who string) string {
		return fmt.Sprintf("ask %s: credfile rekey -p %s --add-reader %s", writer, e.profile, who)
	}
	switch {
	case e.terminal:
		return "a passphrase is asked for on a terminal; without one, give it (CREDFILE_PASSPHRASE_FILE, for locks), or an identity that needs none"
	case e.wrong:
		return "is it the passphrase of another lock? --as NAME says whose"
	case e.none:
		return fmt.Sprintf("on a new machine, put the backup of your identities to %s; if you have none, credfile keygen makes one, and %s", e.identities, ask("NAME=@NAME.pub"))
	case len(e.others) > 0:
		return ask(e.name)
	}
	return "give the file with your identity (--identity), or " + ask("NAME=@NAME.pub") + "; credfile whoami shows what is at hand"
}

func (e *openError) add(source string, err error) {
	e.tried = append(e.tried, source+": "+err.Error())
}

func (e *openError) addAll(source string, reasons []string) {
	for _, r := range reasons {
		e.tried = append(e.tried, source+": "+r)
	}
}

func (e *openError) details() []string {
	var lines []string
	for i := range e.recipients {
		r := &e.recipients[i]
		lock := ""
		if r.Lock != "" {
			lock = ", " + r.Lock + " lock"
		}
		lines = append(lines, fmt.Sprintf("it is for %s (%s%s, %s)", r.Name, role(r), lock, vaultfile.Fingerprint(r.String)))
	}
	const most = 24
	for i, t := range e.tried {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.tried)-most))
			break
		}
		lines = append(lines, "tried "+t)
	}
	return lines
}

func role(r *format.Recipient) string {
	if r.Writer {
		return "writer"
	}
	return "reader"
}

// nearest offers a name that is nearly the missing one, or how to list them.
func nearest(e *vaultfile.NotFoundError) string {
	want := e.Profile
	switch {
	case e.Recipient != "":
		want = e.Recipient
	case e.Credential != "":
		want = e.Credential
	}
	for _, known := range e.Known {
		if strings.EqualFold(known, want) || distance(known, want) <= min(2, len(want)/3) {
			return fmt.Sprintf("did you mean %s", known)
		}
	}
	switch {
	case e.Recipient != "":
		return "its recipients: " + strings.Join(e.Known, ", ")
	case e.Credential == "":
		return "its profiles: " + strings.Join(e.Known, ", ") + "; a new one: credfile profile add NAME"
	}
	return "credfile list -p " + e.Profile
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
