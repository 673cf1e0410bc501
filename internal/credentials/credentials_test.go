package credentials

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
)

// newFile returns a file with an open profile.
func newFile(t *testing.T) (*machine.File, *vaultfile.Profile) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	m := &machine.Machine{Keys: &unlock.Keys{Sources: func() []*keys.Source { return nil }}, Tell: func(*machine.File, machine.Note) {}}
	f := m.At("-", vaultfile.New())
	p, err := f.Add("default", []vaultfile.Recipient{{Name: "alice", Writer: true, String: id.Recipient().String()}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f, p
}

// Each section becomes a profile, and what is there already is counted as such.
func TestImport(t *testing.T) {
	f, p := newFile(t)
	if _, err := p.Set("AWS_REGION", []byte("eu-west-1")); err != nil {
		t.Fatal(err)
	}
	pairs, err := Read("credentials", []byte("[default]\nregion = eu-west-1\n[staging]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"), Reading{Format: "aws"})
	if err != nil {
		t.Fatal(err)
	}
	done, err := Import(f, p, pairs, false)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(done.Made(), []string{"staging"}) || len(done.Profiles) != 2 || !reflect.DeepEqual(*done.Profiles[0], Tally{Profile: "default", Added: 1, Unchanged: 1}) {
		t.Errorf("%+v", done)
	}
	pairs[0].Value = []byte("us-east-1")
	var collision *CollisionError
	if _, err := Import(f, p, pairs[:1], false); !errors.As(err, &collision) || len(collision.Credentials) != 1 {
		t.Error(err)
	}
	if done, err := Import(f, p, pairs[:1], true); err != nil || done.Profiles[0].Changed != 1 {
		t.Errorf("%+v, %v", done, err)
	}
}

// A session token does not fit a new access key.
func TestStaleToken(t *testing.T) {
	f, p := newFile(t)
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"} {
		if _, err := p.Set(name, []byte("old")); err != nil {
			t.Fatal(err)
		}
	}
	pairs, err := Read(".env", []byte("AWS_ACCESS_KEY_ID=new\n"), Reading{})
	if err != nil {
		t.Fatal(err)
	}
	pairs[0].Section = "default"
	if done, err := Import(f, p, pairs, true); err != nil || !slices.Equal(done.Stale, []string{"default"}) {
		t.Errorf("%+v, %v", done, err)
	}
}

// The lines that can be read come with the error about the others.
func TestReadSome(t *testing.T) {
	pairs, err := Read(".env", []byte("GOOD=yes\nBAD line\n"), Reading{})
	var lines *LinesError
	if !errors.As(err, &lines) || len(lines.Problems) != 1 || len(pairs) != 1 || pairs[0].Name != "GOOD" {
		t.Errorf("%v, %v", pairs, err)
	}
	var foreign *ForeignError
	if _, err := Read("x", []byte("$ANSIBLE_VAULT;1.1;AES256\n"), Reading{Format: "dotenv"}); !errors.As(err, &foreign) {
		t.Error(err)
	}
	if _, err := Read("x", nil, Reading{Format: "nope"}); err != ErrFormat {
		t.Error(err)
	}
}

// What is chosen is there, has a name of its own, and a valid one.
func TestChoose(t *testing.T) {
	const in = `{"a": "1", "b": "2", "c d": "3", "e": null}`
	read := func(only string, renames ...[2]string) (names []string, err error) {
		r := Reading{Choice: Choice{Rename: renames}}
		if only != "" {
			r.Only = strings.Split(only, ",")
		}
		pairs, err := Read("x.json", []byte(in), r)
		for _, p := range pairs {
			names = append(names, p.Name)
		}
		return names, err
	}
	var lines *LinesError
	if names, err := read(""); !slices.Equal(names, []string{"a", "b"}) || !errors.As(err, &lines) || len(lines.Problems) != 2 || lines.Problems[1].Name != "c d" {
		t.Error(names, err)
	}
	if names, err := read("a"); !slices.Equal(names, []string{"a"}) || err != nil {
		t.Error(names, err)
	}
	if names, err := read("a,e"); !slices.Equal(names, []string{"a"}) || !errors.As(err, &lines) || len(lines.Problems) != 1 {
		t.Error(names, err)
	}
	if names, err := read("c d,a", [2]string{"c d", "C"}, [2]string{"a", "B"}); !slices.Equal(names, []string{"B", "C"}) || err != nil {
		t.Error(names, err)
	}
	if names, err := read("a,b", [2]string{"a", "b"}, [2]string{"b", "a"}); !slices.Equal(names, []string{"b", "a"}) || err != nil {
		t.Error(names, err)
	}
	for _, name := range []string{strings.Repeat("a", 129), "user password = x", "user 'x' password", "user # x"} {
		if _, err := Read("x.json", []byte(`{"`+name+`": "1"}`), Reading{}); !errors.As(err, &lines) || lines.Problems[0].Name != "" {
			t.Error(name, err) // it may have a value in it
		}
	}
	var absent *AbsentError
	if _, err := read("z", [2]string{"y", "Y"}); !errors.As(err, &absent) || !slices.Equal(absent.Names, []string{"z", "y"}) {
		t.Error(err)
	}
	var one *OneNameError
	if _, err := read("a,b", [2]string{"a", "b"}); !errors.As(err, &one) || *one != (OneNameError{"a", "b", "b"}) {
		t.Error(err)
	}
}

func TestSet(t *testing.T) {
	_, p := newFile(t)
	day := time.Date(2099, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		value   string
		expires *time.Time
		want    Change
	}{{"1", nil, Added}, {"1", nil, Unchanged}, {"2", nil, Changed}, {"2", &day, OtherExpiry}, {"3", &day, Changed}} {
		if got, err := Set(p, "A", []byte(c.value), Options{Expires: c.expires}); got != c.want || err != nil {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
}

func TestFromInput(t *testing.T) {
	for in, want := range map[string]string{"a": "a", "a\n": "a", "a\r\n": "a", "a\n\n": "a\n\n", "a\nb\n": "a\nb\n", "\n": ""} {
		if got := FromInput([]byte(in)); string(got) != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// The later profile's credential counts.
func TestSource(t *testing.T) {
	f, p := newFile(t)
	q, err := f.Add("staging", p.Recipients(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		p     *vaultfile.Profile
		names []string
	}{{p, []string{"A", "B"}}, {q, []string{"B", "C"}}} {
		for _, name := range x.names {
			if _, err := x.p.Set(name, []byte(x.p.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := Source{Open: func() (*machine.File, error) { return f, nil }, Profiles: []string{"default", "staging"}, At: func(_ string, err error) error { return err }}
	if names, err := s.Names(); !slices.Equal(names, []string{"A", "B", "C"}) || err != nil {
		t.Fatal(names, err)
	}
	s.opened = map[string]*vaultfile.Profile{"default": p, "staging": q}
	for name, want := range map[string]string{"A": "default", "B": "staging"} {
		if b, err := s.Reveal(name); string(b) != want || err != nil {
			t.Errorf("%s: %s, %v", name, b, err)
		}
	}
}
