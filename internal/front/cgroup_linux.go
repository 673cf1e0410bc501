package front

import (
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// MemoryLimit returns the memory limit of this process's control groups in KiB, or 0 if
// there is none or it is unknown. See cgroups(7).
func MemoryLimit() int {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 0
	}
	return cgroupLimit("/sys/fs/cgroup", string(b))
}

// cgroupLimit finds the lowest limit from the process's group up to the root, in version 1
// and version 2.
func cgroupLimit(root, groups string) int {
	least := 0
	for line := range strings.Lines(groups) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		dir, file := root, "memory.max"
		if fields[1] != "" {
			if !slices.Contains(strings.Split(fields[1], ","), "memory") {
				continue
			}
			dir, file = path.Join(root, "memory"), "memory.limit_in_bytes"
		}
		for group := path.Clean("/" + fields[2]); ; group = path.Dir(group) {
			text, _ := os.ReadFile(path.Join(dir, group, file))
			n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
			if kib := int(n >> 10); err == nil && kib > 0 && kib < 1<<40 && (least == 0 || kib < least) {
				least = kib
			}
			if group == "/" {
				break
			}
		}
	}
	return least
}
