package trust_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile/trust"
)

// The search ends at the home directory, or where it began, and says where it was.
func TestSearchEnds(t *testing.T) {
	top := t.TempDir()
	home, deep := filepath.Join(top, "home"), filepath.Join(top, "home", "a", "b")
	link := filepath.Join(top, "link")
	if err := errors.Join(os.MkdirAll(deep, 0o755), os.WriteFile(filepath.Join(top, "x.age"), nil, 0o600), os.Symlink(home, link)); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct{ dir, home, text string }{
		{deep, home, "no x.age in " + deep + " or above it, up to " + home},
		{home, home, "no x.age in " + home},
		{deep, link, "no x.age in " + deep + " or above it, up to " + home},
		{deep, filepath.Join(top, "other"), "no x.age in " + deep},
		{deep, filepath.Join(deep, "below"), "no x.age in " + deep},
		{deep, "", "no x.age in " + deep},
		{deep, "home", "no x.age in " + deep},
	} {
		l := &trust.Locator{Name: "x.age", Dir: c.dir, Home: c.home}
		path, err := l.Find()
		var none *trust.NoFileError
		if !errors.As(err, &none) || err.Error() != c.text {
			t.Errorf("from %s, home %q: %s, %v", c.dir, c.home, path, err)
		}
	}
	if err := os.WriteFile(filepath.Join(home, "x.age"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if path, err := (&trust.Locator{Name: "x.age", Dir: deep, Home: home}).Find(); err != nil || path != filepath.Join(home, "x.age") {
		t.Errorf("%s, %v", path, err)
	}
	if path, err := (&trust.Locator{Name: "x.age", Dir: home, Home: home}).Find(); err != nil || path != "x.age" {
		t.Errorf("%s, %v", path, err)
	}
}

// A clone inside a repository is not what that repository brought.
func TestCloneInside(t *testing.T) {
	outer := t.TempDir()
	inner := filepath.Join(outer, "clone")
	for _, dir := range []string{outer, inner} {
		if out, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	l := &trust.Locator{Name: "x.age", Dir: inner}
	p := l.Place(filepath.Join(inner, "x.age"))
	if len(p.At) != 1 || p.At[0].Path != "x.age" || p.At[0].Repo.Root != inner {
		t.Errorf("%+v", p.At)
	}
	sub := l.Place(filepath.Join(outer, "sub", "x.age"))
	if len(sub.At) != 1 || sub.At[0].Path != "sub/x.age" || sub.At[0].Repo.Root != outer || sub.At[0].Repo.MakeMark == nil {
		t.Errorf("%+v", sub.At)
	}
	// Every name of a place is there once, and a repository is one.
	if len(sub.Above) != 1 || sub.Above[0].Path != "x.age" || sub.Above[0].Repo != sub.At[0].Repo {
		t.Errorf("above: %+v", sub.Above)
	}
	alone := l.Place(filepath.Join(t.TempDir(), "x.age"))
	if len(alone.At) != 1 || alone.At[0].Path != "" || alone.At[0].Repo.Root != "" || alone.At[0].Repo.MakeMark != nil || alone.At[0].Repo.Files != nil {
		t.Errorf("outside: %+v", alone.At)
	}
}

// One owner who may be read does not make up for another who may not.
func TestTwoOwners(t *testing.T) {
	w := newSite(t)
	w.put("F", "a=A/f1", "f.age")
	w.want("first sight", w.use("F", "a=A/f1", w.place("f.age")), "")
	here, there := trust.Other{Path: "/here", UID: 7, Here: true}, trust.Other{Path: "/there", UID: 8}
	for name, c := range map[string]struct {
		others []trust.Other
		path   string
		reads  bool
	}{
		"here":           {[]trust.Other{here}, "/here", true},
		"there":          {[]trust.Other{there}, "/there", false},
		"here and there": {[]trust.Other{here, there}, "/there", false},
		"there and here": {[]trust.Other{there, here}, "/there", false},
	} {
		place := w.place("f.age")
		place.Others = c.others
		s, err := w.m.Load(id("F"), place)
		if err != nil || s.Misfit == nil || s.Misfit.Why != trust.ErrOwner || s.Misfit.Path != c.path || s.Misfit.Reads != c.reads {
			t.Errorf("%s: %+v, %v", name, s.Misfit, err)
		}
		place.Meant = true
		if s, err := w.m.Load(id("F"), place); err != nil || s.Misfit != nil {
			t.Errorf("%s, named: %+v, %v", name, s.Misfit, err)
		}
		nowhere, err := trust.Memory{}.Load(id("F"), trust.Place{Others: c.others})
		if err != nil || nowhere.Misfit == nil || nowhere.Misfit.Reads {
			t.Errorf("%s, remembering nothing: %+v, %v", name, nowhere.Misfit, err)
		}
	}
}

// Outside git, a misfit names the whole path.
func TestNameOutside(t *testing.T) {
	m := trust.Memory{Dir: filepath.Join(t.TempDir(), "trust")}
	if err := learn(m, parseScene(t, "F", "a=A/k1"), outside("/dir/f")); err != nil {
		t.Fatal(err)
	}
	if s, err := m.Load(id("G"), outside("/dir/f")); err != nil || s.Misfit == nil || s.Misfit.Path != "/dir/f" {
		t.Errorf("%+v, %v", s.Misfit, err)
	}
}

// A pin that lacks something is refused, and counted.
func TestDamagedPins(t *testing.T) {
	fileID, profile, key := id("F"), id("A"), public("k")
	part := []string{format.Base64.EncodeToString(fileID[:]), format.Base64.EncodeToString(profile[:]), format.Base64.EncodeToString(key[:]), "a"}
	good := strings.Join(part, ":")
	if k, err := trust.ParsePins(fileID, good+","+good); err != nil || len(k.Profiles) != 1 || len(k.Profiles[0].Present) != 2 {
		t.Errorf("%+v, %v", k, err)
	}
	if k, err := trust.ParsePins(id("G"), good); err != nil || len(k.Profiles) != 0 || !k.Pinned {
		t.Errorf("another file: %+v, %v", k, err)
	}
	for text, entry := range map[string]int{
		"": 0, " \t": 0, strings.Join(part[:3], ":"): 1, good + ",": 2, good + "," + strings.Join(part[:3], ":"): 2, "x" + good: 1, good + "," + good + "x:y z": 2,
		part[0] + ":" + part[0][1:] + ":" + part[2] + ":a": 1, part[0] + ":" + part[1] + ":" + part[1] + ":a": 1, part[0] + ":" + part[1] + ":" + part[2] + ":": 1,
		part[0][1:] + ":" + part[1] + ":" + part[2] + ":a": 1,
	} {
		_, err := trust.ParsePins(fileID, text)
		var bad *trust.PinError
		if !errors.As(err, &bad) || bad.Entry != entry {
			t.Errorf("%q: %+v, want entry %d", text, err, entry)
		}
	}
}

// A profile that was removed and is back under a key that was approved lives: its next key counts.
func TestBackAgain(t *testing.T) {
	known := &trust.Known{File: id("F"), Seen: true, Profiles: []*trust.Profile{
		{ID: id("A"), Names: []string{"a"}, Present: []format.Key{public("k5")}, Old: []format.Key{public("k0")}, RemovedBy: public("k1"), Revision: 3},
	}}
	for s, want := range map[scene]string{
		"a=A/k5:3": "", "a=A/k6:4<k5": "", "a=A/k6:4": "refused foreign", "a=A/k1:4<k5": "refused removed", "a=A/k0:4<k5": "refused superseded", "a=A/k6:4<k1": "refused foreign",
	} {
		if got := answer(trust.Judge(known, parseScene(t, "F", s)).Of("a"), trust.Options{Write: true}); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
	known.Profiles[0].Present = nil
	if got := answer(trust.Judge(known, parseScene(t, "F", "a=A/k6:4")).Of("a"), trust.Options{}); got != "refused removed" {
		t.Errorf("while it is removed: %q", got)
	}
}

// A file lacks a profile: nothing that acts on all of them may go on.
func TestOneIsGone(t *testing.T) {
	known := &trust.Known{File: id("F")}
	f := parseScene(t, "F", "a=A/k1 b=B/k2<k1")
	known.Learn(trust.Judge(known, f))
	if err := trust.Judge(known, f).Gone(); err != nil {
		t.Errorf("nothing is missing: %v", err)
	}
	var r *trust.Refusal
	if err := trust.Judge(known, parseScene(t, "F", "a=A/k1")).Gone(); !errors.As(err, &r) || r.Why != trust.ErrGone {
		t.Errorf("%v", err)
	}
	if err := trust.Judge(known, parseScene(t, "F", "a=A/k1 -b=B/k2")).Gone(); err != nil {
		t.Errorf("it was removed: %v", err)
	}
	digest := f.Digest(f.UnverifiedSections()[0])
	if !known.HasAccepted(id("A"), digest) || known.HasAccepted(id("B"), digest) || known.HasAccepted(id("C"), digest) || known.HasAccepted(id("A"), [16]byte{}) {
		t.Error("what was accepted is not told rightly")
	}
}

// Elsewhere, a profile with another's name is refused for its place, as the whole file is.
func TestNameTakenElsewhere(t *testing.T) {
	known := &trust.Known{File: id("F"), Seen: true, Misfit: &trust.Misfit{Why: trust.ErrNewFile, Vouchers: map[format.Key]bool{public("v"): true}}, Profiles: []*trust.Profile{
		{ID: id("A"), Names: []string{"a"}, Present: []format.Key{public("k1")}, Revision: 1},
	}}
	for s, want := range map[scene]string{"a=A/k1<v": "", "a=A/k1": "refused new file", "a=D/k2<v": "refused new file"} {
		if got := answer(trust.Judge(known, parseScene(t, "F", s)).Of("a"), trust.Options{}); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}
