package source_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/source"
)

// fields reads a definition from KEY=VALUE words.
func fields(words string) format.Definition {
	d := format.Definition{}
	for word := range strings.FieldsSeq(words) {
		key, value, _ := strings.Cut(word, "=")
		d[key] = value
	}
	return d
}

const (
	role = "role_arn=arn:aws:iam::123456789012:role/team/deploy"
	sso  = "sso_start_url=https://example.awsapps.com/start sso_region=eu-central-1 account_id=123456789012 role_name=ReadOnly"
	mfa  = "mfa_serial=arn:aws:iam::123456789012:mfa/alice"
)

// A definition is refused by the key that is wrong, or taken where the key is "".
func TestAWSDefinitions(t *testing.T) {
	for _, c := range []struct{ definition, key string }{
		{"", ""},
		{"access_key_id=ID secret_access_key=KEY", ""},
		{"access_key_id=ID", "secret_access_key"},
		{"secret_access_key=KEY", "secret_access_key"},
		{role + " external_id=a:b session_name=alice duration=12h region=eu-central-1 " + mfa, ""},
		{mfa + " mfa_secret=MFA duration=36h", ""},
		{"mfa_serial=GAHT12345678", ""},
		{"mfa_serial=short", "mfa_serial"},
		{"mfa_serial=arn:aws:iam::1;x:mfa/a", "mfa_serial"},
		{"mfa_secret=MFA", "mfa_serial"},
		{"external_id=x1", "role_arn"},
		{"session_name=alice", "role_arn"},
		{role + " external_id=x", "external_id"},
		{role + " session_name=a&b", "session_name"},

		// Where the keys come from is one thing.
		{role + " from=base", ""},
		{role + " from=base duration=1h", ""},
		{role + " from=base duration=61m", "duration"},
		{"from=base", "role_arn"},
		{role + " from=base " + mfa, "mfa_serial"},
		{role + " from=base access_key_id=ID secret_access_key=KEY", "access_key_id"},
		{role + " from=base web_identity=gitlab", "from"},
		{role + " web_identity=gitlab " + mfa, "mfa_serial"},
		{role + " web_identity=gitlab external_id=x1", "external_id"},
		{"web_identity=gitlab", "role_arn"},
		{sso, ""},
		{sso + " region=us-east-1", ""},
		{sso + " " + role, "role_arn"},
		{sso + " duration=1h", "duration"},
		{sso + " " + mfa, "mfa_serial"},
		{sso + " from=base", "sso_start_url"},
		{"sso_start_url=https://example.awsapps.com/start", "sso_region"},
		{"account_id=123456789012", "account_id"},

		// § Regions, accounts and roles are part of addresses and requests.
		{"region=eu-central-1.evil.example.com", "region"},
		{"region=evil.example.com/", "region"},
		{"region=eu@evil", "region"},
		{"region=EU", "region"},
		{"region=" + strings.Repeat("a", 33), "region"},
		{strings.Replace(sso, "eu-central-1", "evil.example.com#", 1), "sso_region"},
		{strings.Replace(sso, "123456789012", "12345678901", 1), "account_id"},
		{strings.Replace(sso, "ReadOnly", "a&account_id=x", 1), "role_name"},
		{strings.Replace(sso, "https:", "http:", 1), "sso_start_url"},
		{"role_arn=arn:aws:iam::123456789012:user/alice", "role_arn"},
		{"role_arn=arn:aws:sts::123456789012:role/alice", "role_arn"},
		{"role_arn=arn:aws:iam:eu:123456789012:role/alice", "role_arn"},
		{"role_arn=arn:other:iam::123456789012:role/alice", "role_arn"},
		{"role_arn=arn:aws-cn:iam::123456789012:role/deploy", "region"},
		{"role_arn=arn:aws-cn:iam::123456789012:role/deploy region=cn-north-1", ""},

		// § A token is a source's, or at a place that holds nothing of credfile's.
		{role + " web_identity=env:GITLAB_OIDC_TOKEN", ""},
		{role + " web_identity=env:CREDFILE_PASSPHRASE", "web_identity"},
		{role + " web_identity=env:credfile_key", "web_identity"}, // Windows does not tell them apart
		{role + " web_identity=env:A=B", "web_identity"},
		{role + " web_identity=env:", "web_identity"},
		{role + " web_identity=file:/var/run/secrets/token", ""},
		{role + " web_identity=file:token", "web_identity"},
		{role + " web_identity=file:/var/run/../../etc/shadow", "web_identity"},
		{role + " web_identity=file:", "web_identity"},
		{role + " web_identity=github-actions:sts.amazonaws.com", ""},
		{role + " web_identity=github-actions:", "web_identity"},
		{role + " web_identity=github-actions:ü", "web_identity"},
		{role + " web_identity=$(id)", "web_identity"},
		{role + " web_identity=-x", "web_identity"},

		// § An endpoint is on this machine.
		{"endpoint=http://127.0.0.1:4566", ""},
		{"endpoint=http://[::1]:4566/", ""},
		{"endpoint=http://localhost:4566", "endpoint"},
		{"endpoint=https://sts.example.com", "endpoint"},
		{"endpoint=http://127.0.0.1.example.com", "endpoint"},
		{"endpoint=http://127.0.0.1@example.com", "endpoint"},
		{"endpoint=http://127.0.0.1/x", "endpoint"},
		{"endpoint=http://127.0.0.1/?x", "endpoint"},

		{"duration=14m", "duration"},
		{"duration=37h", "duration"},
		{role + " duration=13h", "duration"},
		{"duration=3600", "duration"},
		{"duration=1h0.5s", "duration"},
		{"profile=default", "profile"},
	} {
		err := source.Find("aws").Validate(fields(c.definition))
		var e *source.FieldError
		errors.As(err, &e)
		if (err == nil) != (c.key == "") || e != nil && e.Key != c.key {
			t.Errorf("%s: %v", c.definition, err)
		}
	}
}

// What a user agrees to names each host, role, path and device.
func TestAWSReaches(t *testing.T) {
	for _, c := range []struct {
		definition string
		want       []string
		person     bool
	}{
		{"", []string{"sends requests to: sts.us-east-1.amazonaws.com"}, false},
		{"region=cn-north-1", []string{"sends requests to: sts.cn-north-1.amazonaws.com.cn"}, false},
		{"region=us-isob-east-1", []string{"sends requests to: sts.us-isob-east-1.sc2s.sgov.gov"}, false},
		{role + " external_id=x1 " + mfa, []string{"sends requests to: sts.us-east-1.amazonaws.com", "role: arn:aws:iam::123456789012:role/team/deploy", "external ID: x1", "asks for the MFA code of: arn:aws:iam::123456789012:mfa/alice"}, true},
		{mfa + " mfa_secret=MFA", []string{"sends requests to: sts.us-east-1.amazonaws.com", "makes the MFA codes of: arn:aws:iam::123456789012:mfa/alice"}, false},
		{role + " web_identity=env:TOKEN", []string{"sends the token in the variable TOKEN to: sts.us-east-1.amazonaws.com", "role: arn:aws:iam::123456789012:role/team/deploy"}, false},
		{role + " web_identity=file:/run/token", []string{"sends the token in the file /run/token to: sts.us-east-1.amazonaws.com", "role: arn:aws:iam::123456789012:role/team/deploy"}, false},
		{role + " web_identity=gitlab", []string{"sends the token of the source gitlab to: sts.us-east-1.amazonaws.com", "role: arn:aws:iam::123456789012:role/team/deploy"}, false},
		{role + " web_identity=github-actions:aws", []string{"sends GitHub's token of this job for the audience aws to: sts.us-east-1.amazonaws.com", "role: arn:aws:iam::123456789012:role/team/deploy"}, false},
		{sso, []string{"logs in at: https://example.awsapps.com/start", "gets the codes and tokens: oidc.eu-central-1.amazonaws.com, portal.sso.eu-central-1.amazonaws.com",
			"reads a token of aws sso login: ~/.aws/sso/cache", "account: 123456789012", "role: ReadOnly"}, true},
	} {
		d := fields(c.definition)
		if got := source.Find("aws").Reaches(d); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.definition, got)
		}
		if got := source.Find("aws").Person(d); got != c.person {
			t.Errorf("%s: asks a person: %v", c.definition, got)
		}
	}
}

// A text that is the name of a source makes a definition depend on that source.
func TestAWSUses(t *testing.T) {
	for definition, want := range map[string]string{
		role + " web_identity=gitlab":           "gitlab",
		role + " web_identity=env:GITLAB":       "",
		role + " web_identity=file:/x":          "",
		role + " web_identity=github-actions:x": "",
	} {
		if got := source.Find("aws").Named(fields(definition), source.Source)["web_identity"]; got != want {
			t.Errorf("%s: %q", definition, got)
		}
	}
	if source.Find("aws").WantsDefault(fields(role+" from=base"), "access_key_id") || !source.Find("aws").WantsDefault(fields(role), "access_key_id") {
		t.Error("the usual access key is used by the wrong definitions")
	}
}
