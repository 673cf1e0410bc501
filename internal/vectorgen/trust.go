package vectorgen

import (
	"crypto/ed25519"
	"slices"
)

// see records that the machine saw the file in its present state and accepted all that the
// rules accept.
func (k *kit) see(f *file) { k.set("seen", "%s", b64(f.bytes())) }

// ask records the expected result for a profile, for reading and for writing: ok, refused
// or stops.
func (k *kit) ask(profile, read, write string) {
	k.set("ask", "%s", profile)
	k.set("read", "%s", read)
	k.set("write", "%s", write)
}

// two is a file of two profiles, a and b, where a vouches for b. The machine has seen it.
func (k *kit) two() (f *file, a, b *profile) {
	f = k.file()
	a, b = f.profile("a"), f.profile("b")
	b.vouch(a.signer)
	a.member("writer", "alice")
	b.member("writer", "alice")
	k.see(f)
	return f, a, b
}

// bump is a later write.
func (p *profile) bump() { p.rev = string(p.rev[0] + 1) }

// turn rotates the profile and returns its old key.
func (p *profile) turn() (old ed25519.PrivateKey) {
	old = p.signer
	p.rotate()
	p.bump()
	return old
}

// copy returns a copy of the profile in its present state.
func (p *profile) copy() *profile {
	q := *p
	q.vouched = slices.Clone(p.vouched)
	q.sign = func(m []byte) []byte { return ed25519.Sign(q.signer, m) }
	return &q
}

// trustCase is a case about continuity: all its files are valid.
func trustCase(name, comment, ask, read, write string, build func(k *kit, f *file, a, b *profile)) Case {
	return Case{"trust_" + name, "ok", comment, func(k *kit) []byte {
		f, a, b := k.two()
		build(k, f, a, b)
		k.ask(ask, read, write)
		return f.bytes()
	}}
}

// trustCases are about what a machine accepts after seeing other files.
var trustCases = []Case{
	trustCase("present", "the key is held as present", "a", "ok", "ok", func(k *kit, f *file, a, b *profile) { a.bump() }),
	trustCase("present_lower", "a lower revision is only a warning", "a", "ok", "ok", func(k *kit, f *file, a, b *profile) {
		a.rev = "5"
		k.see(f)
		a.rev = "4"
	}),
	trustCase("forward", "a present key stands in the lines", "a", "ok", "ok", func(k *kit, f *file, a, b *profile) { a.turn() }),
	trustCase("forward_two", "it need not be the newest line", "a", "ok", "ok", func(k *kit, f *file, a, b *profile) {
		a.turn()
		a.turn()
	}),
	trustCase("forward_old", "an old key vouches for nothing", "a", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		fork := a.copy()
		a.turn()
		k.see(f)
		fork.turn()
		fork.bump()
		*a = *fork
	}),
	trustCase("forward_other", "a present key of another profile is no key of this one", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		b.vouched = nil
		b.newSeed()
		b.vouch(a.signer)
	}),
	trustCase("rotations_merged", "two rotations are merged: the lines of both", "a", "ok", "ok", func(k *kit, f *file, a, b *profile) {
		ours, theirs := a.copy(), a.copy()
		ours.turn()
		theirs.turn()
		first := a.signer
		*a = *ours
		k.see(f)
		a.vouched = nil
		a.newSeed()
		a.vouched = []string{vouchLine(f.id, a.id, ours.signer, a.pub), vouchLine(f.id, a.id, theirs.signer, a.pub), vouchLine(f.id, a.id, first, ours.pub)}
		a.bump()
	}),
	trustCase("rotations_parallel", "of two parallel rotations the one that was not seen is refused", "a", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		theirs := a.copy()
		theirs.turn()
		a.turn()
		k.see(f)
		*a = *theirs
	}),
	trustCase("old", "a fork under a superseded key", "a", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		fork := a.copy()
		a.turn()
		k.see(f)
		*a = *fork
		a.rev = "9"
	}),
	trustCase("accepted", "bytes that were let through before are read, not written", "a", "ok", "stops", func(k *kit, f *file, a, b *profile) {
		before := a.copy()
		a.turn()
		k.see(f)
		*a = *before
	}),
	trustCase("foreign", "replaced whole, under the same id", "a", "refused", "refused", func(k *kit, f *file, a, b *profile) { a.newSeed() }),
	trustCase("new", "a new profile is vouched for by a present key", "c", "ok", "ok", func(k *kit, f *file, a, b *profile) {
		c := f.profile("c")
		c.member("writer", "alice")
		c.vouch(b.signer)
	}),
	trustCase("new_unvouched", "a new profile that nobody vouches for", "c", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		f.profile("c").member("writer", "alice")
	}),
	trustCase("new_by_forward", "the voucher is forward in this file", "c", "ok", "ok", func(k *kit, f *file, a, b *profile) {
		a.turn()
		c := f.profile("c")
		c.member("writer", "alice")
		c.vouch(a.signer)
	}),
	trustCase("new_by_old", "a key that is held as old does not count", "c", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		old := a.turn()
		k.see(f)
		c := f.profile("c")
		c.member("writer", "alice")
		c.vouch(old)
	}),
	trustCase("new_by_superseded_here", "nor one that this file shows to be superseded", "c", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		old := a.turn()
		c := f.profile("c")
		c.member("writer", "alice")
		c.vouch(old)
	}),
	trustCase("new_by_removed_here", "nor that of a profile that this file removes", "c", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		c := f.profile("c")
		c.member("writer", "alice")
		c.vouch(b.signer)
		f.remove(b)
	}),
	trustCase("new_by_new", "a new profile may vouch for another", "d", "ok", "ok", func(k *kit, f *file, a, b *profile) {
		d, c := f.profile("d"), f.profile("c")
		c.member("writer", "alice")
		d.member("writer", "alice")
		c.vouch(a.signer)
		d.vouch(c.signer)
	}),
	trustCase("new_by_refused", "but not one that is refused", "d", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		d, c := f.profile("d"), f.profile("c")
		c.member("writer", "alice")
		d.member("writer", "alice")
		d.vouch(c.signer)
	}),
	trustCase("name", "a known name under another id, vouched for", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		b.id = k.bytes(16)
		b.newSeed()
		b.vouched = nil
		b.vouch(a.signer)
	}),
	trustCase("name_swapped", "a known profile under the name of another that was cut out", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		a.name = "b"
		f.profiles = []*profile{a}
	}),
	trustCase("name_renamed", "a name that a renamed profile bore", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		b.name = "c"
		b.bump()
		k.see(f)
		d := f.profile("b")
		d.member("writer", "alice")
		d.vouch(a.signer)
	}),
	trustCase("name_removed", "a name that a removed profile bore", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		f.remove(b)
		k.see(f)
		d := f.profile("b")
		d.member("writer", "alice")
		d.vouch(a.signer)
	}),
	trustCase("renamed", "a profile may change its name", "c", "ok", "ok", func(k *kit, f *file, a, b *profile) {
		b.name = "c"
		b.bump()
	}),
	trustCase("gone", "a profile that is gone is missed", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		f.profiles = f.profiles[:1]
	}),
	trustCase("gone_other", "and the others are none the worse", "a", "ok", "ok", func(k *kit, f *file, a, b *profile) {
		f.profiles = f.profiles[:1]
	}),
	trustCase("gone_made_up", "a removed block with a key made up on the spot does not count", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		b.vouched = nil
		b.newSeed()
		f.remove(b)
	}),
	trustCase("back_accepted", "a removed profile is back, as it was accepted", "b", "ok", "stops", func(k *kit, f *file, a, b *profile) {
		f.remove(b)
		k.see(f)
		f.removed = nil
		f.profiles = append(f.profiles, b)
	}),
	trustCase("back", "a removed profile is back with other bytes", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		f.remove(b)
		k.see(f)
		f.removed = nil
		f.profiles = append(f.profiles, b)
		b.bump()
	}),
	trustCase("restored", "a present key of another profile vouches for a removed one that is back", "b", "ok", "ok", func(k *kit, f *file, a, b *profile) {
		f.remove(b)
		k.see(f)
		f.removed = nil
		f.profiles = append(f.profiles, b)
		b.turn()
		b.vouched = b.vouched[:1] // its voucher's line is made again
		b.vouch(a.signer)
	}),
	trustCase("returned", "the key that removed a profile does not vouch for its return, nor does a line behind it", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		f.remove(b)
		k.see(f)
		f.removed = nil
		f.profiles = append(f.profiles, b)
		b.turn()
	}),
	trustCase("removed_again", "a profile that was restored and removed again unseen is not back", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		f.remove(b)
		k.see(f)
		b.turn()
		b.vouched = b.vouched[:1]
		b.vouch(a.signer)
		f.removed, f.profiles = nil, []*profile{a, b}
		f.remove(b)
		k.see(f)
		f.removed, f.profiles = nil, []*profile{a, b}
		b.bump()
	}),
	trustCase("new_by_gone", "a profile that is not in the file vouches for nothing", "c", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		c := f.profile("c")
		c.member("writer", "alice")
		c.vouch(b.signer)
		f.profiles = []*profile{a, c}
	}),
	trustCase("removed_by_new", "a removed block counts that a new profile vouches for", "d", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		c, d := f.profile("c"), f.profile("d")
		c.member("writer", "alice")
		d.member("writer", "alice")
		c.vouch(a.signer)
		d.vouch(c.signer)
		f.remove(d)
		k.see(f)
		f.removed = nil
		f.profiles = append(f.profiles, d)
		d.bump()
	}),
	trustCase("restored_removed_block", "then its old removed block does not count", "b", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		gone := f.remove(b)
		k.see(f)
		f.removed = nil
		f.profiles = append(f.profiles, b.copy())
		f.profiles[1].turn()
		f.profiles[1].vouched = f.profiles[1].vouched[:1]
		f.profiles[1].vouch(a.signer)
		k.see(f)
		f.profiles = f.profiles[:1]
		f.removed = []*removed{gone}
	}),
	trustCase("removed_unseen", "a profile that came and went unseen is not taken for a new one", "c", "refused", "refused", func(k *kit, f *file, a, b *profile) {
		c := f.profile("c")
		c.member("writer", "alice")
		c.vouch(a.signer)
		f.remove(c)
		k.see(f)
		f.removed = nil
		f.profiles = append(f.profiles, c)
		c.bump()
	}),
	trustCase("removed_made_up", "a removed block that nobody vouches for takes no name", "c", "ok", "ok", func(k *kit, f *file, a, b *profile) {
		f.remove(f.profile("c"))
		k.see(f)
		f.removed = nil
		c := f.profile("c")
		c.member("writer", "alice")
		c.vouch(a.signer)
	}),
	pinCase("pin", "the profile is listed", "ok", func(k *kit, f *file, a, b *profile) { k.pin(a, b) }),
	pinCase("pin_forward", "its key vouches for a later one", "ok", func(k *kit, f *file, a, b *profile) {
		k.pin(b)
		b.turn()
	}),
	pinCase("pin_foreign", "its key is another", "refused", func(k *kit, f *file, a, b *profile) {
		k.pin(b)
		b.vouched = nil
		b.newSeed()
	}),
	pinCase("pin_not_listed", "vouching by another profile does not count", "refused", func(k *kit, f *file, a, b *profile) { k.pin(a) }),
	pinCase("pin_name", "it is listed under another name", "refused", func(k *kit, f *file, a, b *profile) {
		b.name = "c"
		k.pin(b)
		b.name = "b"
	}),
	pinCase("pin_other_file", "entries for another file do not count", "refused", func(k *kit, f *file, a, b *profile) {
		id := f.id
		f.id = k.bytes(16)
		k.pin(b)
		f.id = id
	}),
}

// pin records that the machine has CREDFILE_TRUST with these profiles, and no memory.
func (k *kit) pin(ps ...*profile) {
	value := ""
	for i, p := range ps {
		if i > 0 {
			value += ","
		}
		value += b64(p.f.id) + ":" + b64(p.id) + ":" + b64(p.pub) + ":" + p.name
	}
	k.set("pins", "%s", value)
}

func pinCase(name, comment, answer string, build func(k *kit, f *file, a, b *profile)) Case {
	return Case{"trust_" + name, "ok", comment, func(k *kit) []byte {
		f, a, b := k.two()
		k.head = nil // no memory
		build(k, f, a, b)
		k.ask("b", answer, answer)
		return f.bytes()
	}}
}
