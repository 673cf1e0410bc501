package inject

import (
	"errors"
	"strings"
	"testing"
)

var errNone = errors.New("none")

func values(profile, name string) ([]byte, error) {
	v, ok := map[string]string{"A": "it's \"a\" {{ B }}", "B": "b", "prod A": "p", "N": "x\x00", "U": "\xff", "a/b@c": "login"}[strings.TrimSpace(profile+" "+name)]
	if !ok {
		return nil, errNone
	}
	return []byte(v), nil
}

func TestFill(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"no placeholder { } }} {", "no placeholder { } }} {"},
		{"x={{ B }}\n", "x=b\n"},
		{"{{B}}{{ prod A }}", "bp"},
		{"{{ A }}", `it's "a" {{ B }}`}, // not read again
		{"{{ A | json }}", `"it's \"a\" {{ B }}"`},
		{"{{ A|shell }}", `'it'\''s "a" {{ B }}'`},
		{"{{ B | base64 }}", "Yg=="},
		{"{{ B | base64 | json }}", `"Yg=="`},
		{"{{ a/b@c }} {{ \"a/b@c\" }} {{ \"prod\" \"A\" }}", "login login p"},
		{"{{{{ B }}", "{{ B }}"},
		{"{{{{{{ B }}", "{{b"},
		{"${{ secrets.X }} {{ B }}", "${{ secrets.X }} b"},
		{"${{ x", "${{ x"},
		{"$ {{ B }}", "$ b"},
		{"}}{{ B }}}}", "}}b}}"},
	} {
		got, err := Fill([]byte(c.in), values)
		if err != nil || string(got) != c.want {
			t.Errorf("%q: %q %v, want %q", c.in, got, err, c.want)
		}
	}
}

func TestFillErrors(t *testing.T) {
	for _, c := range []struct {
		in   string
		line int
		want error
	}{
		{"{{ X }}", 1, errNone},
		{"a\nb {{ prod B }}", 2, errNone},
		{"\n${{ a\nb }}\n{{ X }}", 4, errNone},
		{"{{ }}", 1, ErrSyntax},
		{"{{ a b c }}", 1, ErrSyntax},
		{"{{ \"\" }}", 1, ErrSyntax},
		{"{{ B | upper }}", 1, ErrFilter},
		{"{{ B | }}", 1, ErrFilter},
		{"{{ B", 1, ErrEnd},
		{"{{ B\n}}", 1, ErrEnd},
		{"{{ U | json }}", 1, ErrUTF8},
		{"{{ N | shell }}", 1, ErrNUL},
	} {
		var place *PlaceError
		got, err := Fill([]byte(c.in), values)
		if !errors.Is(err, c.want) || !errors.As(err, &place) || place.Line != c.line || got != nil {
			t.Errorf("%q: %q %v, want %v in line %d", c.in, got, err, c.want, c.line)
		}
	}
}

func FuzzFill(f *testing.F) {
	f.Add("a {{ B | json }} ${{ x }} {{{{")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Fill([]byte(text), func(_, _ string) ([]byte, error) { return nil, nil })
		if err == nil && !strings.Contains(text, "{{") && string(got) != text {
			t.Errorf("%q became %q", text, got)
		}
	})
}
