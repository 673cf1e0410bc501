package codec

import (
	"reflect"
	"testing"
)

func TestReadSops(t *testing.T) {
	const alice, key = "age1alice", "-----BEGIN AGE ENCRYPTED FILE-----"
	for _, test := range []struct {
		about, name, text string
		want              *Sops
	}{
		{"YAML", "x.yaml", "a: b\nsops:\n  age:\n    - recipient: age1alice\n      enc: |\n        " + key + "\n  pgp:\n    - fp: ABCD\n  kms: []\n  version: 3.13.3\n",
			&Sops{Store: "yaml", Age: []string{alice}, OpenPGP: []string{"ABCD"}}},
		{"JSON", "x.json", `{"data":"b","sops":{"age":[{"recipient":"age1alice"}],"kms":null,"version":"3.13.3"}}`,
			&Sops{Store: "json", Age: []string{alice}}},
		{"binary", "x", `{"data":"b","sops":{"age":[{"recipient":"age1alice"}],"version":"3.13.3"}}`,
			&Sops{Store: "binary", Age: []string{alice}}},
		{"JSON without a name", "-", `{"data":"b","a":"b","sops":{"age":[{"recipient":"age1alice"}],"version":"3.13.3"}}`,
			&Sops{Store: "json", Age: []string{alice}}},
		{"dotenv", ".env", "A=b\nsops_age__list_0__map_recipient=age1alice\nsops_age__list_0__map_enc=x\nsops_pgp__list_0__map_fp=ABCD\nsops_version=3.13.3\n",
			&Sops{Store: "dotenv", Age: []string{alice}, OpenPGP: []string{"ABCD"}}},
		{"INI", "x.ini", "[a]\nb = c\n[sops]\nage__list_0__map_recipient = age1alice\nage__list_0__map_enc       = x\nversion = 3.13.3\n",
			&Sops{Store: "ini", Age: []string{alice}}},
		{"services", "x.yaml", "sops: {kms: [{arn: arn:aws:kms:x}], gcp_kms: [{resource_id: projects/p}], azure_kv: [{vault_url: https://v, name: k}], hc_vault: [{vault_address: https://h}], new_kind: [{a: b}]}\n",
			&Sops{Store: "yaml", Remote: []string{"kms arn:aws:kms:x", "gcp_kms projects/p", "azure_kv https://v", "hc_vault https://h", "new_kind"}}},
		{"groups", "x.yaml", "sops:\n  version: a\n  key_groups:\n    - age: [{recipient: age1alice}]\n      hc_vault: [{vault_address: https://h}]\n",
			&Sops{Store: "yaml", Age: []string{alice}, Remote: []string{"hc_vault https://h"}}},
		{"services in dotenv", ".env", "sops_hc_vault__list_0__map_vault_address=https://h\nsops_hc_vault__list_0__map_key_name=k\nsops_mac=x\n",
			&Sops{Store: "dotenv", Remote: []string{"hc_vault https://h"}}},
		{"groups in dotenv", ".env", "sops_key_groups__list_0__map_age__list_0__map_recipient=age1alice\nsops_key_groups__list_0__map_kms__list_0__map_arn=arn:x\nsops_mac=x\n",
			&Sops{Store: "dotenv", Age: []string{alice}, Remote: []string{"kms arn:x"}}},
		// sops reads an INI file more loosely than it writes one.
		{"colon", "x.ini", "[sops]\nmac = x\nhc_vault__list_0__map_vault_address: https://h\n", &Sops{Store: "ini", Remote: []string{"hc_vault https://h"}}},
		{"quoted name", "x.ini", "[sops]\nmac = x\n\"hc_vault__list_0__map_vault_address\" = https://h\n", &Sops{Store: "ini", Remote: []string{`"hc_vault`}}},
		{"section twice", "x.ini", "[sops]\nmac = x\n[a]\nb = c\n[sops]\nkms__list_+0__map_arn = arn:x\n", &Sops{Store: "ini", Remote: []string{"kms arn:x"}}},
		// Go's JSON takes names in any case, and the last of several.
		{"kind in another case", "x.json", `{"sops":{"mac":"x","HC_Vault":[{"vault_address":"https://h"}]}}`, &Sops{Store: "json", Remote: []string{"HC_Vault https://h"}}},
		{"metadata twice", "x.json", `{"sops":{"mac":"x"},"Sops":{"hc_vault":[{"vault_address":"https://h"}]}}`, nil},
		{"metadata in other letters", "x.json", `{"sops":{"mac":"x"},"\u017fops":{"hc_vault":[{"vault_address":"https://h"}]}}`, nil},
		{"key twice", "x.json", `{"sops":{"mac":"x","hc_vault":[],"hc_vault":[{"vault_address":"https://h"}]}}`, nil},
		{"alias", "x.yaml", "a: &a [{vault_address: https://h}]\nsops:\n  mac: x\n  hc_vault: *a\n", nil},
		{"several documents", "x.yaml", "a: b\nsops: {mac: x}\n---\na: b\nsops: {mac: x, hc_vault: [{vault_address: https://h}]}\n", nil},
		{"no metadata", "x.yaml", "a: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\n", nil},
		{"a setting", "x.yaml", "sops: enabled\n", nil},
	} {
		got, ok := ReadSops(test.name, []byte(test.text))
		if ok != (test.want != nil) || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, want %+v", test.about, got, test.want)
		}
	}
}

func TestWithoutDefaultSection(t *testing.T) {
	for in, want := range map[string]string{
		`{"DEFAULT":{"a":"1"},"b":{"c":"2"}}`: `{"a":"1","b":{"c":"2"}}`,
		`{"DEFAULT":{"b":"1"},"b":{"c":"2"}}`: `{"DEFAULT":{"b":"1"},"b":{"c":"2"}}`,
		`{"b":{"c":"2"}}`:                     `{"b":{"c":"2"}}`,
		`not JSON`:                            `not JSON`,
	} {
		if got := string(WithoutDefaultSection([]byte(in))); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
