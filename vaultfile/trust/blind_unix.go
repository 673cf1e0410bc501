//go:build unix

package trust

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// blind returns another user's directory inside one of ours, as sudo can leave behind, that
// may hide what is known; "" if there is none. If nothing is ours, as in a container whose
// user has no home, nothing can be hidden.
func blind(dir string) string {
	for d := dir; d != filepath.Dir(d); d = filepath.Dir(d) {
		info, err := os.Lstat(d)
		if err != nil {
			continue
		}
		above, err := os.Stat(filepath.Dir(d))
		if err == nil && !mine(info) && mine(above) {
			return d
		}
	}
	return ""
}

func mine(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}
