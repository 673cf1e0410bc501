package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// The kinds of problems, in the words of docs/json.md, which are stable.
const (
	kindExpired    = "expired"
	kindExposed    = "exposed"
	kindExpiring   = "expiring"
	kindMissing    = "missing"
	kindWriters    = "few-writers"
	kindPassphrase = "passphrase-only"
	kindKDF        = "weak-kdf"
	kindClassic    = "not-post-quantum"
)

// problem is one problem of a profile. It is visible without a key, unless it is a missing
// credential in a profile with hidden names.
type problem struct {
	kind       string
	profile    string
	hidden     bool              // the profile hides its names
	credential string            // as written in the section
	recipient  string            // the recipient whose key, lock or role it is about
	to         vaultfile.Leavers // who know the value
	expires    time.Time         // the last valid day
	text       string
}

func newProblem(s *format.Profile, kind string) problem {
	return problem{kind: kind, profile: s.Name, hidden: s.Hidden}
}

// urgent reports whether the problem makes status exit with code 8.
func (p *problem) urgent() bool { return p.kind == kindExpired || p.kind == kindExposed }

// fix returns the command that fixes the problem.
func (p *problem) fix() string {
	in := " -p " + p.profile
	switch p.kind {
	case kindExpired, kindExpiring, kindExposed:
		if p.hidden {
			return "credfile edit" + in // set needs the real name, which we don't know
		}
		if p.kind != kindExposed {
			in += " --expires 90d"
		}
		return "credfile set " + p.credential + in
	case kindMissing:
		return "credfile set " + p.credential + in
	case kindKDF:
		return "credfile rekey --strengthen " + p.recipient
	case kindClassic:
		return "credfile rekey --replace " + p.recipient + "=RECIPIENT"
	}
	return "credfile rekey --add NAME=RECIPIENT" + in
}

// expiries finds what has expired or will expire within so many days.
func expiries(s *format.Profile, today time.Time, within int) (ps []problem) {
	for i := range s.Entries {
		e := &s.Entries[i]
		text := expiryText(today, e.Expires, within)
		if e.IsComment() || text == "" {
			continue
		}
		kind := kindExpiring
		if daysLeft(today, e.Expires) < 0 {
			kind = kindExpired
		}
		p := newProblem(s, kind)
		p.credential, p.expires, p.text = e.Name, e.Expires, e.Name+" "+text
		ps = append(ps, p)
	}
	return ps
}

// exposures finds the credentials that former recipients still know. A file may have tens
// of thousands of credentials and a thousand former recipients, so the lists of those who
// know a value all share one list: each is the end of it.
func exposures(s *format.Profile) (ps []problem) {
	leavers := vaultfile.LeaversOf(s)
	for i := range s.Entries {
		e := &s.Entries[i]
		know := leavers.Know(e.Time)
		if e.IsComment() || len(know) == 0 {
			continue
		}
		p := newProblem(s, kindExposed)
		p.credential, p.to = e.Name, know
		p.text = fmt.Sprintf("%s is exposed to %s, who had access and may still know it", e.Name, p.exposedTo())
		ps = append(ps, p)
	}
	return ps
}

// mostNames is how many of those who know a value are named. The rest are counted.
const mostNames = 16

func (p *problem) exposedTo() string {
	return strings.Join(p.to[:min(len(p.to), mostNames)].Names(), ", ") + more(len(p.to)-mostNames)
}

// exposedMost returns everyone who knows one of the problems' values: the longest list,
// since all lists end alike.
func exposedMost(ps []problem) (most vaultfile.Leavers) {
	for _, p := range ps {
		if len(p.to) > len(most) {
			most = p.to
		}
	}
	return most
}

// classics finds recipients whose keys or locks a quantum computer could open.
func classics(s *format.Profile) (ps []problem) {
	for i := range s.Recipients {
		if r := &s.Recipients[i]; !vaultfile.PostQuantum(r) {
			p := newProblem(s, kindClassic)
			p.recipient, p.text = r.Name, fmt.Sprintf("%s (%s) is not post-quantum", r.Name, kind(r))
			ps = append(ps, p)
		}
	}
	return ps
}

// fewWriters finds a profile with fewer writers than least.
func fewWriters(s *format.Profile, least int) []problem {
	names := vaultfile.WriterNames(s)
	if len(names) >= least {
		return nil
	}
	p := newProblem(s, kindWriters)
	p.recipient = names[0]
	p.text = fmt.Sprintf("%s (%s), but %d required", count(len(names), "writer"), strings.Join(names, ", "), least)
	return []problem{p}
}

func passphraseLock(r *format.Recipient) bool {
	return r.Lock == vaultfile.LockArgon2id || r.Lock == vaultfile.LockScrypt
}

// passphraseOnly finds a profile whose writers all use passphrases. Anyone with the file
// can guess them without limit.
func passphraseOnly(s *format.Profile) []problem {
	for i := range s.Recipients {
		if r := &s.Recipients[i]; r.Writer && !passphraseLock(r) {
			return nil
		}
	}
	p := newProblem(s, kindPassphrase)
	p.text = fmt.Sprintf("all writers (%s) use only a passphrase", strings.Join(vaultfile.WriterNames(s), ", "))
	return []problem{p}
}

// weakLocks finds passphrase locks that are too cheap to guess. weak returns what is wrong
// with a lock, or "".
func weakLocks(s *format.Profile, weak func(lock string, cost kdf.Params) string) (ps []problem) {
	for i := range s.Recipients {
		r := &s.Recipients[i]
		cost, ok := vaultfile.LockCost(r)
		if !ok {
			continue
		}
		if text := weak(r.Lock, cost); text != "" {
			p := newProblem(s, kindKDF)
			p.recipient, p.text = r.Name, fmt.Sprintf("the lock of %s uses %s: %s", r.Name, cost, text)
			ps = append(ps, p)
		}
	}
	return ps
}

// belowDefault compares by memory times passes, as rekey --strengthen does.
func belowDefault(lock string, cost kdf.Params) string {
	usual := kdf.Params(kdf.DefaultArgon2id)
	if lock == vaultfile.LockScrypt {
		usual = kdf.DefaultScrypt
	}
	if cost.Work() >= usual.Work() {
		return ""
	}
	return fmt.Sprintf("weaker than the default, %s", usual)
}
