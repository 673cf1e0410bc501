package source

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The kinds in this file read a secret manager by its own command line, with the login that the user has
// there. A definition says which secret, and never which server: that is the user's configuration.

var (
	vault = manager("vault", program{"vault or bao", "log in with vault (or bao) first: vault login"}, []word{{"mount", "_-./", true}, {"path", "_-./+=@:!", true}},
		func(d Definition) string { return d.Text("mount") + "/" + d.Text("path") })
	awsSecret = manager("aws-secret", program{"aws", "log in with aws first: aws sso login, or aws configure"}, []word{{"secret_id", "_-./+=@:!", true}, {"version_stage", "_-./+=@:", false}, {"region", "-", false}},
		func(d Definition) string { return d.Text("secret_id") })
	// A / would make a name one of another project, whatever --project says.
	gcpSecret = manager("gcp-secret", program{"gcloud", "log in with gcloud first: gcloud auth login"}, []word{{"project", "-.:", true}, {"secret", "_-", true}, {"version", "_-", false}},
		func(d Definition) string { return "projects/" + d.Text("project") + "/secrets/" + d.Text("secret") })
	// az reads a word that begins with @ from the file of that name.
	azureSecret = manager("azure-secret", program{"az", "log in with az first: az login"}, []word{{"vault", "-", true}, {"secret", "-", true}, {"version", "", false}},
		func(d Definition) string { return d.Text("vault") + "/" + d.Text("secret") })
	kubernetes = manager("kubernetes", program{"kubectl", "log in to the cluster first; to see as whom kubectl does: kubectl auth whoami"}, []word{{"namespace", "-", true}, {"secret", "-.", true}},
		func(d Definition) string { return d.Text("namespace") + "/" + d.Text("secret") })
)

// word is a field that becomes a word of a command line, of a path, or of a host's name. It has letters,
// digits and others.
type word struct {
	key, others string
	required    bool
}

// ofManager are the fields of all of them: which of a secret's values are wanted, and how long they are
// kept. Without cache, they are kept for one command.
var ofManager = []Field{{Key: "field"}, {Key: "map", Type: List}, {Key: "cache"}}

// program is a command line, and how to log in with it.
type program struct{ name, logIn string }

func manager(name string, runs program, words []word, secret func(Definition) string) *Kind {
	var fields []Field
	for _, w := range words {
		fields = append(fields, Field{Key: w.key, Required: w.required})
	}
	if name == "vault" {
		fields = append(fields, Field{Key: "version", Type: Number})
	}
	return &Kind{
		Name:    name,
		Fields:  slices.Concat(fields, ofManager),
		Check:   func(d Definition) error { return checkManager(name, words, d) },
		Gives:   givesMapped,
		Reaches: func(d Definition) []string { return reachesManager(runs.name, secret(d), d) },
		LogIn:   runs.logIn,
	}
}

// reachesManager shows the secret, and each key that says which one or which part of it.
func reachesManager(program, secret string, d Definition) []string {
	lines := []string{"runs " + program + ", with your login there", "secret: " + secret}
	for _, key := range []string{"version", "version_stage", "region", "field", "map", "cache"} {
		switch v := d[key].(type) {
		case string:
			lines = append(lines, key+": "+v)
		case int64:
			lines = append(lines, fmt.Sprintf("%s: %d", key, v))
		case []string:
			lines = append(lines, key+": "+strings.Join(v, ", "))
		}
	}
	return lines
}

func checkManager(kind string, words []word, d Definition) error {
	for _, w := range words {
		if s := d.Text(w.key); s != "" && (!isForm(s, maxText, w.others) || strings.Contains(s, "..")) {
			return &FieldError{kind, w.key, "has a character that it can't have"}
		}
	}
	// What a KV store is never mounted at, and where the user's own token can be read.
	for part := range strings.SplitSeq(d.Text("mount"), "/") {
		if slices.Contains([]string{"auth", "sys", "identity", "cubbyhole"}, part) {
			return &FieldError{kind, "mount", "is not where secrets are"}
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
