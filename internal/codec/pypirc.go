package codec

import (
	"bytes"
	"strings"
)

const (
	whyINI       reason = "is neither a section nor NAME = VALUE"
	whyPypiLines reason = "goes on in another line"
	whyPypiURL   reason = "is a section without a repository"
)

// pypirc is a .pypirc (packaging.python.org, The .pypirc file; Python's configparser). The name of a
// password is that of a login at the repository.
var pypirc = Codec{Name: "pypirc", Detect: func(name string, _ []byte) bool { return name == ".pypirc" }, Read: readPypirc}

// pypiURLs are the repositories that need no URL.
var pypiURLs = map[string]string{"pypi": "https://upload.pypi.org/legacy/", "testpypi": "https://test.pypi.org/legacy/"}

type pypiReader struct {
	result
	section, key string
	header       int // the section's line
	values       map[string]string
	lines        map[string]int
	why          reason
}

func readPypirc(b []byte, o Options) ([]Pair, []Problem) {
	if p := unreadable(b, o, nil); p != nil {
		return nil, p
	}
	b = withoutBOM(b)
	if why, bad := badBytes(b); bad {
		return nil, []Problem{{Reason: string(why)}}
	}
	var r pypiReader
	for pos, line := 0, 1; pos < len(b); line++ {
		eol, next := lineAt(b, pos)
		r.take(b[pos:eol], line)
		pos = next
	}
	r.close()
	return r.settled()
}

func (r *pypiReader) take(raw []byte, line int) {
	text := string(bytes.Trim(raw, blanks))
	switch {
	case text == "" || text[0] == '#' || text[0] == ';':
	case raw[0] == ' ' || raw[0] == '\t':
		if r.key != "index-servers" {
			r.fail(line, whyPypiLines)
		}
	case text[0] == '[':
		r.close()
		name, rest, ok := strings.Cut(text[1:], "]")
		r.section, r.header, r.values, r.lines = name, line, map[string]string{}, map[string]int{}
		if !ok || rest != "" || name == "" {
			r.fail(line, whyHeader)
		}
	default:
		i := strings.IndexAny(text, "=:")
		if i < 1 || r.values == nil {
			r.fail(line, whyINI)
			return
		}
		r.key = strings.ToLower(strings.TrimRight(text[:i], blanks))
		if r.lines[r.key] > 0 {
			r.fail(line, whyTwice)
			return
		}
		r.values[r.key], r.lines[r.key] = strings.TrimLeft(text[i+1:], blanks), line
		if oddBlank([]byte(text)) {
			r.fail(line, whyBlank)
		}
	}
}

// fail refuses the whole section, as Python refuses the whole file.
func (r *pypiReader) fail(line int, why reason) {
	r.refuse("", line, why)
	r.why = why
}

func (r *pypiReader) close() {
	defer func() { *r = pypiReader{result: r.result} }()
	if r.section == "" || r.section == "distutils" || r.why != "" {
		return
	}
	url := r.values["repository"]
	if url == "" {
		url = pypiURLs[r.section]
	}
	name, ok := loginAt(r.values["username"], url)
	switch {
	case url == "":
		r.refuse("", r.header, whyPypiURL)
	case !ok:
		r.refuse("", r.header, whyHost)
	case r.values["password"] == "":
		r.refuse(name, r.header, whyNoPassword)
	default:
		r.add(name, []byte(r.values["password"]), r.lines["password"])
	}
}
