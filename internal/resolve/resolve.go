// Package resolve turns the credentials of profiles into variables for a command: in order,
// with a prefix, and without what the command must not or can't get.
package resolve

import (
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/envname"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/vaultfile"
)

// Options says which credentials become variables, and how. Names are those of credentials.
type Options struct {
	Only, Except []string
	Files        []string // passed in files; their variables become paths
	Stdin        string   // passed on standard input, without a variable; "" for none
	Prefix       string   // of the variables
}

// Variable is a variable of the command.
type Variable struct {
	front.Variable
	Credential string
	Profile    string
	Expires    time.Time
}

// Profile is where credentials come from.
type Profile struct {
	Name string
	Open func() (most int, items iter.Seq2[vaultfile.Item, error], err error)
}

// Result is the outcome.
type Result struct {
	Variables []Variable
	Skipped   []string // credentials whose names can't be variables
}

// NotFoundError reports that no profile has a credential that an option names.
type NotFoundError struct {
	Option Option
	Name   string
}

func (e *NotFoundError) Error() string { return "no such credential: " + e.Name }

// Option is one of the [Options] that name credentials.
type Option int

// The options that name credentials.
const (
	Only Option = iota
	Except
	Files
	Stdin
)

// UnfitError reports a variable that can't be passed on.
type UnfitError struct {
	Variable
	Why Reason
}

// Reason is why a variable can't be passed on.
type Reason int

// The reasons.
const (
	BadName  Reason = iota
	HasNUL          // a variable can't hold it
	TooLarge        // for [front.MaxVariable]
	Function        // bash before 4.3 patch 25 runs it (CVE-2014-6271)
)

func (e *UnfitError) Error() string { return fmt.Sprintf("%s can't be passed on", e.Name) }

// Resolve returns the variables of profiles. A later profile's variable takes the place of
// an earlier one of the same name.
//
// Errors: those of Open, [*NotFoundError], [*UnfitError].
func Resolve(profiles []Profile, o Options) (Result, error) {
	r := resolving{Options: o, found: map[string]bool{}}
	for _, name := range slices.Concat(o.Only, o.Except, o.Files, []string{o.Stdin}) {
		r.found[name] = false
	}
	if len(profiles) > 1 { // in one profile, each name is there once
		r.at = map[string]int{}
	}
	for _, p := range profiles {
		most, items, err := p.Open()
		if err != nil {
			return Result{}, err
		}
		r.Variables = slices.Grow(r.Variables, most)
		var unfit error // damage, wherever it is, comes first
		for item, err := range items {
			if err != nil {
				return Result{}, err
			}
			if item.Name != "" && unfit == nil {
				unfit = r.add(p.Name, item)
			}
		}
		if unfit != nil {
			return Result{}, unfit
		}
	}
	return r.Result, o.missing(r.found)
}

// resolving is one call of Resolve.
type resolving struct {
	Options
	Result
	found map[string]bool // credentials that options name
	at    map[string]int  // indices of variables, if there are several profiles
}

func (r *resolving) add(profile string, item vaultfile.Item) error {
	if _, named := r.found[item.Name]; named {
		r.found[item.Name] = true
	}
	if !r.wants(item.Name) {
		return nil
	}
	v := Variable{front.Variable{Name: r.Prefix + item.Name, Value: string(item.Value.Reveal()), Use: r.use(item.Name)}, item.Name, profile, item.Expires}
	if item.File && v.Use == front.Environment {
		v.Use = front.File
	}
	if !envname.Valid(v.Name) && len(r.Only) == 0 && v.Use == front.Environment {
		r.Skipped = append(r.Skipped, item.Name)
		return nil
	}
	if why, unfit := v.unfit(); unfit {
		return &UnfitError{v, why}
	}
	if i, again := r.at[v.Name]; again {
		r.Variables[i] = v
		return nil
	}
	if r.at != nil {
		r.at[v.Name] = len(r.Variables)
	}
	r.Variables = append(r.Variables, v)
	return nil
}

func (o *Options) use(credential string) front.Use {
	switch {
	case credential == o.Stdin:
		return front.Input
	case slices.Contains(o.Files, credential):
		return front.File
	}
	return front.Environment
}

func (o *Options) wants(credential string) bool {
	if slices.Contains(o.Except, credential) {
		return false
	}
	return len(o.Only) == 0 || slices.Contains(o.Only, credential) || o.use(credential) != front.Environment
}

func (o *Options) missing(found map[string]bool) error {
	for option, names := range [][]string{Only: o.Only, Except: o.Except, Files: o.Files, Stdin: {o.Stdin}} {
		for _, name := range names {
			if name != "" && !found[name] {
				return &NotFoundError{Option(option), name}
			}
		}
	}
	return nil
}

func (v *Variable) unfit() (why Reason, unfit bool) {
	switch {
	case v.Use == front.Input:
		return 0, false
	case !envname.Valid(v.Name):
		return BadName, true
	case v.Use == front.File:
		return 0, false
	case strings.ContainsRune(v.Value, 0):
		return HasNUL, true
	case len(v.Name)+1+len(v.Value) >= front.MaxVariable:
		return TooLarge, true
	case strings.HasPrefix(v.Value, "() {"):
		return Function, true
	}
	return 0, false
}

// RunsCode reports whether the variable may make a program run other code. ENV is more often
// the name of a stage than the file that an interactive shell reads first, and UID is a number.
func (v *Variable) RunsCode() bool {
	if v.Use == front.Input {
		return false
	}
	if v.Name == "ENV" && envname.IsStage(v.Value) {
		_, err := os.Lstat(v.Value)
		return err == nil
	}
	if envname.IsNumber(v.Name) {
		return strings.Trim(v.Value, "0123456789") != ""
	}
	return envname.Dangerous(v.Name)
}
