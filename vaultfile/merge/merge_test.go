package merge

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
)

// A file of a scene is a list of profiles separated by "; ", each
//
//	NAME#ID KEY[<OLDKEY…] REVISION people[-former] NAME=VALUE…
//
// where people are names, readers with a small r before a colon, a key after a +. An entry
// may have @MINUTE, its time, and !COMMENT. "closed" marks a profile that can't be opened,
// "refused" one that is not trusted; "removed ID [KEY[<OLDKEY…]]" is a removed block.
func scene(t *testing.T, text string) *File {
	t.Helper()
	f := &File{}
	for _, part := range strings.Split(text, "; ") {
		p := &Profile{Open: true}
		digest := sha256.Sum256([]byte(part))
		copy(p.Digest[:], digest[:])
		words := strings.Fields(part)
		for len(words) > 0 && slices.Contains([]string{"closed", "refused", "doubtful"}, words[0]) {
			switch words[0] {
			case "closed":
				p.Open = false
			case "refused":
				p.Refused = errRefused
			case "doubtful":
				p.Doubtful = true
			}
			words = words[1:]
		}
		if len(words) == 0 {
			continue
		}
		if words[0] == "removed" {
			r := format.Removed{ID: format.ID{words[1][0]}}
			if len(words) > 2 {
				r.Key, r.Vouched = keys(words[2])
			}
			f.Removed = append(f.Removed, r)
			continue
		}
		name, id, _ := strings.Cut(words[0], "#")
		p.Name, p.ID = name, format.ID{id[0]}
		p.Key, p.Vouched = keys(words[1])
		fmt.Sscan(words[2], &p.Revision)
		people, left, _ := strings.Cut(words[3], "-")
		for _, name := range strings.Split(people, ",") {
			p.Recipients = append(p.Recipients, person(name))
		}
		for _, name := range strings.Split(left, ",") {
			if name != "" {
				p.Former = append(p.Former, format.Former{Name: name, Time: minute(5)})
			}
		}
		for _, word := range words[4:] {
			p.Entries = append(p.Entries, entry(word))
		}
		f.Profiles = append(f.Profiles, p)
	}
	return f
}

func keys(text string) (key format.Key, lines []format.Vouched) {
	keys := strings.Split(text, "<")
	for i, k := range keys[1:] {
		lines = append(lines, format.Vouched{Key: format.Key{k[0]}, For: format.Key{keys[i][0]}})
	}
	return format.Key{keys[0][0]}, lines
}

var errRefused = errors.New("refused")

func minute(n int) time.Time { return time.Date(2026, 11, 20, 8, n, 0, 0, time.UTC) }

func person(text string) format.Recipient {
	r := format.Recipient{Writer: true}
	if name, ok := strings.CutPrefix(text, "r:"); ok {
		r.Writer, text = false, name
	}
	name, key, ok := strings.Cut(text, "+")
	if !ok {
		key = name
	}
	r.Name, r.String = name, "age1"+key
	return r
}

func entry(text string) Entry {
	text, comment, _ := strings.Cut(text, "!")
	text, at, _ := strings.Cut(text, "@")
	name, value, _ := strings.Cut(text, "=")
	n := 1
	fmt.Sscan(at, &n)
	return Entry{Name: name, Value: value, Comment: comment, Time: minute(n)}
}

// outcome returns a plan as text.
func outcome(plan *Plan) string {
	var parts []string
	for _, r := range plan.Results {
		text := r.Name + " "
		if r.Take != nil {
			text += "as " + r.Take.String()
		} else {
			text += fmt.Sprintf("under %s, revision %d,", r.Under, r.Revision)
			if r.Rotate {
				text += " rotated,"
			}
			for _, v := range r.Vouched {
				text += " <" + string(v.Key[0])
			}
			for _, p := range r.Recipients {
				role := " "
				if !p.Writer {
					role = " r:"
				}
				text += role + p.Name
			}
			for _, f := range r.Former {
				text += " -" + f.Name
			}
			for _, name := range r.FormerNow {
				text += " now:" + name
			}
			for _, e := range r.Entries {
				text += " " + e.Name + "=" + e.Value
				if e.Comment != "" {
					text += "!" + e.Comment
				}
			}
		}
		if r.Vouch {
			text += " vouch"
		}
		parts = append(parts, text)
	}
	for _, r := range plan.Removed {
		text := "removed " + string(r.ID[0])
		if r.Key != (format.Key{}) {
			text += " " + string(r.Key[0])
		}
		parts = append(parts, text)
	}
	for _, c := range plan.Conflicts {
		parts = append(parts, strings.TrimRight(fmt.Sprintf("CONFLICT %s %s %s%s%s", kinds[c.Kind], c.Profile, c.Credential, strings.Join(c.Names[:], " "), c.Renamed), " "))
	}
	for _, d := range plan.Dropped {
		parts = append(parts, "dropped "+d)
	}
	return strings.Join(parts, "; ")
}

var kinds = []string{"two values", "changed and unset", "two additions", "renamed and changed", "one name two profiles", "two profile names",
	"removed and changed", "recipient two names", "recipient two strings", "no writer", "no profile", "not a writer", "refused", "confirm value", "confirm profile", "exposed value", "confirm access", "confirm removal"}

// TestMerge tests each sentence of Merging in spec/credfile.md.
func TestMerge(t *testing.T) {
	const base = "a#1 k 3 alice,bob A=1 B=2 C=3"
	for _, c := range []struct{ name, base, ours, theirs, want string }{
		{"nothing changed", base, base, base, "a as ours"},
		{"a section that only ours changed is taken as it is", base, "a#1 k 4 alice,bob A=9 B=2 C=3", base, "a as ours"},
		{"a section that only theirs changed is taken as it is", base, base, "a#1 k 4 alice,bob A=9 B=2 C=3", "a as theirs"},
		{"both made the same section", base, "a#1 k 4 alice,bob A=9 B=2 C=3", "a#1 k 4 alice,bob A=9 B=2 C=3", "a as ours"},
		{"a section that is refused is a conflict and never taken", base, base, "refused a#1 x 4 mallory A=9", "a as ours; CONFLICT refused a"},
		{"ours may be the one that is refused", base, "refused a#1 x 4 mallory A=9", "a#1 k 4 alice,bob A=2 B=2 C=3", "a as theirs; CONFLICT refused a"},
		{"both may be", base, "refused a#1 x 4 mallory A=9", "refused a#1 y 4 eve A=9", "CONFLICT refused a; CONFLICT refused a"},
		{"a removal by the side that is not refused stays", base, "refused a#1 x 4 mallory A=9", "removed 1", "removed 1; CONFLICT refused a; CONFLICT no profile"},
		{"one that is refused and was not changed is no concern here", "refused " + base, "refused " + base, "refused " + base, "refused a as ours"},
		{"profiles go by id", base, base + "; b#2 m 1 alice", base + "; c#3 n 1 alice", "a as ours; b as ours; c as theirs"},
		{"a renamed profile is the same one", base, "z#1 k 4 alice,bob A=1 B=2 C=3", "a#1 k 4 alice,bob A=9 B=2 C=3", "z under ours, revision 5, alice bob A=9 B=2 C=3"},

		{"credentials go by name", base, "a#1 k 4 alice,bob A=8 B=2 C=3", "a#1 k 7 alice,bob A=1 B=2 C=9", "a under ours, revision 8, alice bob A=8 B=2 C=9"},
		{"a credential's comment is one value with it", base, "a#1 k 4 alice,bob A=1!mine B=2 C=3", "a#1 k 4 alice,bob A=7 B=2 C=3",
			"a under ours, revision 5, alice bob A=1!mine B=2 C=3; CONFLICT two values a A"},
		{"and so it is taken with it", base, "a#1 k 4 alice,bob A=1!mine B=2 C=3", "a#1 k 4 alice,bob A=1 B=7!theirs C=3",
			"a under ours, revision 5, alice bob A=1!mine B=7!theirs C=3"},
		{"unset on one side", base, "a#1 k 4 alice,bob A=1 C=3", "a#1 k 4 alice,bob A=7 B=2 C=3", "a under ours, revision 5, alice bob A=7 C=3"},
		{"unset on the other", base, "a#1 k 4 alice,bob A=7 B=2 C=3", "a#1 k 4 alice,bob A=1 C=3", "a under ours, revision 5, alice bob A=7 C=3"},
		{"the same value on both sides is no conflict", base, "a#1 k 4 alice,bob A=7 B=2 C=3", "a#1 k 5 alice,bob A=7 B=2 C=3", "a under ours, revision 6, alice bob A=7 B=2 C=3"},
		{"order is ours", base, "a#1 k 4 alice,bob C=3 B=2 A=1", "a#1 k 4 alice,bob B=2 A=7 C=3", "a under ours, revision 5, alice bob C=3 B=2 A=7"},
		{"a name that only theirs has goes after its nearest predecessor", base, "a#1 k 4 alice,bob A=1 C=3 B=9", "a#1 k 4 alice,bob A=1 B=2 X=1 Y=2 C=3",
			"a under ours, revision 5, alice bob A=1 C=3 B=9 X=1 Y=2"},
		{"or to the top", base, "a#1 k 4 alice,bob A=9 B=2 C=3", "a#1 k 4 alice,bob X=1 A=1 B=2 C=3", "a under ours, revision 5, alice bob X=1 A=9 B=2 C=3"},
		{"the comment at the end stays there", base + " =!end", "a#1 k 4 alice,bob A=9 B=2 C=3 =!end", "a#1 k 4 alice,bob A=1 B=2 C=3 D=4 =!end",
			"a under ours, revision 5, alice bob A=9 B=2 C=3 D=4 =!end"},

		{"recipients go by name", base, "a#1 k 4 alice,bob,carol A=1 B=2 C=3", "a#1 k 4 alice,bob,r:dave A=1 B=2 C=3", "a under ours, revision 5, alice bob carol r:dave A=1 B=2 C=3"},
		{"removal of a recipient beats a change of it", "a#1 k 3 alice,r:bob A=1", "a#1 l<k 4 alice-bob A=1", "a#1 k 4 alice,bob A=1",
			"a under ours, revision 5, <k alice -bob A=1"},
		{"one role changed", base, "a#1 k 4 alice,r:bob A=1 B=2 C=3", "a#1 k 4 alice,bob A=9 B=2 C=3", "a under ours, revision 5, rotated, alice r:bob A=9 B=2 C=3"},
		{"two new people of one name", base, "a#1 k 4 alice,bob,carol+x A=1 B=2 C=3", "a#1 k 4 alice,bob,carol+y A=1 B=2 C=3",
			"a under ours, revision 5, rotated, alice bob carol now:carol A=1 B=2 C=3; CONFLICT recipient two strings a carol carol"},
		{"one new person under two names", base, "a#1 k 4 alice,bob,carol+x A=1 B=2 C=3", "a#1 k 4 alice,bob,dave+x A=1 B=2 C=3",
			"a under ours, revision 5, alice bob carol A=1 B=2 C=3; CONFLICT recipient two names a carol dave"},

		{"under the newest key: ours rotated", base, "a#1 l<k 4 alice,bob A=1 B=2 C=3", "a#1 k 4 alice,bob A=9 B=2 C=3", "a under ours, revision 5, <k alice bob A=9 B=2 C=3"},
		{"under the newest key: theirs rotated", base, "a#1 k 4 alice,bob A=9 B=2 C=3", "a#1 l<k 4 alice,bob A=1 B=2 C=3", "a under theirs, revision 5, <k alice bob A=9 B=2 C=3"},
		{"both rotated: the merge is a rotation", base, "a#1 l<k 4 alice,bob A=1 B=2 C=3", "a#1 m<k 6 alice,bob A=1 B=2 C=3",
			"a under ours, revision 7, rotated, <k alice bob A=1 B=2 C=3"},
		{"ours has rotated since theirs did", base, "a#1 m<l<k 6 alice,bob A=1 B=2 C=3", "a#1 l<k 5 alice,bob A=9 B=2 C=3", "a under ours, revision 7, <l <k alice bob A=9 B=2 C=3"},
		{"with the older lines of both, one a key", base, "a#1 l<k<h<g 4 alice,bob A=1 B=2 C=3", "a#1 m<n<k<h 6 alice,bob A=1 B=2 C=3",
			"a under ours, revision 7, rotated, <k <h <g <n alice bob A=1 B=2 C=3"},

		{"row 10: a removed writer's side: its people are dropped, its values to be confirmed", base, "a#1 l<k 5 alice-bob A=1 B=2 C=3", "a#1 k 4 alice,bob,mallory A=evil B=2 C=3 D=4",
			"a under ours, revision 6, <k alice -bob now:bob now:mallory A=1 B=2 C=3; CONFLICT confirm value a A; CONFLICT confirm value a D; dropped a: access of mallory"},
		{"the same from the other side", base, "a#1 k 4 alice,bob,mallory A=evil B=2 C=3", "a#1 l<k 5 alice-bob A=1 B=2 C=3",
			"a under theirs, revision 6, <k alice -bob now:bob now:mallory A=1 B=2 C=3; CONFLICT confirm value a A; dropped a: access of mallory"},
		{"and what it calls the profile is dropped", base, "a#1 l<k 5 alice-bob A=1 B=2 C=3", "z#1 k 4 alice,bob A=1 B=2 C=3",
			"a under ours, revision 6, <k alice -bob A=1 B=2 C=3; dropped a: renamed to z"},
		{"row 8d: neither key vouches for the other where both rotated and one removed someone", base, "a#1 l<k 5 alice-bob A=1 B=2 C=3", "a#1 m<k 4 alice,bob A=1 B=2 C=3",
			"a under ours, revision 6, rotated, <k alice -bob A=1 B=2 C=3"},
		{"a profile that the removed writer may have added is to be confirmed, and vouched for anew", base, "a#1 l<k 5 alice-bob A=1 B=2 C=3", base + "; z#9 z 1 bob X=1",
			"a as ours; CONFLICT confirm profile z"},
		{"so is one that ours added, where theirs removed a writer", base, base + "; z#9 z 1 bob X=1", "a#1 l<k 5 alice-bob A=1 B=2 C=3", "a as theirs; CONFLICT confirm profile z"},
		{"what the removed writer unset is to be confirmed", base, "a#1 l<k 5 alice-bob A=1 B=2 C=3", "a#1 k 4 alice,bob A=1 C=3",
			"a under ours, revision 6, <k alice -bob A=1 B=2 C=3; CONFLICT confirm value a B"},
		{"two writers who removed each other: neither is back", "a#1 k 3 alice,bob,carol A=1", "a#1 l<k 4 alice,carol-bob A=1", "a#1 m<k 4 alice,bob-carol A=1",
			"a under ours, revision 5, rotated, <k alice -bob -carol A=1; CONFLICT confirm removal a bob bob; CONFLICT confirm removal a carol carol"},
		{"row 9b: who was removed is not back under another name", "a#1 k 3 alice,r:bob+K A=1", "a#1 l<k 4 alice-bob A=1", "a#1 k 4 alice,r:robert+K A=1",
			"a under ours, revision 5, <k alice -bob A=1"},
		{"nor a writer who was made a reader", "a#1 k 3 alice,bob+K A=1", "a#1 l<k 4 alice,r:bob+K A=1", "a#1 k 4 alice,robert+K A=1",
			"a under ours, revision 5, <k alice r:bob A=1; dropped a: access of robert"},
		{"a confirmed value keeps its later time", base, "a#1 k 4 alice,bob A=1 B=9 C=3", "a#1 k 4 alice,bob A=1@30 B=2 C=3",
			"a under ours, revision 5, alice bob A=1 B=9 C=3"},
		{"a reader who was removed is no such thing", "a#1 k 3 alice,r:bob A=1", "a#1 l<k 5 alice-bob A=1", "a#1 k 4 alice,r:bob A=9",
			"a under ours, revision 6, <k alice -bob now:bob A=9"},
		{"a side that still had who was removed and changed no credential", "a#1 k 3 alice,r:bob A=1", "a#1 l<k 5 alice-bob A=1", "a#1 k 4 alice,r:bob,carol A=1",
			"a under ours, revision 6, <k alice -bob now:carol A=1; CONFLICT confirm access a carol carol"},

		{"two values for one name", base, "a#1 k 4 alice,bob A=8 B=2 C=3", "a#1 k 4 alice,bob A=9 B=2 C=3", "a under ours, revision 5, alice bob A=8 B=2 C=3; CONFLICT two values a A"},
		{"a changed and an unset one", base, "a#1 k 4 alice,bob B=2 C=3", "a#1 k 4 alice,bob A=9 B=2 C=3", "a under ours, revision 5, alice bob A=9 B=2 C=3; CONFLICT changed and unset a A"},
		{"an unset and a changed one", base, "a#1 k 4 alice,bob A=9 B=2 C=3", "a#1 k 4 alice,bob B=2 C=3", "a under ours, revision 5, alice bob A=9 B=2 C=3; CONFLICT changed and unset a A"},
		{"two additions", base, "a#1 k 4 alice,bob A=1 B=2 C=3 D=4", "a#1 k 4 alice,bob A=1 B=2 C=3 D=5", "a under ours, revision 5, alice bob A=1 B=2 C=3 D=4; CONFLICT two additions a D"},
		{"a renamed and a changed one", base, "a#1 k 4 alice,bob NEW=1 B=2 C=3", "a#1 k 4 alice,bob A=9@7 B=2 C=3",
			"a under ours, revision 5, alice bob A=9 NEW=1 B=2 C=3; CONFLICT renamed and changed a A NEW"},
		{"one profile name for two ids", base, base + "; n#2 m 1 alice", base + "; n#3 n 1 alice", "a as ours; n as ours; n as theirs; CONFLICT one name two profiles n"},
		{"a profile renamed twice", base, "x#1 k 4 alice,bob A=1 B=2 C=3", "y#1 k 4 alice,bob A=1 B=2 C=3", "x under ours, revision 5, alice bob A=1 B=2 C=3; CONFLICT two profile names x x y"},
		{"a removed profile", base + "; b#2 m 1 alice", base + "; removed 2", base + "; b#2 m 1 alice", "a as ours; removed 2"},
		{"removed by them", base + "; b#2 m 1 alice", base + "; b#2 m 1 alice", base + "; removed 2", "a as ours; removed 2"},
		{"a removed and a changed profile", base + "; b#2 m 1 alice X=1", base + "; removed 2", base + "; b#2 m 2 alice X=2", "a as ours; b as theirs vouch; CONFLICT removed and changed b"},
		{"no key, or not a writer: an ordinary conflict", "closed " + base, "closed a#1 k 4 alice,bob A=8", "closed a#1 k 4 alice,bob A=9", "a as ours; CONFLICT not a writer a"},
		{"no key, and only one side changed: no conflict", "closed " + base, "closed " + base, "closed a#1 k 4 alice,bob A=9", "a as theirs"},
		{"gone on one side without a record, unchanged on the other", base + "; b#2 m 1 alice", base, base + "; b#2 m 1 alice", "a as ours; b as theirs; dropped b: missing on the other side, without a record of its removal"},
		{"who came and went on one side stays out", "a#1 k 3 alice A=1", "a#1 l<k 6 alice-mallory A=1", "a#1 k 4 alice,mallory A=1",
			"a under ours, revision 7, <k alice -mallory A=1; dropped a: access of mallory"},
		{"a reader who came and went, too", "a#1 k 3 alice A=1", "a#1 l<k 6 alice-mallory A=1", "a#1 k 4 alice,r:mallory A=1",
			"a under ours, revision 7, <k alice -mallory A=1; dropped a: access of mallory"},
		{"a profile that someone may have added who came and went is to be confirmed", "a#1 k 3 alice A=1", "a#1 l<k 6 alice-mallory A=1", "a#1 k 3 alice A=1; z#9 z<k 1 alice X=1",
			"a as ours; CONFLICT confirm profile z"},
		{"so is one of a side that removed the profile that the writer was removed from", base + "; b#2 m 1 alice", "a#1 l<k 5 alice-bob A=1 B=2 C=3; b#2 m 1 alice", "b#2 m 1 alice; z#9 z<k 1 bob X=1; removed 1 k",
			"a as ours vouch; b as ours; CONFLICT removed and changed a; CONFLICT confirm profile z"},
		{"and one next to the newest section, which may be a copy", base, "a#1 l<k 5 alice-bob A=1 B=2 C=3", "a#1 l<k 5 alice-bob A=1 B=2 C=3; z#9 z<k 1 alice X=1", "a as ours; CONFLICT confirm profile z"},
		{"who was made a reader stays one, without a question", "a#1 k 3 alice,bob A=1", "a#1 l<k 4 alice,r:bob A=1", "a#1 m<k 4 alice,bob A=1",
			"a under ours, revision 5, rotated, <k alice r:bob A=1"},
		{"nor is the old key back while the new one is to be confirmed", "a#1 k 3 alice,r:bob+K A=1", "a#1 l<k 4 alice,r:bob+L-bob A=1", "a#1 m<k 4 alice,r:bob+K A=1",
			"a under ours, revision 5, rotated, <k alice -bob now:bob A=1; CONFLICT confirm access a bob bob"},
		{"whom the other side added, too, in another role, is a reader", "a#1 k 3 alice A=1", "a#1 l<k 4 alice,carl A=1", "a#1 m<k 4 alice,r:carl A=1",
			"a under ours, revision 5, rotated, <k alice r:carl A=1"},
		{"a profile that both sides removed, one of them under newer keys", base + "; b#2 m 1 alice", base + "; removed 2 m", base + "; removed 2 n<m", "a as ours; removed 2 n"},
		{"the same from the other side", base + "; b#2 m 1 alice", base + "; removed 2 n<m", base + "; removed 2 m", "a as ours; removed 2 n"},
		{"a later time of a removed writer's side is to be confirmed", "a#1 k 3 alice,bob A=1", "a#1 l<k 5 alice-bob A=1", "a#1 k 4 alice,bob A=1@30",
			"a under ours, revision 6, <k alice -bob now:bob A=1; CONFLICT confirm value a A"},
		{"a later time extends what a removed reader is known to know", "a#1 k 3 alice,r:bob A=1", "a#1 l<k 5 alice-bob A=1", "a#1 k 4 alice,r:bob A=1@30",
			"a under ours, revision 6, <k alice -bob now:bob A=1"},
		{"each line vouches for the key above it", "a#1 k<v 3 alice A=1 B=1", "a#1 k<v 4 alice A=2 B=1", "a#1 l<k<v 4 alice A=1 B=2", "a under theirs, revision 5, <k <v alice A=2 B=2"},
		{"a new profile whose voucher was rotated is vouched for again", "a#1 k 3 alice A=1", "a#1 l<k 4 alice A=1", "a#1 k 3 alice A=1; z#9 z<k 1 alice X=1", "a as ours; z as theirs vouch"},
		{"one whose voucher is still present is not", "a#1 k 3 alice A=1", "a#1 k 4 alice A=2", "a#1 k 3 alice A=1; z#9 z<k 1 alice X=1", "a as ours; z as theirs"},
		{"a reader who was removed when there was nothing to know learns what the other side added", "a#1 k 3 alice,r:bob", "a#1 l<k 5 alice", "a#1 k 4 alice,r:bob N=5",
			"a under ours, revision 6, <k alice now:bob N=5"},
		{"who came and went and left no trace can't add people under the old key", "a#1 k 3 alice A=1", "a#1 l<k 6 alice A=1", "a#1 k 9007199254740991 alice,carl+M A=1 C=3",
			"a under ours, revision 1048583, <k alice now:carl A=1 C=3; CONFLICT confirm access a carl carl"},
		{"a forged line of someone removed, without new keys, keeps nobody out", "a#1 k 3 alice A=1", "a#1 k 6 alice,dave A=1", "a#1 k 4 alice-dave A=1",
			"a under ours, revision 7, alice dave -dave A=1"},
		{"a profile that only the base vouches for is to be confirmed", "a#1 k 3 alice A=1", "a#1 l<k 4 alice A=1", "a#1 k 3 alice A=1; doubtful z#9 z<k 1 alice X=1", "a as ours; CONFLICT confirm profile z"},
		{"no writer is left", "a#1 k 3 alice,bob A=1", "a#1 l<k 5 alice-bob A=1", "a#1 m<k 5 bob-alice A=1", "a as ours; CONFLICT confirm removal a alice alice; CONFLICT confirm removal a bob bob; CONFLICT no writer a"},
		{"whom a suspect side removed stays out, and is not listed as dropped", "a#1 k 3 alice,bob,r:carol A=1", "a#1 l<k 5 alice,r:carol-bob A=1", "a#1 m<k 5 alice,bob-carol A=1",
			"a under ours, revision 6, rotated, <k alice -bob -carol A=1; CONFLICT confirm removal a carol carol"},
		{"renamed on one side, another key on the other", "a#1 k 3 alice,r:bob+K A=1", "a#1 k 4 alice,r:robert+K A=1", "a#1 l<k 4 alice,r:bob+L-bob A=1",
			"a under theirs, revision 5, <k alice r:bob -bob A=1; CONFLICT confirm access a robert robert"},
		{"a profile that was removed before the base, and restored by one side", base + "; removed 2", base + "; removed 2", base + "; b#2 n<m 5 alice", "a as ours; b as theirs"},
		{"the sides removed different profiles: none is left", base + "; b#2 m 1 alice", base + "; removed 2", "b#2 m 1 alice; removed 1", "a as ours vouch; removed 2; CONFLICT no profile"},
		{"what a suspect side did as the other did passes", "a#1 k 3 alice,bob A=1 B=2", "a#1 l<k 5 alice-bob A=9@7", "a#1 k 4 alice,bob A=9@7",
			"a under ours, revision 6, <k alice -bob now:bob A=9"},
		{"a profile that was cherry-picked, and then changed", "a#1 k 3 alice", "a#1 k 3 alice; b#2 m<k 2 alice X=1 Y=2", "a#1 k 3 alice; b#2 m<k 3 alice,r:bob X=1 Z=3",
			"a as ours; b under ours, revision 4, <k alice r:bob X=1 Z=3 Y=2"},
		{"a profile that was cherry-picked: whom one side removed is not back", "a#1 k 3 alice", "a#1 k 3 alice; b#2 n<m<k 4 alice X=1", "a#1 k 3 alice; b#2 m<k 3 alice,r:bob X=1 Z=3",
			"a as ours; b under ours, revision 5, <m <k alice now:bob X=1 Z=3"},
		{"a revert gives values only, and sets them anew", "a#1 l<k 5 alice-bob A=2@6 B=2@6", "a#1 l<k 6 alice-bob A=2@6 B=3@7", "a#1 k 3 alice,bob A=2@6 B=2@6 C=4@6",
			"a under ours, revision 7, <k alice -bob A=2 B=3; CONFLICT exposed value a C"},
		{"whom one side removed is not added by the other, though it has the newer keys", "a#1 k 3 alice A=1", "a#1 l<k 5 alice-bob A=1", "a#1 m<l<k 6 alice,bob A=2",
			"a under theirs, revision 7, rotated, <l <k alice -bob now:bob A=2; dropped a: + bob"},
		{"a revert under the same keys", "a#1 k 5 alice A=2@6 B=2@6", "a#1 k 6 alice A=2@6 B=3@7", "a#1 k 4 alice,bob A=1@1 B=2@6 C=4@6",
			"a under ours, revision 7, alice A=1 B=3 C=4"},
		{"a revert to a value that someone who was removed knows is to be confirmed", "a#1 l<k 5 alice-bob A=2@6", "a#1 l<k 6 alice-bob A=2@6 B=3@7", "a#1 k 3 alice,bob A=1@1",
			"a under ours, revision 7, <k alice -bob A=2 B=3; CONFLICT exposed value a A"},
		{"a revert to a value that someone knows who left when there was nothing to record", "a#1 l<k 5 alice", "a#1 l<k 5 alice", "a#1 k 4 alice,bob A=1@1",
			"a under ours, revision 6, <k alice; CONFLICT exposed value a A"},
		{"nobody knows the comment at the end", "a#1 l<k 5 alice-bob A=2@6 =!mine", "a#1 l<k 6 alice-bob A=3@7 =!mine", "a#1 l<k 4 alice-bob A=2@6 =!old",
			"a under ours, revision 7, <k alice -bob A=3 =!old"},
		{"someone whom no side removed, but the merge leaves out, is recorded", "a#1 k 3 alice,zed+X,yan+Y A=1", "a#1 k 4 alice,bob+X,yan+Y A=1", "a#1 k 4 alice,zed+X,bob+Y A=1",
			"a under ours, revision 5, rotated, alice bob now:yan A=1; CONFLICT recipient two strings a bob bob"},
		{"row 10: a removed writer's side gives nobody another key", "a#1 k 3 alice,bob,r:carl+C A=1", "a#1 l<k 5 alice,r:carl+C-bob A=1", "a#1 k 4 alice,bob,r:carl+M A=1",
			"a under ours, revision 6, rotated, <k alice -bob now:carl A=1; CONFLICT confirm removal a carl carl; dropped a: the new key of carl"},
		{"nor does one of whoever left no trace", "a#1 k 3 alice,r:carl+C A=1", "a#1 l<k 5 alice,r:carl+C A=1", "a#1 k 4 alice,r:carl+M A=1",
			"a under ours, revision 6, <k alice r:carl now:carl A=1; CONFLICT confirm access a carl carl"},
		{"who is new in place of someone removed is someone else", "a#1 k 3 alice,bob A=1", "a#1 l<k 4 alice,carol-bob A=1", "a#1 k 4 alice,bob A=2",
			"a under ours, revision 5, <k alice carol -bob now:bob A=1; CONFLICT confirm value a A"},
		{"and does not get their role", "a#1 k 3 alice,r:bob A=1", "a#1 l<k 4 alice,r:carol-bob A=1", "a#1 k 4 alice,bob A=1",
			"a under ours, revision 5, <k alice r:carol -bob A=1"},
		{"a profile that both have and the base has not: a removed writer's side", "a#1 k 3 alice", "a#1 k 3 alice; b#2 n<m<k 4 alice-bob X=1", "a#1 k 3 alice; b#2 m<k 3 alice,bob X=1 Z=3",
			"a as ours; b under ours, revision 5, <m <k alice -bob now:bob X=1; CONFLICT confirm value b Z"},
		{"the same, where theirs removed them", "a#1 k 3 alice", "a#1 k 3 alice; b#2 m<k 3 alice,bob X=1 Z=3", "a#1 k 3 alice; b#2 n<m<k 4 alice-bob X=1",
			"a as ours; b under theirs, revision 5, <m <k alice -bob now:bob X=1; CONFLICT confirm value b Z"},
		{"only theirs is refused, and ours lacks it", "a#1 k 3 alice", "a#1 k 3 alice", "a#1 k 3 alice; refused b#2 x 1 eve", "a as ours; CONFLICT refused b"},
		{"what both removed is removed once", "a#1 k 3 alice; b#2 m 1 alice", "a#1 k 3 alice; removed 2", "a#1 k 3 alice; removed 2", "a as ours; removed 2"},
		{"a removal that only one side and the base know", "a#1 k 3 alice; removed 2", "a#1 k 3 alice", "a#1 k 3 alice; removed 2", "a as ours; removed 2"},
		{"gone on one side without a record, changed on the other", base + "; b#2 m 1 alice", base, base + "; b#2 m 2 alice", "a as ours; b as theirs; dropped b: missing on the other side, without a record of its removal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := outcome(Merge(scene(t, c.base), scene(t, c.ours), scene(t, c.theirs), nil))
			if got != strings.TrimPrefix(c.want, "refused ") {
				t.Errorf("\n%s, want\n%s", got, c.want)
			}
		})
	}
}

// TestMergeDecided merges where the user takes one side in all conflicts.
func TestMergeDecided(t *testing.T) {
	for _, c := range []struct{ name, base, ours, theirs, want, mirrored string }{
		{"whom both sides took writing from does not write, though the removal is not confirmed",
			"a#1 k 3 alice,bob A=1", "a#1 l<k 4 alice-bob A=1", "a#1 m<k 4 alice,r:bob A=1",
			"a under ours, revision 5, rotated, <k alice r:bob -bob A=1", "a under ours, revision 5, rotated, <k alice r:bob -bob A=1"},
		{"a value that was confirmed on one side stays exposed to whom the other removed meanwhile",
			"a#1 k 3 alice A=1", "a#1 l<k 6 alice-carl A=1 B=2", "a#1 k 4 alice A=1@30",
			"a under ours, revision 7, <k alice -carl A=1 B=2", "a under theirs, revision 7, <k alice -carl A=1 B=2"},
		{"added on one side, the new key of someone on the other: one person, in the lesser role",
			"a#1 k 3 alice,r:bob+K A=1", "a#1 l<k 4 alice,r:bob+L-bob A=1", "a#1 k 4 alice,r:bob+K,laptop+L A=1",
			"a under ours, revision 5, <k alice r:laptop -bob A=1", "a under theirs, revision 5, <k alice r:laptop -bob A=1"},
		{"a revert records who knows what it brings back", "a#1 l<k 5 alice B=1@7", "a#1 l<k 6 alice B=2@8", "a#1 k 4 alice,bob A=1@2 B=1@7",
			"a under ours, revision 7, <k alice -bob A=1@2 B=2@8", ""},
		{"a value that was confirmed after the base's removal keeps the later time",
			"a#1 k 3 alice-carl A=1", "a#1 k 6 alice-carl A=1 B=2", "a#1 k 4 alice A=1@30",
			"a under ours, revision 7, alice -carl A=1@30 B=2", "a under ours, revision 7, alice -carl A=1@30 B=2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, ours, theirs := scene(t, c.base), scene(t, c.ours), scene(t, c.theirs)
			merge := func(ours, theirs *File, side Side) string {
				plan := Merge(base, ours, theirs, func(Conflict) (Choice, bool) { return Choice{Side: side}, true })
				for _, r := range plan.Results {
					for i, e := range r.Entries {
						if e.Time.After(minute(1)) {
							r.Entries[i].Value += e.Time.Format("@4")
						}
					}
				}
				plan.Dropped = nil
				return outcome(plan)
			}
			if got := merge(ours, theirs, Theirs); got != c.want {
				t.Errorf("\n%s, want\n%s", got, c.want)
			}
			if got := merge(theirs, ours, Ours); c.mirrored != "" && got != c.mirrored {
				t.Errorf("mirrored:\n%s, want\n%s", got, c.mirrored)
			}
		})
	}
}

// Merging entries with those of one side loses nothing that was typed, and changes nothing
// that no side changed.
func FuzzEntries(f *testing.F) {
	f.Add("A=1 B=2", "A=1 C=3", "B=2 A=4")
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		read := func(text string) []Entry {
			var list []Entry
			for _, word := range strings.Fields(text) {
				e := entry(word)
				if !slices.ContainsFunc(list, func(x Entry) bool { return x.Name == e.Name }) {
					list = append(list, e)
				}
			}
			return endLast(list)
		}
		b, o, h := read(base), read(ours), read(theirs)
		if merged, conflicts := Entries(b, o, b); len(conflicts) > 0 || fmt.Sprint(merged) != fmt.Sprint(o) {
			t.Errorf("theirs unchanged: %v, %v", merged, conflicts)
		}
		merged, conflicts := Entries(b, o, h)
		is, conflicted := find(merged), map[string]bool{}
		if len(is) != len(merged) {
			t.Errorf("a name stands twice: %v", merged)
		}
		for _, c := range conflicts {
			conflicted[c.Credential] = true
		}
		was := find(b)
		for _, side := range [][]Entry{o, h} {
			for i := range side {
				e := &side[i]
				if !e.same(was[e.Name]) && !conflicted[e.Name] && !e.same(is[e.Name]) {
					t.Errorf("%s was changed, and is lost: %v", e.Name, merged)
				}
			}
		}
	})
}
