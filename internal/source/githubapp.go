package source

import (
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

// isForm reports whether s has at most so many bytes, and only letters, digits and some others.
func isForm(s string, most int, others string) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') && !strings.ContainsRune(others, r)
	})
}

func isPermission(s string) bool {
	name, level, _ := strings.Cut(s, ":")
	return isForm(name, 64, "_") && slices.Contains([]string{"read", "write", "admin"}, level)
}

func isRepository(s string) bool { return isForm(s, 100, "._-") }

func checkGitHubApp(d Definition) error {
	wrong := func(key, why string) error { return &FieldError{"github-app", key, why} }
	all := func(list []string, is func(string) bool) bool {
		return !slices.ContainsFunc(list, func(s string) bool { return !is(s) })
	}
	switch {
	case !isForm(d.Text("app_id"), 64, "._-"): // a number, or the client ID
		return wrong("app_id", "is not the ID of an app")
	case len(d.Text("installation_id")) > 19 || strings.Trim(d.Text("installation_id"), "0123456789") != "": // it becomes part of a path
		return wrong("installation_id", "is not a number")
	case !all(d.List("permissions"), isPermission):
		return wrong("permissions", "has an entry that is not NAME:read, NAME:write or NAME:admin")
	case !all(d.List("repositories"), isRepository):
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
