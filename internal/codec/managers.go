package codec

import (
	"encoding/base64"
	"strings"
)

// The codecs in this file read what the command lines of secret managers print, from a pipe.

const (
	whyDeleted reason = "was deleted in this version"
)

// vaultSecret is what vault kv get -format=json and vault read print, and bao's (HashiCorp Vault,
// HTTP API, KV version 2 and 1).
var vaultSecret = Codec{Name: "vault", Detect: isVaultSecret, Read: documents(parseAny, readVaultSecret)}

func isVaultSecret(_ string, b []byte) bool {
	return shaped(b, []string{`"request_id"`, `"lease_duration"`, `"data"`}, func(root *node) bool {
		return root.get("request_id") != nil && root.get("lease_duration") != nil && root.get("data") != nil
	})
}

func readVaultSecret(root *node, _ Options, t *result) {
	data := root.get("data")
	if data.get("metadata") != nil { // version 2
		inner := data.get("data")
		if inner == nil || inner.kind == isNull {
			t.refuse("data", data.line, whyDeleted)
			return
		}
		data = inner
	}
	if data == nil || data.kind != isObject {
		t.refuse("data", root.line, whyNotSecret)
		return
	}
	t.flat(data, "_")
}

// awsSecret is what aws secretsmanager get-secret-value prints (AWS Secrets Manager, API reference). A
// string that is an object in JSON has several values.
var awsSecret = Codec{Name: "aws-secret", Detect: isAWSSecret, Read: documents(parseAny, readAWSSecret)}

func isAWSSecret(_ string, b []byte) bool {
	return shaped(b, []string{`"VersionId"`, `"Name"`, `"ARN"`}, func(root *node) bool {
		return root.get("VersionId") != nil && (root.get("SecretString") != nil || root.get("SecretBinary") != nil)
	})
}

func readAWSSecret(root *node, _ Options, t *result) {
	name := root.string("Name")
	switch s, b := root.get("SecretString"), root.get("SecretBinary"); {
	case s != nil && s.kind == isString:
		if inner, problem := parseJSON([]byte(s.text)); problem == nil && inner != nil && inner.kind == isObject {
			atLine(inner, s.line)
			t.flat(inner, "_")
			return
		}
		t.add(name, []byte(s.text), s.line)
	case b != nil:
		t.encoded(name, b.line, b)
	default:
		t.refuse(name, root.line, whyNotSecret)
	}
}

// atLine gives a document that was a string in another one the line of that string.
func atLine(n *node, line int) {
	n.line = line
	for i := range n.fields {
		n.fields[i].line = line
		if n.fields[i].value != nil {
			atLine(n.fields[i].value, line)
		}
	}
	for _, item := range n.items {
		atLine(item, line)
	}
}

// gcpSecret is what gcloud secrets versions access --format=json prints (Google Secret Manager, REST
// reference).
var gcpSecret = Codec{Name: "gcp-secret", Detect: isGCPSecret, Read: documents(parseAny, readGCPSecret)}

func isGCPSecret(_ string, b []byte) bool {
	return shaped(b, []string{`"payload"`, `/secrets/`, `/versions/`}, func(root *node) bool { return root.get("payload").get("data") != nil })
}

func readGCPSecret(root *node, _ Options, t *result) {
	_, path, _ := strings.Cut(root.string("name"), "/secrets/")
	name, _, _ := strings.Cut(path, "/")
	data := root.get("payload").get("data")
	if name == "" || data == nil || data.kind != isString {
		t.refuse("", root.line, whyNotSecret)
		return
	}
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		if value, err := e.DecodeString(data.text); err == nil {
			t.add(name, value, data.line)
			return
		}
	}
	t.refuse(name, data.line, whyNotBase64)
}

// azureSecret is what az keyvault secret show prints (Azure Key Vault, REST reference, Get Secret).
var azureSecret = Codec{Name: "azure-secret", Detect: isAzureSecret, Read: documents(parseAny, readAzureSecret)}

func isAzureSecret(_ string, b []byte) bool {
	return shaped(b, []string{`"id"`, `"value"`, `/secrets/`}, func(root *node) bool {
		return strings.HasPrefix(root.string("id"), "https://") && root.get("value") != nil
	})
}

func readAzureSecret(root *node, _ Options, t *result) {
	_, path, _ := strings.Cut(root.string("id"), "/secrets/")
	name, _, _ := strings.Cut(path, "/")
	value := root.get("value")
	if name == "" || value == nil || value.kind != isString {
		t.refuse(name, root.line, whyNotSecret)
		return
	}
	t.add(name, []byte(value.text), value.line)
}

// opItem is what op item get --format json prints (1Password CLI 2, item JSON template). The names are
// the labels of the fields.
var opItem = Codec{Name: "op", Detect: isOpItem, Read: documents(parseAny, readOpItem)}

func isOpItem(_ string, b []byte) bool {
	return shaped(b, []string{`"vault"`, `"fields"`, `"category"`}, func(root *node) bool {
		return root.get("vault") != nil && root.get("fields") != nil && root.get("category") != nil
	})
}

func readOpItem(root *node, _ Options, t *result) {
	fields := root.get("fields")
	if fields == nil || fields.kind != isArray {
		t.refuse("", root.line, whyNotSecret)
		return
	}
	for _, f := range fields.items {
		value := f.get("value")
		if value == nil || value.kind == isString && value.text == "" {
			continue // a field that nobody filled in
		}
		if text, ok := t.scalar(f.string("label"), f.line, value); ok {
			t.add(f.string("label"), []byte(text), f.line)
		}
	}
}

// bwItem is what bw get item prints (Bitwarden CLI, item JSON). Fields that are linked to others have no
// value of their own.
var bwItem = Codec{Name: "bw", Detect: isBwItem, Read: documents(parseAny, readBwItem)}

func isBwItem(_ string, b []byte) bool {
	return shaped(b, []string{`"object"`, `"item"`, `"organizationId"`}, func(root *node) bool {
		return root.is("object", "item") && root.get("organizationId") != nil
	})
}

func readBwItem(root *node, _ Options, t *result) {
	login := root.get("login")
	for _, key := range []string{"username", "password", "totp"} {
		if v := login.get(key); v != nil && v.kind == isString {
			t.add(key, []byte(v.text), v.line)
		}
	}
	if notes := root.get("notes"); notes != nil && notes.kind == isString {
		t.add("notes", []byte(notes.text), notes.line)
	}
	fields := root.get("fields")
	if fields == nil {
		return
	}
	for _, f := range fields.items {
		if v := f.get("value"); v != nil && v.kind != isNull {
			if text, ok := t.scalar(f.string("name"), f.line, v); ok {
				t.add(f.string("name"), []byte(text), f.line)
			}
		}
	}
}
