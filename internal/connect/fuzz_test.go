package connect

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// FuzzRequest: a request is one line of JSON with nothing that is not known, or the one error. Each source that it
// names has an answer, which has nothing of a secret or a session.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{
		`{"v":1,"op":"get","interactive":false,"refs":{"A":{"kind":"vault","definition":{"mount":"kv","path":"x"},"secrets":{"a":"not-a-real-secret"},"session":"not-a-real-session"}}}` + "\n",
		`{"v":1,"op":"login","interactive":true,"browser":"none","inside":["/x"],"refs":{"A":null,"B":{"kind":"none","definition":{}}}}`,
		`{"v":1,"op":"refresh","refs":{"A":{"kind":"oauth","definition":{"provider":"github","client_id":"x","scopes":["a"],"callback_port":80}}}}`,
		`{"v":1,"op":"get","refs":{"A":{"kind":"aws","definition":{"role_arn":"arn:aws:iam::1:role/x","duration":3600}}}}`,
		`{"v":2,"op":"get","refs":{"A":{"new":1}},"new":true}`, `{"v":1,"op":"get","refs":{},"new":true}`, `{"v":1}{"v":1}`, `{"v":1,"refs":{"A":{"definition":{"a":1.5}}}}`, `null`, ``, "\n",
	} {
		f.Add([]byte(s))
	}
	table := map[string]obtain{}
	for _, k := range source.Kinds {
		table[k.Name] = func(_ context.Context, _ *remote.World, _ source.Op, _ string, ref *source.Ref) (*source.Answer, error) {
			return &source.Answer{}, source.Find(ref.Kind).Validate(ref.Definition)
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		talk := newTalk(bytes.NewReader(in), &out)
		r, err := talk.request()
		if err != nil {
			if err != ErrRequest || r != nil {
				t.Errorf("%+v, %v", r, err)
			}
			return
		}
		if r.V == source.Version {
			text, err := json.Marshal(r)
			again, err2 := newTalk(bytes.NewReader(text), nil).request()
			if back, _ := json.Marshal(again); err != nil || err2 != nil || !bytes.Equal(back, text) {
				t.Errorf("%s becomes %s: %v, %v", text, back, err, err2)
			}
		}
		all := allOf(r, wrong(r))
		if wrong(r) == "" {
			for name, ref := range r.Refs {
				all[name] = one(context.Background(), &remote.World{}, table, r.Op, name, ref)
			}
		}
		if err := talk.respond(all); err != nil {
			t.Fatal(err)
		}
		answered(t, r, out.Bytes())
	})
}

// answered checks what is written in answer to a request.
func answered(t *testing.T, r *source.Request, text []byte) {
	var got source.Response
	if err := json.Unmarshal(text, &got); err != nil || bytes.Count(text, []byte("\n")) != 1 || got.V != source.Version || len(got.Answers) != len(r.Refs) {
		t.Fatalf("%s, %v", text, err)
	}
	for name, ref := range r.Refs {
		a := got.Answers[name]
		switch {
		case a == nil || len(a.Values) > 0:
			t.Errorf("%q: %+v", name, a)
		case a.Error == nil && (ref == nil || wrong(r) != "" || !reflect.DeepEqual(a, &source.Answer{})):
			t.Errorf("%q: nothing was wrong with it", name)
		case a.Error != nil && a.Error.Message == "internal error":
			t.Errorf("%q: a panic", name)
		}
		if ref == nil || a == nil || a.Error == nil {
			continue
		}
		for _, secret := range ref.Secrets {
			if len(secret) > 12 && strings.Contains(a.Error.Message, secret) {
				t.Errorf("%q: %s quotes a secret", name, a.Error.Message)
			}
		}
	}
}
