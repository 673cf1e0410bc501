package manager

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/tool"
)

// FuzzOutput: what a command line prints is a secret, read the same twice, or it is not; and why it failed has nothing of it.
func FuzzOutput(f *testing.F) {
	all := slices.Sorted(maps.Keys(clis))
	for i := range len(all) + 1 {
		for _, s := range []string{
			`{"data":{"data":{"a":"x","b":1,"c":null,"d":[1]},"metadata":{}}}`, `{"data":{"a":"x"}}`, `{"SecretString":"{\"a\":\"x\"}"}`, `{"SecretBinary":"eA=="}`, `{"payload":{"data":"eA=="}}`,
			`{"payload":{"data":"_-8="}}`, `{"value":"x"}`, `{"kind":"Secret","data":{"a":"eA=="}}`, `{"kind":"List","items":[{"kind":"Secret","metadata":{"name":"n"},"data":{"a":"eA=="}},{"kind":"x"}]}`, `{"kind":"Secret","data":{"a":"?"}}`,
			"No value found at not-a-real-secret", "permission denied", "", "null", "[]",
		} {
			f.Add(uint8(i), s)
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, out string) {
		c := kubernetesMany
		if i := int(n) % (len(all) + 1); i < len(all) {
			c = clis[all[i]]
		}
		secrets, ok := c.secrets([]byte(out))
		again, ok2 := c.secrets([]byte(out))
		if ok != ok2 || !maps.EqualFunc(secrets, again, func(a, b map[string]string) bool { return maps.Equal(a, b) }) {
			t.Error("two runs differ")
		}
		if ok && c.parse != nil && secrets[""] == nil {
			t.Error("a secret without fields")
		}
		if !ok {
			return
		}
		for name := range secrets[""] {
			if values, err := chosen("A", source.Definition{"field": name}, secrets[""]); err != nil || name != "" && values["A"] != secrets[""][name] {
				t.Errorf("the field %q is %q, %v", name, values, err)
			}
		}
		var e *source.Error
		err := c.failure("x", &tool.ExitError{Code: 1, Said: []byte(out)})
		if !errors.As(err, &e) || e.Class == "" || len(out) > 24 && strings.Contains(e.Message, out) {
			t.Errorf("%v", err)
		}
	})
}
