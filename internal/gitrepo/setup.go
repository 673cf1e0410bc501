package gitrepo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/credfile/credfile/internal/atomicfile"
)

// Drivers are what git is told to use for a credfile.
type Drivers struct {
	Path    string // of the file, absolute
	Program string // absolute
	Environ []string
}

// settings are the local configuration, in the order in which it is written.
func (d *Drivers) settings() [][2]string {
	program := shellWord(d.Program)
	return [][2]string{
		{"diff.credfile.textconv", program + " git textconv"},
		{"diff.credfile.cachetextconv", "false"}, // a cache would be a second copy, in refs/notes
		{"merge.credfile.name", "merge credentials one by one"},
		// If the program is gone, git would take our version, without a word.
		{"merge.credfile.driver", program + " git merge %O %A %B %L %P || { s=$?; [ $s -lt 126 ] && exit $s; git merge-file --marker-size=%L %A %O %B; }"},
		{"merge.credfile.recursive", "binary"},
	}
}

const driver = "credfile"

// attributes are what a file gets in the repository; locally, where it beats the repository, nothing
// else may change the file either.
func attributes(locally bool) string {
	list := []string{"diff=" + driver, "merge=" + driver, "-text"}
	if locally {
		list = append(list, "-filter", "-ident", "-working-tree-encoding")
	}
	return strings.Join(list, " ")
}

// files returns the attribute files and the line that belongs into each.
func (d *Drivers) files() (r Repository, lines map[string]string, err error) {
	r, ok := Find(filepath.Dir(d.Path))
	if !ok {
		return r, nil, ErrNoRepository
	}
	rel, err := filepath.Rel(r.Root, d.Path)
	if err != nil {
		return r, nil, err
	}
	pattern := filepath.Base(d.Path)
	if pattern != ".credentials.age" { // a name of the user's own is not everybody's
		pattern = "/" + filepath.ToSlash(rel)
	}
	if strings.ContainsAny(pattern, " \t\"\\*?[") {
		return r, nil, fmt.Errorf("git can't have attributes for the name %q", rel)
	}
	return r, map[string]string{
		filepath.Join(r.Root, ".gitattributes"):       pattern + " " + attributes(false),
		filepath.Join(r.Common, "info", "attributes"): pattern + " " + attributes(true),
	}, nil
}

// Tracks reports whether a file is in a repository, whether or not it was added.
func Tracks(path string) bool {
	_, ok := Find(filepath.Dir(path))
	return ok
}

// Set sets the drivers up. It changes nothing that is right already, and reports what it changed.
func (d *Drivers) Set() (changed []string, err error) { return d.apply(true) }

// Unset removes what Set wrote, and nothing else.
func (d *Drivers) Unset() (changed []string, err error) { return d.apply(false) }

func (d *Drivers) apply(set bool) (changed []string, err error) {
	_, lines, err := d.files()
	if err != nil {
		return nil, err
	}
	for _, s := range d.settings() {
		args, want := []string{"config", "--local", s[0], s[1]}, s[1]
		if !set {
			args, want = []string{"config", "--local", "--unset-all", s[0]}, ""
		}
		if d.config(s[0]) == want {
			continue
		}
		if _, err := write(filepath.Dir(d.Path), d.Environ, nil, args...); err != nil {
			return changed, err
		}
		changed = append(changed, "git config "+s[0])
	}
	for file, line := range lines {
		did, err := edit(file, func(all []string) []string {
			rest := slices.DeleteFunc(slices.Clone(all), func(x string) bool { return x == line })
			switch {
			case !set:
				return rest
			case len(rest) < len(all):
				return all
			}
			return append(all, line)
		})
		if err != nil {
			return changed, err
		} else if did {
			changed = append(changed, file)
		}
	}
	slices.Sort(changed)
	hooks, err := d.Hooks()
	for i := range hooks {
		did, failed := d.setHook(&hooks[i], set)
		if did && failed == nil {
			changed = append(changed, "the hook "+hooks[i].Name)
		}
		err = errors.Join(err, failed)
	}
	return changed, err
}

// Missing returns what is not set up: settings, and attributes as git itself applies them.
func (d *Drivers) Missing() (missing []string, err error) {
	if _, _, err := d.files(); err != nil {
		return nil, err
	}
	for _, s := range d.settings() {
		if d.config(s[0]) != s[1] {
			missing = append(missing, "git config "+s[0])
		}
	}
	out, err := approved(filepath.Dir(d.Path), d.Environ, maxList, "check-attr", "-z", "diff", "merge", "text", "filter", "--", filepath.Base(d.Path))
	if err != nil {
		return nil, err
	}
	want := map[string]string{"diff": "credfile", "merge": "credfile", "text": "unset", "filter": "unset"}
	fields := strings.Split(string(out), "\x00")
	for i := 0; i+2 < len(fields); i += 3 { // PATH ATTRIBUTE VALUE
		if name, value := fields[i+1], fields[i+2]; want[name] != value && !(name == "filter" && value == "unspecified") {
			missing = append(missing, "the attribute "+name)
		}
	}
	hooks, err := d.Hooks()
	for _, h := range hooks {
		if !h.There {
			missing = append(missing, "the hook "+h.Name)
		}
	}
	return missing, err
}

func (d *Drivers) config(name string) string {
	out, err := approved(filepath.Dir(d.Path), d.Environ, maxList, "config", "--local", "--get", name)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(out), "\n")
}

// edit changes the lines of a file, which need not exist, and reports whether it did.
func edit(path string, change func([]string) []string) (bool, error) {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	var lines []string
	if len(old) > 0 {
		lines = strings.Split(strings.TrimSuffix(string(old), "\n"), "\n")
	}
	text := strings.Join(change(slices.Clone(lines)), "\n")
	if text != "" {
		text += "\n"
	}
	switch {
	case text == string(old):
		return false, nil
	case err != nil:
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return false, err
		}
		return true, atomicfile.Create(path, 0o644, []byte(text))
	case text == "":
		return true, os.Remove(path)
	}
	return true, atomicfile.Update(path, 1<<20, func([]byte) ([]byte, error) { return []byte(text), nil })
}

// MergeFile merges three versions of a file line by line, into the first, with conflict markers.
// It reports whether there are any.
func MergeFile(ours, base, theirs, markerSize string, env []string) (conflict bool, err error) {
	_, err = git(".", env, maxList, "merge-file", "--marker-size="+markerSize, "-L", "ours", "-L", "base", "-L", "theirs", "--", ours, base, theirs)
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) && exit.ExitCode() > 0 && exit.ExitCode() < 128 {
		return true, nil
	}
	return false, err
}
