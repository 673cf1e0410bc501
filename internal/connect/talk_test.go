package connect_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect"
	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// start is when the tests take place.
var start = time.Date(2026, 11, 27, 9, 30, 12, 0, time.UTC)

// clock goes on only when someone sleeps.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.slept = c.now.Add(d), append(c.slept, d)
	return ctx.Err()
}

// machine is the world of a test: the real client, and a clock, environment and home of the test's own.
type machine struct {
	*remote.World
	clock *clock
	env   map[string]string
}

func newMachine(t *testing.T) *machine {
	m := &machine{clock: &clock{now: start}, env: map[string]string{}}
	m.World = connect.NewWorld(func(name string) string { return m.env[name] })
	m.Now, m.Sleep, m.Home = m.clock.Now, m.clock.Sleep, t.TempDir()
	return m
}

// message is a line of what the program writes.
type message struct {
	source.Event
	V       int
	Answers map[string]*source.Answer
}

// talk runs a request as credfile does. Each event goes to the user, whose reply answers one that asks.
func talk(t *testing.T, m *machine, request any, user func(source.Event) string) (answers map[string]*source.Answer, events []source.Event) {
	t.Helper()
	in, toIn := io.Pipe()
	fromOut, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := connect.Run(context.Background(), m.World, in, out)
		out.Close()
		ended <- err
	}()
	send := func(v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		go toIn.Write(append(text, '\n'))
	}
	send(request)
	lines := bufio.NewScanner(fromOut)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var got message
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
			t.Errorf("%q is not a message", lines.Text())
		}
		if got.Answers != nil {
			if got.V != source.Version || answers != nil {
				t.Errorf("response %q", lines.Text())
			}
			answers = got.Answers
			continue
		}
		events = append(events, got.Event)
		reply := ""
		if user != nil {
			reply = user(got.Event)
		}
		if got.Event.Event == "ask" {
			send(source.Reply{Reply: reply})
		}
	}
	if err := <-ended; err != nil {
		t.Errorf("it failed: %v", err)
	}
	in.Close()
	return answers, events
}

// get asks for one source.
func get(t *testing.T, m *machine, op source.Op, ref *source.Ref, user func(source.Event) string) (*source.Answer, []source.Event) {
	t.Helper()
	r := &source.Request{V: source.Version, Op: op, Interactive: user != nil, Browser: m.Browser, Refs: map[string]*source.Ref{"dev": ref}}
	answers, events := talk(t, m, r, user)
	if answers["dev"] == nil {
		t.Fatal("no answer")
	}
	noSecrets(t, ref, answers["dev"])
	return answers["dev"], events
}

// noSecrets checks that an error quotes nothing that was given.
func noSecrets(t *testing.T, ref *source.Ref, a *source.Answer) {
	t.Helper()
	for key, secret := range ref.Secrets {
		if a.Error != nil && secret != "" && strings.Contains(a.Error.Message, secret) {
			t.Errorf("the error quotes %s: %s", key, a.Error.Message)
		}
	}
}

func definition(t *testing.T, kind string, pairs ...any) source.Definition {
	t.Helper()
	d := source.Definition{}
	for i := 0; i < len(pairs); i += 2 {
		d[pairs[i].(string)] = pairs[i+1]
	}
	if err := source.Find(kind).Validate(d); err != nil {
		t.Fatal(err)
	}
	return d
}

// A request that can't be done is answered where its sources can be made out, and nothing is said
// otherwise.
func TestRequests(t *testing.T) {
	const refs = `"refs":{"dev":{"kind":"aws","definition":{},"secrets":{"access_key_id":"s3cret"}}}`
	for _, c := range []struct{ name, line, want string }{
		{"a version from the future", `{"v":2,"op":"get","new":[1],` + refs + `}`, "version that this program does not know"},
		{"no version", `{"op":"get",` + refs + `}`, "version that this program does not know"},
		{"an operation", `{"v":1,"op":"steal",` + refs + `}`, "asks for something that this program does not know"},
		{"a browser", `{"v":1,"op":"get","browser":"/bin/sh",` + refs + `}`, "a browser that this program does not know"},
		{"a kind", `{"v":1,"op":"get","refs":{"dev":{"kind":"none","definition":{}}}}`, "does not know its kind"},
		{"no source", `{"v":1,"op":"get","refs":{"dev":null}}`, "does not know its kind"},
		{"a wrong definition", `{"v":1,"op":"get","refs":{"dev":{"kind":"aws","definition":{"region":"a.example.com/"}}}}`, "aws: region is not a region"},
		{"a definition with a number that is none", `{"v":1,"op":"get","refs":{"dev":{"kind":"aws","definition":{"duration":1.5}}}}`, ""},
		{"an unknown member", `{"v":1,"op":"get","x":1,` + refs + `}`, ""},
		{"an unknown member of a source", `{"v":1,"op":"get","refs":{"dev":{"kind":"aws","secret":"x"}}}`, ""},
		{"no JSON", `get dev s3cret`, ""},
		{"two objects", `{"v":1,"op":"get","refs":{}} {}`, ""},
		{"nothing", ``, ""},
		{"too long", `{"v":1,"op":"` + strings.Repeat("x", 1<<20) + `"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			err := connect.Run(context.Background(), newMachine(t).World, strings.NewReader(c.line+"\n"), &out)
			if c.want == "" {
				if !errors.Is(err, connect.ErrRequest) || out.Len() > 0 || strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%v, %q", err, out.String())
				}
				return
			}
			var got source.Response
			if err != nil || json.Unmarshal(out.Bytes(), &got) != nil || got.Answers["dev"] == nil || got.Answers["dev"].Error == nil {
				t.Fatalf("%v, %q", err, out.String())
			}
			if e := got.Answers["dev"].Error; e.Class != source.Other || !strings.Contains(e.Message, c.want) || strings.Contains(e.Message, "s3cret") {
				t.Errorf("%+v", e)
			}
		})
	}
}

// A defect of a kind is an answer, without the text of the panic.
func TestPanic(t *testing.T) {
	m := newMachine(t)
	m.Now = func() time.Time { panic("wJalrXUtnFEMI") }
	a, _ := get(t, m, source.Get, &source.Ref{Kind: "aws", Definition: definition(t, "aws"), Secrets: pair()}, nil)
	if a.Error == nil || a.Error.Class != source.Other || a.Error.Message != "internal error" {
		t.Errorf("%+v", a.Error)
	}
}

// The program does not outlive the one that waits for it.
func TestNobodyLeft(t *testing.T) {
	m := newMachine(t)
	s := newSSO(t, m)
	for _, c := range []struct {
		name  string
		ref   *source.Ref
		event string
	}{
		{"for a code", &source.Ref{Kind: "aws", Definition: definition(t, "aws", "mfa_serial", mfaSerial, "endpoint", "http://127.0.0.1:1"), Secrets: pair()}, "ask"},
		{"for a browser", s.ref(t, nil), "browser"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, toIn := io.Pipe()
			fromOut, out := io.Pipe()
			ended := make(chan error, 1)
			go func() { ended <- connect.Run(context.Background(), m.World, in, out) }()
			text, _ := json.Marshal(source.Request{V: 1, Op: source.Get, Interactive: true, Refs: map[string]*source.Ref{"dev": c.ref}})
			toIn.Write(append(text, '\n'))
			lines := bufio.NewScanner(fromOut)
			var e source.Event
			if !lines.Scan() || json.Unmarshal(lines.Bytes(), &e) != nil || e.Event != c.event {
				t.Fatalf("%q", lines.Text())
			}
			toIn.Close()
			if !lines.Scan() || !strings.Contains(lines.Text(), `"error"`) {
				t.Errorf("%q", lines.Text())
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// Only https is spoken, and http on this machine, whoever asks for it; redirects lead nowhere.
func TestClient(t *testing.T) {
	m := newMachine(t)
	for _, address := range []string{"http://192.0.2.1/", "http://localhost:1/", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/"} {
		if _, err := m.HTTP.Get(address); err == nil || !strings.Contains(err.Error(), "its address is not https") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
