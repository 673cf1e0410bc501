// Package machine uses credfiles as one user on one machine does. A file is compared with
// what this machine knows of it before a profile is opened, a profile is opened with what
// the user has, and what was accepted is remembered. What is odd but no reason to refuse is
// told as a [Note]; there are no words for people here.
package machine

import (
	"time"

	"filippo.io/age/plugin"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/unlock"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// Machine is the user and the machine.
type Machine struct {
	Policy
	Keys    *unlock.Keys
	Locate  func() trust.Locator
	Plugin  func(name string) (*plugin.ClientUI, error) // see [vaultfile.File]
	Secrets []string                                    // files with identities that the user named
	Now     func() time.Time

	Tell    func(*File, Note)
	Quiet   bool // keep what is told once until someone can hear it
	Verbose bool // tell what is of little interest, too
	told    map[string]bool
}

// Policy is what decides whether a profile is approved.
type Policy struct {
	Memory  trust.Memory
	Pins    *string       // CREDFILE_TRUST; nil if it is not set
	Options trust.Options // without Write
}

// Named returns the machine for files that the user named, whatever file a search found.
func (m *Machine) Named() *Machine {
	named := *m
	named.Locate = func() trust.Locator {
		l := m.Locate()
		l.Meant = true
		return l
	}
	return &named
}

// Access is what a profile is opened for.
type Access int

// What a profile is opened for.
const (
	Read  Access = iota
	Write        // to change it
	Lend         // to copy its recipients; judged as for writing
)

// File is a credfile, with what this machine knows of it.
type File struct {
	*vaultfile.File
	Path  string // as the user knows it
	Place trust.Place

	machine    *Machine
	loaded     *trust.Sight // by load
	loadErr    error
	sight      *trust.Sight
	judged     []*trust.Judgement // by the memory, then by pins
	told       map[string]bool
	remembered bool
	past       bool // see Past
}

// Stdin is the path of a file that comes from standard input and has no place.
const Stdin = "standard input"

// At returns the file at a path, or on standard input for -.
func (m *Machine) At(path string, v *vaultfile.File) *File {
	f := &File{Path: path, machine: m, told: map[string]bool{}}
	if path == "-" {
		f.Path = Stdin
	} else {
		l := m.Locate()
		f.Place = l.Place(path)
	}
	if v != nil {
		f.File, v.Plugin = v, m.Plugin
	}
	return f
}

// Parse returns the file at a path, or on standard input for -, that has this text. It leaves
// sections that this machine verified before to be read when they are used. With pins, the
// memory spares nothing. What this machine knows of the file is read now.
//
// Errors: those of [vaultfile.Parse].
func (m *Machine) Parse(path, text string) (*File, error) {
	f := m.At(path, nil)
	known := func(file, id format.ID, digest [16]byte) bool {
		sight, err := f.load(file)
		return err == nil && m.Pins == nil && sight.HasAccepted(id, digest)
	}
	v, err := vaultfile.Skim(text, known)
	if err != nil {
		return nil, err
	}
	f.File, v.Plugin = v, m.Plugin
	return f, nil
}

// HasPlace reports whether the file can be written.
func (f *File) HasPlace() bool { return len(f.Place.At) > 0 }

// Keys is what opens profiles.
func (f *File) Keys() *unlock.Keys { return f.machine.Keys }

// Name returns the path in the repository, which may have many files of the same name.
func (f *File) Name() string {
	if !f.HasPlace() || f.Place.At[0].Repo.Root == "" {
		return f.Path
	}
	return f.Place.At[0].Path
}

// first reports whether something is told for the first time.
func (f *File) first(what string) bool {
	told := f.told[what]
	f.told[what] = true
	return !told
}
