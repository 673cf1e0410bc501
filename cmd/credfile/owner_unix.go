//go:build unix

package main

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"github.com/credfile/credfile/vaultfile/trust"
)

// owners tells whose files are ours: the user's own and root's; under sudo, those of the
// user who called it, too.
type owners struct {
	own  []uint32
	here *uint32 // who owns the working directory, for root without sudo
}

func newOwners(a *app) *owners {
	me := uint32(os.Geteuid())
	o := &owners{own: []uint32{0, me}}
	if me != 0 {
		return o
	}
	if uid, err := strconv.ParseUint(a.getenv("SUDO_UID"), 10, 32); err == nil {
		o.own = append(o.own, uint32(uid))
	} else if dir, err := a.getwd(); err == nil {
		if info, err := os.Stat(dir); err == nil {
			uid := uidOf(info)
			o.here = &uid
		}
	}
	return o
}

func uidOf(info fs.FileInfo) uint32 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Uid
	}
	return 0
}

func (o *owners) ours(info fs.FileInfo) bool {
	uid := uidOf(info)
	for _, own := range o.own {
		if uid == own {
			return true
		}
	}
	return false
}

// readable is ours, and for root without sudo what belongs to who owns the working directory:
// that is good enough to recognise what is known.
func (o *owners) readable(info fs.FileInfo) bool {
	return o.ours(info) || o.here != nil && uidOf(info) == *o.here
}

// other returns the owner of what path leads to, if that is another user.
func (o *owners) other(path string) (trust.Other, bool) {
	info, err := os.Stat(path)
	if err != nil || o.ours(info) {
		return trust.Other{}, false
	}
	uid := uidOf(info)
	return trust.Other{Path: path, UID: uid, Here: o.here != nil && *o.here == uid}, true
}
