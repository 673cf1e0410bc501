package source

import "runtime/debug"

// Build returns the version that this program was built as. The two programs of one build have the same.
func Build() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}

// Commit returns the commit that this program was built from, and when that was made (RFC 3339), if the
// build knows them. Changed reports changes that were not committed.
func Commit() (commit, when string, changed bool) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", "", false
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.time":
			when = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	return commit, when, changed
}
