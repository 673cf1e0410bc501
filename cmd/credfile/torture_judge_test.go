//go:build linux && amd64

package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/credfile/credfile/internal/torture"
)

// judge returns what is wrong after a disturbed run, and after the next one.
func (x *trial) judge(p torture.Point, status syscall.WaitStatus, out string) string {
	if strings.Contains(out, "goroutine ") || !p.Kill && !status.Exited() {
		return fmt.Sprintf("ended with %#x", status)
	}
	carriedOut, wrong := x.outcome()
	if wrong != "" {
		return wrong
	}
	if p.Short && status != 0 {
		return fmt.Sprintf("exit code %d after a short write", status.ExitStatus())
	}
	if status == 0 && !carriedOut {
		return "says that it worked"
	}
	if strings.Contains(out, fresh) {
		return "shows a value"
	}
	if wrong := x.inClear("run/"); wrong != "" {
		return wrong
	}
	x.once()
	if carriedOut, wrong = x.outcome(); wrong != "" || !carriedOut && x.then == nil {
		return "not carried out the second time " + wrong
	}
	if wrong := x.inClear(""); wrong != "" {
		return wrong
	}
	return x.odd(x.names())
}

// forgotten finds a file that this machine knew and knows less of.
func (x *trial) forgotten(files map[string]string) string {
	for name, was := range x.first {
		if !strings.Contains(name, "/credfile/trust/") {
			continue
		}
		is := files[name]
		if first, _, _ := strings.Cut(was, "\n"); !strings.HasPrefix(is, first) {
			return name
		}
		for line := range strings.Lines(was) {
			if _, key, ok := strings.Cut(line, "present "); ok && !strings.Contains(is, key) {
				return name
			}
		}
	}
	return ""
}

// odd tells which files should not be there, or should.
func (x *trial) odd(names []string) string {
	for _, name := range slices.Concat(names, x.left) {
		there, expected := slices.Contains(names, name), slices.Contains(x.left, name)
		switch {
		case there == expected, remembering.MatchString(name), x.orphans != nil && x.orphans.MatchString(name):
		case there:
			return "leaves " + name
		case x.then == nil:
			return "is without " + name
		}
	}
	return ""
}

// remembering is what a killed command leaves of what it was about to remember. The next one
// that has something to remember takes it over.
var remembering = regexp.MustCompile(`/trust/\.(ID|path-[0-9a-f]*)\.new$`)

// names returns the names of the files, without their random parts.
func (x *trial) names() (list []string) {
	for name := range x.files() {
		list = append(list, random.ReplaceAllString(name, "ID"))
	}
	slices.Sort(list)
	return list
}

var random = regexp.MustCompile(`\b[0-9a-f]{32}\b|\b[0-9]{7,}\b`)

// outcome tells whether the command was carried out, or what is wrong with the files.
func (x *trial) outcome() (carriedOut bool, wrong string) {
	files := x.files()
	if keys := "home/.config/credfile/identities.txt"; !strings.HasPrefix(files[keys], x.first[keys]) {
		return false, "an identity is lost"
	}
	if name := x.forgotten(files); name != "" {
		return false, name + " is forgotten"
	}
	carriedOut = true
	if x.ordeal.makes != "" {
		is := files[x.ordeal.makes]
		if _, there := files[x.ordeal.makes]; there && len(is) != len(x.makes) {
			return false, fmt.Sprintf("%d of %d bytes of what it makes", len(is), len(x.makes))
		}
		carriedOut = is != ""
	}
	file, there := files["work/"+defaultFile]
	if file == string(x.old) && there == (x.old != nil) {
		return carriedOut && x.same, ""
	}
	is, err := x.opened()
	if err != nil {
		return false, err.Error()
	}
	if x.same || !maps.Equal(is, x.want) {
		return false, fmt.Sprintf("the file has %v, neither %v nor %v", is, x.was, x.want)
	}
	return true, ""
}

// inClear finds the values that the command brought in files that did not have them.
func (x *trial) inClear(except string) string {
	for name, text := range x.files() {
		if strings.Contains(text, fresh) && !strings.Contains(x.first[name], fresh) && name != x.ordeal.makes && (except == "" || !strings.HasPrefix(name, except)) {
			return name + " has a value in clear"
		}
	}
	return ""
}
