package codec

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Foreign is a kind of file that no codec reads, although one might match it: another
// tool's configuration, or a text that is still encrypted.
type Foreign struct {
	What  string // "a Java properties file"
	Next  string // what to do, possibly a command
	Never bool   // refused whatever the user calls it: nothing in it could be used
}

var openPGPMessage = Foreign{"an OpenPGP message", "gpg -d FILE | credfile import --from dotenv -", true}

var utf16Text = Foreign{"UTF-16 text, as PowerShell writes it", "save it as UTF-8: Get-Content FILE | Set-Content -Encoding utf8 NEW", true}

// ciphertexts are recognized by how they begin, as a file or as a value.
var ciphertexts = []struct {
	begins  string
	file    bool // a value, never a file; a file that contains one is that tool's
	foreign Foreign
}{
	{"age-encryption.org/v1\n", false, Foreign{"an age file", "age -d -i KEY FILE | credfile import --from dotenv -", true}},
	{"-----BEGIN AGE ENCRYPTED FILE-----", false, Foreign{"an age file", "age -d -i KEY FILE | credfile import --from dotenv -", true}},
	{"YWdlLWVuY3J5cHRpb24ub3JnL3Yx", false, Foreign{"an age file in base64", "base64 -d FILE | age -d -i KEY | credfile import --from dotenv -", true}},
	{"eyJpdiI6I", false, Foreign{"encrypted by Laravel", "run php artisan env:decrypt, then import the result", true}},
	{"-----BEGIN PGP MESSAGE-----", false, openPGPMessage},
	{"$ANSIBLE_VAULT;", false, Foreign{"encrypted by ansible-vault", "ansible-vault view FILE | credfile import --from dotenv -", true}},
	{"\x00GITCRYPT", false, Foreign{"encrypted by git-crypt", "run git-crypt unlock, then import it", true}},
	{"Salted__", false, Foreign{"encrypted by openssl enc", "openssl enc -d … -in FILE | credfile import --from dotenv -", true}},
	{"U2FsdGVkX1", false, Foreign{"encrypted by openssl enc or transcrypt", "decrypt it and pipe the result: … | credfile import --from dotenv -", true}},
	{"ENC[AES256_GCM,", true, Foreign{bySops, sopsEnv, true}},
	{"EJ[1:", true, Foreign{"encrypted by ejson", "to see the values: ejson decrypt FILE", true}},
	{"encrypted:", true, Foreign{"encrypted by dotenvx", "dotenvx decrypt --stdout -f FILE | credfile import --from dotenv -", true}},
	{"ENC[PKCS7,", false, Foreign{"encrypted by eyaml", "to see the values: eyaml decrypt -f FILE", true}},
	{"ENC[GPG,", false, Foreign{"encrypted by eyaml", "to see the values: eyaml decrypt -f FILE", true}},
	{"ENC(", false, Foreign{"encrypted by jasypt", "decrypt it and pipe the result: … | credfile import --from dotenv -", true}},
	{"{cipher}", false, Foreign{"encrypted by Spring Cloud Config", "decrypt it and pipe the result: … | credfile import --from dotenv -", true}},
}

// transit matches the output of Vault's transit engine, with the version of its key.
var transit = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^vault:v[0-9]+:`) })

// Recognize identifies an unsupported kind of file by its base name and content.
func Recognize(name string, b []byte) (Foreign, bool) {
	b = withoutBOM(b)
	name = strings.ToLower(name)
	if bytes.HasPrefix(b, []byte("credfile/")) {
		return Foreign{"a credfile", "to copy credentials: credfile -f FILE copy; to copy the whole file: credfile init --from FILE", true}, true
	}
	text := bytes.TrimLeft(b, " \t\r\n")
	if f, ok := sealed(b); ok {
		return f, true
	}
	for _, e := range ciphertexts {
		if !e.file && bytes.HasPrefix(text, []byte(e.begins)) || e.file && holds(b, e.begins) {
			if e.foreign.What == bySops && (bytes.HasPrefix(text, []byte("{")) || isYAML(name, nil)) {
				return Foreign{bySops, sopsJSON, true}, true
			}
			return e.foreign, true
		}
	}
	switch {
	case isUTF16(b):
		return utf16Text, true
	case strings.HasSuffix(name, ".gpg"), len(b) > 0 && bytes.IndexByte([]byte("\x84\x85\x8c\xc1"), b[0]) >= 0: // RFC 9580, 4.2: tags 1 and 3
		return openPGPMessage, true
	case name == ".env.vault" || anyLine(b, isVault):
		return Foreign{"a vault of dotenv-vault, whose values are encrypted", "decrypt it with dotenv-vault and pipe the result: … | credfile import --from dotenv -", true}, true
	}
	return configuration(name, b, text)
}

// isUTF16 recognizes a byte order mark, or that the text begins with an ASCII character of two bytes.
func isUTF16(b []byte) bool {
	if len(b) < 2 {
		return false
	}
	mark := b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff
	first := b[0] | b[1]
	return mark || (b[0] == 0 || b[1] == 0) && (first >= ' ' && first < 0x7f || bytes.IndexByte([]byte("\t\n\r"), first) >= 0)
}

// IsOpenPGP recognizes a message that gpg decrypts.
func IsOpenPGP(name string, b []byte) bool {
	f, ok := Recognize(name, b)
	return ok && f == openPGPMessage
}

const (
	bySops   = "encrypted by sops"
	sopsEnv  = "sops -d --output-type dotenv FILE | credfile import --from dotenv -"
	sopsJSON = "sops -d --output-type json FILE | credfile import --from json -"
)

// sealed recognizes encrypted files by their metadata: their values need not look encrypted.
func sealed(b []byte) (Foreign, bool) {
	section, env, ini := false, false, false
	anyLine(b, func(line []byte) bool {
		key, _, ok := bytes.Cut(line, []byte("="))
		key = bytes.TrimSpace(key)
		section = section || string(line) == "[sops]"
		env = env || ok && (string(key) == "sops_mac" || string(key) == "sops_version")
		ini = ini || section && ok && (string(key) == "mac" || string(key) == "version")
		return env || ini
	})
	if env || ini {
		return Foreign{bySops, sopsEnv, true}, true
	}
	if shaped(b, []string{"sops"}, hasSops) {
		return Foreign{bySops, sopsJSON, true}, true
	}
	if shaped(b, []string{"kind", "SealedSecret"}, func(root *node) bool { return root.is("kind", "SealedSecret") }) {
		return Foreign{"a SealedSecret, whose values are encrypted for a cluster", "kubectl get secret NAME -o yaml | credfile import --from k8s -", true}, true
	}
	return Foreign{}, false
}

// hasSops finds the metadata that sops adds to a document.
func hasSops(root *node) bool {
	for _, key := range []string{"age", "azure_kv", "gcp_kms", "hc_vault", "kms", "lastmodified", "mac", "pgp", "version"} {
		if root.get("sops").get(key) != nil {
			return true
		}
	}
	return false
}

// configuration identifies other tools' files, which the user may still call a .env.
func configuration(name string, b, text []byte) (Foreign, bool) {
	switch {
	case name == "fnox.toml":
		return Foreign{"a fnox configuration, whose values are encrypted or stored elsewhere", "to see the values: fnox export", false}, true
	case bytes.HasPrefix(text, []byte("version https://git-lfs.github.com/")):
		return Foreign{"a Git LFS pointer, not the file itself", "to get the file: git lfs pull", false}, true
	case bytes.HasPrefix(text, []byte("-----BEGIN ")):
		return Foreign{"a key or a certificate", "to save it as one value: credfile set NAME --from-file FILE", false}, true
	}
	return Foreign{}, false
}

// holds finds a value with this beginning after a name or in JSON and YAML. It ignores
// comments, where people write about things encrypted elsewhere.
func holds(b []byte, begins string) bool {
	return anyLine(b, func(line []byte) bool {
		if line[0] == '#' || line[0] == ';' {
			return false
		}
		for from := 0; ; {
			i := bytes.Index(line[from:], []byte(begins))
			if i < 0 {
				return false
			}
			before := bytes.TrimRight(line[:from+i], " \t\"'`")
			equals := bytes.IndexByte(before, '=')
			if n := len(before); n > 0 && (equals == n-1 || equals < 0 && bytes.IndexByte([]byte(":-,["), before[n-1]) >= 0) {
				return true
			}
			from += i + len(begins)
		}
	})
}

func isVault(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(line, []byte("export ")), blanks), []byte("DOTENV_VAULT_"))
}

// isNpmToken finds an npm login: //HOST/:_authToken=….
func isNpmToken(line []byte) bool {
	return bytes.HasPrefix(line, []byte("//")) && bytes.Contains(line, []byte("/:_"))
}

// anyLine reports whether is holds for a line that is not empty, without the blanks around it.
func anyLine(b []byte, is func([]byte) bool) bool {
	for line := range bytes.Lines(b) {
		if line = bytes.TrimSpace(line); len(line) > 0 && is(line) {
			return true
		}
	}
	return false
}

// withoutCiphertext drops pairs whose values are unusable ciphertext.
func withoutCiphertext(pairs []Pair, problems []Problem) ([]Pair, []Problem) {
	var kept []Pair
	for _, p := range pairs {
		if isCiphertext(p.Value) {
			problems = append(problems, Problem{Line: p.Line, Section: p.Section, Name: p.Name, Reason: string(whyEncrypted)})
		} else {
			kept = append(kept, p)
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	return kept, problems
}

func isCiphertext(value []byte) bool {
	value = bytes.TrimLeft(value, " \t\r\n")
	for _, e := range ciphertexts {
		if bytes.HasPrefix(value, []byte(e.begins)) {
			return true
		}
	}
	return bytes.HasPrefix(value, []byte("vault:v")) && transit().Match(value)
}
