package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// The kinds of problems: the words of docs/json.md, which are stable.
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

// problem is one thing that is not well with a profile. Everything about it is seen
// without a key, except that something required is missing among hidden names.
type problem struct {
	kind       string
	profile    string
	hidden     bool              // the profile hides its names
	credential string            // as it stands in the section
	recipient  string            // whose key, lock or role it is about
	to         vaultfile.Leavers // who know the value
	expires    time.Time         // the last day
	text       string
}

func newProblem(s *format.Profile, kind string) problem {
	return problem{kind: kind, profile: s.Name, hidden: s.Hidden}
}

// urgent reports whether status ends with exit code 8 because of it.
func (p *problem) urgent() bool { return p.kind == kindExpired || p.kind == kindExposed }

// fix is the command that mends a problem.
func (p *problem) fix() string {
	in := " -p " + p.profile
	switch p.kind {
	case kindExpired, kindExpiring, kindExposed:
		if p.hidden {
			return "credfile edit" + in // set takes real names, which we don't know
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

// expiries finds what has expired, and what will within so many days.
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

// exposures finds what somebody who left knows still, a credential at a time. A file may
// have tens of thousands of them, and a thousand people who left: those who know one
// are the end of one list.
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

// mostNames are named of those who know a value; the rest is counted.
const mostNames = 16

func (p *problem) exposedTo() string {
	return strings.Join(p.to[:min(len(p.to), mostNames)].Names(), ", ") + more(len(p.to)-mostNames)
}

// exposedMost are all who know one of the problems' values: of lists that end alike the
// longest has all.
func exposedMost(ps []problem) (most vaultfile.Leavers) {
	for _, p := range ps {
		if len(p.to) > len(most) {
			most = p.to
		}
	}
	return most
}

// classics finds recipients whose keys or locks a quantum computer would open.
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

// fewWriters finds a profile with less than so many writers.
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

// passphraseOnly finds a profile that only passphrases can change: whoever has the file
// may guess them, for as long as he likes.
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

// weakLocks finds passphrase locks that cost less to try than they should. weak says
// what there is to say of one, "" if it is well.
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
