package trust_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

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
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", e.Name(), info.Mode())
		}
		files[e.Name()] = string(b)
	}
	return files
}

func at(paths ...string) trust.Place { return trust.Place{Paths: paths} }

func TestMemory(t *testing.T) {
	m := trust.Memory{Dir: filepath.Join(t.TempDir(), "state", "trust")}
	here := trust.Place{Paths: []string{"/repo//.credentials.age", "/link/.credentials.age"}}
	k, err := m.Load(id("F"), here)
	if err != nil || k.Seen || k.Instead != "" {
		t.Fatal(k, err)
	}
	f := parseScene(t, "F", "a=A/k2:2<k1 b=B/k3<k2 -c=C/k4<k5")
	if err := m.Remember(f, here); err != nil {
		t.Fatal(err)
	}
	before := remembered(t, m)
	if len(before) != 2 || before["places"] == "" {
		t.Errorf("%v", before)
	}
	// Nothing is written where nothing changed.
	info, _ := os.Stat(filepath.Join(m.Dir, "places"))
	for range 3 {
		if err := m.Remember(f, here); err != nil {
			t.Fatal(err)
		}
	}
	again, _ := os.Stat(filepath.Join(m.Dir, "places"))
	if after := remembered(t, m); fmt.Sprint(after) != fmt.Sprint(before) || !os.SameFile(info, again) {
		t.Errorf("%v", after)
	}
	// What is read is what was written: judged by it, all is as it was.
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
		if got := answer(trust.Judge(k, parseScene(t, "F", scene)).Of("a"), trust.Options{}); got != want {
			t.Errorf("%s: %q, want %q", scene, got, want)
		}
	}
	if got := answer(trust.Judge(k, parseScene(t, "F", "a=A/k2 c=C/k4")).Of("c"), trust.Options{}); got != "refused removed" {
		t.Errorf("removed: %q", got)
	}

	// Another file at the place, or nearer than it; a copy elsewhere.
	for _, c := range []struct {
		place trust.Place
		want  string
	}{
		{here, here.Paths[0]},
		{at("/x", "/link/.credentials.age"), "/link/.credentials.age"},
		{trust.Place{Paths: []string{"/repo//sub/.credentials.age"}, Near: here.Paths}, here.Paths[0]},
		{trust.Place{Paths: []string{"/elsewhere"}, Near: []string{"/x"}}, ""},
		{trust.Place{}, ""},
	} {
		if k, err := m.Load(id("G"), c.place); err != nil || k.Seen || k.Instead != c.want {
			t.Errorf("%v: %v %v", c.place, k, err)
		}
	}
	if k, err := m.Load(id("F"), at("/elsewhere")); err != nil || !k.Seen {
		t.Error("a copy is not known", err)
	}
	// One that is not let through leaves nothing.
	if err := m.Remember(parseScene(t, "G", "a=A/k1"), here); err != nil {
		t.Error(err)
	}
	if after := remembered(t, m); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("%v", after)
	}
	if err := m.Forget(id("F"), here); err != nil {
		t.Fatal(err)
	}
	if after := remembered(t, m); len(after) != 1 || after["places"] != "" {
		t.Errorf("after Forget: %v", after)
	}
}

// What does not fit its place leaves no trace there: the next look is no wiser.
func TestNothingOfAMisfit(t *testing.T) {
	m := trust.Memory{Dir: filepath.Join(t.TempDir(), "trust")}
	f, g := parseScene(t, "F", "a=A/k1"), parseScene(t, "G", "a=A/k1")
	for _, at := range []struct {
		f     *vaultfile.File
		place trust.Place
	}{{f, at("/f")}, {g, at("/g")}} {
		if err := m.Remember(at.f, at.place); err != nil {
			t.Fatal(err)
		}
	}
	before := fmt.Sprint(remembered(t, m))
	newer := parseScene(t, "G", "a=A/k2:2<k1")
	for range 2 {
		if err := m.Remember(newer, at("/f")); err != nil {
			t.Fatal(err)
		}
		if err := m.AllowName(newer, at("/f"), "PATH"); err != nil {
			t.Fatal(err)
		}
		if after := fmt.Sprint(remembered(t, m)); after != before {
			t.Fatalf("%s\n%s", after, before)
		}
		if k, err := m.Load(id("G"), at("/f")); err != nil || k.Instead != "/f" {
			t.Error(k, err)
		}
	}
	if err := m.Remember(newer, at("/f"), trust.AllProfiles); err != nil {
		t.Fatal(err)
	}
	if k, err := m.Load(id("G"), at("/f")); err != nil || k.Instead != "" {
		t.Error("after trust:", k, err)
	}
}

// Only the last 64 sections that were accepted are held.
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

// Whatever is not as it was written is refused, for that file alone.
func TestDamagedMemory(t *testing.T) {
	m := trust.Memory{Dir: t.TempDir()}
	if err := m.Remember(parseScene(t, "F", "a=A/k2:2<k1 b=B/k3<k2 -c=C/k4"), at("/f")); err != nil {
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
			if with == "" && i > 0 || strings.HasPrefix(string(line), "place") && strings.HasSuffix(with, "\"\n") || strings.HasPrefix(string(line), "recipient") && strings.Count(with, " ") == 3 ||
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
		if k, err := m.Load(id("F"), at("/f")); !errors.As(err, &memory) {
			t.Errorf("accepted: %q (%v)", b, k)
		}
	}
	if len(bad) < 30 {
		t.Error(len(bad))
	}
	if _, err := m.Load(id("G"), at("/g")); err != nil {
		t.Errorf("another file: %v", err)
	}
}

// Many learn at once, and nothing is lost.
func TestConcurrentMemory(t *testing.T) {
	m := trust.Memory{Dir: filepath.Join(t.TempDir(), "trust")}
	var wg sync.WaitGroup
	for i := range 20 {
		f := parseScene(t, "F", scene(fmt.Sprintf("a=A/k1:%d", i%9+1)))
		g := parseScene(t, fmt.Sprint("G", i), "a=A/k1")
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := m.Remember(f, at("/f")); err != nil {
				t.Error(err)
			}
			if err := m.Remember(g, at(fmt.Sprint("/g", i))); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	k, err := m.Load(id("F"), trust.Place{})
	if err != nil || k.Profile(id("A")).Revision != 9 || len(k.Profile(id("A")).Accepted) != 9 {
		t.Errorf("%+v %v", k.Profile(id("A")), err)
	}
	if places := remembered(t, m)["places"]; strings.Count(places, "\n") != 21 {
		t.Errorf("%s", places)
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
