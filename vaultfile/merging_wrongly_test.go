package vaultfile_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// refused is a plan that can't be carried out, and what its error is.
type refused struct {
	what string
	plan *merge.Plan
	want func(error) bool
}

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

func isA[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// A plan for other files, or files that aren't unlocked, are an error and change nothing. Nor does one
// that would make what no file may have.
func TestMergeWrongly(t *testing.T) {
	text := marshal(t, newFile(t))
	locked := func() (f, theirs *vaultfile.File) {
		return must(vaultfile.Parse(text)), must(vaultfile.Parse(text))
	}
	open := func() (f, theirs *vaultfile.File) {
		f, theirs = locked()
		unlock(t, f)
		return f, theirs
	}
	late := func() (f, theirs *vaultfile.File) {
		f, theirs = open()
		f.Clock = func() time.Time { return time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC) }
		return f, theirs
	}
	id := must(vaultfile.Parse(text)).UnverifiedSections()[0].ID
	ours, role := merge.Ours, isA[*vaultfile.RoleError]
	merged := func(r merge.Result) *merge.Plan {
		r.ID, r.Name, r.Revision = id, "default", 9
		return &merge.Plan{Results: []merge.Result{r}}
	}
	for _, c := range []struct {
		files func() (f, theirs *vaultfile.File)
		refused
	}{
		{locked, refused{"an unknown profile", &merge.Plan{Results: []merge.Result{{ID: format.ID{1}, Take: &ours}}}, is(vaultfile.ErrOtherPlan)}},
		{locked, refused{"an unknown profile to be merged", &merge.Plan{Results: []merge.Result{{ID: format.ID{1}}}}, is(vaultfile.ErrOtherPlan)}},
		{locked, refused{"an unknown profile to be removed", &merge.Plan{Remove: []merge.Removal{{ID: format.ID{1}}}}, is(vaultfile.ErrOtherPlan)}},
		{locked, refused{"a locked profile", merged(merge.Result{}), role}},
		{locked, refused{"a locked profile to be renamed", &merge.Plan{Results: []merge.Result{{ID: id, Name: "other", Take: &ours}}}, role}},
		{open, refused{"keys of both sides, one of them locked", merged(merge.Result{Rotate: true, Apart: true}), role}},
		{open, refused{"a recipient whose key is none", merged(merge.Result{Recipients: []format.Recipient{{Name: "x", Writer: true, String: "age1qqqqqq"}}}), isA[*vaultfile.RecipientError]}},
		{open, refused{"more former recipients than there may be", merged(merge.Result{Former: make([]format.Former, format.MaxFormer+1)}), is(format.ErrLimit)}},
		{open, refused{"the only profile to be removed", &merge.Plan{Remove: []merge.Removal{{ID: id, Side: ours}}}, isA[*vaultfile.LastProfileError]}},
		{late, refused{"a value that is set at no time", merged(merge.Result{Entries: []merge.Entry{{Name: "A"}}}), isA[*vaultfile.ClockError]}},
	} {
		f, theirs := c.files()
		if err := f.Merge(theirs, c.plan); !c.want(err) || f.HasChanges() {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	f, _ := open()
	if err := f.Merge(vaultfile.New(), &merge.Plan{}); !errors.Is(err, vaultfile.ErrOtherFile) {
		t.Errorf("another file: %v", err)
	}
}

// A section is taken as it is, without a key. One that is restored gets new keys.
func TestMergeTakes(t *testing.T) {
	text := marshal(t, newFile(t))
	f := must(vaultfile.Parse(text))
	if _, err := unlock(t, f).Set("A", []byte("1")); err != nil {
		t.Fatal(err)
	}
	changed := marshal(t, f)
	theirs := merge.Theirs
	ours := must(vaultfile.Parse(text))
	s := ours.UnverifiedSections()[0]
	if err := ours.Merge(must(vaultfile.Parse(changed)), &merge.Plan{Results: []merge.Result{{ID: s.ID, Name: s.Name, Take: &theirs}}}); err != nil || !bytes.Equal(marshal(t, ours), changed) {
		t.Errorf("taken without a key: %v", err)
	}
	side := must(vaultfile.Parse(changed))
	unlock(t, side)
	if err := ours.Merge(side, &merge.Plan{Results: []merge.Result{{ID: s.ID, Name: s.Name, Take: &theirs, Rotate: true}}}); err != nil {
		t.Fatal(err)
	}
	again := must(vaultfile.Parse(marshal(t, ours)))
	now, err := again.Profile("default")
	if err != nil || now.Key == s.Key || !slices.ContainsFunc(now.Vouched, func(v format.Vouched) bool { return v.Key == s.Key && v.For == now.Key }) || !unlock(t, again).Has("A") {
		t.Errorf("restored: %v", err)
	}
}

// newFile returns a file of alice.
func newFile(t *testing.T) *vaultfile.File {
	t.Helper()
	f := vaultfile.New()
	_, err := f.Add("default", []vaultfile.Recipient{{Name: "alice", Writer: true, String: stringOf("alice")}}, nil)
	return must(f, err)
}

func marshal(t *testing.T, f *vaultfile.File) []byte {
	t.Helper()
	text, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// unlock unlocks alice's profile.
func unlock(t *testing.T, f *vaultfile.File) *vaultfile.Profile {
	t.Helper()
	p, err := f.Unlock("default", cast["alice"])
	if err != nil {
		t.Fatal(err)
	}
	return p
}
