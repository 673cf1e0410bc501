package front

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

// memoryDirs returns places in memory: the user's runtime directory and /dev/shm.
func memoryDirs(getenv func(string) string) (dirs []string) {
	for _, dir := range []string{getenv("XDG_RUNTIME_DIR"), "/dev/shm"} {
		var fs unix.Statfs_t
		if filepath.IsAbs(dir) && unix.Statfs(dir, &fs) == nil && (fs.Type == unix.TMPFS_MAGIC || fs.Type == unix.RAMFS_MAGIC) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}
