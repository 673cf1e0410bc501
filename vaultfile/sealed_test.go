package vaultfile

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
)

// Row 24: no way of printing a Secret or a Passphrase shows its value.
func TestSecretDoesNotPrint(t *testing.T) {
	const value = "hunter2-plainly-fake"
	s := newSecret([]byte(value))
	pass, err := NewPassphrase([]byte(value), nil)
	if err != nil {
		t.Fatal(err)
	}
	nested := struct {
		inner Secret
		pass  *Passphrase
	}{s, pass}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", &s)
		fmt.Fprintf(&out, verb+"\n", pass)
		fmt.Fprintf(&out, verb+"\n", []*Passphrase{pass})
		fmt.Fprintf(&out, verb+"\n", nested)
		fmt.Fprintf(&out, verb+"\n", []Secret{s})
		fmt.Fprintf(&out, verb+"\n", Item{Name: "A", Value: s})
	}
	if err := json.NewEncoder(&out).Encode(map[string]any{"a": s, "b": Item{Value: s}}); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", s, "item", Item{Value: s})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", s, "item", Item{Value: s})
	for _, form := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%X", value), strings.Trim(fmt.Sprint([]byte(value)), "[]")} {
		if strings.Contains(out.String(), form) {
			t.Errorf("it came out as %q", form)
		}
	}
	if string(s.Reveal()) != value {
		t.Error("Reveal does not give it")
	}
}

// The identity in the specification opens the example file there.
func TestSpecExample(t *testing.T) {
	spec, err := os.ReadFile("../spec/credfile.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(spec), "\n    credfile/1 ")
	text, rest, _ := strings.Cut(rest, "\n\nIt has one profile")
	file := "credfile/1 " + strings.ReplaceAll(text, "\n    ", "\n") + "\n"
	f, err := Parse([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Verify(); err != nil {
		t.Fatal(err)
	}
	_, key, _ := strings.Cut(rest, "\n    AGE-SECRET-KEY-")
	key, _, _ = strings.Cut(key, "\n")
	id, err := age.ParseX25519Identity("AGE-SECRET-KEY-" + key)
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Unlock("production", id)
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Get("AWS_SECRET_ACCESS_KEY")
	if err != nil || string(s.Reveal()) != "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" {
		t.Errorf("%q, %v", s.Reveal(), err)
	}
	if !strings.Contains(rest, fmt.Sprintf("key         %x\n", p.key)) || !strings.Contains(rest, fmt.Sprintf("value key   %x\n", p.keys.value.prk)) {
		t.Error("the keys in the text are others")
	}
}

// Comments keep their place, are removed with their credential, and are never adjacent.
func TestComments(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	v := readVector(t, "ok_comments")
	f, err := Parse(v.file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Unlock("default", append(v.identities, id)...)
	if err != nil {
		t.Fatal(err)
	}
	content := func() string {
		t.Helper()
		if _, err := f.Marshal(); err != nil {
			t.Fatal(err)
		}
		items, err := p.Items()
		if err != nil {
			t.Fatal(err)
		}
		var s []string
		for _, it := range items {
			if it.Name == "" {
				s = append(s, fmt.Sprintf("%q", it.Value.Reveal()))
			} else {
				s = append(s, it.Name)
			}
		}
		return strings.Join(s, " ")
	}
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { _, err := p.Set("THREE", []byte("3")); return err }, `"# Überschrift\n\n  # \tindented\n" ONE TWO THREE "\n#\n"`},
		{func() error { return p.Rename("TWO", "ZWEI") }, `"# Überschrift\n\n  # \tindented\n" ONE ZWEI THREE "\n#\n"`},
		{func() error { return p.Unset("ONE") }, `"# Überschrift\n\n" ZWEI THREE "\n#\n"`},
		{func() error { return p.Unset("THREE") }, `"# Überschrift\n\n" ZWEI "\n#\n"`},
		{func() error { return p.Unset("ZWEI") }, `"# Überschrift\n\n\n#\n"`},
		{func() error { _, err := p.Set("NEW", nil); return err }, `NEW "# Überschrift\n\n\n#\n"`},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := content(); got != step.want {
			t.Errorf("got  %s\nwant %s", got, step.want)
		}
	}
}

// The key of a value is the expansion that the specification names.
func TestValueKey(t *testing.T) {
	prk := bytes.Repeat([]byte{7}, 32)
	k := newValueKey(prk)
	for _, nonce := range []string{"0123456789abcdef", "fedcba9876543210", strings.Repeat("\x00", nonceSize)} {
		want, err := hkdf.Expand(sha256.New, prk, "credfile/1 seal"+nonce, 32)
		if got := k.expand([]byte(nonce)); err != nil || !bytes.Equal(got[:], want) {
			t.Errorf("%x, want %x (%v)", got, want, err)
		}
	}
}

func FuzzSealed(f *testing.F) {
	key := bytes.Repeat([]byte{1}, 32)
	for _, n := range []int{0, 1, 63, 64, 1000, 5000} {
		f.Add(bytes.Repeat([]byte{0x80}, n), []byte("name"))
		f.Add(make([]byte, n), []byte{})
	}
	f.Fuzz(func(t *testing.T, b, aad []byte) {
		key := newValueKey(key)
		sealed := seal(key, b, aad)
		if n := len(sealed.Bytes()); n != paddedLen(len(b))+32 {
			t.Errorf("%d bytes are sealed to %d", len(b), n)
		}
		if got, err := open(key, sealed, aad); err != nil || !bytes.Equal(got, b) {
			t.Errorf("does not open: %v", err)
		}
		if _, err := open(key, sealed, append(aad, 0)); err == nil {
			t.Error("opens under another name")
		}
		if _, err := open(key, format.NewSealed(b), aad); err == nil {
			t.Error("what was not sealed opens")
		}
		// Anything that unpads has only one padding.
		if plain, err := unpad(b); err == nil && !bytes.Equal(pad(plain), b) {
			t.Error("two paddings")
		}
	})
}

// A section is taken as it was read only as long as nothing in it changes: its digest
// follows each change, also before and after the change is signed.
func TestDigestFollowsChanges(t *testing.T) {
	file, id := benchFile(t, 100)
	f, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Unlock("default", id)
	if err != nil {
		t.Fatal(err)
	}
	asRead := f.Digest(p.s)
	if _, err := p.Set("NEW", []byte("plainly fake")); err != nil {
		t.Fatal(err)
	}
	changed := f.Digest(p.s)
	written, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(written)
	if err != nil {
		t.Fatal(err)
	}
	signed := f.Digest(p.s)
	if asRead == changed || changed == signed || signed != again.Digest(again.text.Profiles[0]) {
		t.Errorf("%x, changed %x, signed %x", asRead, changed, signed)
	}
}

// A section that was skipped as known is read when it is used.
func TestSkimmed(t *testing.T) {
	f, _, _, _ := withReader(t)
	b, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	at := strings.Index(text, "\ncredential ONE ") + len("\ncredential ")
	known := func(_, _ format.ID, _ [16]byte) bool { return true }
	for what, c := range map[string]struct {
		text string
		good bool
	}{"as it was": {text, true}, "with a bad entry": {text[:at] + ".NE" + text[at+3:], false}} {
		f, err := Skim(c.text, known)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if s, err := f.Profile("a"); (err == nil) != c.good || (s != nil) != c.good || !c.good && !isA[*format.SyntaxError](err) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
