package connect

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// A time that JSON can't have is that source's error. The others, and what is to be kept of it, are not lost.
func TestFarExpiry(t *testing.T) {
	for _, at := range []time.Time{time.UnixMilli(1 << 62), time.Unix(-1<<63, 0)} {
		table := map[string]obtain{"vault": func(context.Context, *remote.World, source.Op, string, *source.Ref) (*source.Answer, error) {
			return &source.Answer{Values: map[string]string{"A": "x"}, Expires: at, Session: []byte(`"kept"`)}, nil
		}}
		ref := &source.Ref{Kind: "vault", Definition: source.Definition{"mount": "kv", "path": "x"}}
		a := one(context.Background(), &remote.World{}, table, source.Get, "A", ref)
		var out bytes.Buffer
		if err := newTalk(nil, &out).respond(map[string]*source.Answer{"A": a}); err != nil {
			t.Fatal(err)
		}
		if a.Error == nil || len(a.Values) > 0 || string(a.Session) != `"kept"` {
			t.Errorf("%v: %+v", at, a)
		}
	}
}
