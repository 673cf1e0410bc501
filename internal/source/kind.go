// Package source knows the kinds of sources that are built in: what a definition of each may say, which
// variables it gives, and what the user agrees to. It also has the messages between credfile and a
// program that obtains values. It has no network code.
package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
)

// Definition says how a source obtains its values.
type Definition = format.Definition

// Kind is a way to obtain values.
type Kind struct {
	Name   string
	Fields []Field
	// Check reports what the fields by themselves don't show to be wrong. It may be nil.
	Check func(d Definition) error
	// Gives returns the variables that a source gives. The name of the source is own.
	Gives func(own string, d Definition) []string
	// Reaches returns what the user agrees to, a line each: hosts, roles, scopes, paths, programs.
	Reaches func(d Definition) []string
	// Pages returns the hosts whose pages a login may show to the user. It may be nil.
	Pages func(d Definition) []string
	// Login says which login a source uses, if others of the kind use it as well: what the program wants to
	// see again belongs to all of them. It may be nil.
	Login func(d Definition) string
	// Person reports whether a person may be asked for something: a browser login, a code. It may be nil.
	Person func(d Definition) bool
	// LogIn is how to log in with the program that a source of this kind runs. It is "" where there is none,
	// and credfile logs in by itself.
	LogIn string
}

// Type is what a field holds.
type Type int

// The types of fields. A Secret is the name of a credential of the same profile, whose value the kind
// gets and the command does not. A Source is the name of a source of the same profile. A Token is one as
// well, or env:VARIABLE, file:PATH or github-actions:AUDIENCE.
const (
	Text Type = iota
	Number
	Flag
	List
	Secret
	Source
	Token
)

// Field is a key of a definition.
type Field struct {
	Key      string
	Type     Type
	Required bool
	Default  string   // of a Secret: the credential that is used if the key is missing and the credential is there
	Unless   []string // keys that each make the default unused
}

// Kinds are those that are built in.
var Kinds = []*Kind{
	aws,
	githubApp,
	google,
	oauth,
	awsSecret,
	azureSecret,
	gcpSecret,
	kubernetes,
	vault,
}

// Find returns the kind of that name that is built in, or nil.
func Find(name string) *Kind {
	for _, k := range Kinds {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// FieldError reports a key that a kind can't use. Reason has none of its value.
type FieldError struct{ Kind, Key, Reason string }

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s %s", e.Kind, e.Key, e.Reason)
}

// onDemand is a key of every kind: the source gives nothing unless it is asked for by name.
var onDemand = Field{Key: "on_demand", Type: Flag}

// field returns what a key holds, or nil.
func (k *Kind) field(key string) *Field {
	for i := range k.Fields {
		if k.Fields[i].Key == key {
			return &k.Fields[i]
		}
	}
	if key == onDemand.Key {
		return &onDemand
	}
	return nil
}

// WantsDefault reports whether a definition makes use of a field's default.
func (k *Kind) WantsDefault(d Definition, key string) bool {
	f := k.field(key)
	return f != nil && f.Default != "" && !slices.ContainsFunc(f.Unless, func(other string) bool { _, ok := d[other]; return ok })
}

// TypeOf returns the type of a key, if it is one of the kind's.
func (k *Kind) TypeOf(key string) (Type, bool) {
	if f := k.field(key); f != nil {
		return f.Type, true
	}
	return Text, false
}

// maxText is the most bytes that a string of a definition may have.
const maxText = 2048

// Validate checks a definition by its kind. Errors: [*FieldError].
func (k *Kind) Validate(d Definition) error {
	for _, key := range slices.Sorted(maps.Keys(d)) {
		f := k.field(key)
		if f == nil {
			return &FieldError{k.Name, key, "is not one of its keys"}
		}
		if why := f.wrong(d[key]); why != "" {
			return &FieldError{k.Name, key, why}
		}
	}
	for _, f := range k.Fields {
		if _, ok := d[f.Key]; f.Required && !ok {
			return &FieldError{k.Name, f.Key, "is missing"}
		}
	}
	if k.Check != nil {
		return k.Check(d)
	}
	return nil
}

func (f *Field) wrong(value any) string {
	switch v := value.(type) {
	case int64:
		if f.Type != Number {
			return "is not a number"
		}
	case bool:
		if f.Type != Flag {
			return "is not true or false"
		}
	case []string:
		if f.Type != List {
			return "is not a list"
		}
		for _, text := range v {
			if why := wrongText(text); why != "" {
				return why
			}
		}
	case string:
		switch {
		case f.Type == Secret || f.Type == Source:
			if !format.ValidName(v) {
				return "is not a valid name"
			}
		case f.Type == Token && wrongText(v) == "":
			if place, _ := TokenPlace(v); place == "" {
				return "does not say where the token is"
			}
		case f.Type != Text && f.Type != Token:
			return "is not text"
		default:
			return wrongText(v)
		}
	}
	return ""
}

// wrongText refuses what would be read as something else on its way: a flag of a program, the end of
// a line, a template.
func wrongText(s string) string {
	switch {
	case s == "":
		return "is empty"
	case len(s) > maxText:
		return "is longer than 2,048 bytes"
	case strings.HasPrefix(s, "-"):
		return "begins with -"
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 }):
		return "has a control character"
	case strings.Contains(s, "{{"), strings.Contains(s, "}}"):
		return "has {{ or }}"
	}
	return ""
}

// TokenPlace says where a token is: "env" with the name of a variable, "file" with a path,
// "github-actions" with an audience, or "source" with a name. It is "" if s is none of these.
func TokenPlace(s string) (kind, place string) {
	for _, kind := range []string{"env", "file", "github-actions"} { // a source with such a name can't be used
		if place, ok := strings.CutPrefix(s, kind+":"); ok && place != "" {
			return kind, place
		} else if ok {
			return "", ""
		}
	}
	if format.ValidName(s) {
		return "source", s
	}
	return "", ""
}

// Named returns the names that a definition gives for fields of a type, by key. Those of tokens that come
// from a source are among those of the type [Source].
func (k *Kind) Named(d Definition, t Type) map[string]string {
	names := map[string]string{}
	for _, f := range k.Fields {
		name := d.Text(f.Key)
		place, _ := TokenPlace(name)
		if name != "" && (f.Type == t || t == Source && f.Type == Token && place == "source") {
			names[f.Key] = name
		}
	}
	return names
}
