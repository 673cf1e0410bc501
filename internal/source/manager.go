package source

import (
	"slices"
	"strings"
	"time"
)

// The kinds in this file read a secret manager by its own command line, with the login that the user has
// there. A definition says which secret, and never which server: that is the user's configuration.

var (
	vault = manager("vault", "vault or bao", []Field{{Key: "mount", Required: true}, {Key: "path", Required: true}, {Key: "version", Type: Number}},
		func(d Definition) string { return d.Text("mount") + "/" + d.Text("path") })
	awsSecret = manager("aws-secret", "aws", []Field{{Key: "secret_id", Required: true}, {Key: "version_stage"}, {Key: "region"}},
		func(d Definition) string { return d.Text("secret_id") })
	gcpSecret = manager("gcp-secret", "gcloud", []Field{{Key: "project", Required: true}, {Key: "secret", Required: true}, {Key: "version"}},
		func(d Definition) string { return "projects/" + d.Text("project") + "/secrets/" + d.Text("secret") })
	azureSecret = manager("azure-secret", "az", []Field{{Key: "vault", Required: true}, {Key: "secret", Required: true}, {Key: "version"}},
		func(d Definition) string { return d.Text("vault") + "/" + d.Text("secret") })
	kubernetes = manager("kubernetes", "kubectl", []Field{{Key: "namespace", Required: true}, {Key: "secret", Required: true}},
		func(d Definition) string { return d.Text("namespace") + "/" + d.Text("secret") })
)

// ofManager are the fields of all of them: which of a secret's values are wanted, and how long they are
// kept. Without cache, they are kept for one command.
var ofManager = []Field{{Key: "field"}, {Key: "map", Type: List}, {Key: "cache"}}

func manager(name, program string, fields []Field, secret func(Definition) string) *Kind {
	return &Kind{
		Name:   name,
		Fields: slices.Concat(fields, ofManager),
		Check:  func(d Definition) error { return checkManager(name, fields, d) },
		Gives:  givesMapped,
		Reaches: func(d Definition) []string {
			return []string{"runs " + program + ", with your login there", "secret: " + secret(d)}
		},
	}
}

func checkManager(kind string, fields []Field, d Definition) error {
	for _, f := range fields {
		// They become words of a command line, of a path, or of a host's name.
		if s := d.Text(f.Key); strings.ContainsFunc(s, func(r rune) bool { return !isSecretName(r) }) || strings.Contains(s, "..") {
			return &FieldError{kind, f.Key, "has a character that the name of a secret can't have"}
		}
		if s := d.Text(f.Key); (f.Key == "vault" || f.Key == "region") && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return &FieldError{kind, f.Key, "is not valid"}
		}
	}
	if _, both := d["field"]; both && d["map"] != nil {
		return &FieldError{kind, "map", "can't be used with field"}
	}
	seen := map[string]bool{}
	for _, entry := range d.List("map") {
		variable, field, ok := strings.Cut(entry, "=")
		if !ok || field == "" || variable == "" || seen[variable] {
			return &FieldError{kind, "map", "must be a list of VARIABLE=FIELD, each variable once"}
		}
		seen[variable] = true
	}
	if s := d.Text("cache"); s != "" {
		if t, err := time.ParseDuration(s); err != nil || t < time.Second || t > 24*time.Hour {
			return &FieldError{kind, "cache", "must be a time from 1s to 24h, such as 10m"}
		}
	}
	return nil
}

func isSecretName(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-./+=@:!", r)
}

// givesMapped returns the variables of map, or the name of the source.
func givesMapped(own string, d Definition) []string {
	var names []string
	for _, entry := range d.List("map") {
		variable, _, _ := strings.Cut(entry, "=")
		names = append(names, variable)
	}
	if names == nil {
		return []string{own}
	}
	return names
}
