package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/health"
	"github.com/credfile/credfile/internal/rekey"
	"github.com/credfile/credfile/vaultfile"
)

// explainAccess explains why access could not be changed.
func explainAccess(err error, f *finding) bool {
	var blocked *rekey.BlockedError
	var copied *rekey.CopyError
	switch {
	case errors.As(err, &blocked):
		f.code, f.text, f.hint = exitNoKey, blockedText(blocked), "ask one of the writers"
		if len(blocked.Ours) > 0 {
			f.hint = "to change only the others: credfile rekey -p " + strings.Join(blocked.Ours, " -p ") + " …"
		}
	case errors.As(err, &copied):
		explainCopy(copied, f)
	case isA[*rekey.SamePassphraseError](err):
		f.code, f.hint = exitUsage, "choose a different passphrase"
	case isA[*rekey.NoPassphraseError](err):
		f.code = exitUsage
	case isA[*rekey.NotStrongerError](err):
		f.code, f.hint = exitUsage, "choose a higher cost with --kdf; to find one: credfile keygen --calibrate 1s"
	default:
		return false
	}
	return true
}

func blockedText(e *rekey.BlockedError) string {
	var who []string
	for _, s := range e.Blocked {
		who = append(who, fmt.Sprintf("%s (ask %s)", s.Name, strings.Join(s.Writers(), ", ")))
	}
	text := "you can't change " + strings.Join(who, "; ")
	if len(e.Ours) > 0 {
		text += "; nothing changed"
	}
	return text
}

func explainCopy(e *rekey.CopyError, f *finding) {
	switch {
	case e.Several:
		f.code, f.text = exitUsage, fmt.Sprintf("%s has different keys in different profiles", e.Name)
		f.hint = fmt.Sprintf("choose one: %s=RECIPIENT (to list them: credfile recipients)", e.Name)
	case len(e.NotOurs) > 0:
		f.code, f.text = exitNoKey, fmt.Sprintf("can't copy the key of %s from %s, which you can't write", e.Name, strings.Join(e.NotOurs, ", "))
		f.hint = fmt.Sprintf("ask %s for the key: %[1]s=RECIPIENT", e.Name)
	default:
		f.code, f.text = exitNotFound, fmt.Sprintf("no other profile has a recipient named %s", e.Name)
		f.hint = fmt.Sprintf("give the recipient too: %s=@FILE or %[1]s=RECIPIENT", e.Name)
	}
}

// lossQuestion asks before users lock themselves out or leave a profile to one writer.
func lossQuestion(l *rekey.Loss) string {
	var what, last []string
	if len(l.Access) > 0 {
		what = append(what, "This removes your own access to "+strings.Join(l.Access, ", "))
	}
	if len(l.Writing) > 0 {
		what = append(what, "This makes you a reader of "+strings.Join(l.Writing, ", ")+", so you can no longer change it")
	}
	for _, profile := range slices.Sorted(maps.Keys(l.LastWriter)) {
		last = append(last, fmt.Sprintf("%s (%s)", profile, l.LastWriter[profile]))
	}
	if len(last) > 0 {
		what = append(what, "This leaves one writer in "+strings.Join(last, ", "))
	}
	return strings.Join(what, "; ") + ". Continue?"
}

// accessLines returns what was done to one profile, in words.
func accessLines(done vaultfile.AccessDone) (lines []string) {
	line := func(format string, args ...any) {
		lines = append(lines, done.Profile.Name()+": "+fmt.Sprintf(format, args...))
	}
	signed := func(sign string, r vaultfile.Recipient) { line("%s %s (%s)", sign, r.Name, describe(&r)) }
	for _, r := range done.Added {
		signed("+", r)
	}
	for _, r := range done.HadAccess {
		line("%s already has access", r.Name)
	}
	for _, name := range done.MadeWriter {
		line("%s is now a writer", name)
	}
	for _, name := range done.WasWriter {
		line("%s is already a writer", name)
	}
	for _, r := range done.Locked {
		line("%s has a new lock (%s); no one loses access", r.Name, r.Lock)
	}
	for _, r := range done.Removed {
		signed("-", r)
	}
	for _, r := range done.Replaced {
		signed("-", r.Old)
		signed("+", r.New)
	}
	for _, name := range done.MadeReader {
		line("%s is now a reader", name)
	}
	for _, pair := range done.Renamed {
		line("%s renamed to %s", pair[0], pair[1])
	}
	return lines
}

func classicNames(s *format.Profile) (names []string) {
	for _, p := range health.Classics(s) {
		names = append(names, p.Who())
	}
	return names
}
