package gitrepo

import "strings"

// Bases returns the versions of a file that HEAD and another commit have in common, if there are
// several: the two were merged with each other before (a criss-cross). git then gives one base that
// no commit has. A version is nil if it can't be read.
func Bases(path, other string, limit int64, env []string) (versions [][]byte) {
	r, err := OpenRevisions(path, env)
	if err != nil || !isHash(other) {
		return nil
	}
	defer r.Close()
	commits, err := r.Bases("HEAD", other)
	if err != nil || len(commits) < 2 {
		return nil
	}
	for _, commit := range commits {
		var text []byte
		if object, err := r.Object(commit, commit); err == nil {
			text, _ = r.Read(object, limit)
		}
		versions = append(versions, text)
	}
	return versions
}

// MergedCommit returns the commit that git merges while it runs a merge driver, from the driver's
// environment, or "" if it does something else, or merges several.
func MergedCommit(environ []string) (commit string) {
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if hash, ok := strings.CutPrefix(name, "GITHEAD_"); ok && isHash(hash) {
			if commit != "" {
				return ""
			}
			commit = hash
		}
	}
	return commit
}
