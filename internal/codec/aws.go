package codec

import (
	"bytes"
	"slices"
	"strings"
)

// aws reads ~/.aws/credentials and ~/.aws/config. It takes what botocore and the Go SDK
// read alike. They differ on comments after a value (botocore keeps them), on quotes around
// a value (the Go SDK drops them) and on indentation.
//
// [x] and [profile x] are the same profile, each in its own file. If one file has both, or
// one of them twice, botocore, the Go SDK and the JavaScript SDK differ: the later section
// replaces the earlier, or they are joined, or the file is refused.
var aws = Codec{Name: "aws", General: true, Detect: isAWS, Read: readAWS, Out: awsWriter}

// awsNames has the variables that the CLI and the SDKs read. The AWS CLI knows only
// AWS_DEFAULT_REGION, most SDKs only AWS_REGION.
var awsNames = map[string][]string{
	"aws_access_key_id":     {"AWS_ACCESS_KEY_ID"},
	"aws_secret_access_key": {"AWS_SECRET_ACCESS_KEY"},
	"aws_session_token":     {"AWS_SESSION_TOKEN"},
	"region":                {"AWS_REGION", "AWS_DEFAULT_REGION"},
	"output":                {"AWS_DEFAULT_OUTPUT"},
}

const (
	whyKey      reason = "is a setting, not a credential"
	whyNested   reason = "starts a block of settings"
	whyGoesOn   reason = "continues on an indented line"
	whyIndented reason = "is an indented section header"
	whySection  reason = "is a section, but not a profile"
	whySections reason = "is a profile with two sections, which some tools join and others don't"
	whyHeader   reason = "is not a valid section header"
	whyDefaults reason = "is a section whose values botocore applies to all others"
	whyNoHeader reason = "comes before the first section"
	whyAWSBare  reason = "is neither a section nor KEY = VALUE"
	whyAWSKey   reason = "has no valid name before the = or :"
	whyInline   reason = "has a space and a # or ; in its value, which some SDKs read as a comment"
	whyAWSQuote reason = "has quotes around its value, which some SDKs keep and others drop"
	whyPart     reason = "belongs to an access key with another line that can't be imported"
	whyAWSBlank reason = "contains an unusual space or a control character"
)

func isAWS(name string, b []byte) bool {
	f := awsFile{src: withoutBOM(b)}
	header, profile, key := false, false, false
	for f.pos < len(f.src) {
		line := f.take()
		text := bytes.Trim(line, blanks)
		switch {
		case len(text) == 0 || text[0] == '#' || text[0] == ';':
		case text[0] == '[':
			section, why := awsHeader(text)
			header = true
			profile = profile || why == "" && (section == "default" || bytes.HasPrefix(text, []byte("[profile")))
		case !header:
			return false
		default:
			k, _, _ := awsKey(text)
			key = key || strings.HasPrefix(k, "aws_") && awsNames[k] != nil
		}
	}
	// Other programs have files called config and credentials too.
	return key || profile && (name == "config" || name == "credentials")
}

func readAWS(b []byte, o Options) ([]Pair, []Problem) {
	if p := unreadable(b, o, nil); p != nil {
		return nil, p
	}
	f := awsFile{src: withoutBOM(b), doubtful: map[key]bool{}, sections: map[string]int{}}
	for f.pos < len(f.src) {
		f.next()
	}
	f.close()
	pairsOf := f.pairs[:0]
	for _, p := range f.pairs {
		if f.sections[p.Section] > 1 {
			f.problems = append(f.problems, Problem{Line: p.Line, Section: p.Section, Name: p.Name, Reason: string(whySections)})
		} else {
			pairsOf = append(pairsOf, p)
		}
	}
	found, problems := awsSources(wholeKeys(settle(pairsOf, f.problems, f.doubtful)))
	var pairs []Pair
	for _, p := range found {
		if p.Source != nil {
			pairs = append(pairs, p)
		}
		for _, name := range awsNames[p.Name] {
			pairs = append(pairs, Pair{Section: p.Section, Name: name, Value: bytes.Clone(p.Value), Line: p.Line})
		}
	}
	return pairs, problems
}

// wholeKeys drops the rest of a section's access key if a part of it can't be taken. Mixed
// with parts of an older key, it would sign requests wrongly.
func wholeKeys(pairs []Pair, problems []Problem) ([]Pair, []Problem) {
	part := func(name string) bool {
		return name == "aws_access_key_id" || name == "aws_secret_access_key" || name == "aws_session_token"
	}
	broken := map[string]bool{}
	for _, p := range problems {
		if part(p.Name) {
			broken[p.Section] = true
		}
	}
	var kept []Pair
	for _, p := range pairs {
		if part(p.Name) && broken[p.Section] {
			problems = append(problems, Problem{Line: p.Line, Section: p.Section, Name: p.Name, Reason: string(whyPart)})
		} else {
			kept = append(kept, p)
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	return kept, problems
}

// awsFile is a file being read.
type awsFile struct {
	src      []byte
	pos      int
	line     int // of the last line taken
	section  string
	state    int      // of the section
	maybe    []string // sections that the lines of an unread section may belong to
	last     *awsEntry
	pairs    []Pair
	problems []Problem
	doubtful map[key]bool // keys that indented lines may set again
	sections map[string]int
}

const (
	awsOutside = iota // before the first section
	awsProfile
	awsOther // in a section that can't be taken and was reported as a whole
)

// awsEntry is the last key of a section. Only the next line shows whether the entry can be
// taken, since that line may belong to it.
type awsEntry struct {
	line, indent int
	key          string
	value        []byte
	block        bool // indented lines belong to it
	why          reason
}

func (f *awsFile) take() []byte {
	eol, next := lineAt(f.src, f.pos)
	line := f.src[f.pos:eol]
	f.pos = next
	f.line++
	return line
}

func (f *awsFile) next() {
	line := f.take()
	text := bytes.Trim(line, blanks)
	indent := skipBlanks(line, 0)
	why, bad := badBytes(line)
	if !bad && oddBlank(line) {
		why, bad = whyAWSBlank, true
	}
	comment := len(text) == 0 || text[0] == '#' || text[0] == ';'
	switch {
	case comment && why != whyNUL && why != whyCR:
	case bad:
		f.bad(text, indent, why)
	case text[0] == '[' && indent > 0 && f.above(text, indent):
		f.indented(text)
	case text[0] == '[':
		f.header(text)
	case f.state == awsOutside:
		f.problem(f.line, "", whyNoHeader)
	case f.state == awsOther:
		for _, section := range f.maybe {
			f.doubt(section, text)
		}
	case f.last != nil && f.last.owns(text, indent):
		f.belongs(text)
	default:
		f.entry(text, indent)
	}
}

// above reports whether an indented header may be part of what is above it.
func (f *awsFile) above(text []byte, indent int) bool {
	_, why := awsHeader(text)
	return f.state == awsOther || f.last != nil && (indent > f.last.indent || why == whyHeader)
}

// owns reports whether an indented line is part of the entry, at least to one of the
// readers. botocore checks whether it is indented further than the key; the Go SDK, whether
// it is indented at all and the key has no value.
func (e *awsEntry) owns(text []byte, indent int) bool {
	return indent > e.indent || indent > 0 && (len(e.value) == 0 || e.block || !bytes.ContainsAny(text, "=:"))
}

// doubt records a key that some reader may see set again on this line.
func (f *awsFile) doubt(section string, text []byte) {
	if name, _, _ := awsKey(text); name != "" {
		f.doubtful[key{section, name}] = true
	}
}

// bad records a line whose bytes make it unreadable. It uses the line's key if that is
// still plain, so that no older value of the key is taken.
func (f *awsFile) bad(text []byte, indent int, why reason) {
	if f.last != nil && bytes.IndexByte([]byte("[#;"), text[0]) < 0 && (indent > 0 || !nameByte(text[0])) {
		f.belongs(text) // to botocore, to which every Unicode blank is one
	}
	section := f.section
	f.close()
	for _, part := range strings.FieldsFunc(string(text), isLineBreak) {
		f.doubt(section, []byte(strings.TrimFunc(part, oddSpace)))
	}
	if text[0] == '[' {
		f.sections[looseProfile(text)]++
		f.state = awsOther
		f.section = ""
	}
	if f.state == awsProfile {
		f.last = &awsEntry{line: f.line, why: why}
		f.last.key, _, _ = awsKey(text)
		return
	}
	f.problem(f.line, "", why)
}

// belongs makes an indented line part of the entry above it. To the Go SDK it may be an
// entry of its own, which sets a key again.
func (f *awsFile) belongs(text []byte) {
	f.doubt(f.section, text)
	f.last.block = true
	switch {
	case f.last.why != "" && f.last.why != whyKey:
	case len(f.last.value) == 0:
		f.last.why = whyNested
	default:
		f.last.why = whyGoesOn
	}
}

// indented handles a header that botocore may read as part of what is above it.
func (f *awsFile) indented(text []byte) {
	if f.last != nil {
		f.belongs(text)
	}
	f.close()
	section, _ := awsHeader(text)
	f.maybe = []string{f.section, section}
	f.section, f.state = "", awsOther
	f.problem(f.line, "", whyIndented)
}

func (f *awsFile) header(text []byte) {
	f.close()
	section, why := awsHeader(text)
	f.maybe = nil
	if why == whyHeader {
		f.maybe = []string{f.section} // it may not end the section
		f.sections[looseProfile(text)]++
	}
	f.section, f.state = section, awsProfile
	if why == "" {
		if f.sections[section]++; f.sections[section] > 1 {
			why = whySections
		}
	}
	if why != "" {
		f.problem(f.line, "", why)
		f.state = awsOther
	}
}

func (f *awsFile) entry(text []byte, indent int) {
	f.close()
	e := &awsEntry{line: f.line, indent: indent}
	f.last = e
	key, raw, ok := awsKey(text)
	e.key, e.value = key, bytes.Trim(raw, blanks)
	switch {
	case !ok:
		e.why = whyAWSBare
	case key == "":
		e.why = whyAWSKey
	case awsNames[key] == nil && !slices.Contains(awsSettings, key):
		e.why = whyKey
	case inlineComment(raw):
		e.why = whyInline
	case len(e.value) > 0 && e.value[0] == e.value[len(e.value)-1] && bytes.IndexByte([]byte(`"'`), e.value[0]) >= 0:
		e.why = whyAWSQuote
	}
}

// close decides whether to take the last entry.
func (f *awsFile) close() {
	e := f.last
	f.last = nil
	switch {
	case e == nil:
	case e.why != "":
		f.problem(e.line, e.key, e.why)
	default:
		f.pairs = append(f.pairs, Pair{Section: f.section, Name: e.key, Value: e.value, Line: e.line})
	}
}

func (f *awsFile) problem(line int, key string, why reason) {
	f.problems = append(f.problems, Problem{Line: line, Section: f.section, Name: key, Reason: string(why)})
}
