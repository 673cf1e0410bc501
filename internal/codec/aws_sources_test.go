package codec

import "testing"

// What the AWS command line and its SDKs do with each of these: the sections "role_arn", "source_profile"
// and "sso_session" of https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html.
func TestAWSSources(t *testing.T) {
	const role, mfa = "role_arn = arn:aws:iam::123456789012:role/R\n", "mfa_serial = arn:aws:iam::123456789012:mfa/m\n"
	const isRole, isMFA = "role_arn=arn:aws:iam::123456789012:role/R", "mfa_serial=arn:aws:iam::123456789012:mfa/m"
	const session = "[sso-session s]\nsso_start_url = https://example.awsapps.com/start/#/\nsso_region = eu-central-1\nsso_registration_scopes = sso:account:access\n"
	const sso = "sso_account_id = 123456789012\nsso_role_name = Developer\n"
	for _, c := range []struct{ name, in, pairs, problems string }{
		{"a role", "[profile b]\nregion = r\noutput = o\n[profile x]\n" + role + "source_profile = b\nregion = q\nexternal_id = 12\nrole_session_name = me\nduration_seconds = 900\n",
			`b/AWS_DEFAULT_OUTPUT="o" b/AWS={region=r} b/x={duration=900s external_id=12 from=AWS on_demand=true region=q ` + isRole + ` session_name=me}`, ""},
		{"of a profile in the other file", "[profile x]\n" + role + "source_profile = b\n", `b/AWS={} b/x={from=AWS on_demand=true ` + isRole + `}`, ""},
		{"one MFA device for all", "[profile x]\n" + role + "source_profile=b\n" + mfa + "[profile y]\n" + role + "source_profile=b\n" + mfa,
			`b/AWS={` + isMFA + `} b/x={from=AWS on_demand=true ` + isRole + `} b/y={from=AWS on_demand=true ` + isRole + `}`, ""},
		{"a role without MFA", "[profile x]\n" + role + "source_profile=b\n" + mfa + "[profile y]\n" + role + "source_profile=b\n",
			`b/AWS={` + isMFA + `} b/x={from=AWS on_demand=true ` + isRole + `} b/y={on_demand=true ` + isRole + `}`, ""},
		{"two MFA devices", "[profile x]\n" + role + "source_profile=b\n" + mfa + "[profile y]\n" + role + "source_profile=b\nmfa_serial = arn:aws:iam::123456789012:mfa/n\n",
			`b/AWS={} b/x={` + isMFA + ` on_demand=true ` + isRole + `} b/y={mfa_serial=arn:aws:iam::123456789012:mfa/n on_demand=true ` + isRole + `}`, ""},
		{"the base has one", "[profile b]\n" + mfa + "[profile x]\n" + role + "source_profile=b\n" + mfa, `b/AWS={` + isMFA + `} b/x={from=AWS on_demand=true ` + isRole + `}`, ""},
		{"longer than from another role", "[profile x]\n" + role + "source_profile=b\nduration_seconds=7200\n", `b/AWS={} b/x={duration=7200s on_demand=true ` + isRole + `}`, ""},
		{"a role of itself", "[profile x]\n" + role + "source_profile=x\n" + mfa + "region=r\naws_access_key_id=a\naws_secret_access_key=b\n",
			`x/AWS={` + isMFA + ` region=r ` + isRole + `} x/AWS_ACCESS_KEY_ID="a" x/AWS_SECRET_ACCESS_KEY="b"`, ""},
		{"a role of a role", "[profile x]\n" + role + "source_profile=y\n[profile y]\n" + role + "source_profile=b\n", `b/x={from=y on_demand=true ` + isRole + `} b/AWS={} b/y={from=AWS on_demand=true ` + isRole + `}`, ""},
		{"Identity Center", session + "[profile x]\nsso_session = s\n" + sso + "region=r\n",
			`x/AWS={account_id=123456789012 region=r role_name=Developer sso_region=eu-central-1 sso_start_url=https://example.awsapps.com/start}`, ""},
		{"Identity Center, as it was", "[profile x]\nsso_start_url = https://example.awsapps.com/start\nsso_region=r\n" + sso,
			`x/AWS={account_id=123456789012 role_name=Developer sso_region=r sso_start_url=https://example.awsapps.com/start}`, ""},
		{"a role of Identity Center", session + "[profile b]\nsso_session = s\n" + sso + "[profile x]\n" + role + "source_profile=b\n",
			`b/AWS={account_id=123456789012 role_name=Developer sso_region=eu-central-1 sso_start_url=https://example.awsapps.com/start} b/x={from=AWS on_demand=true ` + isRole + `}`, ""},
		{"a role of a role with a key", "[profile x]\n" + role + "source_profile=y\n[profile y]\n" + role + "source_profile=y\nregion=r\n",
			`y/x={on_demand=true ` + isRole + `} y/AWS={region=r ` + isRole + `}`, ""},
		{"a token in a file", "[profile x]\n" + role + "web_identity_token_file = /run/token\n", `x/AWS={` + isRole + ` web_identity=file:/run/token}`, ""},

		{"of a token in a file", "[profile x]\n" + role + "source_profile=y\n[profile y]\n" + role + "source_profile=b\nweb_identity_token_file = /run/token\n[profile z]\n" + role + "source_profile=b\n",
			`y/x={from=AWS on_demand=true ` + isRole + `} y/AWS={` + isRole + ` web_identity=file:/run/token} b/AWS={} b/z={from=AWS on_demand=true ` + isRole + `}`, ""},
		{"a role and Identity Center", session + "[profile x]\nsso_session = s\n" + sso + role + "source_profile=b\n", "",
			at(6, "x", "sso_session", whyBroken) + "|" + at(7, "x", "sso_account_id", whyBroken) + "|" + at(8, "x", "sso_role_name", whyBroken) + "|" + at(9, "x", "role_arn", whyTwo) + "|" + at(10, "x", "source_profile", whyBroken)},
		{"of a role beside a key", "[profile x]\n" + role + "source_profile=y\n[profile y]\n" + role + "source_profile=b\naws_access_key_id=a\naws_secret_access_key=b\n",
			`b/AWS={} b/y={from=AWS on_demand=true ` + isRole + `} y/AWS_ACCESS_KEY_ID="a" y/AWS_SECRET_ACCESS_KEY="b"`, at(2, "x", "role_arn", whyBroken) + "|" + at(3, "x", "source_profile", whyKeyToo)},
		{"the name of the base", "[profile AWS]\n" + role + "source_profile=b\n", "", at(2, "AWS", "role_arn", whyNamed) + "|" + at(3, "AWS", "source_profile", whyBroken)},
		{"a token beside the user", "[profile x]\n" + role + "web_identity_token_file = token\n", "", at(2, "x", "role_arn", whyBroken) + "|" + at(3, "x", "web_identity_token_file", whyTokenFile)},
		{"a machine's role", "[profile x]\n" + role + "credential_source = Ec2InstanceMetadata\n", "", at(2, "x", "role_arn", whyBroken) + "|" + at(3, "x", "credential_source", whyMachine)},
		{"no source_profile", "[profile x]\n" + role, "", at(2, "x", "role_arn", whyNoSource)},
		{"no role", "[profile x]\nsource_profile = b\n", "", at(2, "x", "source_profile", whyRole)},
		{"only MFA", "[profile x]\n" + mfa, "", at(2, "x", "mfa_serial", whyRole)},
		{"no session", "[profile x]\nsso_session = s\n" + sso, "", at(2, "x", "sso_session", whyNoSSO) + "|" + at(3, "x", "sso_account_id", whyBroken) + "|" + at(4, "x", "sso_role_name", whyBroken)},
		{"half of Identity Center", session + "[profile x]\nsso_session = s\nsso_account_id = 123456789012\n", "", at(6, "x", "sso_session", whyRole) + "|" + at(7, "x", "sso_account_id", whyBroken)},
		{"of half of it", "[profile b]\nsso_account_id = 1\n[profile x]\n" + role + "source_profile=b\n", "", at(2, "b", "sso_account_id", whyRole) + "|" + at(4, "x", "role_arn", whyBroken) + "|" + at(5, "x", "source_profile", whyBase)},
		{"a circle", "[profile x]\n" + role + "source_profile=y\n[profile y]\n" + role + "source_profile=x\n", "",
			at(2, "x", "role_arn", whyBroken) + "|" + at(3, "x", "source_profile", whyLoop) + "|" + at(5, "y", "role_arn", whyBroken) + "|" + at(6, "y", "source_profile", whyBase)},
		{"a long chain", "[profile x]\n" + role + "source_profile=y\n[profile y]\n" + role + "source_profile=z\n[profile z]\n" + role + "source_profile=b\n",
			`b/x={from=y on_demand=true ` + isRole + `} b/y={from=z on_demand=true ` + isRole + `} b/AWS={} b/z={from=AWS on_demand=true ` + isRole + `}`, ""},
		{"too long a chain", "[profile w]\n" + role + "source_profile=x\n[profile x]\n" + role + "source_profile=y\n[profile y]\n" + role + "source_profile=z\n[profile z]\n" + role + "source_profile=b\n",
			`b/x={from=y on_demand=true ` + isRole + `} b/y={from=z on_demand=true ` + isRole + `} b/AWS={} b/z={from=AWS on_demand=true ` + isRole + `}`,
			at(2, "w", "role_arn", whyBroken) + "|" + at(3, "w", "source_profile", whyChain)},
		{"a line in doubt", "[profile x]\n" + role + "source_profile=b\n" + "mfa_serial = a ; b\n", "", at(2, "x", "role_arn", whyBroken) + "|" + at(3, "x", "source_profile", whyBroken) + "|" + at(4, "x", "mfa_serial", whyInline)},
		{"of a line in doubt", "[profile x]\n" + role + "source_profile=y\n[profile y]\nrole_arn = a ; b\n", "", at(2, "x", "role_arn", whyBroken) + "|" + at(3, "x", "source_profile", whyBase) + "|" + at(5, "y", "role_arn", whyInline)},
		{"of two sections", "[profile x]\n" + role + "source_profile=y\n[profile y]\n" + role + "[profile y]\nregion=r\n", "",
			at(2, "x", "role_arn", whyBroken) + "|" + at(3, "x", "source_profile", whyBase) + "|" + at(5, "y", "role_arn", whySections) + "|" + at(6, "y", "", whySections)},
		{"too long", "[profile x]\n" + role + "source_profile=b\nduration_seconds=43201\n", `b/AWS={}`, at(2, "x", "role_arn", whyBroken) + "|" + at(3, "x", "source_profile", whyBroken) + "|" + at(4, "x", "duration_seconds", whyDuration)},
		{"output of a role", "[profile x]\n" + role + "source_profile=b\noutput=o\n", `b/AWS={} b/x={from=AWS on_demand=true ` + isRole + `}`, at(4, "x", "output", whyOfRole)},
		{"a key of a session", session + "region = r\n", "", at(5, "sso-session s", "region", whyKey)},
	} {
		pairs, problems := readAWS([]byte(c.in), Options{})
		if show(pairs) != c.pairs || list(problems) != c.problems {
			t.Errorf("%s\n got  %s, %s\n want %s, %s", c.name, show(pairs), list(problems), c.pairs, c.problems)
		}
	}
}
