package source

import (
	"slices"
	"strings"
)

// Endpoints are the URLs of an OAuth server, by their names in its metadata (RFC 8414). Those that it
// does not have are empty.
type Endpoints struct {
	Issuer        string `json:"issuer,omitempty"`
	Authorization string `json:"authorization_endpoint,omitempty"`
	Token         string `json:"token_endpoint,omitempty"`
	Device        string `json:"device_authorization_endpoint,omitempty"`
	Revocation    string `json:"revocation_endpoint,omitempty"`
}

// Preset is a server that is known by name.
type Preset struct {
	Name string
	Endpoints
	Extra      string   // parameters of the authorization request, besides the usual
	DevicePage []string // hosts of the page where a device code is entered
	CodeSecret bool     // whether a browser login wants a client secret, so that without one only a device code is left
}

// presets has a line for each provider. It is not a map, which would be filled whenever credfile starts. {tenant} stands for the definition's tenant. Sources, in this order:
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code (no revocation; no issuer, which has the tenant's ID),
// https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps (no metadata, no RFC 7009),
// https://docs.gitlab.com/api/oauth2/,
// https://developers.google.com/identity/protocols/oauth2/native-app and …/limited-input-device (a refresh token only with both extra parameters).
var presets = []Preset{
	{"entra", Endpoints{"", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode", ""}, "", []string{"microsoft.com", "www.microsoft.com", "login.microsoft.com", "login.microsoftonline.com"}, false},
	{"github", Endpoints{"", "https://github.com/login/oauth/authorize", "https://github.com/login/oauth/access_token", "https://github.com/login/device/code", ""}, "", []string{"github.com"}, true},
	{"gitlab", Endpoints{"https://gitlab.com", "https://gitlab.com/oauth/authorize", "https://gitlab.com/oauth/token", "https://gitlab.com/oauth/authorize_device", "https://gitlab.com/oauth/revoke"}, "", []string{"gitlab.com"}, false},
	{"google", Endpoints{"https://accounts.google.com", "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token", "https://oauth2.googleapis.com/device/code", "https://oauth2.googleapis.com/revoke"}, "access_type=offline&prompt=consent", []string{"www.google.com"}, false},
}

var oauth = &Kind{
	Name: "oauth",
	Fields: []Field{
		{Key: "provider", Type: Text},
		{Key: "tenant", Type: Text},
		{Key: "issuer", Type: Text},
		{Key: "authorization_endpoint", Type: Text},
		{Key: "token_endpoint", Type: Text},
		{Key: "device_authorization_endpoint", Type: Text},
		{Key: "revocation_endpoint", Type: Text},
		{Key: "hosts", Type: List},
		{Key: "client_id", Type: Text, Required: true},
		{Key: "client_secret", Type: Secret},
		{Key: "scopes", Type: List},
		{Key: "audience", Type: Text},
		{Key: "flow", Type: Text},
		{Key: "callback_port", Type: Number},
		{Key: "use", Type: Text},
	},
	Check:   checkOAuth,
	Gives:   func(own string, _ Definition) []string { return []string{own} },
	Reaches: reachesOAuth,
	Pages:   OAuthPages,
	Person:  func(d Definition) bool { return d.Text("flow") != "client_credentials" },
}

// OAuthServer returns what a definition of the kind oauth says about its server. If it gives only an
// issuer, the server's metadata has the rest.
func OAuthServer(d Definition) Preset {
	i := slices.IndexFunc(presets, func(p Preset) bool { return p.Name == d.Text("provider") })
	if i < 0 {
		return Preset{Endpoints: Endpoints{d.Text("issuer"), d.Text("authorization_endpoint"), d.Text("token_endpoint"), d.Text("device_authorization_endpoint"), d.Text("revocation_endpoint")}}
	}
	p := presets[i]
	for _, u := range []*string{&p.Authorization, &p.Token, &p.Device} {
		*u = strings.ReplaceAll(*u, "{tenant}", d.Text("tenant"))
	}
	return p
}

func (e *Endpoints) urls() map[string]string {
	return map[string]string{"authorization_endpoint": e.Authorization, "token_endpoint": e.Token, "device_authorization_endpoint": e.Device, "revocation_endpoint": e.Revocation}
}

// CheckEndpoints reports endpoints that a definition does not allow. They have the origin of the issuer,
// or of the token endpoint: with the login page of a well-known server and the token endpoint of another,
// that other one would be sent the code. Only the user's own list of hosts makes exceptions, and
// the server's metadata can't. Errors: [*FieldError].
func CheckEndpoints(d Definition, e Endpoints) error {
	if p := OAuthServer(d); d.Text("provider") != "" && p.Endpoints == e {
		return nil
	}
	own := e.Issuer
	if own == "" {
		own = e.Token
	}
	urls := e.urls()
	for _, key := range sortedKeys(urls) {
		if urls[key] == "" {
			continue
		}
		if why := CheckURL(urls[key]); why != "" {
			return &FieldError{"oauth", key, why}
		}
		// Its parameters would stand before ours: with another client and redirect URI, the login that this
		// program asks for would be another's.
		if strings.Contains(urls[key], "?") {
			return &FieldError{"oauth", key, "has a query"}
		}
		if origin(urls[key]) != origin(own) && !slices.Contains(d.List("hosts"), Host(urls[key])) {
			return &FieldError{"oauth", key, "is at " + Host(urls[key]) + ", not at " + Host(own) + ", and hosts does not list it"}
		}
	}
	return nil
}

// OAuthPages returns the hosts whose pages a login may show to the user.
func OAuthPages(d Definition) []string {
	p := OAuthServer(d)
	pages := append(slices.Clone(p.DevicePage), d.List("hosts")...)
	for _, u := range []string{p.Issuer, p.Authorization, p.Token, p.Device} {
		if u != "" {
			pages = append(pages, Host(u))
		}
	}
	slices.Sort(pages)
	return slices.Compact(pages)
}

func checkOAuth(d Definition) error {
	wrong := func(key, why string) error { return &FieldError{"oauth", key, why} }
	if err := checkServer(d); err != nil {
		return err
	}
	flow, p := d.Text("flow"), OAuthServer(d)
	switch {
	case !slices.Contains([]string{"", "auto", "browser", "device", "client_credentials"}, flow):
		return wrong("flow", "is not auto, browser, device or client_credentials")
	case flow == "client_credentials" && d.Text("client_secret") == "":
		return wrong("client_secret", "is missing, which flow = \"client_credentials\" needs")
	case flow == "browser" && p.CodeSecret && d.Text("client_secret") == "":
		return wrong("client_secret", "is missing, which a browser login at this provider needs")
	case d.Text("issuer") == "" && flow == "browser" && p.Authorization == "":
		return wrong("authorization_endpoint", "is missing, which flow = \"browser\" needs")
	case d.Text("issuer") == "" && flow == "device" && p.Device == "":
		return wrong("device_authorization_endpoint", "is missing, which flow = \"device\" needs")
	case d.Text("issuer") == "" && (flow == "" || flow == "auto") && p.Authorization == "" && p.Device == "":
		return wrong("authorization_endpoint", "is missing")
	}
	if n, ok := d["callback_port"]; ok && (n.(int64) < 1 || n.(int64) > 65535) {
		return wrong("callback_port", "is not a port")
	}
	for _, scope := range d.List("scopes") {
		if strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			return wrong("scopes", "has an entry that is not one scope") // RFC 6749, 3.3
		}
	}
	switch use := d.Text("use"); {
	case use != "" && use != "access_token" && use != "id_token":
		return wrong("use", "is not access_token or id_token")
	case use == "id_token" && !slices.Contains(d.List("scopes"), "openid"):
		return wrong("scopes", "has no openid, which use = \"id_token\" needs")
	}
	return nil
}

// checkServer checks that there is one server, and where.
func checkServer(d Definition) error {
	wrong := func(key, why string) error { return &FieldError{"oauth", key, why} }
	provider, issuer := d.Text("provider"), d.Text("issuer")
	switch {
	case provider != "" && OAuthServer(d).Name == "":
		return wrong("provider", "is not "+strings.Join(providers(), ", "))
	case provider != "" && issuer != "":
		return wrong("issuer", "can't be used with provider")
	case provider == "" && issuer == "" && d.Text("token_endpoint") == "":
		return wrong("provider", "is missing, and so are issuer and token_endpoint")
	case (provider == "entra") != (d.Text("tenant") != ""):
		return wrong("tenant", "belongs to provider = \"entra\", which needs it")
	case d.Text("tenant") != "" && !isForm(d.Text("tenant"), 253, "-."):
		return wrong("tenant", "is not a tenant's ID or domain") // it becomes part of a path
	}
	if issuer != "" {
		if why := CheckURL(issuer); why != "" {
			return wrong("issuer", why)
		}
		if strings.Contains(issuer, "?") {
			return wrong("issuer", "has a query") // RFC 8414, 2
		}
	}
	p := OAuthServer(d)
	for _, key := range sortedKeys(p.urls()) {
		if d.Text(key) != "" && (provider != "" || issuer != "") {
			return wrong(key, "can't be used with provider or issuer")
		}
	}
	for _, host := range d.List("hosts") {
		if CheckURL("https://"+host) != "" || Host("https://"+host) != host {
			return wrong("hosts", "has an entry that is not HOST or HOST:PORT")
		}
	}
	return CheckEndpoints(d, p.Endpoints)
}

func providers() (names []string) {
	for _, p := range presets {
		names = append(names, p.Name)
	}
	return names
}

func reachesOAuth(d Definition) []string {
	p := OAuthServer(d)
	hosts := slices.Clone(d.List("hosts"))
	for _, u := range []string{p.Issuer, p.Token, p.Authorization, p.Device, p.Revocation} {
		if u != "" {
			hosts = append(hosts, Host(u))
		}
	}
	slices.Sort(hosts)
	lines := []string{"gets the codes and tokens: " + strings.Join(slices.Compact(hosts), ", ")}
	if tenant := d.Text("tenant"); tenant != "" {
		lines = append(lines, "tenant: "+tenant)
	}
	lines = append(lines, "client ID: "+d.Text("client_id"), "scopes: "+listed(d.List("scopes"), "those that the server gives by default"))
	if audience := d.Text("audience"); audience != "" {
		lines = append(lines, "audience: "+audience)
	}
	if page := d.Text("authorization_endpoint"); page != "" {
		lines = append(lines, "login page: "+page)
	}
	switch d.Text("flow") {
	case "browser":
		lines = append(lines, "login: in a browser")
	case "device":
		lines = append(lines, "login: by a code that you enter in a browser")
	case "client_credentials":
	default:
		lines = append(lines, "login: in a browser, or by a code that you enter in one")
	}
	return lines
}
