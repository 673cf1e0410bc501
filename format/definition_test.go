package format

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestDefinition(t *testing.T) {
	d := Definition{"role_arn": "arn:aws:iam::1:role/x", "duration": int64(3600), "on_demand": true, "scopes": []string{"a", `b"\`}, "text": "a\tb\n\x01\x7fé"}
	const want = "duration = 3600\non_demand = true\nrole_arn = \"arn:aws:iam::1:role/x\"\nscopes = [\"a\", \"b\\\"\\\\\"]\ntext = \"a\\tb\\n\\u0001\\u007Fé\"\n"
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
	} {
		if d, err := ParseDefinition([]byte(bad)); err == nil {
			t.Errorf("%q was taken: %v", bad, d)
		}
	}
}

func FuzzDefinition(f *testing.F) {
	for _, text := range []string{"", "a = 1\n", "a = \"x\\n\\u0001\"\nb = [\"y\", \"z\"]\nc = true\n", "a = []\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ParseDefinition(text)
		if err != nil {
			return
		}
		j, err := json.Marshal(d)
		var back Definition
		if err != nil || json.Unmarshal(j, &back) != nil || string(back.Bytes()) != string(text) {
			t.Errorf("%q becomes %q", text, back.Bytes())
		}
	})
}
