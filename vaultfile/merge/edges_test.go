package merge

import "testing"

// TestEdges has merges in which one word decides: without a choice, and with theirs for each conflict.
func TestEdges(t *testing.T) {
	for _, c := range []struct{ name, base, ours, theirs, none, second string }{
		{"a former line exposes no value that is later than it", "a#1 k 3 alice A=1", "a#1 k 4 alice-carl A=9@7", "a#1 k 4 alice A=9@9",
			"a under ours, revision 5, alice -carl A=9; A at 9",
			"a under ours, revision 5, alice -carl A=9; A at 9"},
		{"of two people with one name, the one stays whom the chosen side calls so", "a#1 k 3 alice,zed+X,yan+Y A=1", "a#1 k 4 alice,bob+X,yan+Y A=1 B=2", "a#1 k 4 alice,zed+X,bob+Y A=1",
			"a under ours, revision 5, rotated, alice bob now:yan A=1 B=2; CONFLICT recipient two strings a bob bob; bob has X",
			"a under ours, revision 5, rotated, alice bob now:zed A=1 B=2; bob has Y"},
		{"whoever is missing without new keys has not been removed, and can add a profile", "a#1 k 3 alice,bob A=1", "a#1 k 4 alice A=1", "a#1 k 3 alice,bob A=1; z#9 z 1 bob X=1",
			"a as ours; z as theirs",
			"a as ours; z as theirs"},
		{"someone came and went under the old name of a writer", "a#1 k 3 alice,bob+K A=1", "a#1 l<k 5 alice,robert+K-bob A=1", "a#1 k 4 alice,bob+K A=9",
			"a under ours, revision 6, <k alice robert -bob A=1; CONFLICT confirm value a A; robert has K",
			"a under ours, revision 6, <k alice robert -bob A=9; robert has K"},
		{"a fork that renamed a writer took nothing away", "a#1 k 3 alice,bob+K A=1", "a#1 l<k 4 alice,bob+K A=1", "a#1 m<k 4 alice,robert+K A=1",
			"a under ours, revision 5, rotated, <k alice bob A=1; CONFLICT confirm access a robert robert; bob has K",
			"a under ours, revision 5, rotated, <k alice robert A=1; robert has K"},
		{"the first recipient under two names, a writer under one of them", "a#1 k 3 bob+K,alice A=1", "a#1 k 4 bob+L,alice A=1", "a#1 k 4 bob+K,alice,r:laptop+L A=1",
			"a under ours, revision 5, rotated, alice r:bob A=1; CONFLICT recipient two names a bob laptop; bob has L",
			"a under ours, revision 5, rotated, alice r:laptop A=1; laptop has L"},
		{"a profile that one side removed, and the other never had", "a#1 k 3 alice", "a#1 k 3 alice; removed 2 m", "a#1 k 3 alice",
			"a as ours; removed 2 m",
			"a as ours; removed 2 m"},
		{"a section with the revision of the base is no revert", "a#1 k 3 alice A=1@5", "a#1 k 4 alice A=1@5 B=1", "a#1 k 3 alice A=2@3",
			"a under ours, revision 5, alice A=2 B=1; A at 3",
			"a under ours, revision 5, alice A=2 B=1; A at 3"},
		{"nobody knows the comment at the end that a revert brings back", "a#1 l<k 5 alice-carl =!end", "a#1 l<k 6 alice-carl B=3 =!end", "a#1 k 3 alice,bob =@2!old",
			"a under ours, revision 7, <k alice -carl B=3 =!end; CONFLICT exposed value a",
			"a under ours, revision 7, <k alice -carl B=3 =!old;  at 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for who, by := range map[string]struct {
				decide Decide
				want   string
			}{"nobody": {nil, c.none}, "theirs": {func(Conflict) (Choice, bool) { return Choice{Side: Theirs}, true }, c.second}} {
				if got := full(Merge(scene(t, c.base), scene(t, c.ours), scene(t, c.theirs), by.decide)); got != by.want {
					t.Errorf("%s:\n%s, want\n%s", who, got, by.want)
				}
			}
		})
	}
}
