package source_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/source"
)

var definitions = []struct{ kind, definition, key string }{
	{"oauth", "client_id = \"c\"\nprovider = \"github\"\n", ""},
	{"oauth", "client_id = \"c\"\nflow = \"browser\"\nprovider = \"github\"\n", "client_secret"},
	{"oauth", "client_id = \"c\"\nclient_secret = \"S\"\nflow = \"browser\"\nprovider = \"github\"\n", ""},
	{"oauth", "client_id = \"c\"\non_demand = true\nprovider = \"gitlab\"\n", ""},
	{"oauth", "client_id = \"c\"\nprovider = \"google\"\nscopes = [\"openid\", \"email\"]\nuse = \"id_token\"\n", ""},
	{"oauth", "client_id = \"c\"\nprovider = \"entra\"\ntenant = \"contoso.onmicrosoft.com\"\n", ""},
	{"oauth", "client_id = \"c\"\nprovider = \"entra\"\n", "tenant"},
	{"oauth", "client_id = \"c\"\nprovider = \"github\"\ntenant = \"t\"\n", "tenant"},
	{"oauth", "client_id = \"c\"\nprovider = \"entra\"\ntenant = \"x/../y\"\n", "tenant"},
	{"oauth", "client_id = \"c\"\nprovider = \"entra\"\ntenant = \"x@example.com\"\n", "tenant"},
	{"oauth", "client_id = \"c\"\nprovider = \"example\"\n", "provider"},
	{"oauth", "client_id = \"c\"\n", "provider"},
	{"oauth", "provider = \"github\"\n", "client_id"},
	{"oauth", "client_id = \"c\"\npassword = \"x\"\nprovider = \"github\"\n", "password"},
	{"oauth", "client_id = \"c\"\nissuer = \"https://id.example.com\"\n", ""},
	{"oauth", "client_id = \"c\"\nissuer = \"https://id.example.com\"\nprovider = \"github\"\n", "issuer"},
	{"oauth", "client_id = \"c\"\nissuer = \"http://id.example.com\"\n", "issuer"},
	{"oauth", "client_id = \"c\"\nissuer = \"http://localhost\"\n", "issuer"}, // a name can be anybody's
	{"oauth", "client_id = \"c\"\nissuer = \"http://127.0.0.1:80\"\n", ""},
	{"oauth", "client_id = \"c\"\nissuer = \"http://127.0.0.1.example.com\"\n", "issuer"},
	{"oauth", "client_id = \"c\"\nissuer = \"https://id.example.com?x=y\"\n", "issuer"},
	{"oauth", "client_id = \"c\"\nissuer = \"https://user@id.example.com\"\n", "issuer"},
	{"oauth", "client_id = \"c\"\nissuer = \"https:id.example.com\"\n", "issuer"},
	{"oauth", "client_id = \"c\"\nissuer = \"file:///etc/passwd\"\n", "issuer"},
	{"oauth", "authorization_endpoint = \"https://id.example.com/a\"\nclient_id = \"c\"\ntoken_endpoint = \"https://id.example.com/t\"\n", ""},
	{"oauth", "authorization_endpoint = \"https://id.example.com/a\"\nclient_id = \"c\"\ntoken_endpoint = \"https://ID.example.com:443/t\"\n", ""},
	{"oauth", "authorization_endpoint = \"https://id.example.com/a\"\nclient_id = \"c\"\ntoken_endpoint = \"https://evil.example/t\"\n", "authorization_endpoint"},
	{"oauth", "authorization_endpoint = \"https://id.example.com/a\"\nclient_id = \"c\"\ntoken_endpoint = \"https://id.example.com:8443/t\"\n", "authorization_endpoint"},
	{"oauth", "authorization_endpoint = \"https://id.example.com/a\"\nclient_id = \"c\"\nhosts = [\"id.example.com\"]\ntoken_endpoint = \"https://tokens.example.com/t\"\n", ""},
	{"oauth", "authorization_endpoint = \"https://id.example.com/a?client_id=evil&redirect_uri=https://evil.example\"\nclient_id = \"c\"\ntoken_endpoint = \"https://id.example.com/t\"\n", "authorization_endpoint"},
	{"oauth", "authorization_endpoint = \"https://id.example.com/a\"\nclient_id = \"c\"\nhosts = [\"id.example.com/a\"]\ntoken_endpoint = \"https://tokens.example.com/t\"\n", "hosts"},
	{"oauth", "authorization_endpoint = \"https://github.com/login/oauth/authorize\"\nclient_id = \"c\"\nprovider = \"github\"\ntoken_endpoint = \"https://evil.example/t\"\n", "authorization_endpoint"},
	{"oauth", "authorization_endpoint = \"https://id.example.com/a\"\nclient_id = \"c\"\nrevocation_endpoint = \"https://evil.example/r\"\ntoken_endpoint = \"https://id.example.com/t\"\n", "revocation_endpoint"},
	{"oauth", "authorization_endpoint = \"http://id.example.com/a\"\nclient_id = \"c\"\ntoken_endpoint = \"http://id.example.com/t\"\n", "authorization_endpoint"},
	{"oauth", "authorization_endpoint = \"http://127.0.0.1:8080/a\"\nclient_id = \"c\"\ntoken_endpoint = \"http://127.0.0.1:8080/t\"\n", ""},
	{"oauth", "authorization_endpoint = \"https://id.example.com/a\"\nclient_id = \"c\"\nhosts = [\"id.example.com\", \"TOKENS.example.com\"]\ntoken_endpoint = \"https://id.example.com/t\"\n", "hosts"},
	{"oauth", "client_id = \"c\"\nflow = \"browser\"\ntoken_endpoint = \"https://id.example.com/t\"\n", "authorization_endpoint"},
	{"oauth", "client_id = \"c\"\nflow = \"device\"\ntoken_endpoint = \"https://id.example.com/t\"\n", "device_authorization_endpoint"},
	{"oauth", "client_id = \"c\"\ntoken_endpoint = \"https://id.example.com/t\"\n", "authorization_endpoint"},
	{"oauth", "client_id = \"c\"\nclient_secret = \"S\"\nflow = \"client_credentials\"\ntoken_endpoint = \"https://id.example.com/t\"\n", ""},
	{"oauth", "client_id = \"c\"\nflow = \"client_credentials\"\ntoken_endpoint = \"https://id.example.com/t\"\n", "client_secret"},
	{"oauth", "client_id = \"c\"\nflow = \"password\"\nprovider = \"github\"\n", "flow"},
	{"oauth", "callback_port = 0\nclient_id = \"c\"\nprovider = \"github\"\n", "callback_port"},
	{"oauth", "callback_port = 65536\nclient_id = \"c\"\nprovider = \"github\"\n", "callback_port"},
	{"oauth", "client_id = \"c\"\nprovider = \"github\"\nscopes = [\"repo read:org\"]\n", "scopes"},
	{"oauth", "client_id = \"c\"\nprovider = \"google\"\nuse = \"id_token\"\n", "scopes"},
	{"oauth", "client_id = \"c\"\nprovider = \"google\"\nuse = \"refresh_token\"\n", "use"},

	{"github-app", "app_id = \"Iv23.x\"\ninstallation_id = \"7\"\nprivate_key = \"KEY\"\n", ""},
	{"github-app", "app_id = \"1\"\ninstallation_id = \"7\"\npermissions = [\"contents:read\"]\nprivate_key = \"KEY\"\nrepositories = [\"tool\"]\n", ""},
	{"github-app", "app_id = \"1\"\ninstallation_id = \"7/../8\"\nprivate_key = \"KEY\"\n", "installation_id"},
	{"github-app", "app_id = \"1 2\"\ninstallation_id = \"7\"\nprivate_key = \"KEY\"\n", "app_id"},
	{"github-app", "app_id = \"1\"\ninstallation_id = \"7\"\n", "private_key"},
	{"github-app", "app_id = \"1\"\ninstallation_id = \"7\"\npermissions = [\"contents\"]\nprivate_key = \"KEY\"\n", "permissions"},
	{"github-app", "app_id = \"1\"\ninstallation_id = \"7\"\npermissions = []\nprivate_key = \"KEY\"\n", "permissions"},
	{"github-app", "app_id = \"1\"\ninstallation_id = \"7\"\nprivate_key = \"KEY\"\nrepositories = [\"owner/tool\"]\n", "repositories"},
	{"github-app", "api_url = \"http://github.example.com\"\napp_id = \"1\"\ninstallation_id = \"7\"\nprivate_key = \"KEY\"\n", "api_url"},
	{"github-app", "api_url = \"https://github.example.com/api/v3\"\napp_id = \"1\"\ninstallation_id = \"7\"\nprivate_key = \"KEY\"\n", ""},

	{"google", "key = \"KEY\"\nscopes = [\"https://www.googleapis.com/auth/cloud-platform\"]\n", ""},
	{"google", "key = \"KEY\"\n", "scopes"},
	{"google", "key = \"KEY\"\nscopes = []\n", "scopes"},
	{"google", "key = \"KEY\"\nscopes = [\"a b\"]\n", "scopes"},
	{"google", "endpoint = \"https://evil.example/token\"\nkey = \"KEY\"\nscopes = [\"a\"]\n", "endpoint"},
	{"google", "endpoint = \"http://127.0.0.1:9/token\"\nkey = \"KEY\"\nscopes = [\"a\"]\n", ""},
}

// A definition is refused by the key that is wrong, or taken where the key is "".
func TestDefinitions(t *testing.T) {
	for _, c := range definitions {
		err := source.Find(c.kind).Validate(definition(t, c.definition))
		var wrong *source.FieldError
		if errors.As(err, &wrong); (err == nil) != (c.key == "") || wrong != nil && (wrong.Key != c.key || wrong.Kind != c.kind) {
			t.Errorf("%s\n%s%v, want an error about %q", c.kind, c.definition, err, c.key)
		}
	}
}

// Everything that presets contact is https, and where the user is told that tokens go.
func TestPresets(t *testing.T) {
	for _, provider := range []string{"entra", "github", "gitlab", "google"} {
		d := source.Definition{"client_id": "c", "provider": provider}
		if provider == "entra" {
			d["tenant"] = "contoso.onmicrosoft.com"
		}
		kind := source.Find("oauth")
		if err := kind.Validate(d); err != nil {
			t.Error(err)
		}
		p := source.OAuthServer(d)
		told := strings.Join(kind.Reaches(d), "\n")
		for _, u := range []string{p.Authorization, p.Token, p.Device, p.Revocation} {
			if u != "" && (!strings.HasPrefix(u, "https://") || strings.ContainsAny(u, "{}") || !strings.Contains(told, source.Host(u))) {
				t.Errorf("%s: %s, and the user is told:\n%s", provider, u, told)
			}
		}
		if len(p.DevicePage) == 0 || !slices.Contains(source.OAuthPages(d), source.Host(p.Authorization)) {
			t.Errorf("%s: pages %q", provider, source.OAuthPages(d))
		}
	}
}

// What the user agrees to names each host that gets something, and what is asked for.
func TestReaches(t *testing.T) {
	for _, c := range []struct{ kind, definition, want string }{
		{"oauth", "authorization_endpoint = \"https://id.example.com/a\"\nclient_id = \"tool\"\nflow = \"browser\"\nhosts = [\"id.example.com\"]\nscopes = [\"read\", \"write\"]\ntoken_endpoint = \"https://tokens.example.com/t\"\n",
			"gets the codes and tokens: id.example.com, tokens.example.com\nclient ID: tool\nscopes: read, write\nlogin page: https://id.example.com/a\nlogin: in a browser"},
		{"oauth", "audience = \"https://api.example.com\"\nclient_id = \"tool\"\nclient_secret = \"S\"\nflow = \"client_credentials\"\nissuer = \"https://id.example.com\"\n",
			"gets the codes and tokens: id.example.com\nclient ID: tool\nscopes: those that the server gives by default\naudience: https://api.example.com"},
		{"github-app", "api_url = \"https://github.example.com/api/v3\"\napp_id = \"1\"\ninstallation_id = \"7\"\nprivate_key = \"KEY\"\nrepositories = [\"tool\"]\n",
			"gets a proof of the app's key: github.example.com\napp: 1, installation: 7\npermissions: all that the installation has\nrepositories: tool"},
		{"google", "key = \"KEY\"\nscopes = [\"a\", \"b\"]\n", "gets a proof of the service account's key: oauth2.googleapis.com\nscopes: a, b"},
	} {
		d := definition(t, c.definition)
		kind := source.Find(c.kind)
		if got := strings.Join(kind.Reaches(d), "\n"); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.kind, got, c.want)
		}
		if got := kind.Gives("TOKEN", d); !slices.Equal(got, []string{"TOKEN"}) {
			t.Errorf("%s gives %q", c.kind, got)
		}
	}
	person := source.Find("oauth").Person
	if !person(source.Definition{}) || person(source.Definition{"flow": "client_credentials"}) {
		t.Error("a person is asked in the wrong flows")
	}
}

func definition(t *testing.T, text string) source.Definition {
	t.Helper()
	d, err := format.ParseDefinition([]byte(text))
	if err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return d
}
