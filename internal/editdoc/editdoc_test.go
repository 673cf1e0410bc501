package editdoc

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func show(ps []Profile) string {
	var b strings.Builder
	for _, p := range ps {
		fmt.Fprintf(&b, "[%s]", p.Name)
		for _, e := range p.Entries {
			fmt.Fprintf(&b, " %q:%s=%q", e.Comment, e.Name, e.Value)
			if !e.Expires.IsZero() {
				b.WriteString("@" + e.Expires.Format(dateLayout))
			}
		}
	}
	return b.String()
}

func plain(ps []Profile) []Profile {
	for i := range ps {
		ps[i].Line = 0
		for j := range ps[i].Entries {
			ps[i].Entries[j].Line = 0
		}
	}
	return ps
}

// A rendered document parses back to the same profiles.
func TestRoundTrip(t *testing.T) {
	day := time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)
	ps := []Profile{
		{Name: "default", Entries: []Entry{
			{Name: "PLAIN", Value: []byte("a value")}, {Name: "EMPTY", Value: []byte{}},
			{Name: "QUOTES", Comment: "# one\n\n#two \"quoted\"\n", Value: []byte(`say "hi" \ there`)},
			{Name: "BOTH", Value: []byte(`'single' and "double"`)}, {Name: "user@host:80/a.b", Value: []byte("# no comment")},
			{Name: "LINES", Value: []byte("line 1\n\"\"\"\\\n# line 3\n")}, {Name: "NOEND", Value: []byte("a\nb")}, {Name: "LF", Value: []byte("\n")}, {Name: "LFLF", Value: []byte("\n\nx")},
			{Name: "CR", Value: []byte("a\r\nb\r")}, {Name: "CONTROL", Value: []byte("\x1b[2J\t\x7f\u0085\u2028")}, {Name: "BYTES", Value: []byte("\xff\x00")},
			{Name: "DATE", Value: []byte("x"), Expires: day}, {Name: "DATEBYTES", Value: []byte("\x80"), Expires: day}, {Name: "DATELINES", Value: []byte("a\nb"), Expires: day},
			{Comment: "\n# at the end\n"},
		}},
		{Name: "empty"},
		{Name: "a/b.c", Entries: []Entry{{Name: "X", Comment: "\n# after an empty line\n", Value: []byte("1")}}},
		{Name: "z", Entries: []Entry{{Comment: "# alone\n"}}},
	}
	text := Render([]string{"words to the user", ""}, ps)
	got, err := Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if show(got) != show(ps) {
		t.Errorf("\n%s, want\n%s\n%s", show(got), show(ps), text)
	}
	if again := Render([]string{"words to the user", ""}, got); string(again) != string(text) {
		t.Errorf("rendered again:\n%s", again)
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"comments above belong to what is below", "[a]\n# x\nA = \"1\"\n", `[a] "# x\n":A="1"`},
		{"comments directly above a header belong to its table", "[a]\nA = \"1\"\n# of b\n[b]\nB = \"2\"\n", `[a] "":A="1"[b] "# of b\n":B="2"`},
		{"and others to the table before", "[a]\nA = \"1\"\n# of a\n\n[b]\nB = \"2\"\n", `[a] "":A="1" "# of a\n":=""[b] "":B="2"`},
		{"both", "[a]\nA = \"1\"\n# of a\n\n# of b\n[b]\nB = \"2\"\n", `[a] "":A="1" "# of a\n":=""[b] "# of b\n":B="2"`},
		{"a comment behind a value", "[a]\nA = \"1 # no\" # yes\nB = 'x#y'\n", `[a] "# yes\n":A="1 # no" "":B="x#y"`},
		{"a comment behind a header", "[a] # here\nA = \"1\"\n", `[a] "# here\n":A="1"`},
		{"a comment above everything", "# top\n\n[a]\nA = \"1\"\n", `[a] "# top\n":A="1"`},
		{"words to the user are not read", "#| x\n[a]\n#| y\nA = \"1\"\n", `[a] "":A="1"`},
		{"numbers and booleans as written", "[a]\nA = 0x1F\nB = 1_000\nC = true\nD = -5\n", `[a] "":A="0x1F" "":B="1_000" "":C="true" "":D="-5"`},
		{"CRLF", "[a]\r\nA = \"1\"\r\n", `[a] "":A="1"`},
		{"a byte order mark", "\ufeff[a]\nA = \"1\"\n", `[a] "":A="1"`},
		{"no line end", "[a]\nA = \"1\"", `[a] "":A="1"`},
		{"a header alone", "[a]\n", `[a]`},
		{"nothing", "", ``},
		{"comments alone", "# x\n", ``},
		{"quoted names", "[\"a.b\"]\n\"x.y\" = \"1\"\n", `[a.b] "":x.y="1"`},
		{"expiry in quotes", "[a]\nA = { value = \"1\", expires = \"2027-05-01\" }\n", `[a] "":A="1"@2027-05-01`},
		{"a multi-line literal", "[a]\nA = '''\nx # y\n''' # z\nB = \"2\"\n", `[a] "# z\n":A="x # y\n" "":B="2"`},
	} {
		got, err := Parse([]byte(c.text))
		if err != nil || show(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, show(got), err, c.want)
		}
	}
	const secret = "SuperSecret123"
	for _, c := range []struct {
		name, text, reason string
		line               int
	}{
		{"no quotes", "[a]\nA = " + secret + "\n", "this is not valid TOML", 2},
		{"an open quote", "[a]\nA = \"" + secret + "\nB = \"2\"\n", "this is not valid TOML", 2},
		{"twice", "[a]\nA = \"1\"\nA = \"" + secret + "\"\n", `"A" appears twice in profile "a"`, 3},
		{"a table twice", "[a]\n[b]\n[a]\n", `profile "a" appears twice`, 3},
		{"above the first profile", "A = \"" + secret + "\"\n[a]\n", "is above the first profile", 1},
		{"a dotted key", "[a]\nA.B = \"1\"\n", "needs quotes", 2},
		{"a dotted table", "[a.b]\n", "needs quotes", 1},
		{"an array of tables", "[[a]]\n", "[[ ]] is not allowed", 1},
		{"a float", "[a]\nA = 1.5\n", "a floating-point number", 2},
		{"a date", "[a]\nA = 2027-01-01\n", "a date or a time", 2},
		{"an array", "[a]\nA = [\"" + secret + "\"]\n", "an array", 2},
		{"another table", "[a]\nA = { x = \"" + secret + "\" }\n", "a table of the wrong form", 2},
		{"no value", "[a]\nA = { expires = 2027-01-01 }\n", "needs one value", 2},
		{"two values", "[a]\nA = { value = \"x\", base64 = \"eA==\" }\n", "needs one value", 2},
		{"no base64", "[a]\nA = { base64 = \"" + secret + "!\" }\n", "invalid base64", 2},
		{"no day", "[a]\nA = { value = \"x\", expires = \"tomorrow\" }\n", "not a date", 2},
		{"NUL", "[a]\nA = \"\x00\"\n", "not UTF-8 text", 0},
		{"CR alone", "[a]\n#x\r\r\nA = \"1\"\n", "there is a carriage return without a line feed", 2},
		{"not UTF-8", "[a]\nA = \"\xff\"\n", "not UTF-8 text", 0},
	} {
		_, err := Parse([]byte(c.text))
		var m *Mistake
		if !errors.As(err, &m) || !strings.Contains(m.Reason, c.reason) || m.Line != c.line {
			t.Errorf("%s: %v, want line %d: %s", c.name, err, c.line, c.reason)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: quotes the value", c.name)
		}
	}
}

// A comment that looks like the program's own text is not lost.
func TestMarkedComments(t *testing.T) {
	comment := "#| ask before you change it\n #\\| x\n# \\|\n#\n"
	want := []Profile{{Name: "a", Entries: []Entry{{Name: "A", Comment: comment, Value: []byte("1")}, {Comment: "#|\n"}}}}
	got, err := Parse(Render([]string{"a note"}, want))
	if err != nil || len(got) != 1 || len(got[0].Entries) != 2 || got[0].Entries[0].Comment != comment || got[0].Entries[1].Comment != "#|\n" {
		t.Errorf("%+v, %v", got, err)
	}
}

// A parsed document, rendered and parsed again, is the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"[a]\n# x\nA = \"1\"\n\n# y\n[b]\nB = '''\n''' # z\n", "[a]\nA={value=\"x\",expires=2027-05-01}#\n", "#\n\n\n[a]#x\n#y\n\n[b]\n\n", "[a]\n#\\|x\nA=1 #|y\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		ps, err := Parse(text)
		if err != nil {
			return
		}
		for _, p := range ps {
			if strings.ContainsAny(p.Name, "\"\\\n") || strings.ContainsFunc(p.Name, control) {
				return // not a profile name
			}
			for _, e := range p.Entries {
				if strings.ContainsAny(e.Name, "\"\\\n") || strings.ContainsFunc(e.Name, control) {
					return
				}
			}
		}
		again, err := Parse(Render(nil, ps))
		if err != nil || !reflect.DeepEqual(show(plain(again)), show(plain(ps))) {
			t.Errorf("%s\n%s, %v\n%s", show(ps), show(again), err, Render(nil, ps))
		}
	})
}
