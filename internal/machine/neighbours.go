package machine

import (
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/vaultfile"
)

// maxVouchers limits how many keys of other files vouch for a new one.
const maxVouchers = 16

// Rotation is a profile that got new keys.
type Rotation struct {
	Profile *vaultfile.Profile
	Old     format.Key
}

// VouchForNew lets other files of the repository vouch for a new one. Colleagues know those
// files, so they are not asked about the new one.
func (f *File) VouchForNew() error {
	for _, voucher := range f.neighbours() {
		for _, name := range f.Names() {
			p, err := f.File.Unlock(name) // it is unlocked, since it is new
			if err != nil {
				return err
			}
			if err := voucher.VouchFor(p, format.Key{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// RenewNeighbours does the same at a rotation, for a profile whose voucher was a
// neighbour's key that has been replaced since: colleagues may not have seen the profile
// yet. It removes no line, since it can't be sure whose key an old line has. It returns the
// paths of the files for which no present key vouches after the rotations.
func (f *File) RenewNeighbours(rs []Rotation) (orphans []string, err error) {
	vouchers := f.neighbours()
	for _, r := range rs {
		if stale := staleNeighbour(r, vouchers); stale != nil {
			if err := stale.VouchFor(r.Profile, format.Key{}); err != nil {
				return nil, err
			}
		}
	}
	return f.orphans(rs), nil
}

func staleNeighbour(r Rotation, vouchers []*vaultfile.Profile) (stale *vaultfile.Profile) {
	lines := r.Profile.Section()
	for _, voucher := range vouchers {
		if vouchedBy(lines, voucher.Section().Key) {
			return nil
		}
		if vouchedBy(voucher.Section(), r.Old) {
			continue // the reverse: r.Profile vouches for it
		}
		for _, old := range voucher.Section().Vouched {
			if stale == nil && vouchedBy(lines, old.Key) {
				stale = voucher
			}
		}
	}
	return stale
}

// vouchedBy reports whether a section has a line of a key.
func vouchedBy(s *format.Profile, key format.Key) bool {
	return slices.ContainsFunc(s.Vouched, func(v format.Vouched) bool { return v.Key == key })
}

// orphans returns the neighbours for which no present key vouches once the rotations are
// written. Colleagues who have never seen them would be asked.
func (f *File) orphans(rs []Rotation) (paths []string) {
	present := map[format.Key]bool{}
	for _, s := range f.UnverifiedSections() {
		present[s.Key] = true
	}
	neighbours := slices.Collect(f.eachNeighbour)
	for _, n := range neighbours {
		for _, s := range n.UnverifiedSections() {
			present[s.Key] = true
		}
	}
	for _, n := range neighbours {
		for _, s := range n.UnverifiedSections() {
			vouched := slices.ContainsFunc(s.Vouched, func(v format.Vouched) bool { return present[v.Key] })
			rotated := slices.ContainsFunc(rs, func(r Rotation) bool { return vouchedBy(s, r.Old) })
			if rotated && !vouched && !slices.Contains(paths, n.Path) {
				paths = append(paths, n.Path)
			}
		}
	}
	return paths
}

// neighbours returns profiles of the repository's other known files that the user can write
// and that open without a question.
func (f *File) neighbours() (vouchers []*vaultfile.Profile) {
	for n := range f.eachNeighbour {
		for _, name := range n.Names() {
			if voucher := n.Quietly(name); voucher != nil {
				if vouchers = append(vouchers, voucher); len(vouchers) == maxVouchers {
					return vouchers
				}
			}
		}
	}
	return vouchers
}

// eachNeighbour yields the repository's other known files, as the same user would use them
// if they had named them.
func (f *File) eachNeighbour(yield func(*File) bool) {
	sight, err := f.Sight()
	if err != nil {
		return // the memory is damaged, so no files are known
	}
	m := f.machine.Named()
	m.Quiet, m.Tell = true, func(*File, Note) {}
	for _, path := range sight.Neighbours() {
		b, err := atomicfile.Read(path, format.MaxFile)
		if err != nil {
			continue
		}
		v, err := vaultfile.Parse(b)
		if err == nil && !yield(m.At(path, v)) {
			return
		}
	}
}
