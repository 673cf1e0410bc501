package trust

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/credfile/credfile/format"
)

// What is remembered of a credfile is text, one fact per line. It is parsed strictly, since
// it decides what is accepted.
//
//	credfile-trust/2 FILE-ID
//	profile ID REVISION NAME      the lines below are about this profile
//	name NAME                     an earlier name
//	present KEY
//	old KEY
//	removed KEY                   the key that removed it
//	accepted DIGEST
//	recipient NAME ROLE FINGERPRINT
//	allow NAME                    about the file again
//	untold                        taken on faith, and the user was not told
//	told STATE                    the user was told of this state
//	lock NAME                     last opened with a passphrase
//
// Version 1 also had lines for places, which have moved to the records of repositories.
const memoryIntro, memoryBefore = "credfile-trust/2", "credfile-trust/1"

func (k *Known) marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", memoryIntro, format.Base64.EncodeToString(k.File[:]))
	for _, p := range k.Profiles {
		fmt.Fprintf(&b, "profile %s %d %s\n", format.Base64.EncodeToString(p.ID[:]), p.Revision, p.Names[0])
		for _, n := range p.Names[1:] {
			fmt.Fprintf(&b, "name %s\n", n)
		}
		for _, key := range p.Present {
			fmt.Fprintf(&b, "present %s\n", format.Base64.EncodeToString(key[:]))
		}
		for _, key := range p.Old {
			fmt.Fprintf(&b, "old %s\n", format.Base64.EncodeToString(key[:]))
		}
		if p.RemovedBy != (format.Key{}) {
			fmt.Fprintf(&b, "removed %s\n", format.Base64.EncodeToString(p.RemovedBy[:]))
		}
		for _, d := range p.Accepted {
			fmt.Fprintf(&b, "accepted %s\n", format.Base64.EncodeToString(d[:]))
		}
		for _, r := range p.Recipients {
			fmt.Fprintf(&b, "recipient %s\n", r)
		}
	}
	for _, name := range k.AllowNames {
		fmt.Fprintf(&b, "allow %s\n", name)
	}
	if k.Untold {
		b.WriteString("untold\n")
	}
	for _, state := range k.told {
		fmt.Fprintf(&b, "told %s\n", format.Base64.EncodeToString(state[:]))
	}
	if k.LastLock != "" {
		fmt.Fprintf(&b, "lock %s\n", k.LastLock)
	}
	return b.Bytes()
}

var (
	errMemory = errors.New("is damaged")
	// ErrNewer means that a newer version of the program wrote the file. It may contain
	// facts that this version doesn't know and would lose.
	ErrNewer = errors.New("was written by a newer version of credfile")
)

// cutIntro returns the lines of a memory file after the first.
func cutIntro(b []byte, intros ...string) ([]string, error) {
	text, ok := strings.CutSuffix(string(b), "\n")
	list := strings.Split(text, "\n")
	if ok && slices.Contains(intros, list[0]) {
		return list[1:], nil
	}
	kind, rest, _ := strings.Cut(intros[0], "/")
	version, _, _ := strings.Cut(rest, " ")
	own, _ := strconv.Atoi(version)
	if after, ok := strings.CutPrefix(list[0], kind+"/"); ok {
		version, _, _ := strings.Cut(after, " ")
		if n, err := strconv.Atoi(version); err == nil && n > own {
			return nil, ErrNewer
		}
	}
	return nil, errMemory
}

func parseKnown(id format.ID, b []byte) (*Known, error) {
	k := &Known{File: id, Seen: true}
	var p *Profile
	lines, err := cutIntro(b, memoryIntro+" "+format.Base64.EncodeToString(id[:]), memoryBefore+" "+format.Base64.EncodeToString(id[:]))
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		what, rest, _ := strings.Cut(line, " ")
		ok := true
		switch {
		case what == "profile":
			p, ok = parseProfile(rest)
			k.Profiles = append(k.Profiles, p)
		case what == "place" && bytes.HasPrefix(b, []byte(memoryBefore+" ")):
		case what == "told":
			var state [16]byte
			ok = format.Decode(state[:], rest)
			k.told = append(k.told, state)
		case what == "allow":
			k.AllowNames, ok = append(k.AllowNames, rest), format.ValidName(rest)
		case line == "untold":
			k.Untold = true
		case what == "lock":
			k.LastLock, ok = rest, format.ValidName(rest)
		default:
			ok = p != nil && p.parse(what, rest)
		}
		if !ok {
			return nil, errMemory
		}
	}
	return k, nil
}

func parseProfile(s string) (*Profile, bool) {
	fields := strings.Split(s, " ")
	if len(fields) != 3 {
		return nil, false
	}
	p := &Profile{Names: []string{fields[2]}}
	revision, err := strconv.ParseUint(fields[1], 10, 64)
	p.Revision = revision
	ok := format.Decode(p.ID[:], fields[0]) && err == nil && (fields[2] == "" || format.ValidName(fields[2]))
	return p, ok
}

func (p *Profile) parse(what, rest string) bool {
	var key format.Key
	switch what {
	case "name":
		p.Names = append(p.Names, rest)
		return format.ValidName(rest)
	case "present":
		ok := format.Decode(key[:], rest)
		p.Present = append(p.Present, key)
		return ok
	case "old":
		ok := format.Decode(key[:], rest)
		p.Old = append(p.Old, key)
		return ok
	case "removed":
		return format.Decode(p.RemovedBy[:], rest)
	case "accepted":
		var d [16]byte
		ok := format.Decode(d[:], rest)
		p.Accepted = append(p.Accepted, d)
		return ok
	case "recipient":
		p.Recipients = append(p.Recipients, rest)
		return strings.Count(rest, " ") == 2
	}
	return false
}

// ParsePins parses the value of CREDFILE_TRUST: a comma-separated list of
// FILE-ID:PROFILE-ID:KEY:NAME entries. It ignores entries for other files.
//
// Errors: [*PinError], which quotes nothing.
func ParsePins(file format.ID, s string) (*Known, error) {
	k := &Known{File: file, Seen: true, Pinned: true}
	if strings.TrimSpace(s) == "" {
		return nil, &PinError{}
	}
	for i, entry := range strings.Split(s, ",") {
		fields := strings.SplitN(entry, ":", 4)
		var fileID, id format.ID
		var key format.Key
		if len(fields) != 4 || !format.Decode(fileID[:], fields[0]) || !format.Decode(id[:], fields[1]) ||
			!format.Decode(key[:], fields[2]) || !format.ValidName(fields[3]) {
			return nil, &PinError{Entry: i + 1}
		}
		if fileID != file {
			continue
		}
		p := k.profile(id)
		if p == nil {
			p = &Profile{ID: id}
			k.Profiles = append(k.Profiles, p)
		}
		p.Present = append(p.Present, key)
		p.Names = append(p.Names, fields[3])
	}
	return k, nil
}

// Pin returns the CREDFILE_TRUST entry for a section.
func Pin(file format.ID, s *format.Profile) string {
	return strings.Join([]string{format.Base64.EncodeToString(file[:]), format.Base64.EncodeToString(s.ID[:]), format.Base64.EncodeToString(s.Key[:]), s.Name}, ":")
}
