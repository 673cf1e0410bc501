package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/gitrepo"
	"github.com/credfile/credfile/internal/jsondoc"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/vaultfile"
)

// history is git's history of the file.
type history struct {
	*gitrepo.Revisions
	path string // of the file, as the user knows it
}

// openHistory finds the history of the file. The caller closes it.
func openHistory(a *app) (*history, error) {
	path, err := filePath(a)
	if err != nil {
		return nil, err
	}
	if path == "-" {
		return nil, &usageError{Text: "standard input has no history", Hint: "name a file in a git repository with --file"}
	}
	return historyAt(a, path)
}

func historyAt(a *app, path string) (*history, error) {
	r, err := gitrepo.OpenRevisions(machine.Absolute(path), a.childEnv(nil))
	if err != nil {
		return nil, at(path, &historyError{path, err})
	}
	return &history{r, path}, nil
}

// version is the file in a revision.
type version struct {
	*vaultfile.File
	rev, commit string
	text        []byte
}

// named returns the version for documents.
func (v *version) named() jsondoc.Revision { return jsondoc.Revision{Rev: v.rev, Commit: v.commit} }

// version reads the file in a revision that the user names.
func (h *history) version(rev string) (*version, error) {
	commit, err := h.Resolve(rev)
	if err == nil {
		return h.versionAt(rev, commit)
	}
	return nil, at(h.path, err)
}

func (h *history) versionAt(rev, commit string) (*version, error) {
	v := &version{rev: rev, commit: commit}
	object, err := h.Object(commit, rev)
	if err == nil {
		v.text, err = h.Read(object, format.MaxFile)
	}
	if err == nil {
		v.File, err = parseVersion(h.path, v.text)
	}
	if err != nil {
		return nil, at(h.path, &versionError{rev, err})
	}
	return v, nil
}

// parseVersion reads an earlier version of a file.
func parseVersion(path string, text []byte) (*vaultfile.File, error) {
	if _, marked := gitrepo.ReadConflict("", string(text), format.MaxFile, nil); marked {
		return nil, &conflictError{}
	}
	if err := notCredfile(path, string(text)); err != nil {
		return nil, err
	}
	return vaultfile.Parse(text)
}

// between reads what is compared: REV and the file as it is, or two revisions, also written
// A..B. A...B is what B changed since it left A. The second is nil for the file as it is.
func (h *history) between(revs []string) (old, now *version, err error) {
	if len(revs) == 0 {
		revs = []string{"HEAD"}
	}
	from, to, three := strings.Cut(revs[0], "...")
	two := false
	if !three {
		from, to, two = strings.Cut(revs[0], "..")
	}
	if len(revs) == 2 && (two || three || strings.Contains(revs[1], "..")) {
		return nil, nil, &usageError{Text: "use either two revisions or a range", Hint: "credfile diff A B, or credfile diff A...B"}
	}
	if two || three {
		revs = []string{orHead(from), orHead(to)}
	}
	if three {
		if old, err = h.base(revs[0], revs[1]); err != nil {
			return nil, nil, err
		}
	} else if old, err = h.version(revs[0]); err != nil {
		return nil, nil, err
	}
	if len(revs) == 2 {
		now, err = h.version(revs[1])
	}
	return old, now, err
}

func orHead(rev string) string {
	if rev == "" {
		return "HEAD"
	}
	return rev
}

// base reads the file where the history of two revisions parted.
func (h *history) base(a, b string) (*version, error) {
	commits := make([]string, 2)
	for i, rev := range []string{a, b} {
		var err error
		if commits[i], err = h.Resolve(rev); err != nil {
			return nil, at(h.path, err)
		}
	}
	bases, err := h.Bases(commits[0], commits[1])
	if err == nil && len(bases) != 1 {
		err = notOneBase(a, b, bases, h.Shallow)
	}
	if err != nil {
		return nil, at(h.path, err)
	}
	return h.versionAt(bases[0][:shortHash], bases[0])
}

// shortHash is how much of the name of a commit is shown.
const shortHash = 12

// earlier is the flag of commands that can read an earlier version of the file.
type earlier struct{ rev, commit string }

func (e *earlier) register(fl *pflag.FlagSet) {
	fl.StringVar(&e.rev, "rev", "", "read the file as it is in the git revision `REV`, such as HEAD~3 or a tag")
}

// open reads the file, or the revision that the user named. Of that, this machine learns nothing.
func (e *earlier) open(a *app) (*file, error) {
	if e.rev == "" {
		return a.open()
	}
	h, err := openHistory(a)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	v, err := h.version(e.rev)
	if err != nil {
		return nil, err
	}
	e.commit = v.commit
	f, err := a.machine.Past(h.path, v.text)
	return f, at(h.path, err)
}

// versionError is a failure with the file in a revision.
type versionError struct {
	rev string
	err error
}

func (e *versionError) Error() string { return fmt.Sprintf("revision %q: %v", e.rev, e.err) }
func (e *versionError) Unwrap() error { return e.err }

// historyError reports that there is no history of a file.
type historyError struct {
	path string
	err  error
}

func (e *historyError) Error() string { return e.err.Error() }
func (e *historyError) Unwrap() error { return e.err }

// isAbsent reports whether a revision, or the file in it, does not exist.
func isAbsent(err error) bool {
	return isA[*gitrepo.RevisionError](err) || isA[*gitrepo.AbsentError](err) || errors.Is(err, gitrepo.ErrNoRepository)
}
