//go:build unix

package trust

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// owners decides whose files are ours: those of the user and of root and, under sudo, of
// the user who ran sudo.
type owners struct {
	own  []uint32
	here *uint32 // the owner of the working directory, for root without sudo
}

func newOwners(l *Locator) *owners {
	me := uint32(os.Geteuid())
	o := &owners{own: []uint32{0, me}}
	if me != 0 {
		return o
	}
	if uid, err := strconv.ParseUint(l.Sudo, 10, 32); err == nil {
		o.own = append(o.own, uint32(uid))
	} else if info, err := os.Stat(l.Dir); err == nil {
		uid := uidOf(info)
		o.here = &uid
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

// readable is like ours, but root without sudo also gets files of the working directory's
// owner, which is good enough to recognize known files.
func (o *owners) readable(info fs.FileInfo) bool {
	return o.ours(info) || o.here != nil && uidOf(info) == *o.here
}

// other returns the owner of the file that path leads to, if that is another user.
func (o *owners) other(path string) (Other, bool) {
	info, err := os.Stat(path)
	if err != nil || o.ours(info) {
		return Other{}, false
	}
	uid := uidOf(info)
	return Other{Path: path, UID: uid, Here: o.here != nil && *o.here == uid}, true
}
