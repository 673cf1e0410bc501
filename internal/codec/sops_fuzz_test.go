package codec

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

// FuzzSops: what is taken for metadata names every service that sops would ask for a key. Of JSON, package json is the
// second reader.
func FuzzSops(f *testing.F) {
	for _, s := range []string{
		`{"data":"b","sops":{"age":[{"recipient":"age1alice"}],"kms":null,"version":"3.13.3"}}`, `{"sops":{"mac":"x","HC_Vault":[{"vault_address":"https://h"}]}}`, `{"sops":{"mac":"x"},"Sops":{"kms":[{"arn":"x"}]}}`,
		`{"sops":{"key_groups":[{"kms":[{"arn":"x"}]},{"age":[{"recipient":"r"}]}]}}`, `{"sops":{"kms":[1,{"arn":1}],"kms":[]}}`, "sops:\n  age:\n    - recipient: age1alice\n  pgp:\n    - fp: ABCD\n", "a: &a [{arn: x}]\nsops: {kms: *a}\n",
		"A=b\nsops_age__list_0__map_recipient=age1alice\nsops_hc_vault__list_0__map_vault_address=https://h\nsops_version=3.13.3\n", "[sops]\nmac = x\nhc_vault__list_0__map_vault_address: https://h\n", `{"DEFAULT":{"a":"1"},"b":{"c":"2"}}`,
	} {
		f.Add("x.json", []byte(s))
	}
	f.Fuzz(func(t *testing.T, name string, in []byte) {
		WithoutDefaultSection(in)
		s, ok := ReadSops(name, in)
		if again, ok2 := ReadSops(name, in); ok2 != ok || !reflect.DeepEqual(again, s) || ok != (s != nil) {
			t.Errorf("two runs differ: %+v, %+v", s, again)
		}
		if !ok {
			return
		}
		if !slices.Contains([]string{"json", "yaml", "dotenv", "ini", "binary"}, s.Store) {
			t.Errorf("the store %q", s.Store)
		}
		var doc struct{ Sops map[string]json.RawMessage }
		if (s.Store == "json" || s.Store == "binary") && json.Unmarshal(in, &doc) == nil {
			if n := services(doc.Sops); n > len(s.Remote) {
				t.Errorf("%d services, and %q", n, s.Remote)
			}
		}
	})
}

// services counts the keys that are neither age nor OpenPGP.
func services(group map[string]json.RawMessage) (n int) {
	for kind, text := range group {
		var groups []map[string]json.RawMessage
		switch {
		case json.Unmarshal(text, &groups) != nil || kind == "age" || kind == "pgp":
		case kind == "key_groups":
			for _, inner := range groups {
				n += services(inner)
			}
		default:
			n += len(groups)
		}
	}
	return n
}
