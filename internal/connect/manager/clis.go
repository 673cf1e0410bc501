package manager

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/credfile/credfile/internal/source"
	"github.com/credfile/credfile/internal/tool"
)

// cli is how one command line is used.
type cli struct {
	programs []string // the first that is installed
	args     func(d source.Definition) []string
	parse    func(out []byte) (map[string]string, bool)
	says     []saying // what it writes on stderr, the first match counts
}

// saying tells errors apart by a part of what a command line writes, which has no code for it.
type saying struct {
	part    string
	class   source.Class
	message string // "" for the usual one of the class, with the program's name in front of all others
}

var clis = map[string]*cli{
	// developer.hashicorp.com/vault/docs/commands/kv/get; openbao.org/docs/commands/kv/get
	"vault": {[]string{"vault", "bao"}, func(d source.Definition) []string {
		args := []string{"kv", "get", "-format=json", "-mount=" + d.Text("mount")}
		if n := d.Number("version"); n > 0 {
			args = append(args, fmt.Sprintf("-version=%d", n))
		}
		return append(args, d.Text("path"))
	}, vaultFields, []saying{
		{"No value found", source.NotFound, ""}, {"missing client token", source.NeedsLogin, ""}, {"permission denied", source.Denied, ""},
		{"connection refused", source.Unavailable, ""}, {"no such host", source.Unavailable, ""},
	}},
	// docs.aws.amazon.com/cli/latest/reference/secretsmanager/get-secret-value.html
	"aws-secret": {[]string{"aws"}, awsArgs, awsFields, []saying{
		{"ResourceNotFoundException", source.NotFound, ""}, {"AccessDenied", source.Denied, ""}, {"Unable to locate credentials", source.NeedsLogin, ""},
		{"has expired", source.NeedsLogin, ""}, {"ExpiredToken", source.NeedsLogin, ""}, {"Could not connect", source.Unavailable, ""},
		{"Error loading SSO Token", source.NeedsLogin, ""}, {"specify a region", source.Other, "does not know the region: add region=REGION to the source"},
		{"config profile", source.Other, "does not know the profile that AWS_PROFILE names"},
	}},
	// cloud.google.com/sdk/gcloud/reference/secrets/versions/access
	"gcp-secret": {[]string{"gcloud"}, func(d source.Definition) []string {
		version := d.Text("version")
		if version == "" {
			version = "latest"
		}
		return []string{"secrets", "versions", "access", version, "--secret=" + d.Text("secret"), "--project=" + d.Text("project"), "--format=json", "--quiet"}
	}, gcpFields, []saying{
		{"NOT_FOUND", source.NotFound, ""}, {"PERMISSION_DENIED", source.Denied, ""}, {"gcloud auth login", source.NeedsLogin, ""},
		{"Reauthentication", source.NeedsLogin, ""}, {"UNAUTHENTICATED", source.NeedsLogin, ""},
		{"Unable to find the server", source.Unavailable, ""}, {"(ConnectionError)", source.Unavailable, ""},
	}},
	// learn.microsoft.com/cli/azure/keyvault/secret#az-keyvault-secret-show
	"azure-secret": {[]string{"az"}, func(d source.Definition) []string {
		args := []string{"keyvault", "secret", "show", "--vault-name", d.Text("vault"), "--name", d.Text("secret"), "--output", "json"}
		if v := d.Text("version"); v != "" {
			args = append(args, "--version", v)
		}
		return args
	}, azureFields, []saying{
		{"SecretNotFound", source.NotFound, ""}, {"Forbidden", source.Denied, ""}, {"az login", source.NeedsLogin, ""}, {"Failed to resolve", source.Unavailable, ""},
	}},
	// kubernetes.io/docs/reference/kubectl/generated/kubectl_get
	"kubernetes": {[]string{"kubectl"}, func(d source.Definition) []string {
		return kubernetesArgs(d.Text("namespace"), d.Text("secret"))
	}, kubernetesFields, kubernetesSays},
}

// kubernetesMany reads several secrets of a namespace. Those that are not there are left out.
var (
	kubernetesMany = &cli{programs: []string{"kubectl"}, says: kubernetesSays}
	kubernetesSays = []saying{
		{"server localhost:8080 was refused", source.Other, "knows no cluster: is KUBECONFIG set?"}, // what it tries without one
		{"NotFound", source.NotFound, ""}, {"Forbidden", source.Denied, ""}, {"Unauthorized", source.NeedsLogin, ""}, {"must be logged in", source.NeedsLogin, ""},
		{"was refused", source.Unavailable, ""}, {"Unable to connect", source.Unavailable, ""},
	}
)

func kubernetesArgs(namespace string, secrets ...string) []string {
	args := []string{"get", "secret", "--namespace=" + namespace, "--output=json"}
	if len(secrets) > 1 {
		args = append(args, "--ignore-not-found")
	}
	return append(append(args, "--"), secrets...)
}

// awsArgs gives the names in JSON, where no character has another meaning.
func awsArgs(d source.Definition) []string {
	input := map[string]string{"SecretId": d.Text("secret_id")}
	if stage := d.Text("version_stage"); stage != "" {
		input["VersionStage"] = stage
	}
	text, _ := json.Marshal(input) // strings alone can't fail
	args := []string{"secretsmanager", "get-secret-value", "--output", "json", "--cli-input-json", string(text)}
	if region := d.Text("region"); region != "" {
		args = append(args, "--region", region)
	}
	return args
}

// failure tells why a command line failed. What it wrote is not repeated: it can quote a value.
func (c *cli) failure(name string, exit *tool.ExitError) error {
	said := string(exit.Said)
	for _, s := range c.says {
		switch {
		case !strings.Contains(said, s.part):
		case s.message != "":
			return &source.Error{Class: s.class, Message: name + " " + s.message}
		default:
			return &source.Error{Class: s.class, Message: map[source.Class]string{
				source.NotFound: name + " finds no such secret", source.Denied: name + " says that you may not read the secret",
				source.NeedsLogin: "you are not logged in with " + name, source.Unavailable: name + " can't reach its server",
			}[s.class]}
		}
	}
	return &source.Error{Class: source.Other, Message: fmt.Sprintf("%s failed with exit code %d", name, exit.Code)}
}

// texts returns the values of an object that are text, numbers or truth values, as they are written.
func texts(raw map[string]json.RawMessage) map[string]string {
	fields := map[string]string{}
	for name, value := range raw {
		var text string
		switch {
		case json.Unmarshal(value, &text) == nil:
			fields[name] = text
		case len(value) > 0 && strings.IndexByte("{[n", value[0]) < 0:
			fields[name] = string(value)
		}
	}
	return fields
}

// whole returns a secret that is one value, and its fields if it is an object in JSON.
func whole(value string) map[string]string {
	fields := map[string]string{}
	var raw map[string]json.RawMessage
	if json.Unmarshal([]byte(value), &raw) == nil {
		fields = texts(raw)
	}
	fields[""] = value
	return fields
}

func vaultFields(out []byte) (map[string]string, bool) {
	var doc struct {
		Data struct {
			Data     map[string]json.RawMessage `json:"data"`
			Metadata json.RawMessage            `json:"metadata"`
		} `json:"data"`
	}
	if json.Unmarshal(out, &doc) == nil && doc.Data.Metadata != nil {
		return texts(doc.Data.Data), doc.Data.Data != nil
	}
	var first struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	err := json.Unmarshal(out, &first)
	return texts(first.Data), err == nil && first.Data != nil
}

func awsFields(out []byte) (map[string]string, bool) {
	var doc struct {
		SecretString *string
		SecretBinary []byte
	}
	switch {
	case json.Unmarshal(out, &doc) != nil:
		return nil, false
	case doc.SecretString != nil:
		return whole(*doc.SecretString), true
	}
	return map[string]string{"": string(doc.SecretBinary)}, doc.SecretBinary != nil
}

func gcpFields(out []byte) (map[string]string, bool) {
	var doc struct{ Payload struct{ Data string } }
	if json.Unmarshal(out, &doc) != nil {
		return nil, false
	}
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		if value, err := e.DecodeString(doc.Payload.Data); err == nil && doc.Payload.Data != "" {
			return whole(string(value)), true
		}
	}
	return nil, false
}

func azureFields(out []byte) (map[string]string, bool) {
	var doc struct{ Value *string }
	if json.Unmarshal(out, &doc) != nil || doc.Value == nil {
		return nil, false
	}
	return whole(*doc.Value), true
}

// kubernetesSecret is a Secret, or a List of them, in the API of Kubernetes.
type kubernetesSecret struct {
	Kind     string
	Metadata struct{ Name string }
	Data     map[string][]byte
	Items    []kubernetesSecret
}

func (s *kubernetesSecret) fields() map[string]string {
	fields := map[string]string{}
	for name, value := range s.Data {
		fields[name] = string(value)
	}
	return fields
}

func kubernetesFields(out []byte) (map[string]string, bool) {
	var doc kubernetesSecret
	if json.Unmarshal(out, &doc) != nil || doc.Kind != "Secret" {
		return nil, false
	}
	return doc.fields(), true
}

// kubernetesSecrets reads a list. Where none of the secrets is there, kubectl prints nothing.
func kubernetesSecrets(out []byte) (map[string]map[string]string, bool) {
	secrets := map[string]map[string]string{}
	if len(out) == 0 {
		return secrets, true
	}
	var doc kubernetesSecret
	if json.Unmarshal(out, &doc) != nil || doc.Kind != "List" {
		return nil, false
	}
	for _, s := range doc.Items {
		if s.Kind == "Secret" {
			secrets[s.Metadata.Name] = s.fields()
		}
	}
	return secrets, true
}
