package trust_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

func remembered(t *testing.T, m trust.Memory) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(m.Dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		info, _ := e.Info()
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", e.Name(), info.Mode())
		}
		files[e.Name()] = string(b)
	}
	return files
}

// outside returns the place of a file outside any repository, with all its names.
func outside(paths ...string) (p trust.Place) {
	for _, path := range paths {
		p.At = append(p.At, trust.Spot{Repo: &trust.Repository{Common: path}})
	}
	return p
}

// learn uses a file once.
func learn(m trust.Memory, f *vaultfile.File, place trust.Place, made ...string) error {
	s, err := m.Load(f.ID(), place)
	if err != nil {
		return err
	}
	return s.Learn(f, made...)
}

func TestMemory(t *testing.T) {
	m := trust.Memory{Dir: filepath.Join(t.TempDir(), "state", "trust")}
	here := outside("/repo/.credentials.age", "/link/.credentials.age")
	k, err := m.Load(id("F"), here)
	if err != nil || k.Seen || k.Misfit != nil {
		t.Fatal(k, err)
	}
	f := parseScene(t, "F", "a=A/k2:2<k1 b=B/k3<k2 -c=C/k4<k5")
	if err := k.Learn(f); err != nil {
		t.Fatal(err)
	}
	before := remembered(t, m)
	if len(before) != 3 {
		t.Errorf("%v", before)
	}
	// Nothing is written if nothing changed.
	for range 3 {
		if err := learn(m, f, here); err != nil {
			t.Fatal(err)
		}
	}
	if after := remembered(t, m); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("%v", after)
	}
	// The memory reads back as written: its judgements are the same.
	k, err = m.Load(id("F"), here)
	if err != nil || !k.Seen {
		t.Fatal(k, err)
	}
	for scene, want := range map[scene]string{
		"a=A/k1 b=B/k3":            "refused superseded",
		"a=A/k2:2<k1":              "",
		"a=A/k9:3<k2":              "",
		"a=A/k9":                   "refused foreign",
		"a=A/k2 c=C/k4":            "",
		"a=D/k2":                   "refused name",
		"b=A/k2 c=C/k4":            "none",
		"a=A/k2 b=B/k3 c=D/k7<k2 ": "",
	} {
		if got := answer(trust.Judge(k.Known, parseScene(t, "F", scene)).Of("a"), trust.Options{}); got != want {
			t.Errorf("%s: %q, want %q", scene, got, want)
		}
	}
	if got := answer(trust.Judge(k.Known, parseScene(t, "F", "a=A/k2 c=C/k4")).Of("c"), trust.Options{}); got != "refused removed" {
		t.Errorf("removed: %q", got)
	}
	if k, err := m.Load(id("F"), outside("/elsewhere")); err != nil || !k.Seen || k.Misfit != nil {
		t.Error("a copy is not known", err)
	}
	// A file that is not accepted leaves no trace.
	if err := learn(m, parseScene(t, "G", "a=A/k1"), here); err != nil {
		t.Error(err)
	}
	if after := remembered(t, m); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("%v", after)
	}
	if err := m.Forget(id("F"), here); err != nil {
		t.Fatal(err)
	}
	if k, err := m.Load(id("F"), here); err != nil || k.Seen || k.Misfit != nil {
		t.Errorf("after Forget: %+v", k)
	}
}

// A change to a section is not learned before it is written.
func TestUnwritten(t *testing.T) {
	m := trust.Memory{Dir: filepath.Join(t.TempDir(), "trust")}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	f := vaultfile.New()
	if _, err := f.Add("a", []vaultfile.Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}, nil); err != nil {
		t.Fatal(err)
	}
	b, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	f, _ = vaultfile.Parse(b)
	if err := learn(m, f, outside("/f")); err != nil {
		t.Fatal(err)
	}
	p, err := f.Unlock("a", id)
	if err == nil {
		err = p.Rotate()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := learn(m, f, outside("/f")); err != nil {
		t.Fatal(err)
	}
	again, _ := vaultfile.Parse(b)
	s, err := m.Load(f.ID(), outside("/f"))
	if err != nil {
		t.Fatal(err)
	}
	if got := answer(trust.Judge(s.Known, again).Of("a"), trust.Options{Write: true}); got != "" {
		t.Errorf("a rotation was learned that was never saved: %s", got)
	}
}

// A file that does not fit its place leaves no trace there: the next look knows no more.
func TestNothingOfAMisfit(t *testing.T) {
	m := trust.Memory{Dir: filepath.Join(t.TempDir(), "trust")}
	f, g := parseScene(t, "F", "a=A/k1"), parseScene(t, "G", "a=A/k1")
	for _, at := range []struct {
		f     *vaultfile.File
		place trust.Place
	}{{f, outside("/f")}, {g, outside("/g")}} {
		if err := learn(m, at.f, at.place); err != nil {
			t.Fatal(err)
		}
	}
	before := fmt.Sprint(remembered(t, m))
	newer := parseScene(t, "G", "a=A/k2:2<k1")
	for range 2 {
		s, err := m.Load(id("G"), outside("/f"))
		if err != nil || s.Misfit == nil || s.Misfit.Why != trust.ErrOtherFile {
			t.Error(s, err)
		}
		if err := errors.Join(s.Learn(newer), s.AllowName("PATH")); err != nil {
			t.Fatal(err)
		}
		if after := fmt.Sprint(remembered(t, m)); after != before {
			t.Fatalf("%s\n%s", after, before)
		}
	}
	s, err := m.Load(id("G"), outside("/f"))
	if err == nil {
		err = s.Trust(newer, trust.AllProfiles)
	}
	if err != nil {
		t.Fatal(err)
	}
	if s, err := m.Load(id("G"), outside("/f")); err != nil || s.Misfit != nil {
		t.Error("after trust:", s, err)
	}
	if s, err := m.Load(id("F"), outside("/f")); err != nil || s.Misfit == nil {
		t.Error("the other one is still known there:", s, err)
	}
}

// Only the last 64 accepted sections are kept.
func TestDigests(t *testing.T) {
	known := &trust.Known{File: id("F")}
	for i := range trust.MaxDigests + 10 {
		f := parseScene(t, "F", scene(fmt.Sprintf("a=A/k1 n%d=B/k2", i)))
		known.Learn(trust.Judge(known, f))
	}
	if n := len(known.Profile(id("B")).Accepted); n != trust.MaxDigests {
		t.Error(n)
	}
	if n := len(known.Profile(id("A")).Accepted); n != 1 {
		t.Error(n)
	}
}

// Damaged memory refuses its own file, and no other.
func TestDamagedMemory(t *testing.T) {
	m := trust.Memory{Dir: t.TempDir()}
	s, err := m.Load(id("F"), outside("/f"))
	if err == nil {
		err = s.Learn(parseScene(t, "F", "a=A/k2:2<k1 b=B/k3<k2 -c=C/k4"))
	}
	if err == nil {
		err = s.Note(func(k *trust.Known) { k.Told([]byte("x")) })
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(m.Dir, fmt.Sprintf("%x", id("F")))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(good, []byte("\n"))
	bad := [][]byte{{}, []byte("\n"), good[:len(good)-1], append(good, '\n'), append(good, "unknown x\n"...), bytes.Join(lines[1:], nil)}
	for i, line := range lines[:len(lines)-1] {
		word, _, _ := bytes.Cut(line, []byte(" "))
		for _, with := range []string{"", string(word) + "\n", string(word) + " \n", string(word) + " x\n", string(line[:len(line)-3]) + "\n", string(line) + "x"} {
			if with == "" && i > 0 || strings.HasPrefix(string(line), "recipient") && strings.Count(with, " ") == 3 ||
				strings.HasPrefix(string(line), "profile") && strings.Count(with, " ") == 3 {
				continue // still a line of its form
			}
			changed := bytes.Join(append(append(append([][]byte{}, lines[:i]...), []byte(with)), lines[i+1:]...), nil)
			bad = append(bad, changed)
		}
	}
	for _, b := range bad {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var memory *trust.MemoryError
		if k, err := m.Load(id("F"), outside("/f")); !errors.As(err, &memory) {
			t.Errorf("accepted: %q (%v)", b, k)
		}
	}
	if len(bad) < 30 {
		t.Error(len(bad))
	}
	if _, err := m.Load(id("G"), outside("/g")); err != nil {
		t.Errorf("another file: %v", err)
	}
}

// Concurrent learning loses nothing.
func TestConcurrentMemory(t *testing.T) {
	m := trust.Memory{Dir: filepath.Join(t.TempDir(), "trust")}
	var wg sync.WaitGroup
	for i := range 20 {
		f := parseScene(t, "F", scene(fmt.Sprintf("a=A/k1:%d", i%9+1)))
		g := parseScene(t, fmt.Sprint("G", i), "a=A/k1")
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := learn(m, f, outside("/f")); err != nil {
				t.Error(err)
			}
			if err := learn(m, g, outside(fmt.Sprint("/g", i))); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	k, err := m.Load(id("F"), trust.Place{})
	if err != nil || k.Profile(id("A")).Revision != 9 || len(k.Profile(id("A")).Accepted) != 9 {
		t.Errorf("%+v %v", k.Profile(id("A")), err)
	}
	if files := remembered(t, m); len(files) != 42 {
		t.Errorf("%d files", len(files))
	}
}

func TestPlugins(t *testing.T) {
	m := trust.Memory{Dir: filepath.Join(t.TempDir(), "trust")}
	if got := m.Plugins(); len(got) != 0 {
		t.Error(got)
	}
	for _, name := range []string{"yubikey", "tpm", "yubikey"} {
		if err := m.AllowPlugin(name); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(m.Plugins()); got != "[yubikey tpm]" {
		t.Error(got)
	}
	if err := (trust.Memory{}).AllowPlugin("x"); err == nil {
		t.Error("remembered nowhere")
	}
}
