//go:build !linux

package front

// MemoryLimit returns 0: other systems have no control groups.
func MemoryLimit() int { return 0 }
