package credentials

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/source"
)

// Choice says which of a file's credentials to take, and by what names.
type Choice struct {
	Only   []string    // names as in the file; all if it is empty
	Rename [][2]string // from the name as in the file to that of the credential
}

// AbsentError reports names that were asked for, and that are not in the file.
type AbsentError struct{ Names []string }

func (e *AbsentError) Error() string {
	are := " is"
	if len(e.Names) > 1 {
		are = " are"
	}
	return strings.Join(e.Names, ", ") + are + " not in this file"
}

// OneNameError reports two names of the file that would become one.
type OneNameError struct{ First, Second, Name string }

func (e *OneNameError) Error() string {
	return fmt.Sprintf("%s and %s would both become %s", e.First, e.Second, e.Name)
}

// Reasons why a name is not taken.
const (
	BadName    = "is not a valid name for a credential"
	badSection = "is in a section whose name is not valid for a profile"
)

// maxShown is the longest name, in bytes, that is said. What is longer is hardly a name, nor is what has
// these signs: a line feed may be missing, so that there is a value in it.
const (
	maxShown = 128
	notShown = "=\"'#"
)

// choose takes what was chosen, and gives the names.
func (c *Choice) choose(pairs []codec.Pair, problems []codec.Problem) (valid []codec.Pair, _ []codec.Problem, err error) {
	if err := c.absent(pairs, problems); err != nil {
		return nil, nil, err
	}
	if len(c.Only) > 0 {
		pairs = slices.DeleteFunc(pairs, func(p codec.Pair) bool { return !slices.Contains(c.Only, p.Name) })
		// A line without a name may be any of them.
		problems = slices.DeleteFunc(problems, func(p codec.Problem) bool { return p.Name != "" && !slices.Contains(c.Only, p.Name) })
	}
	type place struct{ section, name string }
	from := map[place]string{}
	for _, p := range pairs {
		old := p.Name
		for _, r := range c.Rename {
			if r[0] == old {
				p.Name = r[1]
			}
			p.Source = renamed(p.Source, r[0], r[1])
		}
		at := place{p.Section, p.Name}
		if first, taken := from[at]; taken {
			return nil, nil, &OneNameError{first, old, p.Name}
		}
		from[at] = old
		switch {
		case p.Section != "" && !format.ValidName(p.Section):
			problems = append(problems, codec.Problem{Line: p.Line, Reason: badSection})
		case !format.ValidName(p.Name):
			if len(p.Name) > maxShown || strings.ContainsAny(p.Name, notShown) {
				p.Name = ""
			}
			problems = append(problems, codec.Problem{Line: p.Line, Name: p.Name, Reason: BadName})
		case p.Source != nil && wrongSource(p.Source) != "":
			problems = append(problems, codec.Problem{Line: p.Line, Section: p.Section, Name: p.Name, Reason: wrongSource(p.Source)})
		default:
			valid = append(valid, p)
		}
	}
	slices.SortStableFunc(problems, func(a, b codec.Problem) int { return a.Line - b.Line })
	return valid, problems, nil
}

// renamed gives another source, from which a source is obtained, its new name.
func renamed(s *codec.Source, old, name string) *codec.Source {
	if s == nil || s.Settings["from"] != old {
		return s
	}
	settings := maps.Clone(s.Settings)
	settings["from"] = name
	return &codec.Source{Kind: s.Kind, Settings: settings}
}

// wrongSource returns why a source can't be used as it is defined, or "". It has nothing of its settings.
func wrongSource(s *codec.Source) string {
	kind := source.Find(s.Kind)
	if kind == nil {
		return "is of a kind that is not built in"
	}
	var wrong *source.FieldError
	if errors.As(kind.Validate(s.Settings), &wrong) {
		return "can't be used as a source: " + wrong.Key + " " + wrong.Reason
	}
	return ""
}

func (c *Choice) absent(pairs []codec.Pair, problems []codec.Problem) error {
	names := map[string]bool{}
	for _, p := range pairs {
		names[p.Name] = true
	}
	for _, p := range problems {
		names[p.Name] = true
	}
	wanted := slices.Clone(c.Only)
	for _, r := range c.Rename {
		wanted = append(wanted, r[0])
	}
	var absent []string
	for _, name := range wanted {
		if !names[name] && !slices.Contains(absent, name) {
			absent = append(absent, name)
		}
	}
	if len(absent) > 0 {
		return &AbsentError{absent}
	}
	return nil
}
