// Package codec reads and writes the credential files of other tools.
//
// A reader takes only what it is sure of. Anything else is a [Problem] with the line and the
// reason. A line that can't be read may still hold a secret, so nothing of it is repeated
// except names. Values are never evaluated: no variable is expanded and no command is run,
// whatever the format allows.
//
// A format is one file in this package and one line in [All].
package codec

import (
	"slices"
	"strings"
)

// All lists every format. If several match a file, [Detect] prefers one that is not General, and then
// the earlier one.
var All = []Codec{
	tomlFile, // before those that may match its content
	dotenv,
	aws,
	dockerEnv,
	shellCodec("sh"),
	shellCodec("fish"),
	powershellCodec(),
	jsonFile,
	yamlFile,
	systemdEnv,
	githubEnv,
	gitlabEnv,
	kubernetesSecret,
	terraformVars,
	netrcFile,
	pgpassFile,
	npmrcFile,
	propertiesFile,
	kubeconfig,
	dockerConfig,
	ghHosts,
	terraformCLI,
	pypirc,
	stripe,
	vaultSecret,
	awsSecret,
	gcpSecret,
	azureSecret,
	opItem,
	bwItem,
}

// Readers are the formats that can be read.
func Readers() []Codec { return having(func(c Codec) bool { return c.Read != nil }) }

// Writers are the formats that can be written.
func Writers() []Codec { return having(func(c Codec) bool { return c.Out != nil }) }

func having(is func(Codec) bool) (list []Codec) {
	for _, c := range All {
		if is(c) {
			list = append(list, c)
		}
	}
	return list
}

// Pair is a name and value as in another tool's file.
type Pair struct {
	Section string // profile named in the file, "" if the format has none
	Name    string // not always a valid credential name
	Value   []byte
	Line    int     // 1-based line on which it starts
	Source  *Source // how the value is obtained, in place of one
}

// Problem is a line that can't be taken. Reason never quotes the line or any part of a
// value. Section and Name come from the file. They are empty if they are not plain names,
// since a secret may have slipped into their place.
type Problem struct {
	Line          int // 1-based; 0 if it concerns the whole input
	Section, Name string
	Reason        string
	Dialect       bool // the format's dialects differ here: naming one would settle it
}

// Options say how to read ambiguous input.
type Options struct {
	Dialect string // one of Codec.Dialects; "" takes only what the usual ones agree on
	Secret  Secret // for k8s
	// Separator joins the names of nested keys, for formats that Join; "" is an underscore.
	Separator string
}

// Codec is one format. Read returns pairs and problems in line order. An input with
// problems can still have pairs; the caller decides whether to go on without the rest.
type Codec struct {
	Name     string
	Dialects []string // values of Options.Dialect other than ""
	Joins    bool     // whether it has nested keys, and takes Options.Separator
	General  bool     // whether other formats may look like it
	Detect   func(name string, b []byte) bool
	Read     func(b []byte, o Options) ([]Pair, []Problem)
	Out      *Writer // nil if it can only be read
}

// Lookup returns the named format.
func Lookup(name string) (Codec, bool) {
	i := slices.IndexFunc(All, func(c Codec) bool { return c.Name == name })
	if i < 0 {
		return Codec{}, false
	}
	return All[i], true
}

// Detect returns the format of a file by its base name and content. Content that is a sure
// sign of a format is enough, so that a pipe works too.
func Detect(name string, b []byte) (c Codec, ok bool) {
	for _, general := range []bool{false, true} {
		for _, c := range All {
			if c.General == general && c.Detect != nil && c.Detect(name, b) {
				return c, true
			}
		}
	}
	return Codec{}, false
}

// maxInput limits time and memory. Credential files are a few KiB. Anything larger than 1
// MiB is some other file, given by mistake.
const maxInput = 1 << 20

// reason is the type of every text used as Problem.Reason. Its values are constants, which
// keeps input out of them: a test compares each reason that fuzzing provokes with the
// constants.
type reason string

const (
	whyTooLarge reason = "is larger than 1 MiB"
	whyDialect  reason = "has no such dialect"
	whyNUL      reason = "contains a NUL byte"
	whyUTF8     reason = "is not valid UTF-8"
	whyCR       reason = "contains a carriage return"
	whyBlank    reason = "contains an unusual space or a control character; quote the value, or remove that character"
	whyDoubt    reason = "may be set again by a line that can't be imported"
	whyTwice    reason = "is set more than once, to different values"
)

// unreadable checks what every Read must check first.
func unreadable(b []byte, o Options, dialects []string) []Problem {
	switch {
	case len(b) > maxInput:
		return []Problem{{Reason: string(whyTooLarge)}}
	case o.Dialect != "" && !slices.Contains(dialects, o.Dialect):
		return []Problem{{Reason: string(whyDialect)}}
	}
	return nil
}

// key is what may occur once.
type key struct{ section, name string }

// settle keeps one pair for each name. Tools use the last of several values or refuse the
// file. Only the user knows which one was meant, so a name with two values is dropped. So
// is a name with a line that is already a problem, or that skipped lines may set again:
// otherwise an older value would be imported unnoticed.
func settle(pairs []Pair, problems []Problem, doubtful map[key]bool) ([]Pair, []Problem) {
	pairs, problems = withoutCiphertext(withoutTokens(pairs, problems))
	first := make(map[key]int, len(pairs))
	unclear := map[key]bool{}
	for _, p := range problems {
		if p.Name != "" {
			unclear[key{p.Section, p.Name}] = true
		}
	}
	for i, p := range pairs {
		k := key{p.Section, p.Name}
		if j, ok := first[k]; !ok {
			first[k] = i
		} else if string(pairs[j].Value) != string(p.Value) {
			unclear[k] = true
		}
	}
	var kept []Pair
	for i, p := range pairs {
		k := key{p.Section, p.Name}
		switch {
		case doubtful[k] && !unclear[k]:
			problems = append(problems, Problem{Line: p.Line, Section: p.Section, Name: p.Name, Reason: string(whyDoubt)})
		case unclear[k]:
			problems = append(problems, Problem{Line: p.Line, Section: p.Section, Name: p.Name, Reason: string(whyTwice)})
		case first[k] == i:
			kept = append(kept, p)
		}
	}
	for i := range problems {
		problems[i].Name = plainName(problems[i].Name)
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	return kept, problems
}

// plainName returns a name that can be nothing else, or "".
func plainName(name string) string {
	if !isName(name, ".-@:/+") || len(name) > 128 {
		return ""
	}
	return name
}

// isName reports whether s consists only of letters, digits, underscores and the characters
// in extra.
func isName(s, extra string) bool {
	for i := range len(s) {
		if !nameByte(s[i]) && strings.IndexByte(extra, s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

func nameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
