//go:build !linux

package front

// namespace: there is one.
func namespace() string { return "" }

// memoryDirs: other systems have no place in memory that is there for everybody.
func memoryDirs(func(string) string) []string { return nil }
