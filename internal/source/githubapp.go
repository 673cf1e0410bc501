package source

import (
	"regexp"
	"slices"
	"strings"
)

// GitHubAPI is where installation tokens come from, unless a definition has an api_url.
const GitHubAPI = "https://api.github.com"

var githubApp = &Kind{
	Name: "github-app",
	Fields: []Field{
		{Key: "app_id", Type: Text, Required: true},
		{Key: "installation_id", Type: Text, Required: true},
		{Key: "private_key", Type: Secret, Required: true},
		{Key: "permissions", Type: List}, // NAME:read, NAME:write, NAME:admin
		{Key: "repositories", Type: List},
		{Key: "api_url", Type: Text},
	},
	Check:   checkGitHubApp,
	Gives:   func(own string, _ Definition) []string { return []string{own} },
	Reaches: reachesGitHubApp,
}

// Both IDs become parts of a request, and the installation's of a path.
var (
	appID        = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`) // a number, or the client ID
	installation = regexp.MustCompile(`^[0-9]{1,19}$`)
	permission   = regexp.MustCompile(`^[a-z][a-z0-9_]*:(read|write|admin)$`)
	repository   = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
)

func checkGitHubApp(d Definition) error {
	wrong := func(key, why string) error { return &FieldError{"github-app", key, why} }
	none := func(list []string, form *regexp.Regexp) bool {
		return slices.ContainsFunc(list, func(s string) bool { return !form.MatchString(s) })
	}
	switch {
	case !appID.MatchString(d.Text("app_id")):
		return wrong("app_id", "is not the ID of an app")
	case !installation.MatchString(d.Text("installation_id")):
		return wrong("installation_id", "is not a number")
	case none(d.List("permissions"), permission):
		return wrong("permissions", "has an entry that is not NAME:read, NAME:write or NAME:admin")
	case none(d.List("repositories"), repository):
		return wrong("repositories", "has an entry that is not the name of a repository, without its owner")
	}
	for _, key := range []string{"permissions", "repositories"} {
		if list, ok := d[key]; ok && len(list.([]string)) == 0 {
			return wrong(key, "is empty, which would be all of them") // GitHub reads it so
		}
	}
	if api := d.Text("api_url"); api != "" {
		if why := CheckURL(api); why != "" {
			return wrong("api_url", why)
		}
		if strings.Contains(api, "?") {
			return wrong("api_url", "has a query")
		}
	}
	return nil
}

func reachesGitHubApp(d Definition) []string {
	api := d.Text("api_url")
	if api == "" {
		api = GitHubAPI
	}
	return []string{
		"gets a proof of the app's key: " + Host(api),
		"app: " + d.Text("app_id") + ", installation: " + d.Text("installation_id"),
		"permissions: " + listed(d.List("permissions"), "all that the installation has"),
		"repositories: " + listed(d.List("repositories"), "all that the installation has"),
	}
}
