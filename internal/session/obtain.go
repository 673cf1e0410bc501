package session

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/source"
)

// Manager obtains what sources give.
type Manager struct {
	State  string // directory of what this machine remembers
	Config string // directory of the user's identities, for the machine's secret
	Pins   string // CREDFILE_SOURCES
	Now    func() time.Time
	Run    Runner
	Where  func(kind string) string // path of the program for a kind that is not built in, or ""
	Person Person                   // nil if nobody can be asked
	Tell   Teller
}

// Runner runs the program that obtains values of a kind, or of the kinds that are built in for "". It ends
// the program when stop is closed. Errors: [*ProgramError].
type Runner func(kind string, r *source.Request, event func(source.Event) (string, error), stop <-chan struct{}) (*source.Response, error)

// Person is whoever is in front of the terminal.
type Person interface {
	// Agree asks whether a source may be used as it is defined. Errors: those of the answer.
	Agree(n *Node) error
	// Event shows an event of a source, or asks for what it wants.
	Event(n *Node, e source.Event) (reply string, err error)
}

// Teller says what the user should know.
type Teller interface {
	StillValid(n *Node, why error, until time.Time)
	NotKept(n *Node, why error)
}

// Options of [Manager.Obtain].
type Options struct {
	Anew     bool          // whatever there is: credfile login --force
	MinValid time.Duration // at least so long; 0 for the usual
	Insist   bool          // fail if what is new is not valid so long
	Browser  string        // see [source.Request]
}

// Given is what a source gives now.
type Given struct {
	*Session
	Node *Node
	New  bool // obtained now

	kept   *pending // where it is, of what [Manager.Kept] returns
	agreed bool
}

// Errors of a source, besides [*Wrong].
var (
	ErrNotAgreed = errors.New("was not agreed to on this machine")
	ErrPerson    = errors.New("needs a person to log in")
)

// SourceError is why a source gave nothing.
type SourceError struct {
	Node *Node
	Err  error // [ErrNotAgreed], [ErrPerson], [*source.Error], [*ProgramError], …
}

func (e *SourceError) Error() string { return "source " + e.Node.Name + ": " + e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

// Obtain returns what sources give, in the order of their names: from sessions that are still good, or
// new. It fails if one of them fails.
//
// Errors: [*Wrong], [*SourceError], [*NoSourceError].
func (m *Manager) Obtain(plan *Plan, names []string, o Options) (map[string]*Given, error) {
	w := &work{m: m, plan: plan, o: o, store: m.store(), done: map[string]*Given{}}
	wanted := map[string]*Node{}
	var add func(n *Node)
	add = func(n *Node) {
		wanted[n.Name] = n
		for _, u := range n.Uses {
			add(u)
		}
	}
	for _, name := range names {
		n, err := plan.Node(name)
		if err != nil {
			return nil, err
		}
		add(n)
	}
	for level := range maxLevels {
		var now []*Node
		for _, name := range slices.Sorted(maps.Keys(wanted)) {
			if n := wanted[name]; n.level == level {
				now = append(now, n)
			}
		}
		if err := w.level(now); err != nil {
			return nil, err
		}
	}
	return w.done, nil
}

func (m *Manager) store() *store {
	return &store{dir: filepath.Join(m.State, "sessions"), agreed: filepath.Join(m.State, "sources"), secret: filepath.Join(m.Config, "machine.secret")}
}

// work is one call of Obtain.
type work struct {
	m     *Manager
	plan  *Plan
	o     Options
	store *store
	done  map[string]*Given
}

// level obtains what sources give that do not use each other: what is missing, in one start for each
// program.
func (w *work) level(nodes []*Node) error {
	var missing []*pending
	for _, n := range nodes {
		if err := w.agreed(n); err != nil {
			return err
		}
		p, err := w.prepare(n)
		if err != nil {
			return err
		}
		if w.good(p.old) {
			w.done[n.Name] = &Given{Session: p.old, Node: n}
		} else {
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	release, err := w.lock(missing)
	if err != nil {
		return err
	}
	defer release()
	missing = slices.DeleteFunc(missing, func(p *pending) bool {
		if p.box == nil {
			return false
		}
		if p.load(); !w.good(p.old) { // and the newest refresh token is sent, in any case
			return false
		}
		w.done[p.n.Name] = &Given{Session: p.old, Node: p.n}
		return true
	})
	return w.run(missing)
}

// lock lets one process at a time renew a session, or a login that several sources share. Whoever waited
// finds the new one, or ends as the other did: a user who said no is not asked again by the next. All
// processes take the locks in the same order.
func (w *work) lock(missing []*pending) (release func(), err error) {
	since := w.m.Now()
	var held []func()
	release = func() {
		for _, r := range held {
			r()
		}
	}
	taken := map[string]bool{}
	take := func(p *pending, b *box) error {
		if !taken[b.path] {
			r, err := atomicfile.Lock(b.path+".lock", lockWait)
			if errors.Is(err, atomicfile.ErrHeld) {
				return &SourceError{p.n, err}
			} else if err != nil {
				w.m.Tell.NotKept(p.n, err)
				p.unkept()
				return nil
			}
			held, taken[b.path] = append(held, r), true
		}
		if err := b.failedSince(since); err != nil {
			return &SourceError{p.n, err}
		}
		return nil
	}
	boxes := func(list []*pending, of func(p *pending) *box) (err error) {
		for _, p := range list {
			if b := of(p); b != nil && err == nil {
				err = take(p, b)
			}
		}
		return err
	}
	// The names of sources are in order. What two logins are called says nothing of the order of theirs.
	logins := slices.DeleteFunc(slices.Clone(missing), func(p *pending) bool { return p.login == nil })
	slices.SortFunc(logins, func(a, b *pending) int { return strings.Compare(a.login.path, b.login.path) })
	err = boxes(missing, func(p *pending) *box { return p.box })
	if err == nil {
		err = boxes(logins, func(p *pending) *box { return p.login }) // those that are still kept
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// lockWait is how long a process waits for another that logs in, in which a person may be asked.
const lockWait = 6 * time.Minute

// agreed checks that the user agreed to a definition.
func (w *work) agreed(n *Node) error {
	if w.m.isAgreed(w.plan.Profile, n) {
		return nil
	}
	if w.m.Person == nil {
		return &SourceError{n, ErrNotAgreed}
	}
	if err := w.m.Person.Agree(n); err != nil {
		return &SourceError{n, err}
	}
	if err := w.m.Agree(w.plan, n); err != nil { // it was agreed to all the same, for now
		w.m.Tell.NotKept(n, err)
	}
	return nil
}

// good reports whether a session can be used. It must last: a command that starts now needs a while.
func (w *work) good(s *Session) bool {
	if s == nil || w.o.Anew || len(s.Values) == 0 {
		return false
	}
	return s.Expires.IsZero() || s.Expires.Sub(w.m.Now()) >= max(w.o.MinValid, margin(s))
}

// margin is how much of a session must be left.
func margin(s *Session) time.Duration {
	return max(5*time.Minute, s.Expires.Sub(s.Obtained)/10)
}
