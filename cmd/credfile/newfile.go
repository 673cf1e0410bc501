package main

import (
	"slices"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// maxVouchers limits how many keys of other files vouch for a new one.
const maxVouchers = 16

// vouchForNew lets other files of the repository vouch for a new one. Colleagues know those
// files, so they are not asked about the new one.
func (a *app) vouchForNew(f *file) error {
	for _, voucher := range a.neighbours(f) {
		for _, name := range f.Names() {
			p, err := f.Unlock(name) // it is unlocked, since it is new
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

// renewNeighbours does the same at a rotation, for a profile whose voucher was a
// neighbour's key that has been replaced since: colleagues may not have seen the profile
// yet. It removes no line, since it can't be sure whose key an old line has.
func (a *app) renewNeighbours(f *file, rs rotations) error {
	vouchers := a.neighbours(f)
	for i, r := range rs {
		if i == 0 {
			rs[i].orphans = a.orphans(f, rs)
		}
		stale := staleNeighbour(r, vouchers)
		if stale == nil {
			continue
		}
		if err := stale.VouchFor(r.p, format.Key{}); err != nil {
			return err
		}
	}
	return nil
}

func staleNeighbour(r rotation, vouchers []*vaultfile.Profile) (stale *vaultfile.Profile) {
	lines := r.p.Section()
	for _, voucher := range vouchers {
		if hasLineBy(lines, voucher.Section().Key) {
			return nil
		}
		if hasLineBy(voucher.Section(), r.old) {
			continue // the reverse: r.p vouches for it
		}
		for _, old := range voucher.Section().Vouched {
			if stale == nil && hasLineBy(lines, old.Key) {
				stale = voucher
			}
		}
	}
	return stale
}

// orphans returns the neighbours for which no current key vouches once these rotations are
// written. Colleagues who have never seen them would be asked.
func (a *app) orphans(f *file, rs rotations) (paths []string) {
	present := map[format.Key]bool{}
	for _, s := range f.UnverifiedSections() {
		present[s.Key] = true
	}
	a.eachNeighbour(f, func(_ *app, n *file) bool {
		for _, s := range n.UnverifiedSections() {
			present[s.Key] = true
		}
		return true
	})
	a.eachNeighbour(f, func(_ *app, n *file) bool {
		for _, s := range n.UnverifiedSections() {
			vouched := slices.ContainsFunc(s.Vouched, func(v format.Vouched) bool { return present[v.Key] })
			if !vouched && slices.ContainsFunc(rs, func(r rotation) bool { return hasLineBy(s, r.old) }) && !contains(paths, n.path) {
				paths = append(paths, n.path)
			}
		}
		return true
	})
	return paths
}

// neighbours returns profiles of the repository's other known files that the user can write
// and that open without a question.
func (a *app) neighbours(f *file) (vouchers []*vaultfile.Profile) {
	a.eachNeighbour(f, func(other *app, n *file) bool {
		for _, name := range n.Names() {
			if voucher := other.quietly(n, name); voucher != nil && len(vouchers) < maxVouchers {
				vouchers = append(vouchers, voucher)
			}
		}
		return len(vouchers) < maxVouchers
	})
	return vouchers
}

// eachNeighbour opens the repository's other known files, as the same user would.
func (a *app) eachNeighbour(f *file, do func(other *app, n *file) (more bool)) {
	if a.look(f) != nil {
		return // the memory is damaged, so no files are known
	}
	for _, path := range f.sight.Neighbours() {
		another := *a
		other := &another
		other.file, other.quiet = path, true
		other.cache = &cache{app: other}
		if other.cache.fromEnv() != nil {
			return
		}
		if n, err := other.open(); err == nil && !do(other, n) {
			return
		}
	}
}
