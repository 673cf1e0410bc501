package source

import "runtime/debug"

// Build returns the version that this program was built as. The two programs of one build have the same.
func Build() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
