package source

import (
	"net/url"
	"strings"
)

// GoogleToken is where access tokens of service accounts come from, whatever the JSON of a key says.
const GoogleToken = "https://oauth2.googleapis.com/token"

var google = &Kind{
	Name: "google",
	Fields: []Field{
		{Key: "key", Type: Secret, Required: true},
		{Key: "scopes", Type: List, Required: true},
		{Key: "endpoint", Type: Text},
	},
	Check: checkGoogle,
	Gives: func(own string, _ Definition) []string { return []string{own} },
	Reaches: func(d Definition) []string {
		endpoint := d.Text("endpoint")
		if endpoint == "" {
			endpoint = GoogleToken
		}
		return []string{"gets a proof of the service account's key: " + Host(endpoint), "scopes: " + strings.Join(d.List("scopes"), ", ")}
	},
}

func checkGoogle(d Definition) error {
	if len(d.List("scopes")) == 0 {
		return &FieldError{"google", "scopes", "is empty"}
	}
	for _, scope := range d.List("scopes") {
		if strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return &FieldError{"google", "scopes", "has an entry that is not one scope"}
		}
	}
	if s := d.Text("endpoint"); s != "" {
		if u, err := url.Parse(s); err != nil || CheckURL(s) != "" || !loopback(u) {
			return &FieldError{"google", "endpoint", "is not on this machine, which is for tests"}
		}
	}
	return nil
}
