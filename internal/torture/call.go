//go:build linux && amd64

package torture

import (
	"fmt"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Call is a file system call.
type Call struct {
	Name   string // as the kernel calls it
	Path   string // of the file; for a rename or a link the old name
	To     string // the new name
	Data   []byte // what is written
	Args   [6]uint64
	Result int64 // a negative number is an error; what was killed has none
}

func (c *Call) flags() uint64 {
	if c.Name == "open" {
		return c.Args[1]
	}
	return c.Args[2]
}

// A Fault is what happens instead of a call. The zero value lets it happen.
type Fault struct {
	Kill  bool          // the process is killed before the call
	Errno syscall.Errno // the call fails with this error, and does nothing but close
	Short bool          // a write writes the first half
}

// CanFail reports whether the kernel could give the error for the call: a full disk is only
// noticed by what needs room, and no disk is behind a pipe.
func (c *Call) CanFail(errno syscall.Errno) bool {
	if strings.HasPrefix(c.Path, "pipe:") && errno != syscall.EINTR {
		return false
	}
	switch errno {
	case syscall.ENOSPC, syscall.EDQUOT:
		switch c.Name {
		case "write", "pwrite64", "writev", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "ftruncate", "fsync", "fdatasync":
			return true
		case "open", "openat":
			return c.flags()&syscall.O_CREAT != 0
		}
		return false
	case syscall.EINTR:
		switch c.Name {
		case "open", "openat", "read", "pread64", "write", "pwrite64", "writev", "flock", "fsync", "fdatasync", "ftruncate", "close":
			return true
		}
		return false
	}
	return true
}

// CanBeShort reports whether the call writes two bytes or more.
func (c *Call) CanBeShort() bool {
	return (c.Name == "write" || c.Name == "pwrite64") && c.Args[2] > 1
}

// A Point is a call, by its number, and what happens there.
type Point struct {
	N int
	Fault
}

// Points returns a point for each call and everything that can happen there. The calls are
// those of a run without a fault.
func Points(calls []*Call, errnos ...syscall.Errno) (points []Point) {
	for n, c := range calls {
		points = append(points, Point{n, Fault{Kill: true}})
		for _, errno := range errnos {
			if c.CanFail(errno) {
				points = append(points, Point{n, Fault{Errno: errno}})
			}
		}
		if c.CanBeShort() {
			points = append(points, Point{n, Fault{Short: true}})
		}
	}
	return points
}

// At is for [Run]. The call may be another one than in the run that the point is of, and then
// what can't happen to it doesn't.
func (p Point) At(n int, c *Call) Fault {
	if n != p.N || p.Errno != 0 && !c.CanFail(p.Errno) || p.Short && !c.CanBeShort() {
		return Fault{}
	}
	return p.Fault
}

func (p Point) String() string {
	switch {
	case p.Kill:
		return fmt.Sprintf("killed before call %d", p.N)
	case p.Short:
		return fmt.Sprintf("half of call %d", p.N)
	}
	return fmt.Sprintf("%s at call %d", unix.ErrnoName(p.Errno), p.N)
}

// Unsynced returns what is wrong with the way in which files were replaced: the content must
// be synced before it gets its name, and the directory after it. Only files below dir count.
func Unsynced(calls []*Call, dir string) (replaced int, faults []string) {
	written := map[string]bool{}   // by path: since the last sync
	renamed := map[string]string{} // by directory: a name in it since the last sync
	for _, c := range calls {
		if c.Result < 0 || !strings.HasPrefix(c.Path, dir) {
			continue
		}
		switch c.Name {
		case "write", "pwrite64", "writev", "ftruncate":
			written[c.Path] = true
		case "fsync", "fdatasync":
			delete(written, c.Path)
			delete(renamed, c.Path)
		case "rename", "renameat", "renameat2", "link", "linkat":
			replaced++
			if written[c.Path] {
				faults = append(faults, c.To+" got its name before its content was synced")
			}
			renamed[c.To[:strings.LastIndex(c.To, "/")]] = c.To
		}
	}
	for _, name := range renamed {
		faults = append(faults, "the directory of "+name+" was not synced")
	}
	return replaced, faults
}
