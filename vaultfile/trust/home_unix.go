//go:build unix

package trust

import (
	"os"
	"path/filepath"
	"syscall"
)

// othersHome reports whether we are root and dir is, or would be created, in another user's
// directory: sudo may keep HOME.
func othersHome(dir string) bool {
	if os.Geteuid() != 0 {
		return false
	}
	for d := dir; ; d = filepath.Dir(d) {
		if info, err := os.Stat(d); err == nil {
			st, ok := info.Sys().(*syscall.Stat_t)
			return ok && st.Uid != 0
		}
		if d == filepath.Dir(d) {
			return false
		}
	}
}
