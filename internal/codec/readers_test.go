package codec

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestReaders reads small files of each format: pairs as NAME="VALUE", problems as LINE NAME REASON.
func TestReaders(t *testing.T) {
	for _, c := range []struct{ format, in, pairs, problems string }{
		{"json", `{"a": "x", "b": {"c": 007}}`, "", at(1, "", "", whyJSON)},
		{"json", "{\"a\": \"x\",\n \"b\": {\"c\": 1e3, \"d\": true, \"e\": {\"f\": \"\\u00e4\\ud83d\\ude00\"}}, \"g\": {}}", `a="x" b_c="1e3" b_d="true" b_e_f="ä😀"`, ""},
		{"json", "{\n\"a\": [1],\n\"b\": null,\n\"c\": 1}", `c="1"`, at(2, "", "a", whyArray) + "|" + at(3, "", "b", whyNull)},
		{"json", "{\"a\": 1, \"b\": 3,\n\"a\": 1}", `b="3"`, at(1, "", "a", whyAgain) + "|" + at(2, "", "a", whyAgain)},
		{"json", `{"a": {"b": 1}, "a_b": 1, "c": 2}`, `c="2"`, at(1, "", "a_b", whyJoin) + "|" + at(1, "", "a_b", whyJoin)},
		{"json", `{"a": "\ud800"}`, "", at(1, "", "", whySurrogate)},
		{"json", `{"a": "\\ud800", "b": "\ufffd"}`, `a="\\ud800" b="�"`, ""},
		{"json", "[\"x\"]", "", at(1, "", "", whyNoObject)},
		{"json", `"x"`, "", at(1, "", "", whyNoObject)},
		{"json", "{\"a\":\n\"x\"} {}", "", at(2, "", "", whyJSON)},
		{"json", "{\"a\": \"\xff\"}", "", at(1, "", "", whyUTF8)},
		{"json", `{"a b": "x"}`, `a b="x"`, ""},
		{"json", strings.Repeat(`{"a":`, 32) + "1" + strings.Repeat("}", 32), strings.Repeat("_a", 32)[1:] + `="1"`, ""},
		{"json", strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33), "", at(1, "", "", whyDeep)},
		{"json", `{"a":[` + strings.Repeat("0,", 9998) + "0]}", "", at(1, "", "", whyMany)},
		{"json", `{"` + strings.Repeat("a", 257) + `": {"b": 1}, "c": 1}`, `c="1"`, at(1, "", "", whyKeyLong)},
		{"json", `{"k": "ENC[AES256_GCM,data:x]", "c": 1}`, `c="1"`, at(1, "", "k", whyEncrypted)},
		{"yaml", "a: 007\nb: on\nc: \"x\\ty\"\nd: 'it''s'\ne: |\n  1\n  2\nf: >-\n  3\n  4\n", `a="007" b="on" c="x\ty" d="it's" e="1\n2\n" f="3 4"`, ""},
		{"yaml", "# c\n---\ndb:\n  user: u # c\n  password: p#w\n...\n", `db_user="u" db_password="p#w"`, ""},
		{"yaml", "a: 1.50\nb: 0x1F\nc: 2026-01-02\nd: 1_000\ne: No\n", `a="1.50" b="0x1F" c="2026-01-02" d="1_000" e="No"`, ""},
		{"yaml", "a: &x 1\nb: *x\nc: !!str 2\nd: !vault |\n  x\ne: ~\nf:\ng: [1]\n", `a="1"`, strings.Join([]string{at(2, "", "b", whyAlias),
			at(3, "", "c", whyTag), at(4, "", "d", whyTag), at(6, "", "e", whyNull), at(7, "", "f", whyNull), at(8, "", "g", whyArray)}, "|")},
		{"yaml", "x: &x {a: 1}\ny:\n  <<: *x\n  b: 2\n\"<<\": 3\n", `x_a="1" y_b="2" <<="3"`, at(3, "", "", whyMerge)},
		{"yaml", "a: 1\n\"a\": 2\nb: 3\n", `b="3"`, at(1, "", "a", whyAgain) + "|" + at(2, "", "a", whyAgain)},
		{"yaml", "a: 1\n---\nb: 2\n", "", at(2, "", "", whyDocuments)},
		{"yaml", "a: 'x\n", "", at(2, "", "", whyYAML)},
		{"yaml", "a: \"x\u2028y\"\n", "", at(1, "", "", whyYAMLBreak)},
		{"yaml", "? [a]\n: 1\nb: 2\n~: 3\n", `b="2"`, at(1, "", "", whyKeyNode) + "|" + at(4, "", "", whyKeyNode)},
		{"yaml", "a\n", "", at(1, "", "", whyNoObject)},
		{"yaml", "---\n", "", ""},
		{"yaml", strings.Repeat("{a: ", 32) + "1" + strings.Repeat("}", 32), strings.Repeat("_a", 32)[1:] + `="1"`, ""},
		{"yaml", strings.Repeat("{a: ", 33) + "1" + strings.Repeat("}", 33), "", at(1, "", "", whyDeep)},
		{"yaml", "a: [" + strings.Repeat("0,", 9998) + "0]", "", at(1, "", "", whyMany)},
		{"yaml", "a: &a [x]\nb: &b {a: *a, b: *a}\nc: {a: *b, b: *b}\n", "", strings.Join([]string{at(1, "", "a", whyArray), at(2, "", "b_a", whyAlias),
			at(2, "", "b_b", whyAlias), at(3, "", "c_a", whyAlias), at(3, "", "c_b", whyAlias)}, "|")},

		{"json", "{\"a b\": {\"c\": 1}, \"a b_c\": 1}", "", at(1, "", "", whyJoin) + "|" + at(1, "", "", whyJoin)},

		{"k8s", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  a: eA==\n  b: '*'\n  c:\nstringData:\n  d: x\n  e: 1\n", `a="x" c="" d="x"`,
			at(6, "", "b", whyNotBase64) + "|" + at(10, "", "e", whyNoText)},
		{"k8s", `{"kind": "Secret", "data": {"a": "eA=="}, "stringData": {"a": "y"}, "spec": 1}`, "",
			strings.Join([]string{at(1, "", "spec", whySetting), at(1, "", "a", whyTwice), at(1, "", "a", whyTwice)}, "|")},
		{"k8s", "kind: List\nitems: []\n", "", at(1, "", "", whyNotSecret)},
		{"kubeconfig", "kind: Config\nusers:\n- name: dev/x\n  user:\n    token: t\n    exec: {command: id}\n- name: b\n  user:\n    username: u\n    password: p\n    client-key-data: eA==\n    client-certificate: /etc/x\n    tokenFile: /etc/y\n    zz: 1\n- user: {token: t}\n",
			`dev/x_token="t" b_username="u" b_password="p" b_client-key-data="x"`, strings.Join([]string{at(6, "", "dev/x_exec", whyKubeExec), at(12, "", "b_client-certificate", whyPath),
				at(13, "", "b_tokenFile", whyPath), at(14, "", "b_zz", whySetting), at(15, "", "", whyNoUser)}, "|")},
		{"kubeconfig", "kind: Config\nusers:\n- name: a\n  user: {token: s}\n  user: {token: t}\n- name: b\n  user: {token: t}\n", `b_token="t"`, at(4, "", "user", whyAgain) + "|" + at(5, "", "user", whyAgain)},
		{"gh", "github.com:\n  oauth_token: t\n  user: bob\n  users:\n    eve:\n      oauth_token: a\n      oauth_token: b\n", `bob@github.com="t"`,
			at(6, "", "oauth_token", whyAgain) + "|" + at(7, "", "oauth_token", whyAgain)},
		{"docker-config", `{"auths": {"https://index.docker.io/v1/": {"auth": "Ym9iOng="}, "r.example:5000/p": {"username": "u", "password": "p"}, "h": {}}, "currentContext": "x"}`,
			`bob@index.docker.io="x" u@r.example:5000/p="p"`, ""},
		{"docker-config", "{\"auths\": {\"h\": {\"auth\": \"Ym9iOg==\", \"identitytoken\": \"t\"},\n\"i\": {\"auth\": \"eA==\"}}, \"credsStore\": \"pass\",\n\"credHelpers\": {\"h\": \"x\"}, \"HttpHeaders\": {}}",
			`<token>@h="t"`, strings.Join([]string{at(2, "", "", whyAuth), at(2, "", "credsStore", whyHelper), at(3, "", "credHelpers", whyHelper), at(3, "", "HttpHeaders", whyHeaders)}, "|")},
		{"docker-config", `{"auths": {"h/a@b": {"auth": "Ym9iOng="}, "h h": {"auth": "Ym9iOng="}, "[::1]": {"auth": "Ym9iOng="}}}`, "", strings.Join([]string{at(1, "", "", whyHost), at(1, "", "", whyHost), at(1, "", "", whyHost)}, "|")},
		{"gh", "github.com:\n    user: alice\n    oauth_token: t1\n    git_protocol: https\n    users:\n        alice:\n            oauth_token: t1\n        bob:\n            oauth_token: t2\nghe.example:\n    user: alice\n    git_protocol: https\n",
			`alice@github.com="t1" bob@github.com="t2"`, at(10, "", "ghe.example", whyKeyring)},
		{"gh", "github.com:\n    oauth_token: t1\n", `@github.com="t1"`, ""},
		{"tfrc", `{"credentials": {"app.terraform.io": {"token": "t"}, "my-host.example": {"token": "u"}, "h:1": {"token": "v"}}, "x": 1}`,
			`TF_TOKEN_app_terraform_io="t" TF_TOKEN_my__host_example="u"`, at(1, "", "", whyHost) + "|" + at(1, "", "x", whySetting)},

		{"netrc", "machine a.example login bob password x\nmachine b.example\n\tpassword y\n\tlogin eve\n# c\n", `bob@a.example="x" eve@b.example="y"`, ""},
		{"netrc", "machine a.example password x machine b.example login u\ndefault login a password b\nmachine c.example login u account z password p\n", `@a.example="x"`,
			strings.Join([]string{at(1, "", "u@b.example", whyNoPassword), at(2, "", "", whyNetrcAll), at(3, "", "", whyAccount)}, "|")},
		{"netrc", "machine a.example login u password \"x y\"\nmachine b.example login u password a\\b\nmachine c.example login u password #x\n", "",
			strings.Join([]string{at(1, "", "", whyNetrcQuote), at(2, "", "", whyNetrcQuote), at(3, "", "", whyNetrcQuote)}, "|")},
		{"netrc", "macdef init\nmachine x login y password z\n\nmachine a.example login u password p\n", `u@a.example="p"`, at(1, "", "", whyMacro)},
		{"netrc", "machine a.example login u password p q\nhunter2\nmachine b:1 login u password p\n", "", at(1, "", "", whyNetrc) + "|" + at(3, "", "", whyHost)},
		{"netrc", "machine a.example login u password x\nmachine a.example login u password y\n", "", at(1, "", "u@a.example", whyTwice) + "|" + at(2, "", "u@a.example", whyTwice)},
		{"pgpass", "# c\nh:5432:db:u:p\\:w\\\\x\n*:5432:db:u:p\nh:1:d:u\n\\:\\:1:1:d:u:p\nh:1:d:u:\nh:1:d:u:p:q\n", `pgpass:h:5432:db:u="p:w\\x"`,
			strings.Join([]string{at(3, "", "", whyPgAny), at(4, "", "", whyPgFields), at(5, "", "", whyPgEscape), at(6, "", "pgpass:h:1:d:u", whyNoPassword), at(7, "", "", whyPgFields)}, "|")},
		{"npmrc", "; c\nregistry=https://r.example/\n//r.example/:_authToken=t\n//r.example/npm/:username=bob\n//r.example/npm/:_password=eA==\n//r.example/npm/:email=x\n//q.example:80/:_auth=Ym9iOnk=\n",
			`_authToken@r.example="t" bob@r.example/npm="x" bob@q.example:80="y"`, ""},
		{"npmrc", "_authToken=x\n//h/:_authToken=${T}\n//i/:_password=eA==\n//j/:tokenHelper=/bin/x\n//k/:keyfile=/x\nproxy=http://u:p@h/\n//l/:_authToken=a;b\n//m/:zz=1\n[x]\n//n/:_authToken=t\n", `@i="x"`,
			strings.Join([]string{at(1, "", "_authToken", whyNpmBare), at(2, "", "_authToken@h", whyPlacehold), at(4, "", "tokenHelper", whyProgram), at(5, "", "keyfile", whyPath),
				at(6, "", "proxy", whyURLLogin), at(7, "", "_authToken@l", whyNpmText), at(8, "", "zz", whySetting), at(9, "", "", whyNpmSection)}, "|")},
		{"npmrc", "//h/:_authTokenX\n_authToken X\nsave-exact\n//i/:_authToken=t\n", `_authToken@i="t"`, at(1, "", "", whyNoEquals) + "|" + at(2, "", "", whyNoEquals)},
		{"npmrc", "//h/:username=bob\n//h/:username=eve\n//h/:_password=eA==\n//i/:_authToken=t\n//i/:_authToken=u\n", "", strings.Join([]string{at(2, "", "", whyTwice),
			at(4, "", "_authToken@i", whyTwice), at(5, "", "_authToken@i", whyTwice)}, "|")},
		{"pypirc", "[distutils]\nindex-servers =\n    pypi\n    own\n[pypi]\nusername = __token__\npassword = pypi-x\n[own]\nrepository: https://p.example/u/\nusername: bob\npassword: a%b;c\n",
			`__token__@upload.pypi.org/legacy="pypi-x" bob@p.example/u="a%b;c"`, ""},
		{"pypirc", "[pypi]\nusername = a\npassword = x\n  y\n[own]\npassword = x\n[testpypi]\nusername = u\n", "",
			strings.Join([]string{at(4, "", "", whyPypiLines), at(5, "", "", whyPypiURL), at(7, "", "u@test.pypi.org/legacy", whyNoPassword)}, "|")},
		{"stripe", "color = ''\n[default]\ntest_mode_api_key = 'rk_test_x'\ntest_mode_key_expires_at = 2026-03-01\nlive_mode_api_key = 'rk_live_***x'\nzz = 1\n[two]\ntest_mode_api_key = 'rk_test_y'\n[installed_plugins]\nnames = []\n",
			`STRIPE_API_KEY="rk_test_x" two/STRIPE_API_KEY="rk_test_y"`, at(5, "", "live_mode_api_key", whyRedacted) + "|" + at(6, "", "zz", whySetting)},
		{"properties", "# c\n! c\na=1\nb : 2\nc= 3\nd=\ne = x \\\n   y\\u00e4\n\\ f\\==\\ g\\t\nh=a=b:c\n", `a="1" b="2" c="3" d="" e="x yä"  f==" g\t" h="a=b:c"`, ""},
		{"properties", "a=ä\nb=\\u12\nc=\\ud83d\\ude00\nd=\\ud83d\n", `c="😀"`, strings.Join([]string{at(1, "", "a", whyPropBytes), at(2, "", "b", whyPropEscape), at(4, "", "d", whyPropEscape)}, "|")},
		{"properties", "a=-----BEGIN KEY-----\nMIIB\nabc=\n-----END KEY-----\nb=2\nMIIBab/c\nabc=\nabd==\nc 3\n", `b="2"`, strings.Join([]string{at(1, "", "", whyBlock),
			at(6, "", "", whyPropBare), at(7, "", "", whyBase64), at(8, "", "", whyBase64), at(9, "", "", whyPropBare)}, "|")},
	} {
		codec, ok := Lookup(c.format)
		if !ok || codec.Read == nil {
			t.Fatal(c.format)
		}
		pairs, problems := codec.Read([]byte(c.in), Options{})
		if show(pairs) != c.pairs || list(problems) != c.problems {
			t.Errorf("%s %q\n got  %s, %s\n want %s, %s", c.format, c.in, show(pairs), list(problems), c.pairs, c.problems)
		}
	}
}

// A dialect takes what the formats' tools read differently.
func TestReaderDialects(t *testing.T) {
	for _, c := range []struct{ format, dialect, in, pairs string }{
		{"netrc", "curl", "machine a.example login u password \"x y\\\"\\\\\"\n", `u@a.example="x y\"\\"`},
		{"netrc", "curl", "machine a.example login u password a\\b\"\n", `u@a.example="a\\b\""`},
		{"properties", "utf8", "a=\xc3\xa4\n", `a="ä"`},
		{"properties", "latin1", "a=\xe4\n", `a="ä"`},
		{"properties", "utf8", "a=\xe4\n", ""},
	} {
		codec, _ := Lookup(c.format)
		if pairs, _ := codec.Read([]byte(c.in), Options{Dialect: c.dialect}); show(pairs) != c.pairs {
			t.Errorf("%s %s %q: %s", c.format, c.dialect, c.in, show(pairs))
		}
	}
	toml, _ := Lookup("toml")
	json, _ := Lookup("json")
	for _, got := range [][]Pair{first(toml.Read([]byte("[a]\nb=1"), Options{Separator: "."})), first(json.Read([]byte(`{"a":{"b":1}}`), Options{Separator: "."}))} {
		if show(got) != `a.b="1"` {
			t.Errorf("%s", show(got))
		}
	}
}

func first(pairs []Pair, _ []Problem) []Pair { return pairs }

// Formats are told by name and by content.
func TestDetectFormats(t *testing.T) {
	for _, c := range []struct{ name, in, format string }{
		{".npmrc", "", "npmrc"}, {"-", "//r.example/:_authToken=t\n", "npmrc"},
		{".netrc", "", "netrc"}, {"_netrc", "", "netrc"}, {"-", "machine a login b password c\n", "netrc"},
		{"config.toml", "[default]\ntest_mode_api_key = 'x'\n", "stripe"}, {"config.toml", "[a]\nb = 'x'\n", "toml"},
		{".pgpass", "", "pgpass"}, {".pypirc", "[pypi]\n", "pypirc"}, {"gradle.properties", "a=b\n", "properties"},
		{"config.json", `{"auths": {}}`, "docker-config"}, {"-", `{"credsStore": "x"}`, "docker-config"}, {"config.json", `{"a": 1}`, "json"},
		{"-", ` {"a": 1}`, "json"}, {"x.yaml", "a: 1\n", "yaml"}, {"x.yml", "apiVersion: v1\nkind: Secret\n", "k8s"},
		{"-", `{"apiVersion": "v1", "kind": "Secret"}`, "k8s"}, {"config", "apiVersion: v1\nkind: Config\nusers: []\n", "kubeconfig"},
		{"hosts.yml", "github.com:\n    git_protocol: https\n", "gh"}, {"-", "github.com:\n    oauth_token: t\n", "gh"},
		{"credentials.tfrc.json", "{}", "tfrc"}, {".env", "A=1\n", "dotenv"}, {"-", "A={\"kind\":1}\n", "dotenv"},
	} {
		if found, _ := Detect(c.name, []byte(c.in)); found.Name != c.format {
			t.Errorf("%s %q is taken for %q", c.name, c.in, found.Name)
		}
	}
}

// A problem does not name what is no plain name, in any dialect.
func TestNoName(t *testing.T) {
	if pairs, problems := readProperties([]byte("d\xd3=1\nd\xd3=2\n"), Options{Dialect: "latin1"}); list(problems) != at(1, "", "", whyTwice)+"|"+at(2, "", "", whyTwice) {
		t.Errorf("%s, %s", show(pairs), list(problems))
	}
}

// addSamples adds the samples of all formats, each for its own in all dialects.
func addSamples(f *testing.F) {
	files, err := filepath.Glob("../../testdata/import/*/*")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		format, name, ok := strings.Cut(filepath.Base(file), "+")
		if !ok {
			name = format
		}
		c, _ := Detect(name, b)
		for i, r := range Readers() {
			if r.Name == c.Name {
				f.Add(b, uint8(i), uint8(0))
			}
		}
	}
	for i, r := range Readers() {
		for d := range r.Dialects {
			f.Add([]byte("A=1\nB='x y'\nC=\"a\\nb\" # c\nexport D=e\nE: f\n"), uint8(i), uint8(d+1))
		}
	}
}

// FuzzRead reads every format. Nothing of the input gets into what is said, apart from names.
func FuzzRead(f *testing.F) {
	for i := range Readers() {
		for _, s := range []string{"", "{}", "a: b\n", "[x]\na=b\n", "{\"a\": [1, null]}", "a: &x [*x]\n", "machine a login b password c", "//h/:_password=x", "h:1:d:u:p", "a=\\u00", "kind: Secret\ndata: {a: eA==}",
			"kind: Config\nusers: [{name: x, user: {token: y}}]\n", `{"auths":{"h":{"auth":"Ym9iOng="}}}`, "h: {oauth_token: x, users: {a: b}}", "\"\\ud800\"", "a:\r\n", "\u2028", "[a]\nrepository=http://h\npassword=x\n"} {
			f.Add([]byte(s), uint8(i), uint8(0))
		}
	}
	addSamples(f)
	known := reasons(f)
	f.Fuzz(func(t *testing.T, in []byte, n, d uint8) {
		c := Readers()[int(n)%len(Readers())]
		dialects := append([]string{""}, c.Dialects...)
		pairs, problems := c.Read(in, Options{Dialect: dialects[int(d)%len(dialects)]})
		check(t, known, in, pairs, problems)
		Detect("x.yaml", in)
		Recognize("x", in)
		again, _ := c.Read(in, Options{Dialect: dialects[int(d)%len(dialects)]})
		if !slices.EqualFunc(pairs, again, func(a, b Pair) bool { return a.Name == b.Name && bytes.Equal(a.Value, b.Value) }) {
			t.Error("two runs differ")
		}
	})
}

// Samples by the documented formats; no tool wrote them. The source of each format is beside it.
func TestImportSamples(t *testing.T) {
	samples := map[string]string{
		// cli/cli, docs of gh auth login --insecure-storage, and internal/config
		"gh+hosts.yml": `octocat@github.com="gho_example_not_a_token"`,
		// PostgreSQL, libpq, The Password File
		"pgpass+.pgpass": `pgpass:db.example.org:5432:shop:bob="not:a\\real password#1" pgpass:localhost:5432:postgres:postgres="fake"`,
		// Gradle User Manual, Build Environment; java.util.Properties.load
		"properties+gradle.properties": `org.gradle.jvmargs="-Xmx2g -Dfile.encoding=UTF-8" companyUsername="shop" companyPassword="not\\a\\real\\password" signing.keyId="00000000"`,
		// packaging.python.org, The .pypirc file
		"pypirc+.pypirc": `__token__@upload.pypi.org/legacy="pypi-example-not-a-token" shop@packages.example.com/upload="not-a-real-password"`,
		// stripe/stripe-cli, docs.stripe.com/cli, and pkg/config
		"stripe+config.toml": `STRIPE_API_KEY="rk_test_example_not_a_key" STRIPE_PUBLISHABLE_KEY="pk_test_example_not_a_key" another/STRIPE_API_KEY="rk_test_example_of_another"`,
		// Terraform CLI, Command: login
		"tfrc+credentials.tfrc.json": `TF_TOKEN_app_terraform_io="example.atlasv1.not-a-token"`,
		// HashiCorp Vault, vault kv get -format=json, KV version 2
		"vault+-": `DB_PASSWORD="not-a-real-password" port="5432"`,
		// AWS CLI command reference, secretsmanager get-secret-value
		"aws-secret+-": `username="shop" password="not-a-real-password"`,
		// Google Secret Manager REST reference, AccessSecretVersionResponse
		"gcp-secret+-": `db-password="not-a-real-password"`,
		// Azure CLI, az keyvault secret show
		"azure-secret+-": `db-password="not-a-real-password"`,
		// 1Password CLI, item JSON template
		"op+-": `username="shop" password="not-a-real-password"`,
		// Bitwarden CLI, bw get item
		"bw+-": `username="shop" password="not-a-real-password" API_TOKEN="not-a-real-token"`,
	}
	files, err := filepath.Glob("../../testdata/import/documented/*")
	if err != nil || len(files) != len(samples) {
		t.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		format, name, _ := strings.Cut(filepath.Base(file), "+")
		c, ok := Detect(name, b)
		if !ok || c.Name != format {
			t.Errorf("%s is taken for %q", file, c.Name)
			continue
		}
		pairs, problems := c.Read(b, Options{})
		if got, want := show(pairs), samples[filepath.Base(file)]; got != want || len(problems) > 0 {
			t.Errorf("%s\n got  %s, %v\n want %s", file, got, problems, want)
		}
	}
}
