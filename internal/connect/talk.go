package connect

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/credfile/credfile/internal/source"
)

// Errors of the messages.
var (
	ErrRequest = errors.New("the request is not valid")
	errNobody  = errors.New("no one can be asked")
)

const (
	maxRequest = 1 << 20
	maxReply   = 16 << 10
)

// talk is the messages with credfile, a line each.
type talk struct {
	in      *bufio.Reader
	out     io.Writer
	writing sync.Mutex
	asking  sync.Mutex  // replies don't say what they answer
	replies chan string // closed at the end of the input
}

func newTalk(in io.Reader, out io.Writer) *talk {
	return &talk{in: bufio.NewReader(in), out: out, replies: make(chan string)}
}

// line reads a line, which may be the last and have no line feed.
func (t *talk) line(most int) ([]byte, error) {
	var line []byte
	for {
		part, err := t.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > most:
			return nil, ErrRequest
		case err == nil, errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// strict reads one JSON object, with nothing in it that is not known: a member that has no effect could be
// one that the sender relies on. The error of the parser, which quotes what it read, is not used.
func strict(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if d.Decode(v) != nil {
		return ErrRequest
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrRequest
	}
	return nil
}

func (t *talk) request() (*source.Request, error) {
	line, err := t.line(maxRequest)
	if err != nil {
		return nil, ErrRequest
	}
	var r source.Request
	if err := strict(line, &r); err != nil {
		// Later versions have other members: they are told so, if they can be made out.
		var later struct {
			V    int                        `json:"v"`
			Refs map[string]json.RawMessage `json:"refs"`
		}
		if json.Unmarshal(line, &later) != nil || later.V == source.Version || later.V == 0 {
			return nil, err
		}
		r = source.Request{V: later.V, Refs: map[string]*source.Ref{}}
		for name := range later.Refs {
			r.Refs[name] = nil
		}
	}
	return &r, nil
}

// read takes replies until the input ends.
func (t *talk) read(ctx context.Context, ended func()) {
	defer close(t.replies)
	for {
		line, err := t.line(maxReply)
		var r source.Reply
		if err != nil || strict(line, &r) != nil {
			ended()
			return
		}
		select {
		case t.replies <- r.Reply:
		case <-ctx.Done():
			return
		}
	}
}

// event writes an event, and waits for the reply if it asks. Errors: those of ctx and of writing.
func (t *talk) event(ctx context.Context, e source.Event, interactive bool) (string, error) {
	if !interactive {
		return "", errNobody
	}
	t.asking.Lock()
	defer t.asking.Unlock()
	if err := t.write(e); err != nil || e.Event != "ask" {
		return "", err
	}
	select {
	case reply, ok := <-t.replies:
		if !ok {
			return "", errNobody
		}
		return reply, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (t *talk) respond(answers map[string]*source.Answer) error {
	return t.write(source.Response{V: source.Version, Answers: answers})
}

func (t *talk) write(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return errors.New("the answer can't be written")
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	_, err = t.out.Write(append(text, '\n'))
	return err
}
