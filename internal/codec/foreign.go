package codec

import (
	"bytes"
	"strings"
)

// Foreign is a file of a kind that no codec reads, although one might take it for its
// own: another tool's configuration, or a text that is still encrypted.
type Foreign struct {
	What      string // "a Java properties file"
	Next      string // what to do, a command perhaps
	Encrypted bool   // never taken, whatever the user says it is
}

// utf16 is not read: no tool would read the file either.
var utf16Text = Foreign{"text in UTF-16, as PowerShell writes it", "save it as UTF-8: Get-Content FILE | Set-Content -Encoding utf8 NEW", false}

// encrypted are texts by what stands in them. A value that begins like one is none that
// could be used.
var encrypted = []struct {
	begins, holds string // where it begins the file, or a value; or stands anywhere in the file
	foreign       Foreign
}{
	{"age-encryption.org/v1\n", "", Foreign{"an age file", "age -d -i KEY FILE | credfile import --from dotenv -", true}},
	{"-----BEGIN AGE ENCRYPTED FILE-----", "", Foreign{"an age file", "age -d -i KEY FILE | credfile import --from dotenv -", true}},
	{"-----BEGIN PGP MESSAGE-----", "", Foreign{"an OpenPGP message", "gpg -d FILE | credfile import --from dotenv -", true}},
	{"$ANSIBLE_VAULT;", "", Foreign{"encrypted by ansible-vault", "ansible-vault view FILE | credfile import --from dotenv -", true}},
	{"\x00GITCRYPT", "", Foreign{"encrypted by git-crypt", "git-crypt unlock, and then import it", true}},
	{"Salted__", "", Foreign{"encrypted by openssl enc", "openssl enc -d … -in FILE | credfile import --from dotenv -", true}},
	{"U2FsdGVkX1", "", Foreign{"encrypted by openssl enc or transcrypt", "decrypt it first, and pipe it: … | credfile import --from dotenv -", true}},
	{"ENC[AES256_GCM,", "ENC[AES256_GCM,", Foreign{"encrypted by sops", "sops -d --output-type dotenv FILE | credfile import --from dotenv -", true}},
	{"encrypted:", "DOTENV_PUBLIC_KEY", Foreign{"encrypted by dotenvx", "dotenvx decrypt --stdout -f FILE | credfile import --from dotenv -", true}},
	{"EJ[1:", "EJ[1:", Foreign{"encrypted by ejson", "ejson decrypt FILE has the values", true}},
	{"vault:v1:", "", Foreign{"encrypted by Vault's transit engine", "decrypt it first", true}},
}

// Recognize tells a file of a kind that is not read, by its base name and content.
func Recognize(name string, b []byte) (Foreign, bool) {
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return utf16Text, true
	}
	b = withoutBOM(b)
	if bytes.HasPrefix(b, []byte("credfile/")) {
		return Foreign{"a credfile itself", "credfile -f FILE copy takes credentials over, credfile init --from FILE a whole file", true}, true
	}
	for _, e := range encrypted {
		if bytes.HasPrefix(b, []byte(e.begins)) || e.holds != "" && bytes.Contains(b, []byte(e.holds)) {
			return e.foreign, true
		}
	}
	first, _, _ := bytes.Cut(bytes.TrimLeft(b, " \t\r\n"), []byte("\n"))
	switch name = strings.ToLower(name); {
	case name == ".npmrc" || npmToken(b):
		return Foreign{"an .npmrc", "credfile set NPM_TOKEN - keeps its token, and //registry.npmjs.org/:_authToken=${NPM_TOKEN} in the .npmrc reads it", false}, true
	case name == ".netrc" || name == "_netrc" || bytes.HasPrefix(first, []byte("machine ")):
		return Foreign{"a .netrc", "credfile set USER@HOST - keeps a password, for credfile helper git", false}, true
	case strings.HasSuffix(name, ".properties"):
		return Foreign{"a Java properties file, which has escapes of its own", "credfile set NAME - takes one value", false}, true
	case name == "fnox.toml":
		return Foreign{"a configuration of fnox, whose values are encrypted or elsewhere", "fnox export has the values", false}, true
	case bytes.HasPrefix(first, []byte("-----BEGIN ")):
		return Foreign{"a key or a certificate", "credfile set NAME --from-file FILE keeps it as one value", false}, true
	case bytes.HasPrefix(first, []byte("{")):
		return Foreign{"JSON", "credfile set NAME --from-file FILE keeps it as one value", false}, true
	}
	return Foreign{}, false
}

// npmToken finds a login of npm's: //HOST/:_authToken=….
func npmToken(b []byte) bool {
	for line := range bytes.Lines(b) {
		if line = bytes.TrimLeft(line, blanks); bytes.HasPrefix(line, []byte("//")) && bytes.Contains(line, []byte("/:_")) {
			return true
		}
	}
	return false
}

// withoutCiphertext leaves pairs out whose values nobody could use.
func withoutCiphertext(pairs []Pair, problems []Problem) ([]Pair, []Problem) {
	var kept []Pair
	for _, p := range pairs {
		cipher := false
		for _, e := range encrypted {
			cipher = cipher || bytes.HasPrefix(p.Value, []byte(e.begins))
		}
		if cipher {
			problems = append(problems, Problem{Line: p.Line, Section: p.Section, Name: p.Name, Reason: string(whyEncrypted)})
		} else {
			kept = append(kept, p)
		}
	}
	return kept, problems
}
