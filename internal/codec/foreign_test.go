package codec

import (
	"strings"
	"testing"
)

func TestRecognize(t *testing.T) {
	for _, c := range []struct{ name, text, what string }{
		{"s.yaml", "a: plain\nsops:\n  mac: x\n", "sops"},
		{"x", "{\"a\": \"plain\", \"sops\": {\"mac\": \"x\"}}", "sops"},
		{".env", "A=plain\nsops_mac=x\n", "sops"},
		{"x.ini", "[a]\nA = plain\n[sops]\nmac = x\n", "sops"},
		{"s.yaml", "kind: SealedSecret\nspec: {encryptedData: {A: AgB}}\n", "SealedSecret"},
		{".env", "A=ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nsops_version=3.9.0\n", "sops"},
		{"secrets.yaml", "a: ENC[AES256_GCM,data:x]\nsops:\n", "sops"},
		{"credentials", "[default]\naws_secret_access_key = ENC[AES256_GCM,data:x]\n", "sops"},
		{".env.production", "DOTENV_PUBLIC_KEY_PRODUCTION=\"02ab\"\nA=\"encrypted:BAx\"\n", "dotenvx"},
		{".env", "$ANSIBLE_VAULT;1.1;AES256\n6162\n", "ansible"},
		{".env", "\x00GITCRYPT\x00abc", "git-crypt"},
		{".env", "age-encryption.org/v1\n-> X25519 x\n", "age"},
		{".env.age", "-----BEGIN AGE ENCRYPTED FILE-----\n", "age"},
		{".env", "-----BEGIN PGP MESSAGE-----\n", "OpenPGP"},
		{".env", "U2FsdGVkX1+abc\n", "transcrypt"},
		{"x.env", "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+\n", "age"},
		{".env.encrypted", "eyJpdiI6IkFBQUEi\n", "Laravel"},
		{"s.ini", "; c\n[a]\nA = ENC[AES256_GCM,data:x]\n[sops]\n", "sops"},
		{"s.json", "{\"a\":[\"ENC[AES256_GCM,data:x]\"]}", "sops"},
		{"s.yaml", "a:\n  - ENC[AES256_GCM,data:x]\n", "sops"},
		{".env", "OK=1\nexport A = 'encrypted:BAx'\n", "dotenvx"},
		{".env.vault", "", "dotenv-vault"},
		{"x.env", "# c\nDOTENV_VAULT_CI=\"s7NYXa\"\n", "dotenv-vault"},
		{".env", "\n  -----BEGIN PGP MESSAGE-----\n", "OpenPGP"},
		{".env.gpg", "", "OpenPGP"},
		{"x.env", "\x85\x02\x0c", "OpenPGP"},
		{".env", "A\x00=\x001\x00", "UTF-16"},
		{".env", "\xfe\xff\x00A\x00=", "UTF-16"},
		{".env", "\x00A\x00=", "UTF-16"},
		{".env", "version https://git-lfs.github.com/spec/v1\noid sha256:ab\n", "LFS"},
		{"x.ejson", "{\"_public_key\": \"x\", \"a\": \"EJ[1:x]\"}", "ejson"},
		{".credentials.age", "credfile/1 x\n", "credfile"},
		{"id", "-----BEGIN OPENSSH PRIVATE KEY-----\n", "key"},
		{".env", "\xff\xfeA\x00=\x001\x00", "UTF-16"},
	} {
		if f, ok := Recognize(c.name, []byte(c.text)); !ok || !strings.Contains(f.What, c.what) || f.Next == "" {
			t.Errorf("%s, %q: %v", c.name, c.text, f)
		}
	}
	for _, c := range [][2]string{{".env", "A=1\n"}, {".env", "URL=http://x//a/:_b\n"}, {"credentials", "[default]\naws_access_key_id=x\n"}, {".env", "ENCRYPTED=no\n"},
		// the output of dotenvx decrypt --stdout, which our hint pipes to import
		{"-", "#/---[DOTENV_PUBLIC_KEY]---\nDOTENV_PUBLIC_KEY=\"02ab\"\n\n# .env\nA=fake\n"},
		{".env", "# as ENC[AES256_GCM, and A=encrypted:x\nA=1\n"}, {".env", "URL=http://x/?m=encrypted:1\nB=a,EJ[1:x\n"}, {"c.yaml", "encrypted: yes\n"}, {"values.yaml", "sops: {enabled: true}\n"}, {"x.toml", "[sops]\na = 'b'\n"}, {".env", ""}, {"bin", "\x00\x01\x02"}, {"bin", "\x00\x00A"}} {
		if f, ok := Recognize(c[0], []byte(c[1])); ok {
			t.Errorf("%q is taken for %s", c, f.What)
		}
	}
}

// A value that is still encrypted is not taken, whatever kind of file contains it.
func TestCiphertext(t *testing.T) {
	for _, value := range []string{"ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]", "encrypted:BAx", "EJ[1:x]", "vault:v1:x", "vault:v12:x", "ENC[PKCS7,x]", "ENC(x)", "{cipher}x", "$ANSIBLE_VAULT;1.1;AES256", "U2FsdGVkX1x", "-----BEGIN AGE ENCRYPTED FILE-----"} {
		for name, in := range map[string]string{"dotenv": "OK=1\nA='" + value + "'\n", "toml": "OK='1'\nA='" + value + "'\n",
			"json": `{"OK": "1", "A": "` + value + `"}`, "yaml": "OK: 1\nA: '" + value + "'\n", "properties": "OK=1\nA=" + value + "\n"} {
			c, _ := Lookup(name)
			pairs, problems := c.Read([]byte(in), Options{})
			if len(pairs) != 1 || pairs[0].Name != "OK" || len(problems) != 1 || problems[0].Reason != string(whyEncrypted) && problems[0].Reason != string(whyBlock) {
				t.Errorf("%s, %q: %v %v", name, value, pairs, problems)
			}
		}
	}
}

// References are replaced only if they can be nothing but text and the named dialect
// replaces them.
func TestReferences(t *testing.T) {
	for _, c := range []struct{ in, dialects, want string }{
		{"A=x.y\nB=\"${A}/z\"\nC=${B}\n", "compose python sh", `A="x.y" B="x.y/z" C="x.y/z"`},
		{"A=x\nB=\"${A}\"\n", "node", ""},
		{"B=${A}\nA=x\n", "compose python sh ruby", ""},
		{"A='x y'\nB=\"${A}\"\n", "compose python sh", ""},
		{"A=x\nA=y\nB=\"${A}\"\n", "compose python sh", ""},
		{"A=x\nB=\"${A:-y}\"\nC=\"${A\"\n", "compose python sh", ""},
		{"A=x\nB=\"\\${A}\"\n", "python", ""},
		{"A=x\nB=\"${A} $(id)\"\n", "sh", ""},
		{"A=x\nB='${A}'\"${A}\"\n", "sh", ""},
		{"A=x\nB=\"$${A}\"\n", "sh", ""},
	} {
		for d := range strings.FieldsSeq(c.dialects) {
			pairs, problems := readDotenv([]byte(c.in), Options{Dialect: d})
			got := show(pairs)
			if c.want != "" && (got != c.want || len(problems) > 0) || c.want == "" && strings.Contains(got, "B=") && !strings.Contains(c.in, "C=") {
				t.Errorf("%s, %q: %s %v", d, c.in, got, problems)
			}
		}
		if pairs, _ := readDotenv([]byte(c.in), Options{}); strings.Contains(show(pairs), "B=") {
			t.Errorf("%q without a dialect: %s", c.in, show(pairs))
		}
	}
}

// A token is not taken as a name, and not said, since names are not secret.
func TestTokens(t *testing.T) {
	const secret = "ghp_" + "plainlyfake0123456789plainlyfake0123"
	for format, in := range map[string]string{
		"netrc":         "machine github.com login " + secret + " password x-oauth-basic\n",
		"docker-config": `{"auths": {"ghcr.io": {"username": "` + secret + `", "password": "x"}}}`,
		"npmrc":         "//npm.pkg.github.com/:username=" + secret + "\n//npm.pkg.github.com/:_password=eA==\n",
		"json":          `{"` + secret + `": "bob"}`,
		"toml":          secret + " = 'bob'\n",
		"dotenv":        secret + "=\n",
	} {
		c, _ := Lookup(format)
		pairs, problems := c.Read([]byte(in), Options{})
		if len(pairs) > 0 || list(problems) != at(problems[0].Line, "", "", whyToken) {
			t.Errorf("%s: %v, %s", format, pairs, list(problems))
		}
	}
	for _, in := range []string{"machine h login " + secret + "\n", "machine h login " + secret + " account x password y\n"} {
		if _, problems := readNetrc([]byte(in), Options{}); len(problems) != 1 || strings.Contains(list(problems), "ghp_") {
			t.Errorf("%q: %s", in, list(problems))
		}
	}
	for name, value := range map[string]string{"npm_config_registry_of_us": "x", "bob@h.org": "", "00000000-0000-0000-0000-000000000000@r.azurecr.io": "x", "x-oauth-basic": "x-oauth-basic", "AKIAIOSFODNN7EXAMPLE@h": "x"} {
		if isToken(name, value) {
			t.Errorf("%s is refused", name)
		}
	}
}
