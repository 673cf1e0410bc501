// Package resolve turns the credentials of profiles into variables for a command: in order,
// with a prefix, and without what the command must not or can't get.
package resolve

import (
	"fmt"
	"iter"
	"maps"
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
	Source     bool // Credential is the name of a source
	Expires    time.Time
}

// Profile is where credentials come from.
type Profile struct {
	Name string
	Open func() (Opened, error)
}

// Opened is a profile's content.
type Opened struct {
	Most  int // no more variables than that, if sources give nothing
	Items iter.Seq2[vaultfile.Item, error]
	// Given are the variables that sources gave, by the name of the source. A source that is not there
	// gives nothing.
	Given map[string]map[string]string
	// Consumed are the sources that use a credential, by its name. Such a credential is not passed on.
	Consumed map[string]string
}

// Result is the outcome.
type Result struct {
	Variables []Variable
	Skipped   []string // credentials whose names can't be variables
	Consumed  []string // credentials that are not passed on, since sources use them
}

// ConsumedError reports a credential that was asked for by name, and that only a source gets.
type ConsumedError struct{ Credential, Source string }

func (e *ConsumedError) Error() string {
	return fmt.Sprintf("%s is used by the source %s, and never passed on", e.Credential, e.Source)
}

// TwiceError reports two records of one profile that give the same variable.
type TwiceError struct{ Profile, Variable, First, Second string }

func (e *TwiceError) Error() string {
	return fmt.Sprintf("%s and %s of profile %s both give %s", e.First, e.Second, e.Profile, e.Variable)
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
	for _, p := range profiles {
		opened, err := p.Open()
		if err != nil {
			return Result{}, err
		}
		if r.at == nil && (len(profiles) > 1 || len(opened.Given) > 0) { // otherwise each name is there once
			r.index()
		}
		r.Variables = slices.Grow(r.Variables, opened.Most)
		var unfit error // damage, wherever it is, comes first
		for item, err := range opened.Items {
			if err != nil {
				return Result{}, err
			}
			switch {
			case unfit != nil:
			case item.Kind != "":
				unfit = r.addGiven(p.Name, item.Name, opened.Given[item.Name])
			case item.HasValue():
				unfit = r.add(p.Name, item, opened.Consumed[item.Name])
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

// index prepares for variables that are given more than once.
func (r *resolving) index() {
	r.at = map[string]int{}
	for i := range r.Variables {
		r.at[r.Variables[i].Name] = i
	}
}

func (r *resolving) add(profile string, item vaultfile.Item, consumer string) error {
	if _, named := r.found[item.Name]; named {
		r.found[item.Name] = true
	}
	if !r.wants(item.Name) {
		return nil
	}
	if consumer != "" {
		if slices.Contains(r.Only, item.Name) || r.use(item.Name) != front.Environment {
			return &ConsumedError{item.Name, consumer}
		}
		r.Consumed = append(r.Consumed, item.Name)
		return nil
	}
	v := Variable{front.Variable{Name: r.Prefix + item.Name, Value: string(item.Value.Reveal()), Use: r.use(item.Name)}, item.Name, profile, false, item.Expires}
	if item.File && v.Use == front.Environment {
		v.Use = front.File
	}
	if !envname.Valid(v.Name) && len(r.Only) == 0 && v.Use == front.Environment {
		r.Skipped = append(r.Skipped, item.Name)
		return nil
	}
	return r.put(v)
}

// addGiven adds what a source gave, in the order of the names.
func (r *resolving) addGiven(profile, name string, given map[string]string) error {
	if _, named := r.found[name]; named {
		r.found[name] = true
	}
	for _, variable := range slices.Sorted(maps.Keys(given)) {
		v := Variable{front.Variable{Name: r.Prefix + variable, Value: given[variable], Use: r.use(name)}, name, profile, true, time.Time{}}
		if !envname.Valid(v.Name) && len(r.Only) == 0 && v.Use == front.Environment {
			r.Skipped = append(r.Skipped, name)
			continue
		}
		if err := r.put(v); err != nil {
			return err
		}
	}
	return nil
}

// put adds a variable, or puts it in the place of an earlier profile's. What a source gave belongs
// together: a session token is useless, or another account's, beside another access key.
func (r *resolving) put(v Variable) error {
	if why, unfit := v.unfit(); unfit {
		return &UnfitError{v, why}
	}
	if i, again := r.at[v.Name]; again {
		old := r.Variables[i]
		if old.Profile == v.Profile {
			return &TwiceError{v.Profile, v.Name, old.Credential, v.Credential}
		}
		if old.Source {
			r.Variables = slices.DeleteFunc(r.Variables, func(x Variable) bool {
				return x.Source && x.Profile == old.Profile && x.Credential == old.Credential
			})
			r.index()
		} else {
			r.Variables[i] = v
			return nil
		}
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
