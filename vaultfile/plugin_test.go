package vaultfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/plugin"
)

// The test program is also a plugin, if it is called so.
func init() {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "age-plugin-credtest" {
		pluginMain()
	}
}

// pluginMain is age-plugin-credtest. Its recipients have a number, which is how many stanzas they
// write, and a native recipient. Its identities have a native one.
func pluginMain() {
	p, err := plugin.New("credtest")
	if err != nil {
		panic(err)
	}
	p.HandleRecipient(func(data []byte) (age.Recipient, error) {
		r, err := age.ParseX25519Recipient(string(data[1:]))
		return &manyStanzas{int(data[0]), r}, err
	})
	p.HandleIdentity(func(data []byte) (age.Identity, error) { return age.ParseX25519Identity(string(data)) })
	os.Exit(p.Main())
}

type manyStanzas struct {
	n int
	r age.Recipient
}

func (m *manyStanzas) Wrap(key []byte) ([]*age.Stanza, error) {
	stanzas, err := m.r.Wrap(key)
	return slices.Repeat(stanzas, m.n), err
}

func withPlugin(id *age.X25519Identity, stanzas byte) string {
	return plugin.EncodeRecipient("credtest", append([]byte{stanzas}, id.Recipient().String()...))
}

// install puts the plugin where programs are found.
func install(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("credfile's tests of plugins run here")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "age-plugin-credtest")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

func allow(string) (*plugin.ClientUI, error) { return &plugin.ClientUI{}, nil }

// A plugin gives access in the role that the file says, and to nobody else.
func TestPlugin(t *testing.T) {
	install(t)
	f, p, _, _ := withReader(t)
	f.Plugin = allow
	reader, writer := person(t), person(t)
	for _, r := range []Recipient{{Name: "r", String: withPlugin(reader, 1)}, {Name: "w", Writer: true, String: withPlugin(writer, 1)}} {
		if err := p.AddRecipient(r); err != nil {
			t.Fatal(err)
		}
	}
	identity := func(id *age.X25519Identity) age.Identity {
		i, err := plugin.NewIdentityWithoutData("credtest", &plugin.ClientUI{})
		if id != nil {
			i, err = plugin.NewIdentity(plugin.EncodeIdentity("credtest", []byte(id.String())), &plugin.ClientUI{})
		}
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	for id, want := range map[*age.X25519Identity]bool{reader: false, writer: true} {
		if p, err := reread(t, f).Unlock("a", identity(id)); err != nil || p.Writer() != want {
			t.Errorf("a writer: %v, want %v", err, want)
		}
	}
	for _, id := range []*age.X25519Identity{person(t), nil} {
		if p, err := reread(t, f).Unlock("a", identity(id)); p != nil || !isA[*NoMatchError](err) {
			t.Errorf("someone else: %v", err)
		}
	}
}

// What a plugin is asked for, and what it writes, is checked. Without consent, none is run.
func TestPluginRefused(t *testing.T) {
	install(t)
	mine := errors.New("mine")
	one, two, bad := withPlugin(person(t), 1), withPlugin(person(t), 2), "age1credtest1qqqqqq"
	for what, c := range map[string]struct {
		s      string
		plugin func(string) (*plugin.ClientUI, error)
		path   string
		as     func(error) bool
	}{
		"nobody to ask":     {one, nil, os.Getenv("PATH"), func(err error) bool { return isA[*PluginError](err) && errors.Is(err, ErrPlugin) }},
		"a refusal":         {one, func(string) (*plugin.ClientUI, error) { return nil, mine }, os.Getenv("PATH"), func(err error) bool { return isA[*PluginError](err) && errors.Is(err, mine) }},
		"it is missing":     {one, allow, t.TempDir(), func(err error) bool { return isA[*PluginError](err) && errors.Is(err, ErrNoPlugin) }},
		"two stanzas":       {two, allow, os.Getenv("PATH"), isA[*RecipientError]},
		"a damaged key":     {bad, func(string) (*plugin.ClientUI, error) { t.Error("it asks"); return nil, mine }, os.Getenv("PATH"), isA[*RecipientError]},
		"not even a plugin": {"age1qqqqqq", allow, os.Getenv("PATH"), isA[*RecipientError]},
	} {
		t.Setenv("PATH", c.path)
		_, p, _, _ := withReader(t)
		p.f.Plugin = c.plugin
		if err := p.AddRecipient(Recipient{Name: "x", String: c.s}); !c.as(err) {
			t.Errorf("%s: %v", what, err)
		}
		if p.f.HasChanges() {
			t.Errorf("%s: something is changed", what)
		}
	}
	t.Setenv("PATH", t.TempDir())
	f := &File{Plugin: allow}
	if _, err := f.EncryptFor(one, nil); !isA[*RecipientError](err) {
		t.Errorf("encrypted by nothing: %v", err)
	}
	_, p, _, _ := withReader(t)
	p.s.Recipient("reader").String = one // as a wrap of any type may be
	if _, err := p.ChangeAccess(Access{Writer: []string{"reader"}}); !isA[*PluginError](err) || p.s.Recipient("reader").Writer {
		t.Errorf("a writer without a wrap: %v", err)
	}
}

// A proof that failed in a plugin is no sign of a lock for others.
func TestForOthers(t *testing.T) {
	plug := errors.New("the plugin is broken")
	for _, c := range []struct {
		reasons []error
		want    bool
	}{{nil, true}, {[]error{age.ErrIncorrectIdentity}, true}, {[]error{plug}, false}, {[]error{age.ErrIncorrectIdentity, plug}, false}} {
		if got := forOthers(&notOursError{c.reasons}); got != c.want {
			t.Errorf("%v: %v", c.reasons, got)
		}
	}
	if forOthers(ErrNotOurs) || forOthers(nil) {
		t.Error("no reason is a sign")
	}
}
