// Package connect answers one request for what sources give, as spec/source.md says: it reads the request,
// has each source done by its kind, and writes what they say on the way and in the end. Only
// credfile-connect links it, since it has the network code.
package connect

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/credfile/credfile/internal/connect/aws"
	"github.com/credfile/credfile/internal/connect/githubapp"
	"github.com/credfile/credfile/internal/connect/google"
	"github.com/credfile/credfile/internal/connect/manager"
	"github.com/credfile/credfile/internal/connect/oauth"
	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// obtain does an operation on a source. Errors: [*source.Error].
type obtain func(ctx context.Context, w *remote.World, op source.Op, name string, ref *source.Ref) (*source.Answer, error)

// kinds has what does each kind, for one request.
func kinds(r *source.Request) map[string]obtain {
	secrets := manager.New(r.Refs)
	return map[string]obtain{
		"aws":        aws.New().Obtain,
		"github-app": githubapp.Obtain,
		"google":     google.Obtain,
		"oauth":      oauth.Obtain,

		"aws-secret":   secrets.Obtain,
		"azure-secret": secrets.Obtain,
		"gcp-secret":   secrets.Obtain,
		"kubernetes":   secrets.Obtain,
		"vault":        secrets.Obtain,
	}
}

// atOnce is how many sources are obtained at the same time.
const atOnce = 8

// Run answers one request. Errors, of a request that can't be answered: [ErrRequest] and those of
// writing.
func Run(ctx context.Context, w *remote.World, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := newTalk(in, out)
	r, err := t.request()
	if err != nil {
		return err
	}
	if why := wrong(r); why != "" {
		return t.respond(allOf(r, why))
	}
	own := *w
	own.Interactive, own.Browser, own.Inside = r.Interactive, r.Browser, r.Inside
	own.Event = func(e source.Event) (string, error) { return t.event(ctx, e, r.Interactive) }
	go t.read(ctx, func() {
		if r.Interactive {
			cancel() // credfile has ended: nobody is there for the login that is waited for
		}
	})
	if !r.Interactive {
		var ended context.CancelFunc
		ctx, ended = context.WithTimeout(ctx, w.Alone)
		defer ended()
	}
	return t.respond(answers(ctx, &own, r))
}

// wrong returns why nothing of a request can be done, or "".
func wrong(r *source.Request) string {
	switch {
	case r.V != source.Version:
		return "the request has a version that this program does not know"
	case !slices.Contains([]source.Op{source.Get, source.Refresh, source.Login, source.Revoke}, r.Op):
		return "the request asks for something that this program does not know"
	case !slices.Contains([]string{"", "device", "none"}, r.Browser):
		return "the request has a browser that this program does not know"
	}
	return ""
}

func allOf(r *source.Request, why string) map[string]*source.Answer {
	all := map[string]*source.Answer{}
	for name := range r.Refs {
		all[name] = failed(remote.Other(why))
	}
	return all
}

// grace is how long those that are told to end have for that.
const grace = time.Second

// answers obtains everything. A person is asked for one source at a time; the others don't wait for that. When
// the time is over, what was obtained is not lost with what was not.
func answers(ctx context.Context, w *remote.World, r *source.Request) map[string]*source.Answer {
	var mu sync.Mutex
	var wait sync.WaitGroup
	all, table, room := map[string]*source.Answer{}, kinds(r), make(chan struct{}, atOnce)
	do := func(name string) {
		a := one(ctx, w, table, r.Op, name, r.Refs[name])
		mu.Lock()
		defer mu.Unlock()
		all[name] = a
	}
	var asking []string
	for _, name := range slices.Sorted(maps.Keys(r.Refs)) {
		if k := source.Find(kindOf(r.Refs[name])); k != nil && k.Person != nil && k.Person(r.Refs[name].Definition) {
			asking = append(asking, name)
			continue
		}
		wait.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			do(name)
		})
	}
	wait.Go(func() {
		for _, name := range asking {
			do(name)
		}
	})
	done := make(chan struct{})
	go func() {
		wait.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		select {
		case <-done:
		case <-time.After(grace):
		}
	}
	mu.Lock()
	defer mu.Unlock()
	got := maps.Clone(all)
	for name := range r.Refs {
		if got[name] == nil {
			got[name] = failed(ctx.Err())
		}
	}
	return got
}

func kindOf(ref *source.Ref) string {
	if ref == nil {
		return ""
	}
	return ref.Kind
}

// one obtains one source. A panic is an answer as well, and its text, which can have a secret in it, is
// not in there.
func one(ctx context.Context, w *remote.World, table map[string]obtain, op source.Op, name string, ref *source.Ref) (a *source.Answer) {
	defer func() {
		if recover() != nil {
			a = failed(remote.Other("internal error"))
		}
	}()
	kind, do := source.Find(kindOf(ref)), table[kindOf(ref)]
	if kind == nil || do == nil {
		return failed(remote.Other("this version does not know its kind"))
	}
	if err := kind.Validate(ref.Definition); err != nil {
		return failed(remote.Other(err.Error()))
	}
	a, err := do(ctx, w, op, name, ref)
	if err == nil && (a.Expires.Year() < 0 || a.Expires.Year() > 9999) { // JSON has no such time (RFC 3339)
		err = remote.Other("the server gave an expiry that is not a time")
	}
	if err == nil {
		return a
	}
	e := failed(err)
	if a != nil {
		e.Session = a.Session
	}
	return e
}

// failed is the answer of an error. The text of one that has no class is not known to be without secrets.
func failed(err error) *source.Answer {
	var e *source.Error
	switch {
	case errors.As(err, &e):
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e = &source.Error{Class: source.Unavailable, Message: "was not finished in time"}
	case errors.Is(err, errNobody):
		e = &source.Error{Class: source.NeedsLogin, Message: "needs a login"}
	default:
		e = &source.Error{Class: source.Other, Message: "failed"}
	}
	return &source.Answer{Error: e}
}
