package jsondoc

import (
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
)

// An identity is described by what the file gives it. A source that fails is described too,
// if the user named it, and nothing secret is.
func TestWhoami(t *testing.T) {
	id, err := keys.NewNative(true)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"CREDFILE_AGE_KEY": id.String(), "CREDFILE_AGE_KEY_FILE": "/does/not/exist"}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	naming := func(recipient string) func(func(*format.Profile, *format.Recipient) bool) {
		return func(yield func(*format.Profile, *format.Recipient) bool) {
			yield(&format.Profile{Name: "prod"}, &format.Recipient{Name: "alice", String: recipient, Writer: true})
		}
	}
	doc := NewWhoami(".credentials.age", keys.Sources(nil, lookup, nil), naming)
	if len(doc.Identities) != 2 || doc.Identities[0].Access[0] != (Access{"prod", "alice", "writer"}) || doc.Identities[1].Problem == "" {
		t.Errorf("%+v", doc)
	}
	var b strings.Builder
	if err := Encode(&b, doc, ""); err != nil || strings.Contains(b.String(), id.String()) || strings.Contains(b.String(), "null") {
		t.Error(b.String(), err)
	}
}
