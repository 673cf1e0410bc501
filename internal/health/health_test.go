package health

import (
	"errors"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/kdf"
)

var today = time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)

// profile has one writer with a classic key, and credentials that expire in so many days.
func profile(name string, days ...int) *format.Profile {
	s := &format.Profile{Name: name, Recipients: []format.Recipient{{Name: "alice", Writer: true, String: "age1alice"}, {Name: "bob", String: "age1bob"}}}
	for _, n := range days {
		s.Entries = append(s.Entries, format.Entry{Name: "A", Expires: today.AddDate(0, 0, n)})
	}
	return s
}

// What has expired comes before what will, more of it before less, and what can wait last.
func TestWorstFirst(t *testing.T) {
	reports := []Report{}
	for _, s := range []*format.Profile{profile("fine"), profile("soon", 3), profile("one", 3, -1), profile("two", -2, 400, -3)} {
		reports = append(reports, Examine(s, today, 14))
	}
	Sort(reports)
	for i, want := range []string{"two", "one", "soon", "fine"} {
		if reports[i].Section.Name != want || reports[i].Urgent() != (i < 2) {
			t.Errorf("%d: %s, want %s", i, reports[i].Section.Name, want)
		}
	}
	if got := reports[0].Of(Expired); len(got) != 2 || got[0].Days != -3 {
		t.Errorf("the longest expired is not the first: %v", got)
	}
	groups := Groups(reports)
	for i, want := range []Group{{Expired, make([]Finding, 2)}, {Expired, make([]Finding, 1)}, {Expiring, make([]Finding, 1)},
		{Expiring, make([]Finding, 1)}, {Writers, make([]Finding, 4)}, {Classic, make([]Finding, 8)}} {
		if groups[i].Kind != want.Kind || len(groups[i].Findings) != len(want.Findings) {
			t.Errorf("group %d: %s, %d", i, groups[i].Kind, len(groups[i].Findings))
		}
	}
	if next := NextExpiry(reports[0].Section); !next.Equal(today.AddDate(0, 0, -3)) {
		t.Error(next)
	}
}

// Every parameter must be met, lanes don't count, and a kind without a minimum is not
// allowed.
func TestMinima(t *testing.T) {
	m := Minima{}
	if lock, err := m.Add("argon2id:65536:3"); lock != "argon2id" || err != nil {
		t.Fatal(lock, err)
	}
	for cost, bad := range map[kdf.Params]bool{
		kdf.Argon2id{KiB: 65536, Passes: 3, Lanes: 4}: false, kdf.Argon2id{KiB: 1 << 20, Passes: 2, Lanes: 1}: true,
		kdf.Argon2id{KiB: 65535, Passes: 9, Lanes: 1}: true,
	} {
		if _, got := m.weak("argon2id", cost); got != bad {
			t.Errorf("%v: %v", cost, got)
		}
	}
	if want, bad := m.weak("scrypt", kdf.DefaultScrypt); want != nil || !bad {
		t.Error("a kind without a minimum is allowed")
	}
	if _, err := m.Add("argon2id:65536:4"); !errors.Is(err, ErrMinimumTwice) {
		t.Error(err)
	}
	for _, text := range []string{"", "argon2id", "argon2id:65536:3:1", "bcrypt:12"} {
		if _, err := m.Add(text); !errors.Is(err, ErrMinimum) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
