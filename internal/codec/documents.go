package codec

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

func anyNameAtAll(string) bool { return true }

// jsonFile is an object of strings (RFC 8259).
var jsonFile = Codec{Name: "json", Joins: true, General: true, Detect: isJSON, Read: documents(parseJSON, joined), Out: &Writer{Named: anyNameAtAll, Write: func(pairs []Pair, o Options) ([]byte, []Problem) {
	text, problems := lines(func(p Pair) (string, reason) {
		return ",\n  " + jsonString(p.Name) + ": " + jsonString(string(p.Value)), notText(p.Value)
	})(pairs, o)
	if len(pairs) == 0 {
		return []byte("{}\n"), problems
	}
	return append(append([]byte("{"), bytes.TrimPrefix(text, []byte(","))...), "\n}\n"...), problems
}}}

// notText is unfit for formats that can have every character.
func notText(value []byte) reason {
	if why := unfit(value, ""); why != whyNUL {
		return why
	}
	return ""
}

func jsonString(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string is never an error
	return strings.TrimSuffix(b.String(), "\n")
}

// yamlFile is a mapping of strings. All are quoted, since YAML 1.1 and 1.2 take many plain words for
// something else.
var yamlFile = Codec{Name: "yaml", Joins: true, General: true, Detect: isYAML, Read: documents(parseYAML, joined), Out: &Writer{Named: anyNameAtAll, Write: lines(func(p Pair) (string, reason) {
	return quoted(p.Name) + ": " + quoted(string(p.Value)) + "\n", notText(p.Value)
})}}

// tomlWriter writes basic strings (TOML 1.0, String).
var tomlWriter = &Writer{Named: anyNameAtAll, Write: lines(func(p Pair) (string, reason) {
	return quoted(p.Name) + " = " + quoted(string(p.Value)) + "\n", unfit(p.Value, "")
})}

// layout are the escapes that these formats share.
var layout = map[rune]string{'\n': `\n`, '\r': `\r`, '\t': `\t`}

// quoted returns a string in double quotes, with the escapes that YAML, TOML and HCL share.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '\\' || r == '"':
			b.WriteString(`\` + string(r))
		case layout[r] != "":
			b.WriteString(layout[r])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// terraformVars is a .tfvars file (HCL native syntax, Quoted Template Expressions). HCL normalizes
// strings to NFC.
var terraformVars = Codec{Name: "terraform", Out: &Writer{
	Named: func(name string) bool { return isName(name, "-") && (name[0] > '9' || name[0] < '0') && name[0] != '-' },
	Write: lines(func(p Pair) (string, reason) {
		why := unfit(p.Value, "")
		switch {
		case why != "":
		case !norm.NFC.IsNormal(p.Value):
			why = whyNFC
		case bytes.Contains(p.Value, []byte("$${")), bytes.Contains(p.Value, []byte("%%{")):
			why = whyForm
		}
		return p.Name + " = " + strings.NewReplacer("${", "$${", "%{", "%%{").Replace(quoted(string(p.Value))) + "\n", why
	})}}

const whyNFC reason = "is not in Unicode's normal form C, into which this format's tools change it"

// propertiesFile is a Java properties file (java.util.Properties, load): ASCII, with \u for the rest.
var propertiesFile = Codec{Name: "properties", Dialects: propertyDialects, Detect: isProperties, Read: readProperties, Out: &Writer{Named: anyNameAtAll, Write: lines(func(p Pair) (string, reason) {
	return property(p.Name, true) + "=" + property(string(p.Value), false) + "\n", notText(p.Value)
})}}

func property(s string, name bool) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == ' ' && (name || i == 0), strings.ContainsRune(`\=:#!`, r):
			b.WriteString(`\` + string(r))
		case layout[r] != "":
			b.WriteString(layout[r])
		case r >= ' ' && r < 0x7f:
			b.WriteRune(r)
		default:
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, u)
			}
		}
	}
	return b.String()
}

// kubernetesSecret is a Secret. Values are bytes.
var kubernetesSecret = Codec{Name: "k8s", Detect: isSecret, Read: documents(parseAny, readSecret), Out: &Writer{
	Named: func(name string) bool { return isName(name, "-.") && len(name) <= 253 && name != "." && name != ".." },
	Write: writeSecret,
}}

// Secret says how a Kubernetes Secret is called.
type Secret struct {
	Name, Namespace, Type string
	Labels                [][2]string
}

const (
	maxSecret            = 1 << 20
	whySecretSize reason = "is larger than 1 MiB, the most that a Secret holds"
	whySecretKeys reason = "lacks the keys that a Secret of this type needs"
)

// secretKeys are the keys that a type needs (kubernetes.io, Secrets, Types of Secret).
var secretKeys = map[string][]string{
	"kubernetes.io/tls":              {"tls.crt", "tls.key"},
	"kubernetes.io/ssh-auth":         {"ssh-privatekey"},
	"kubernetes.io/dockerconfigjson": {".dockerconfigjson"},
	"kubernetes.io/dockercfg":        {".dockercfg"},
}

func writeSecret(pairs []Pair, o Options) ([]byte, []Problem) {
	has, size := map[string]bool{}, 0
	for _, p := range pairs {
		has[p.Name] = true
		size += len(p.Value)
	}
	if size > maxSecret {
		return nil, []Problem{{Reason: string(whySecretSize)}}
	}
	for _, key := range secretKeys[o.Secret.Type] {
		if !has[key] {
			return nil, []Problem{{Reason: string(whySecretKeys)}}
		}
	}
	if o.Secret.Type == "kubernetes.io/basic-auth" && !has["username"] && !has["password"] {
		return nil, []Problem{{Reason: string(whySecretKeys)}}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\n", quoted(o.Secret.Name))
	if o.Secret.Namespace != "" {
		fmt.Fprintf(&b, "  namespace: %s\n", quoted(o.Secret.Namespace))
	}
	for i, label := range o.Secret.Labels {
		if i == 0 {
			fmt.Fprintln(&b, "  labels:")
		}
		fmt.Fprintf(&b, "    %s: %s\n", quoted(label[0]), quoted(label[1]))
	}
	fmt.Fprintf(&b, "type: %s\n", quoted(o.Secret.Type))
	for i, p := range pairs {
		if i == 0 {
			fmt.Fprintln(&b, "data:")
		}
		fmt.Fprintf(&b, "  %s: %s\n", quoted(p.Name), base64.StdEncoding.EncodeToString(p.Value))
	}
	return []byte(b.String()), nil
}
