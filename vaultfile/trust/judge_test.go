package trust_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// TestJudge has a case for each state and each sentence of the rules.
//
// seen lists the files that the machine saw, in order. "trust NAME: SCENE" is a file in
// which the user trusted that profile ("*" for all). Then the profile ask of the file now is
// read and written. Each answer is "" (fine), "refused" or "stops", with the reason. strict
// and superseded are the answers to reading with these flags; "=" means the same as read.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name               string
		seen               []string
		now                scene
		ask                string
		read, write        string
		strict, superseded string
	}{
		// The file.
		{"first sight: all is taken", nil, "a=A/k1 b=B/k2", "b", "", "", "=", "="},
		{"first sight: keys in the lines are old", []string{"a=A/k2:2<k1"}, "a=A/k1", "a", "refused superseded", "refused superseded", "=", ""},
		{"first sight: one that does not verify", nil, "a=A/k1 ?b=B/k2", "b", "damaged", "damaged", "=", "="},
		{"first sight: the others of such a file", nil, "a=A/k1 ?b=B/k2", "a", "", "", "=", "="},
		{"what did not verify was not remembered", []string{"a=A/k1 ?b=B/k2"}, "a=A/k1 b=B/k2", "b", "refused unvouched", "refused unvouched", "=", "="},

		// The id: present.
		{"present", []string{"a=A/k1"}, "a=A/k1:2", "a", "", "", "=", "="},
		{"present, the same bytes", []string{"a=A/k1"}, "a=A/k1", "a", "", "", "=", "="},
		{"present, a lower revision than seen", []string{"a=A/k1:5"}, "a=A/k1:4", "a", "", "", "refused behind", "="},
		{"present, an older section that was accepted before", []string{"a=A/k1:4", "a=A/k1:5"}, "a=A/k1:4", "a", "", "", "refused behind", "="},

		// Forward.
		{"forward", []string{"a=A/k1"}, "a=A/k2:2<k1", "a", "", "", "=", "="},
		{"forward over two rotations", []string{"a=A/k1"}, "a=A/k3:3<k2<k1", "a", "", "", "=", "="},
		{"forward: then the new key is present", []string{"a=A/k1", "a=A/k2:2<k1"}, "a=A/k2:3<k1", "a", "", "", "=", "="},
		{"forward: then the keys in the lines are old", []string{"a=A/k1", "a=A/k3:3<k2<k1"}, "a=A/k2:4<k1", "a", "refused superseded", "refused superseded", "=", ""},
		{"forward: they are old for this id alone", []string{"a=A/k1 b=B/k2", "a=A/k1 b=B/k3:2<k1<k2"}, "a=A/k1:2 b=B/k3:2<k1<k2", "a", "", "", "=", "="},
		{"forward needs a present key of this id", []string{"a=A/k1 b=B/k2"}, "a=A/k1 b=B/k3:2<k1", "b", "refused foreign", "refused foreign", "=", "="},
		{"forward does not go by an old key", []string{"a=A/k1", "a=A/k2:2<k1"}, "a=A/k9:3<k1", "a", "refused foreign", "refused foreign", "=", "="},
		{"a merge of two rotations, both lines", []string{"a=A/k1", "a=A/kA:2<k1"}, "a=A/kM:3<kA<kB<k1", "a", "", "", "=", "="},
		{"one of two parallel rotations, the other was seen", []string{"a=A/k1", "a=A/kA:2<k1"}, "a=A/kB:2<k1", "a", "refused foreign", "refused foreign", "=", "="},

		// Old.
		{"old: a fork under a superseded key", []string{"a=A/k1", "a=A/k2:2<k1"}, "a=A/k1:7", "a", "refused superseded", "refused superseded", "=", ""},
		{"old: read by the flag, nothing is remembered", []string{"a=A/k1", "a=A/k2:2<k1", "superseded a: a=A/k1:7"}, "a=A/k1:7", "a", "refused superseded", "refused superseded", "=", ""},

		// Foreign.
		{"foreign: replaced whole", []string{"a=A/k1"}, "a=A/x:2", "a", "refused foreign", "refused foreign", "=", "="},
		{"foreign: until the user trusts it", []string{"a=A/k1", "trust a: a=A/x:2"}, "a=A/x:3", "a", "", "", "=", "="},
		{"trust of a key makes the other one old", []string{"a=A/k1", "trust a: a=A/x:2"}, "a=A/k1:2", "a", "refused superseded", "refused superseded", "=", ""},
		{"what the user makes does not", []string{"a=A/k1", "made a: a=A/x:2"}, "a=A/k1:2", "a", "", "", "=", "="},
		{"a second key, trusted after a first one", []string{"a=A/k1", "a=A/kA:2<k1", "trust a: a=A/kB:2<k1"}, "a=A/kA:9<k1", "a", "refused superseded", "refused superseded", "=", ""},
		{"and a rotation later", []string{"a=A/k1", "a=A/kA:2<k1", "trust a: a=A/kB:2<k1", "a=A/kC:3<kB<k1"}, "a=A/kA:9<k1", "a", "refused superseded", "refused superseded", "=", ""},
		{"trust of a file is a word for each of its keys", []string{"a=A/k1", "trust *: a=A/x:2"}, "a=A/k1:2", "a", "refused superseded", "refused superseded", "=", ""},
		{"trust of a key: the keys in its lines are old", []string{"a=A/k1", "trust a: a=A/x:2<y<z"}, "a=A/y:3<z", "a", "refused superseded", "refused superseded", "=", ""},

		// New.
		{"new, vouched for", []string{"a=A/k1"}, "a=A/k1 b=B/k2<k1", "b", "", "", "=", "="},
		{"new, not vouched for", []string{"a=A/k1"}, "a=A/k1 b=B/k2", "b", "refused unvouched", "refused unvouched", "=", "="},
		{"new, until the user trusts it", []string{"a=A/k1", "trust b: a=A/k1 b=B/k2"}, "a=A/k1 b=B/k2:2", "b", "", "", "=", "="},
		{"new, vouched for by a key that is forward in this file", []string{"a=A/k1"}, "a=A/k2:2<k1 b=B/k3<k2", "b", "", "", "=", "="},
		{"new, vouched for by a key that is held as old", []string{"a=A/k1", "a=A/k2:2<k1"}, "a=A/k2:2<k1 b=B/k3<k1", "b", "refused unvouched", "refused unvouched", "=", "="},
		{"new, vouched for by a key that this file shows as old", []string{"a=A/k1"}, "a=A/k2:2<k1 b=B/k3<k1", "b", "refused unvouched", "refused unvouched", "=", "="},
		{"new, vouched for by the key of a profile that this file removes", []string{"a=A/k1 c=C/k5"}, "b=B/k3<k1 c=C/k5 -a=A/k1", "b", "refused unvouched", "refused unvouched", "=", "="},
		{"new, vouched for by another new one", []string{"a=A/k1"}, "a=A/k1 b=B/k2<k3 c=C/k3<k1", "b", "", "", "=", "="},
		{"new, vouched for by one that is not trusted", []string{"a=A/k1"}, "a=A/k1 b=B/k2<x c=C/x", "b", "refused unvouched", "refused unvouched", "=", "="},
		{"new, vouched for by a foreign key", []string{"a=A/k1"}, "a=A/x b=B/k2<x", "b", "refused unvouched", "refused unvouched", "=", "="},
		{"new: its voucher's key lives on in its own profile", []string{"a=A/k1", "a=A/k1 b=B/k2<k1"}, "a=A/k1:2 b=B/k2<k1", "a", "", "", "=", "="},

		// The name.
		{"a known name under another id", []string{"a=A/k1 b=B/k2"}, "a=A/k1 b=C/k3<k1", "b", "refused name", "refused name", "=", "="},
		{"a known profile under another's name", []string{"a=A/k1 b=B/k2"}, "b=A/k1:2", "b", "refused name", "refused name", "=", "="},
		{"a name that a renamed profile bore", []string{"a=A/k1 b=B/k2", "a=A/k1 c=B/k2:2"}, "a=A/k1 b=D/k4<k1 c=B/k2:2", "b", "refused name", "refused name", "=", "="},
		{"a name that a removed profile bore", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2"}, "a=A/k1 b=D/k4<k1 -b=B/k2", "b", "refused name", "refused name", "=", "="},
		{"a name, until the user trusts it", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2", "trust b: a=A/k1 b=D/k4<k1 -b=B/k2"}, "a=A/k1 b=D/k4:2<k1 -b=B/k2", "b", "", "", "=", "="},
		{"a profile is renamed", []string{"a=A/k1 b=B/k2"}, "a=A/k1 c=B/k2:2", "c", "", "", "=", "="},
		{"a renamed profile, its earlier name on another branch", []string{"a=A/k1 b=B/k2", "a=A/k1 c=B/k2:2"}, "a=A/k1 b=B/k2", "b", "", "", "refused behind", "="},
		{"at first sight a living profile has the name", []string{"a=A/k1 b=B/k2 -b=C/k3"}, "a=A/k1 b=B/k2:2 -b=C/k3", "b", "", "", "=", "="},
		{"a name is no way round a vouched key", []string{"a=A/k1 b=B/k2"}, "a=A/k1 b=C/k3<k2", "b", "refused name", "refused name", "=", "="},

		{"a forward profile under a name that is refused vouches for nothing", []string{"a=A/k1 b=B/k2"}, "b=A/k3:2<k1 c=C/k4<k3", "c", "refused unvouched", "refused unvouched", "=", "="},
		{"a name that is refused vouches for nothing", []string{"a=A/k1 b=B/k2"}, "a=A/k1 b=C/k3<k1 d=D/k4<k3", "d", "refused unvouched", "refused unvouched", "=", "="},
		{"a name is no way round a superseded key", []string{"a=A/k1 b=B/k2", "a=A/k1 b=B/k3:2<k2", "trust b: a=A/k1 b=C/k4<k1"}, "a=A/k1 b=B/k2:9", "b", "refused name", "refused name", "=", "="},
		{"the present name is that of the highest revision", []string{"a=A/k1 c=B/k2:5", "a=A/k1 b=B/k2:4"}, "a=A/k1", "c", "refused gone", "refused gone", "=", "="},
		{"and not an earlier one", []string{"a=A/k1 c=B/k2:5", "a=A/k1 b=B/k2:4"}, "a=A/k1", "b", "none", "none", "=", "="},
		{"a profile whose only name another was let have is not missed", []string{"a=A/k1 b=B/k2", "trust b: a=A/k1 b=C/k3<k1"}, "a=A/k1 b=C/k3:2<k1", "", "none", "none", "=", "="},

		// The first exception: accepted before.
		{"accepted before, under a key that is old now", []string{"a=A/k1", "a=A/k2:2<k1"}, "a=A/k1", "a", "", "stops superseded", "refused superseded", "="},
		{"accepted before, one byte is another", []string{"a=A/k1", "a=A/k2:2<k1"}, "a=A/k1:2", "a", "refused superseded", "refused superseded", "=", ""},
		{"accepted before, at first sight", []string{"a=A/k1", "trust a: a=A/x"}, "a=A/k1", "a", "", "stops superseded", "refused superseded", "="},
		{"accepted before, another has borne its name since", []string{"a=A/k1 b=B/k2", "trust b: a=A/k1 b=C/k3<k1"}, "a=A/k1 b=B/k2", "b", "", "stops name", "=", "="},
		{"accepted before: a parallel rotation that was seen", []string{"a=A/k1", "a=A/kA:2<k1", "trust a: a=A/kB:2<k1"}, "a=A/kA:2<k1", "a", "", "stops superseded", "refused superseded", "="},
		{"--strict passes what was accepted under a present key alone", []string{"a=A/k1", "a=A/k1:2", "a=A/k2:2<k1"}, "a=A/k1:2", "a", "", "stops superseded", "refused superseded", "="},
		{"a higher revision under an old key", []string{"a=A/k1", "a=A/k1:9", "a=A/k2:2<k1"}, "a=A/k1:9", "a", "", "stops superseded", "refused superseded", "="},
		{"and a lower one under the present key", []string{"a=A/k1", "a=A/k1:9", "a=A/k2:2<k1"}, "a=A/k2:2<k1", "a", "", "", "=", "="},
		{"forward with a lower revision is not older", []string{"a=A/k1:9"}, "a=A/k2:2<k1", "a", "", "", "=", "="},

		// The second exception: gone.
		{"gone, asked for", []string{"a=A/k1 b=B/k2"}, "a=A/k1", "b", "refused gone", "refused gone", "=", "="},
		{"gone, another is asked for", []string{"a=A/k1 b=B/k2"}, "a=A/k1", "a", "", "", "=", "="},
		{"gone, with a removed block under a foreign key", []string{"a=A/k1 b=B/k2"}, "a=A/k1 -b=B/x", "b", "refused gone", "refused gone", "=", "="},
		{"gone, with one under an old key", []string{"a=A/k1 b=B/k2", "a=A/k1 b=B/k3:2<k2"}, "a=A/k1 -b=B/k2", "b", "refused gone", "refused gone", "=", "="},
		{"gone, until the user trusts it", []string{"a=A/k1 b=B/k2", "trust b: a=A/k1"}, "a=A/k1", "b", "none", "none", "=", "="},

		// Removal.
		{"removed, under a present key", []string{"a=A/k1 b=B/k2"}, "a=A/k1 -b=B/k2", "b", "none", "none", "=", "="},
		{"removed, under a forward key", []string{"a=A/k1 b=B/k2"}, "a=A/k1 -b=B/k3<k2", "b", "none", "none", "=", "="},
		{"removed and back, bytes that were accepted", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2"}, "a=A/k1 b=B/k2", "b", "", "stops removed", "refused removed", "="},
		{"removed and back, other bytes", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2"}, "a=A/k1 b=B/k2:2", "b", "refused removed", "refused removed", "=", ""},
		{"removed before it was seen, and back", []string{"a=A/k1", "a=A/k1 -d=D/k4<k1"}, "a=A/k1:2 d=D/k4:9<k1", "d", "refused removed", "refused removed", "=", ""},
		{"and it vouches for nothing", []string{"a=A/k1", "a=A/k1 -d=D/k4<k1"}, "a=A/k1:2 d=D/k4:9<k1 e=E/k5<k4", "e", "refused unvouched", "refused unvouched", "=", "="},
		{"two profiles swapped their names, and were trusted", []string{"a=A/k1 b=B/k2", "trust *: b=A/k1:2 a=B/k2:2"}, "b=A/k1:3 a=B/k2:3", "a", "", "", "=", "="},
		{"removed and back, under an older key", []string{"a=A/k1 b=B/k3:2<k2", "a=A/k1 -b=B/k3<k2"}, "a=A/k1 b=B/k2:9", "b", "refused superseded", "refused superseded", "=", ""},
		{"removed and back, trusted: the next write is a rotation", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2", "trust b: a=A/k1 b=B/k2:2"}, "a=A/k1 b=B/k2:2", "b", "rotate", "rotate", "=", "="},
		{"back under a key that the one that removed it vouches for", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2", "a=A/k3:2<k1 -b=B/k2"}, "a=A/k3:2<k1 b=B/x:9<k2", "b", "refused removed", "refused removed", "=", "="},
		{"and it vouches for nothing", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2", "a=A/k3:2<k1 -b=B/k2"}, "a=A/k3:2<k1 b=B/x:9<k2 e=E/y<x", "e", "refused unvouched", "refused unvouched", "=", "="},
		{"the line of its old voucher is for what was removed", []string{"a=A/k1 b=B/k2<k1", "a=A/k1 -b=B/k2<k1"}, "a=A/k1 b=B/x:9<k2<k1", "b", "refused removed", "refused removed", "=", "="},
		{"also of one that came and went unseen", []string{"a=A/k1", "a=A/k1 -b=B/k2<k1"}, "a=A/k1 b=B/x:9<k2<k1", "b", "refused removed", "refused removed", "=", "="},
		{"restored: vouched for by another trusted profile", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2"}, "a=A/k1 b=B/k4:3<k1<k2", "b", "", "", "=", "="},
		{"restored: its old removed block does not count", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2", "a=A/k1 b=B/k4:3<k1<k2"}, "a=A/k1 -b=B/k2", "b", "refused gone", "refused gone", "=", "="},
		{"a line for a key that a word made old", []string{"a=A/k1", "a=A/k2:2<k1", "trust *: a=A/k1"}, "a=A/x:9<k2<k1", "a", "refused foreign", "refused foreign", "=", "="},
		{"back under another key, trusted: the next write is a rotation", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2", "trust b: a=A/k1 b=B/x:3<k2"}, "a=A/k1 b=B/x:3<k2", "b", "rotate", "rotate", "=", "="},
		{"restored, and removed again while this machine did not look", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2", "a=A/k1 -b=B/k4<k1<k2>k4"}, "a=A/k1 b=B/k4:3<k1<k2>k4", "b", "refused removed", "refused removed", "=", ""},
		{"a removed block of a removed profile that nobody vouches for", []string{"a=A/k1 b=B/k2", "a=A/k1 -b=B/k2", "a=A/k1 -b=B/x<k2"}, "a=A/k1 b=B/k4:3<k1<k2>k4", "b", "", "", "=", "="},
		{"a removed block takes no name that a profile of the file has", []string{"n=A/k3:3<k1 b=B/k2<k3", "a=A/k1 b=B/k2<k3 -a=Y/x<k2"}, "a=A/k1 b=B/k2<k3", "a", "refused superseded", "refused superseded", "=", ""},
		{"a voucher that is gone", []string{"a=A/k1 b=B/k2"}, "a=A/k1 c=C/k3<k2", "c", "refused unvouched", "refused unvouched", "=", "="},
		{"a voucher that is damaged", []string{"a=A/k1 b=B/k2"}, "a=A/k1 ?b=B/k2 c=C/k3<k2", "c", "refused unvouched", "refused unvouched", "=", "="},
		{"a voucher that is foreign", []string{"a=A/k1 b=B/k2"}, "a=A/k1 b=B/x c=C/k3<k2", "c", "refused unvouched", "refused unvouched", "=", "="},
		{"a voucher with another's name", []string{"a=A/k1 b=B/k2"}, "b=A/k1:2 c=C/k3<k1", "c", "refused unvouched", "refused unvouched", "=", "="},
		{"trust of a file takes its removed blocks", []string{"a=A/k1", "trust *: a=A/x -b=B/k2<x"}, "a=A/x b=B/k2<x", "b", "refused removed", "refused removed", "=", ""},
		{"a removed block vouched for by a new profile", []string{"a=A/k1", "a=A/k1 c=C/k3<k1 -d=D/k4<k3"}, "a=A/k1 c=C/k3<k1 d=D/k4<k3", "d", "refused removed", "refused removed", "=", ""},
		{"trust is about who bears the name here", []string{"a=A/k1 e=N/n1<k1", "trust e: a=A/k1 e=M/n2<k1"}, "a=A/k1 e1=N/n1:2<k1 e=M/n2<k1", "e1", "", "", "=", "="},
		{"a removed block with a key made up on the spot takes no name", []string{"a=A/k1"}, "a=A/k1 b=B/k2<k1 -b=X/x", "b", "", "", "=", "="},
		{"nor is it remembered", []string{"a=A/k1", "a=A/k1 -b=X/x"}, "a=A/k1 b=B/k2<k1", "b", "", "", "=", "="},
	} {
		t.Run(c.name, func(t *testing.T) {
			known := &trust.Known{File: id("F")}
			for _, s := range c.seen {
				see(t, known, s)
			}
			f := parseScene(t, "F", c.now)
			same := func(want string) string {
				if want == "=" {
					return c.read
				}
				return want
			}
			for _, w := range []struct {
				what, want string
				o          trust.Options
			}{
				{"read", c.read, trust.Options{}},
				{"write", c.write, trust.Options{Write: true}},
				{"read with --strict", same(c.strict), trust.Options{Strict: true}},
				{"read with --allow-superseded", same(c.superseded), trust.Options{AllowSuperseded: true}},
				{"write with --allow-superseded", c.write, trust.Options{Write: true, AllowSuperseded: true}},
			} {
				if got := answer(trust.Judge(known, f).Of(c.ask), w.o); got != w.want {
					t.Errorf("%s: %q, want %q", w.what, got, w.want)
				}
			}
		})
	}
}

func see(t *testing.T, known *trust.Known, s string) {
	t.Helper()
	defer func() {
		if !known.ReadsBack() {
			t.Errorf("what is remembered of %q is not read as it was written", s)
		}
	}()
	how, text, ok := strings.Cut(s, ": ")
	if !ok {
		how, text = "", s
	}
	f := parseScene(t, "F", scene(text))
	if name, ok := strings.CutPrefix(how, "trust "); ok {
		known.Trust(trust.Judge(known, f), name)
	} else if name, ok := strings.CutPrefix(how, "made "); ok {
		known.Learn(trust.Judge(known, f), name)
	} else {
		known.Learn(trust.Judge(known, f))
	}
}

var words = map[error]string{
	trust.ErrSuperseded: "superseded", trust.ErrRemoved: "removed", trust.ErrForeign: "foreign", trust.ErrUnvouched: "unvouched",
	trust.ErrGone: "gone", trust.ErrName: "name", trust.ErrBehind: "behind", trust.ErrOtherFile: "other file", trust.ErrNewFile: "new file", trust.ErrSwapped: "swapped",
	trust.ErrShadow: "shadow", trust.ErrPassed: "passed", trust.ErrOwner: "owner",
}

func answer(v *trust.Verdict, o trust.Options) string {
	if v == nil {
		return "none"
	}
	err := v.Check(o)
	var refusal *trust.Refusal
	var damage *vaultfile.DamageError
	switch {
	case err == nil && v.MustRotate:
		return "rotate"
	case err == nil:
		return ""
	case errors.As(err, &refusal) && refusal.Stops:
		return "stops " + words[refusal.Why]
	case errors.As(err, &refusal):
		return "refused " + words[refusal.Why]
	case errors.As(err, &damage):
		return "damaged"
	}
	return err.Error()
}

// TestMisfit tests the rule of the file, where a place matters.
func TestMisfit(t *testing.T) {
	known := &trust.Known{File: id("G"), Misfit: &trust.Misfit{Why: trust.ErrOtherFile, Path: "/repo/.credentials.age"}}
	g := parseScene(t, "G", "a=A/k1 b=B/k2<k1")
	v := trust.Judge(known, g).Of("a")
	if got := answer(v, trust.Options{AllowSuperseded: true}); got != "refused other file" {
		t.Error(got)
	}
	known.Trust(trust.Judge(known, g), "a")
	if known.Seen {
		t.Error("a bit of another file was taken")
	}
	known.Trust(trust.Judge(known, g), trust.AllProfiles)
	if got := answer(trust.Judge(known, g).Of("a"), trust.Options{Strict: true}); got != "" {
		t.Errorf("after trust: %s", got)
	}
}

// TestNewFile: the keys of the repository's other files vouch for each section, directly or
// through another section of the file.
func TestNewFile(t *testing.T) {
	for _, c := range []struct{ seen, now, a, b string }{
		{"", "a=A/k1<v b=B/k2<v", "", ""},
		{"", "a=A/k1<v b=B/k2<k1", "", ""},
		{"", "a=A/k1<v b=B/k2", "", "refused new file"},
		{"", "a=A/k1 b=B/k2<k1", "refused new file", "refused new file"},
		{"", "a=A/k9:2<k1<v b=B/k2<x", "", "refused new file"},
		// The file is known elsewhere: what is known there must accept it too.
		{"a=A/k1 b=B/k2", "a=A/k1:2<v b=B/k2", "", "refused new file"},
		{"a=A/k1 b=B/k2", "a=A/k1:2<v b=B/x<v", "", "refused foreign"},
		{"a=A/k1 b=B/k2", "a=A/k1:2<v b=B/x<k1", "", "refused foreign"},
		{"a=A/k1 b=B/k2<k1", "a=A/k1<v b=B/k2<k1", "", ""},
		{"a=A/k1 b=B/k2", "a=A/k1 b=B/k2", "refused new file", "refused new file"},
		{"a=A/k1", "a=A/k1 b=C/k3", "refused new file", "refused new file"},
	} {
		known := &trust.Known{File: id("F")}
		if c.seen != "" {
			see(t, known, c.seen)
		}
		if c.seen == "a=A/k1" { // its name has been another profile's since
			known.Learn(trust.Judge(known, parseScene(t, "F", "l=A/k1:2 a=B/k2<k1")), "a")
		}
		known.Misfit = &trust.Misfit{Why: trust.ErrNewFile, Vouchers: map[format.Key]bool{public("v"): true}}
		f := parseScene(t, "F", scene(c.now))
		j := trust.Judge(known, f)
		if a, b := answer(j.Of("a"), trust.Options{}), answer(j.Of("b"), trust.Options{}); a != c.a || b != c.b {
			t.Errorf("%s after %q: %q %q", c.now, c.seen, a, b)
		}
		known.Learn(j)
		if fits := known.Misfit == nil; fits != (c.a == "" || c.b == "") {
			t.Errorf("%s after %q: it is taken: %v", c.now, c.seen, fits)
		}
	}
}

// TestUnvouched lists the profiles that first sight names to the user.
func TestUnvouched(t *testing.T) {
	j := trust.Judge(&trust.Known{File: id("F")}, parseScene(t, "F", "a=A/k1 b=B/k2<k1 c=C/k3<k7 d=D/k4<k2"))
	if got := strings.Join(j.Unvouched(), " "); !j.FirstSight || got != "a c" {
		t.Errorf("%v %q", j.FirstSight, got)
	}
}

// TestPins tests the rules with CREDFILE_TRUST as the source.
func TestPins(t *testing.T) {
	pin := func(file, profile, key, name string) string {
		s := &format.Profile{Name: name, ID: id(profile), Key: public(key)}
		return trust.Pin(id(file), s)
	}
	for _, c := range []struct{ name, pins, now, ask, want string }{
		{"listed and present", pin("F", "A", "k1", "a"), "a=A/k1", "a", ""},
		{"forward", pin("F", "A", "k1", "a"), "a=A/k2:2<k1", "a", ""},
		{"several keys of one id", pin("F", "A", "k1", "a") + "," + pin("F", "A", "k2", "a"), "a=A/k2:2", "a", ""},
		{"several profiles", pin("F", "B", "k2", "b") + "," + pin("F", "A", "k1", "a"), "a=A/k1 b=B/k2", "b", ""},
		{"a name with a colon", pin("F", "A", "k1", "db:x@y"), "db:x@y=A/k1", "db:x@y", ""},
		{"replaced whole", pin("F", "A", "k1", "a"), "a=A/x:2", "a", "refused foreign"},
		{"under an old key", pin("F", "A", "k2", "a"), "a=A/k1", "a", "refused foreign"},
		{"another id under its name", pin("F", "A", "k1", "a"), "a=B/k2", "a", "refused unvouched"},
		{"vouching by another profile does not count", pin("F", "A", "k1", "a"), "a=A/k1 b=B/k2<k1", "b", "refused unvouched"},
		{"not under its name", pin("F", "A", "k1", "a"), "b=A/k1", "b", "refused name"},
		{"listed, and not there", pin("F", "A", "k1", "a"), "b=B/k2", "a", "refused gone"},
		{"entries for another file do not count", pin("G", "A", "k1", "a"), "a=A/k1", "a", "refused unvouched"},
	} {
		t.Run(c.name, func(t *testing.T) {
			known, err := trust.ParsePins(id("F"), c.pins)
			if err != nil {
				t.Fatal(err)
			}
			f := parseScene(t, "F", scene(c.now))
			if got := answer(trust.Judge(known, f).Of(c.ask), trust.Options{}); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	good := pin("F", "A", "k1", "a")
	for _, bad := range []string{"", " ", ",", good + ",", "," + good, good + " ", good + "\n", good[1:], good[:len(good)-1],
		strings.Replace(good, ":", ";", 1), good + "," + good[:30], strings.ToUpper(good)[:60]} {
		var pinError *trust.PinError
		if _, err := trust.ParsePins(id("F"), bad); !errors.As(err, &pinError) {
			t.Errorf("%q: %v", bad, err)
		} else if bad != "" && strings.Contains(err.Error(), good[:8]) {
			t.Errorf("the error quotes: %v", err)
		}
	}
}

// TestTaken judges by another revision, with nothing else known.
func TestTaken(t *testing.T) {
	known := trust.Taken(parseScene(t, "F", "a=A/k2:2<k1 b=B/k3<k2 ?c=C/k4"))
	for scene, want := range map[scene]string{
		"a=A/k2:3<k1": "", "a=A/k5:3<k2<k1": "", "a=A/k1": "refused superseded", "a=A/k9": "refused foreign", "a=B/k3": "refused name",
		"b=B/k3": "refused gone", "c=C/k4 a=A/k2:2<k1": "",
	} {
		if got := answer(trust.Judge(known, parseScene(t, "F", scene)).Of("a"), trust.Options{}); got != want {
			t.Errorf("%s: %q, want %q", scene, got, want)
		}
	}
	if got := answer(trust.Judge(known, parseScene(t, "F", "c=C/k4")).Of("c"), trust.Options{}); got != "refused unvouched" {
		t.Errorf("what did not verify there was taken: %q", got)
	}
}
