//go:build unix && !linux

package front

// memoryDirs: other systems have no place in memory that is there for everybody.
func memoryDirs(func(string) string) []string { return nil }
