package format

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestDefinition(t *testing.T) {
	d := Definition{"role_arn": "arn:aws:iam::1:role/x", "duration": int64(3600), "on_demand": true, "scopes": []string{"a", `b"\`}, "text": "a\tb\n\x01\x7fé u\r"}
	const want = "duration = 3600\non_demand = true\nrole_arn = \"arn:aws:iam::1:role/x\"\nscopes = [\"a\", \"b\\\"\\\\\"]\ntext = \"a\\tb\\n\\u0001\\u007Fé u\\r\"\n"
	if got := string(d.Bytes()); got != want {
		t.Fatalf("%q", got)
	}
	if back, err := ParseDefinition([]byte(want)); err != nil || !reflect.DeepEqual(back, d) {
		t.Errorf("%v, %v", back, err)
	}
	text, err := json.Marshal(d)
	var back Definition
	if err != nil || json.Unmarshal(text, &back) != nil || !reflect.DeepEqual(back, d) {
		t.Errorf("%s: %v, %v", text, back, err)
	}
	if d, err := ParseDefinition(nil); err != nil || len(d) != 0 {
		t.Errorf("none: %v, %v", d, err)
	}
	for _, bad := range []string{
		"a = 1", "a=1\n", "b = 1\na = 1\n", "a = 1\na = 1\n", "a = 1 # comment\n", "a = 01\n", "a = +1\n", "a = 1_0\n", "a = 0x1\n", "a = 1.0\n",
		"a = 'x'\n", "a = \"\\u00e9\"\n", "a = \"\\u007f\"\n", "a = [1]\n", "a = [\"x\",\"y\"]\n", "a = [\n\"x\"]\n", "a = 2026-01-01\n", "[a]\nb = 1\n", "a.b = 1\n", "\"a\" = 1\n", "A = 1\n",
		"a = {}\n", "\n", "a = 1\n\n", "a = 1\r\n", "_a = 1\n", "a = \"\xff\"\n", "a = \"" + strings.Repeat("x", MaxDefinition) + "\"\n", "not toml",
		"a = \"\\q\"\n", "a = \"\\u00g1\"\n", "a = \"\\u01\"\n", "a = \"\\u0001\n", "a = \"x\n", "a = \"\\\n", "a = [x]\n", "a = [\"x\"\n", "a = \"x\" \n", "a\n", "a = ",
	} {
		if d, err := ParseDefinition([]byte(bad)); err == nil {
			t.Errorf("%q was taken: %v", bad, d)
		}
	}
}

// What no source can have is neither taken nor written.
func TestNoDefinition(t *testing.T) {
	long := func(n int) Definition { return Definition{"a": strings.Repeat("x", n-len("a = \"\"\n"))} }
	for _, d := range []Definition{
		{"A": "x"}, {"": int64(1)}, {"a": "\xff"}, {"a": []string{"x", "\xff"}}, {strings.Repeat("a", 65): true}, long(MaxDefinition + 1),
	} {
		if err := d.Check(); !errors.Is(err, ErrDefinition) {
			t.Errorf("%.80q: %v", d, err)
		}
	}
	for _, d := range []Definition{nil, {"a": "x", "b": []string{}}, long(MaxDefinition), {strings.Repeat("a", 64): true}} {
		if err := d.Check(); err != nil {
			t.Errorf("%.80q: %v", d, err)
		}
	}
	for _, raw := range []map[string]any{{"a": nil}, {"a": 1}, {"a": 1.5}, {"a": map[string]any{}}, {"a": []any{"x", int64(1)}}} {
		if d, err := NewDefinition(raw); !errors.Is(err, ErrDefinition) || d != nil {
			t.Errorf("%v is taken: %v", raw, err)
		}
	}
	for _, text := range []string{`[]`, `"a"`, `{"a": 1.5}`, `{"a": 9223372036854775808}`, `{"a": {}}`, `{"a": [1]}`, `{"a": null}`} {
		var d Definition
		if err := json.Unmarshal([]byte(text), &d); err == nil {
			t.Errorf("%s is taken: %v", text, d)
		}
	}
}

func TestSettings(t *testing.T) {
	d := Definition{"text": "x", "number": int64(7), "flag": true, "off": false, "list": []string{"x"}}
	if d.Text("text") != "x" || d.Number("number") != 7 || !d.Flag("flag") || d.Flag("off") || !reflect.DeepEqual(d.List("list"), []string{"x"}) {
		t.Errorf("%v is read otherwise", d)
	}
	if d.Text("list") != "" || d.Number("text") != 0 || d.Flag("text") || d.List("text") != nil || d.Flag("none") {
		t.Error("one type is read as another")
	}
}

// FuzzDefinition: a definition has one form, and gets through JSON unchanged. What JSON can say and a
// definition can have is a definition as well.
func FuzzDefinition(f *testing.F) {
	for _, text := range []string{"", "a = 1\n", "a = \"x\\n\\u0001\"\nb = [\"y\", \"z\"]\nc = true\n", "a = []\n", `{"a": ["x\t\r\"\\", ""], "b": 7, "c": false}`, `{"a": null}`, `{"a": [1]}`, `{"a": 1.5}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var read Definition
		if err := json.Unmarshal(text, &read); err == nil && read.Check() == nil {
			if again, err := ParseDefinition(read.Bytes()); err != nil || !reflect.DeepEqual(again, read) {
				t.Errorf("%q is written as %q: %v", text, read.Bytes(), err)
			}
		}
		d, err := ParseDefinition(text)
		if err != nil {
			return
		}
		j, err := json.Marshal(d)
		var back Definition
		if err != nil || json.Unmarshal(j, &back) != nil || string(back.Bytes()) != string(text) {
			t.Errorf("%q becomes %q", text, back.Bytes())
		}
		for key, value := range d {
			if again := d.Text(key) + fmt.Sprint(d.Number(key), d.Flag(key), d.List(key)); again != typed(value) {
				t.Errorf("%s is read as %s", key, again)
			}
		}
	})
}

// typed returns a value as the text, number, flag and list that it is.
func typed(value any) string {
	text, _ := value.(string)
	number, _ := value.(int64)
	flag, _ := value.(bool)
	list, _ := value.([]string)
	return text + fmt.Sprint(number, flag, list)
}
