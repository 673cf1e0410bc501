package session

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/vaultfile"
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

// pending is a source for which there is no good session.
type pending struct {
	n       *Node
	secrets map[string]string
	box     *box // nil if nothing can be kept
	login   *box // of the login that sources share, or nil
	old     *Session
	seen    json.RawMessage // what the program wants to see again
	ended   *bool           // of those that share a login, in Kept: whether the server ended it
	failed  error
}

// boxes returns what is written when the source is renewed.
func (p *pending) boxes() []*box {
	return slices.DeleteFunc([]*box{p.box, p.login}, func(b *box) bool { return b == nil })
}

// load reads what is kept.
func (p *pending) load() {
	p.old, p.seen = p.box.load(), nil
	from := p.old
	if p.login != nil {
		from = p.login.load()
	}
	if from != nil {
		p.seen = from.Source
	}
}

// save keeps a session. The login is on the disk first: its refresh token of before is spent.
func (p *pending) save(s *Session) error {
	if p.login == nil {
		return p.box.save(s)
	}
	if len(s.Source) > 0 {
		if err := p.login.save(&Session{Kind: s.Kind, Obtained: s.Obtained, Source: s.Source}); err != nil {
			return err
		}
	}
	if len(s.Values) == 0 {
		return nil
	}
	own := *s
	own.Source = nil
	return p.box.save(&own)
}

// unkept is a source of which nothing is kept: a refresh token of before is not spent.
func (p *pending) unkept() { p.box, p.login, p.old, p.seen = nil, nil, nil, nil }

// remove forgets what is kept.
func (p *pending) remove() error {
	for _, b := range p.boxes() {
		if err := b.remove(); err != nil {
			return err
		}
	}
	return nil
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

// prepare collects the secrets of a source, and looks for a session.
func (w *work) prepare(n *Node) (*pending, error) {
	p := &pending{n: n, secrets: map[string]string{}}
	for key, name := range n.Secrets {
		value, err := w.plan.Profile.Get(name)
		var missing *vaultfile.NotFoundError
		if errors.As(err, &missing) {
			return nil, &Wrong{n.Profile, n.Name, "needs the credential " + name + ", which is not in the profile"}
		} else if err != nil {
			return nil, err
		}
		p.secrets[key] = string(value.Reveal())
	}
	for key, u := range n.Uses {
		given := w.done[u.Name]
		if given == nil { // a session is only looked at
			continue
		}
		values := given.Values
		if len(values) == 1 {
			for _, v := range values {
				p.secrets[key] = v
			}
		}
		for name, v := range values {
			p.secrets[key+"."+name] = v
		}
	}
	if err := os.MkdirAll(w.store.dir, 0o700); err != nil {
		w.m.Tell.NotKept(n, err)
		return p, nil
	}
	// What another source gave changes all the time, and its definition is in the digest.
	own := maps.Clone(p.secrets)
	for key := range n.Uses {
		maps.DeleteFunc(own, func(k, _ string) bool { return k == key || strings.HasPrefix(k, key+".") })
	}
	box, err := w.store.box(w.plan.Profile, n.Name, n.Digest, own)
	if err != nil {
		w.m.Tell.NotKept(n, err)
		return p, nil
	}
	p.box = box
	if n.Kind != nil && n.Kind.Login != nil && n.Kind.Login(n.Definition) != "" {
		shared := n.Source.Kind + " " + n.Kind.Login(n.Definition)
		digest := sha256.Sum256(pae([]byte("credfile/1 login"), []byte(shared)))
		if p.login, err = w.store.box(w.plan.Profile, "login of "+shared, digest, nil); err != nil {
			return nil, err
		}
	}
	p.load()
	return p, nil
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
