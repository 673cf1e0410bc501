package session

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/source"
)

// run asks the programs, and keeps what they give. What may be renewed is, before a person is asked for
// anything: a refresh token may be good only once, and whoever is asked may leave.
func (w *work) run(missing []*pending) error {
	var renew, rest []*pending
	for _, p := range missing {
		if len(p.seen) > 0 && !w.o.Anew {
			renew = append(renew, p)
		} else {
			rest = append(rest, p)
		}
	}
	left, err := w.programs(renew, false)
	if err != nil {
		return err
	}
	_, err = w.programs(append(rest, left...), w.m.Person != nil)
	return err
}

// programs asks each program for its sources. It returns those for which a person is needed.
func (w *work) programs(list []*pending, person bool) (left []*pending, err error) {
	programs := map[string][]*pending{}
	for _, p := range list {
		programs[program(p.n)] = append(programs[program(p.n)], p)
	}
	for _, kind := range sortedKeys(programs) {
		if err := w.ask(kind, programs[kind], person); err != nil {
			return nil, err
		}
	}
	for _, p := range list {
		if p.failed != nil {
			left = append(left, p)
		}
	}
	return left, nil
}

// ask asks one program. It takes all that the program gave, whatever failed beside it.
func (w *work) ask(kind string, list []*pending, person bool) error {
	r := &source.Request{V: source.Version, Op: source.Get, Interactive: person, Refs: map[string]*source.Ref{}}
	if w.o.Anew {
		r.Op = source.Login
	}
	r.Browser = w.o.Browser
	for _, p := range list {
		r.Refs[p.n.Name] = &source.Ref{Kind: p.n.Source.Kind, Definition: p.n.Definition, Secrets: p.secrets, Session: p.seen}
	}
	before := w.m.Now()
	held := hold(w.patience(person))
	defer held.release()
	response, err := w.m.Run(kind, r, w.events(r, held), held.stop)
	var first error
	for _, p := range list {
		var answer *source.Answer
		if response != nil {
			answer = response.Answers[p.n.Name]
		}
		p.failed = w.take(p, answer, err, before)
		if p.failed == nil || !person && w.m.Person != nil && needsLogin(p.failed) {
			p.seen = nil // it is of no use
			continue
		}
		for _, b := range p.boxes() {
			if b != p.login || answer == nil || len(answer.Session) == 0 { // a login that is there did not fail
				b.fail(p.failed, w.m.Now())
			}
		}
		if first == nil {
			first = p.failed
		}
	}
	return held.or(first)
}

func needsLogin(err error) bool {
	var e *source.Error
	return errors.As(err, &e) && e.Class == source.NeedsLogin
}

// patience is how many signals it takes to end a program. Where a person is asked, nothing can be lost.
// Else it has little time, and only a person who insists ends it.
func (w *work) patience(person bool) int {
	switch {
	case person:
		return 1
	case w.m.Person != nil:
		return 2
	}
	return never
}

// maxEvents is how many events there are at most for each source.
const maxEvents = 16

// events returns what takes the events of a request. They are of its sources, and of no other that the
// user knows, or has not agreed to.
func (w *work) events(r *source.Request, held *holding) func(source.Event) (string, error) {
	left := maxEvents * len(r.Refs)
	return func(e source.Event) (string, error) {
		if !r.Interactive || r.Refs[e.Source] == nil {
			return "", ErrPerson
		}
		n := w.plan.Nodes[e.Source]
		if why := n.wrongEvent(e); why != "" {
			return "", &source.Error{Class: source.Other, Message: why}
		}
		if left--; left < 0 {
			return "", &source.Error{Class: source.Other, Message: "asks for too much"}
		}
		if err := held.or(nil); err != nil {
			return "", err
		}
		return w.m.Person.Event(n, e)
	}
}

// userCode is a code that a person types (RFC 8628, section 6.1).
var userCode = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)

// wrongEvent returns why an event is not shown to the user: they may open only pages of hosts that they
// agreed to, whatever a program or a server says.
func (n *Node) wrongEvent(e source.Event) string {
	if e.Event != "browser" && e.Event != "device" {
		return ""
	}
	page, _, _ := strings.Cut(e.URL, "#") // what follows stays in the browser
	u, err := url.Parse(page)
	switch {
	case err != nil || len(e.URL) > 2048 || strings.ContainsFunc(e.URL, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "wants to show a page whose address is not valid"
	case source.CheckURL(page) != "":
		return "wants to show a page that is not https"
	case !slices.Contains(n.pages(), source.Host(page)):
		return "wants to show a page of " + u.Hostname() + ", which is not a host of its definition"
	case e.Event == "device" && !userCode.MatchString(e.Code):
		return "wants to show a code that is not valid"
	}
	return ""
}

// pages are the hosts whose pages a source may show.
func (n *Node) pages() []string {
	if n.Kind == nil {
		return n.Definition.List("hosts")
	}
	if n.Kind.Pages == nil {
		return nil
	}
	return n.Kind.Pages(n.Definition)
}

// take keeps what a program gave for a source. If it gave nothing, a session that is still valid is
// better than none.
func (w *work) take(p *pending, answer *source.Answer, failed error, before time.Time) error {
	s, err := checked(p.n, answer, failed, before)
	if err != nil {
		w.forget(p, answer, err, before)
		var e *source.Error
		soft := errors.As(err, &e) && e.Class == source.Unavailable
		if soft && p.old != nil && p.old.Expires.After(w.m.Now().Add(w.o.MinValid)) && len(p.old.Values) > 0 {
			w.m.Tell.StillValid(p.n, err, p.old.Expires)
			w.done[p.n.Name] = &Given{Session: p.old, Node: p.n}
			return nil
		}
		return &SourceError{p.n, err}
	}
	if p.box != nil && !answer.Once {
		if err := p.save(s); err != nil {
			w.m.Tell.NotKept(p.n, err)
		}
	}
	if left := s.Expires.Sub(w.m.Now()); w.o.Insist && !s.Expires.IsZero() && left < w.o.MinValid {
		return &SourceError{p.n, &source.Error{Class: source.Other, Message: fmt.Sprintf("what it gives is valid for only %d minutes", int(left.Minutes()))}}
	}
	w.done[p.n.Name] = &Given{Session: s, Node: p.n, New: true}
	return nil
}

// forget drops a session that is of no use any more, or keeps what the program wants to see again although
// it failed: the refresh token of before may be spent.
func (w *work) forget(p *pending, answer *source.Answer, err error, before time.Time) {
	switch {
	case p.box == nil:
	case answer != nil && len(answer.Session) > 0:
		s := &Session{Kind: p.n.Source.Kind, Obtained: before, Source: answer.Session}
		if p.old != nil {
			s.Values, s.Obtained, s.Expires, s.Subject = p.old.Values, p.old.Obtained, p.old.Expires, p.old.Subject
		}
		if err := p.save(s); err != nil {
			w.m.Tell.NotKept(p.n, err)
		}
	case !w.o.Anew && needsLogin(err): // else what was there was not tried
		p.remove()
	}
}

// maxMessage is the most bytes of a program's message that are shown.
const maxMessage = 512

func shortened(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	return strings.ToValidUTF8(s[:maxMessage], "") + "…"
}

// checked takes only what a source may give.
func checked(n *Node, answer *source.Answer, failed error, before time.Time) (*Session, error) {
	switch {
	case failed != nil:
		return nil, failed
	case answer == nil:
		return nil, &source.Error{Class: source.Other, Message: "gave no answer"}
	case answer.Error != nil:
		e := *answer.Error
		e.Message = shortened(e.Message)
		return nil, &e
	case len(answer.Values) == 0:
		return nil, &source.Error{Class: source.Other, Message: "gave nothing"}
	}
	gives := n.Gives()
	for name := range answer.Values {
		if !slices.Contains(gives, name) {
			return nil, &source.Error{Class: source.Other, Message: "gave a variable that it must not give"}
		}
	}
	if !answer.Expires.IsZero() && !answer.Expires.After(before) {
		return nil, &source.Error{Class: source.Other, Message: "gave something that has expired already; is the clock right?"}
	}
	return &Session{Kind: n.Source.Kind, Values: answer.Values, Obtained: before, Expires: answer.Expires, Subject: answer.Subject, Source: answer.Session}, nil
}

// program returns the kind whose program is asked, or "" for those that are built in.
func program(n *Node) string {
	if n.Kind != nil {
		return ""
	}
	return n.Source.Kind
}
