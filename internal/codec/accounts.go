package codec

import (
	"encoding/base64"
	"strings"
)

const (
	whyHelper  reason = "names a program that keeps logins; take them from there"
	whyHeaders reason = "may hold secrets that credfile doesn't import"
	whyHost    reason = "has no plain host, which the name needs"
	whyAuth    reason = "is not a user and a password in base64"
	whyKeyring reason = "has no token here: gh keeps it in the system's keyring; to see it: gh auth token"
)

// loginAt returns the name of a login. Without a user, it is not valid for a credential, so that the user
// of credfile chooses one. dockerHub is a path of one registry that stands for all of it.
func loginAt(user, url string) (name string, ok bool) {
	if _, rest, found := strings.Cut(url, "://"); found {
		url = rest
	}
	url = strings.Trim(strings.TrimRight(url, "/"), " ")
	host, path, _ := strings.Cut(url, "/")
	host, port, _ := strings.Cut(host, ":")
	if !isName(host, "-.") || port != "" && strings.Trim(port, "0123456789") != "" || strings.ContainsAny(path, "@?#") {
		return "", false
	}
	return user + "@" + strings.TrimSuffix(url, ":"), true
}

// dockerConfig is ~/.docker/config.json (docs.docker.com, docker login).
var dockerConfig = Codec{Name: "docker-config", Detect: isDockerConfig, Read: documents(parseJSON, readDockerConfig)}

func isDockerConfig(_ string, b []byte) bool {
	for _, key := range []string{"auths", "credsStore", "credHelpers"} {
		if shaped(b, []string{`"` + key + `"`}, func(root *node) bool { return root.get(key) != nil }) {
			return true
		}
	}
	return false
}

func readDockerConfig(root *node, _ Options, t *result) {
	t.eachField(root, func(top field) {
		switch top.name {
		case "auths":
			t.eachField(top.value, func(f field) { dockerAuth(t, f) })
		case "credsStore", "credHelpers":
			t.refuse(top.name, top.line, whyHelper)
		case "HttpHeaders", "proxies":
			t.refuse(top.name, top.line, whyHeaders)
		}
	})
}

// dockerAuth reads a registry's login. An empty one is kept by a helper, which is reported already.
func dockerAuth(t *result, registry field) {
	url := strings.TrimSuffix(registry.name, "/v1/")
	if !strings.Contains(registry.name, "index.docker.io/") {
		url = registry.name
	}
	take := func(user, secret string, line int) {
		if name, ok := loginAt(user, url); ok {
			t.add(name, []byte(secret), line)
		} else {
			t.refuse("", line, whyHost)
		}
	}
	v := registry.value
	user := v.string("username")
	identity := v.string("identitytoken") != ""
	t.eachField(v, func(f field) {
		if f.name == "username" || f.name == "email" || f.name == "serveraddress" {
			return
		}
		text, ok := t.scalar("", f.line, f.value)
		switch {
		case !ok || text == "":
		case f.name == "identitytoken":
			take("<token>", text, f.line)
		case f.name == "auth":
			b, err := base64.StdEncoding.DecodeString(text)
			name, password, found := strings.Cut(string(b), ":")
			password = strings.TrimRight(password, "\x00") // as docker does
			switch {
			case err != nil || !found || name == "":
				t.refuse("", f.line, whyAuth)
			case password != "" || !identity:
				take(name, password, f.line)
			}
		case f.name == "password":
			take(user, text, f.line)
		default:
			t.refuse(f.name, f.line, whySetting)
		}
	})
}

// ghHosts is gh's hosts.yml: under each host, a token and perhaps several users.
var ghHosts = Codec{Name: "gh", Detect: func(name string, b []byte) bool {
	return hasSuffix(name, "hosts.yml") && shaped(b, []string{"git_protocol"}, func(*node) bool { return true }) ||
		shaped(b, []string{"oauth_token"}, func(root *node) bool {
			return len(root.fields) > 0 && root.fields[0].value.get("oauth_token") != nil
		})
}, Read: documents(parseYAML, readGhHosts)}

func readGhHosts(root *node, _ Options, t *result) {
	t.eachField(root, func(host field) {
		take := func(user string, f field) {
			name, ok := loginAt(user, host.name)
			if !ok {
				t.refuse("", f.line, whyHost)
			} else if text, ok := t.scalar(name, f.line, f.value); ok {
				t.add(name, []byte(text), f.line)
			}
		}
		found := false
		t.eachField(host.value, func(f field) {
			switch f.name {
			case "oauth_token":
				found = true
				take(host.value.string("user"), f)
			case "users":
				t.eachField(f.value, func(user field) {
					t.eachField(user.value, func(f field) {
						if f.name == "oauth_token" {
							found = true
							take(user.name, f)
						}
					})
				})
			}
		})
		if !found {
			t.refuse(host.name, host.line, whyKeyring)
		}
	})
}

// terraformCLI is Terraform's credentials.tfrc.json. A token has the name of the variable that Terraform
// itself reads.
var terraformCLI = Codec{Name: "tfrc", Detect: func(name string, b []byte) bool {
	return hasSuffix(name, ".tfrc.json")
}, Read: documents(parseJSON, readTerraformCLI)}

func readTerraformCLI(root *node, _ Options, t *result) {
	t.eachField(root, func(top field) {
		if top.name != "credentials" {
			t.refuse(top.name, top.line, whySetting)
			return
		}
		t.eachField(top.value, func(host field) {
			name := "TF_TOKEN_" + strings.NewReplacer(".", "_", "-", "__").Replace(host.name)
			t.eachField(host.value, func(f field) {
				switch {
				case f.name != "token":
					t.refuse(f.name, f.line, whySetting)
				case !isName(host.name, "-."):
					t.refuse("", f.line, whyHost)
				default:
					if text, ok := t.scalar(name, f.line, f.value); ok {
						t.add(name, []byte(text), f.line)
					}
				}
			})
		})
	})
}
