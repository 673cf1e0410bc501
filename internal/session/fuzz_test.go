package session

import (
	"encoding/json"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/credfile/credfile/internal/source"
)

// replies counts the lines that a program gets after the request.
type replies struct{ n atomic.Int32 }

func (r *replies) Write(b []byte) (int, error) {
	if strings.HasPrefix(string(b), `{"reply":`) {
		r.n.Add(1)
	}
	return len(b), nil
}

// FuzzConverse: whatever a program says, there is a response of this version of the messages or the one error, only
// what asks is answered, and each event has a name.
func FuzzConverse(f *testing.F) {
	const response = `{"v":1,"answers":{"A":{"values":{"A":"x"},"expires":"2026-11-20T08:00:00Z","session":{"a":[1]}},"B":{"error":{"class":"denied","message":"no"}}}}` + "\n"
	for _, s := range []string{
		response, `{"event":"ask","source":"A","what":"mfa"}` + "\n" + response, `{"event":"browser","url":"https://h.example/"}` + "\n", `{"v":2,"answers":{}}`, `{"v":1,"answers":{"A":null}}`,
		`{}`, `{"event":"ask","answers":{},"v":1}`, "null\n" + response, "\n" + response, " " + response + response, `{"event":"device","code":"A-B","expires":"never"}`, `{"V":1,"ANSWERS":{},"answers":null}`, "[]", "\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, out string) {
		var to replies
		events, asks := 0, int32(0)
		r, err := converse(&to, strings.NewReader(out), []byte("{}\n"), func(e source.Event) (string, error) {
			if events++; e.Event == "ask" {
				asks++
			}
			if e.Event == "" {
				t.Error("an event without a name")
			}
			return "123456", nil
		})
		if (r == nil) != (err != nil) || err != nil && err != ErrFormat {
			t.Fatalf("%+v, %v", r, err)
		}
		if to.n.Load() != asks || events > strings.Count(out, "\n")+1 {
			t.Errorf("%d replies to %d asks, %d events", to.n.Load(), asks, events)
		}
		if r == nil {
			return
		}
		if r.V != source.Version || r.Answers == nil {
			t.Errorf("%+v", r)
		}
		text, err := json.Marshal(r)
		if err != nil {
			return // a time that JSON can't have is refused where it is used
		}
		again, err := converse(io.Discard, strings.NewReader(string(text)), nil, nil)
		if back, err2 := json.Marshal(again); err != nil || err2 != nil || string(back) != string(text) {
			t.Errorf("%s becomes %s, %v", text, back, err)
		}
	})
}
