package vaultfile

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
)

// vector is a test case in spec/vectors; its README describes the form.
type vector struct {
	name, expect, profile, role string
	as, passphrase              string
	line                        int
	deep                        bool
	identities                  []age.Identity
	credentials, comments       []string
	sources                     []string
	file                        []byte
}

const vectorDir = "../spec/vectors"

func readVector(t testing.TB, name string) vector {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectorDir, name))
	if err != nil {
		t.Fatal(err)
	}
	head, file, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok {
		t.Fatalf("%s: no empty line after the header", name)
	}
	v := vector{name: name, file: file}
	for line := range strings.Lines(string(head)) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if !ok {
			t.Fatalf("%s: a header line without a key", name)
		}
		v.header(t, key, value)
	}
	return v
}

func (v *vector) header(t testing.TB, key, value string) {
	t.Helper()
	switch key {
	case "expect":
		v.expect = value
	case "comment":
	case "seen", "pins", "ask", "read", "write": // for package trust
	case "profile":
		v.profile = value
	case "role":
		v.role = value
	case "as":
		v.as = value
	case "passphrase":
		v.passphrase = value
	case "line":
		fmt.Sscan(value, &v.line)
	case "deep":
		v.deep = value == "yes"
	case "credential":
		v.credentials = append(v.credentials, value)
	case "source":
		v.sources = append(v.sources, value)
	case "comment-text":
		v.comments = append(v.comments, value)
	case "identity":
		v.identities = append(v.identities, parseTestIdentity(t, value))
	case "body":
		r, err := zlib.NewReader(bytes.NewReader(v.file))
		if err != nil {
			t.Fatal(err)
		}
		if v.file, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf("%s: unknown header %q", v.name, key)
	}
}

func parseTestIdentity(t testing.TB, s string) age.Identity {
	t.Helper()
	if strings.HasPrefix(s, "AGE-SECRET-KEY-PQ-") {
		id, err := age.ParseHybridIdentity(s)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	id, err := age.ParseX25519Identity(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func vectorNames(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(vectorDir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.Contains(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

var classes = []struct {
	name string
	err  error
}{
	{"version", format.ErrVersion}, {"limit", format.ErrLimit}, {"syntax", format.ErrSyntax},
	{"key", ErrKey}, {"signature", ErrSignature}, {"lock", ErrLock}, {"wrap", ErrWrap}, {"check", ErrCheck}, {"value", ErrValue}, {"deep", ErrDeep},
}

func class(err error) string {
	var none *NoMatchError
	if err == nil {
		return "ok"
	} else if errors.As(err, &none) || errors.Is(err, ErrPassphrase) || errors.Is(err, ErrNotOurs) {
		return "no-match"
	}
	for _, c := range classes {
		if errors.Is(err, c.err) {
			return c.name
		}
	}
	return err.Error()
}

func TestVectors(t *testing.T) {
	names := vectorNames(t)
	refused := 0
	for _, name := range names {
		v := readVector(t, name)
		if v.expect != "ok" {
			refused++
		}
		t.Run(name, func(t *testing.T) {
			err := v.run(t)
			if got := class(err); got != v.expect {
				t.Errorf("%s (%v), want %s", got, err, v.expect)
			}
			var syntax *format.SyntaxError
			if errors.As(err, &syntax) && v.line != 0 && syntax.Line != v.line {
				t.Errorf("at line %d, want %d", syntax.Line, v.line)
			}
		})
	}
	if len(names) < 100 || refused*3 < len(names)*2 {
		t.Errorf("%d vectors, of which %d are to be refused: too few", len(names), refused)
	}
}

// openLock replaces the identities with the one in a lock. It fails on any derivation whose
// cost exceeds the limits.
func (v *vector) openLock(f *File) error {
	ids := v.identities
	if v.passphrase != "" {
		p, err := NewPassphrase([]byte(v.passphrase), func(p kdf.Params, passphrase, salt []byte) ([]byte, error) {
			if p.Check() != nil {
				return nil, fmt.Errorf("a derivation at %v", p)
			}
			return p.Key(passphrase, salt)
		})
		if err != nil {
			return err
		}
		ids = []age.Identity{p}
	}
	id, err := f.OpenLock(v.profile, v.as, ids...)
	v.identities = []age.Identity{id}
	return err
}

// run opens the vector's file and, if that succeeds, compares the contents.
func (v *vector) run(t *testing.T) error {
	f, err := Parse(v.file)
	if err != nil {
		return err
	}
	if out := format.Marshal(f.text); !bytes.Equal(out, v.file) && !bytes.Contains(v.file, []byte("\r\n")) {
		t.Error("written otherwise than it was read")
	}
	if v.profile == "" || v.deep {
		for _, name := range f.Names() {
			if _, err := f.section(name, false); err != nil {
				return err
			}
		}
	}
	if v.deep {
		if err := f.Verify(); err != nil {
			return err
		}
	}
	if v.profile == "" {
		return nil
	}
	if v.as != "" {
		if err := v.openLock(f); err != nil {
			return err
		}
	}
	p, err := f.Unlock(v.profile, v.identities...)
	if err != nil {
		return err
	}
	if v.role != "" && p.Writer() != (v.role == "writer") {
		t.Errorf("not opened as a %s", v.role)
	}
	items, err := p.Items()
	if err != nil {
		return err
	}
	var credentials, comments, sources []string
	for _, item := range items {
		text := base64.RawStdEncoding.EncodeToString(item.Value.Reveal())
		switch {
		case item.Name == "":
			comments = append(comments, text)
		case item.Kind != "":
			sources = append(sources, item.Name+" "+item.Kind+" "+text)
		default:
			credentials = append(credentials, item.Name+" "+text)
		}
	}
	if fmt.Sprint(credentials) != fmt.Sprint(v.credentials) || fmt.Sprint(comments) != fmt.Sprint(v.comments) ||
		fmt.Sprint(sources) != fmt.Sprint(v.sources) {
		t.Errorf("holds\n%q %q %q, want\n%q %q %q", credentials, comments, sources, v.credentials, v.comments, v.sources)
	}
	return nil
}

// A section whose seal was verified first is still refused for a vouched record.
func TestVouchedAfterSeal(t *testing.T) {
	for name, class := range map[string]error{
		"key_vouched": ErrKey, "signature_vouched": ErrSignature, "signature_vouched_other_file": ErrSignature, "signature_vouched_other_profile": ErrSignature,
	} {
		v := readVector(t, name)
		f, err := Parse(v.file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Profile("default"); err != nil {
			t.Fatalf("%s: the seal: %v", name, err)
		}
		for range 2 {
			if _, err := f.Unlock("default", v.identities...); !errors.Is(err, class) {
				t.Errorf("%s: Unlock: %v", name, err)
			}
			if err := f.VerifyProfile("default"); !errors.Is(err, class) {
				t.Errorf("%s: VerifyProfile: %v", name, err)
			}
		}
	}
}
