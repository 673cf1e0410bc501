package codec

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/racetest"
)

// TestAll tests every format.
func TestAll(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range All {
		t.Run(c.Name, func(t *testing.T) {
			if c.Name == "" || seen[c.Name] || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
				t.Errorf("%q is no name to type, or is taken", c.Name)
			}
			seen[c.Name] = true
			if found, ok := Lookup(c.Name); !ok || found.Name != c.Name {
				t.Error("Lookup does not find it")
			}
			conformsOut(t, c)
			if c.Read == nil {
				return
			}
			if !slices.IsSorted(c.Dialects) || slices.Contains(c.Dialects, "") {
				t.Errorf("dialects %q", c.Dialects)
			}
			c.Detect("", nil)
			for _, d := range append([]string{""}, c.Dialects...) {
				o := Options{Dialect: d}
				if pairs, problems := c.Read(nil, o); pairs != nil || problems != nil {
					t.Errorf("%q: an empty file gives %v, %v", d, pairs, problems)
				}
				full := bytes.Repeat([]byte("#\n"), maxInput/2)
				if slices.Contains([]string{"json", "docker-config", "tfrc"}, c.Name) { // JSON has no comments
					full = bytes.Repeat([]byte(" \n"), maxInput/2)
				}
				if pairs, problems := c.Read(full, o); pairs != nil || problems != nil {
					t.Errorf("%q: comments of 1 MiB give %v, %v", d, pairs, problems)
				}
				pairs, problems := c.Read(append(full, '\n'), o)
				if pairs != nil || len(problems) != 1 || problems[0] != (Problem{Reason: string(whyTooLarge)}) {
					t.Errorf("%q: more than 1 MiB gives %v, %v", d, pairs, problems)
				}
			}
			pairs, problems := c.Read([]byte("A=1\n"), Options{Dialect: "no such"})
			if pairs != nil || len(problems) != 1 || problems[0] != (Problem{Reason: string(whyDialect)}) {
				t.Errorf("an unknown dialect gives %v, %v", pairs, problems)
			}
		})
	}
	if _, ok := Lookup("no such"); ok {
		t.Error("Lookup finds what is not there")
	}
	if _, ok := Detect("x", []byte("\x7fELF")); ok {
		t.Error("Detect takes anything")
	}
}

// conformsOut tests what holds for every format that is written.
func conformsOut(t *testing.T, c Codec) {
	if c.Out == nil {
		if c.Read == nil {
			t.Error("it can be neither read nor written")
		}
		return
	}
	if !slices.IsSorted(c.Out.Dialects) || slices.Contains(c.Out.Dialects, "") {
		t.Errorf("dialects %q", c.Out.Dialects)
	}
	section := ""
	if c.Out.Sections {
		section = "default"
	}
	for _, d := range append([]string{""}, c.Out.Dialects...) {
		written := 0
		for _, value := range nasty[:len(nasty)-1] { // without the longest
			for _, name := range []string{"V", "AWS_REGION", "bob@example.org", "pgpass:h:1:d:u", "a.b-c", "9"} {
				text, left, problems := c.Export([]Pair{{Section: section, Name: name, Value: []byte(value)}}, Options{Dialect: d, Secret: Secret{Name: "x", Type: "Opaque"}})
				if len(left)+len(problems) > 0 {
					continue
				}
				written++
				if c.Read == nil {
					continue
				}
				// What is imported again is what was exported. AWS' region becomes two variables.
				got, bad := c.Read(text, Options{Dialect: d})
				if len(got) == 2 && c.Name == "aws" && got[1].Name == "AWS_DEFAULT_REGION" {
					got = got[:1]
				}
				if len(bad) > 0 || len(got) != 1 || got[0].Section != section || got[0].Name != name || string(got[0].Value) != value {
					t.Errorf("%s %q: %q is read as %v %v", d, value, text, got, bad)
				}
			}
		}
		if written < 10 {
			t.Errorf("%q: only %d values were written", d, written)
		}
	}
}

// TestLongInputs reads 256 KiB of input that once made a parser start over at each line. It
// would then take minutes and time out.
func TestLongInputs(t *testing.T) {
	racetest.Skip(t)
	for _, line := range []string{"A=\\''\r\n\n", "A='\\'\n", "A=\"\\\\\"\n", "A=\"\\\"\n", "A=don't\n", "A=`\n", "A=-----BEGIN \n", "A=$A\n", "x=\n", "[x]\nregion=\n  a\n",
		"[[x]]\n", "a='''\n", "a=[{b=\n", "\"a\".b=1\n"} {
		in := bytes.Repeat([]byte(line), maxInput/4/len(line))
		for _, c := range Readers() {
			for _, d := range append([]string{""}, c.Dialects...) {
				c.Read(in, Options{Dialect: d})
			}
		}
	}
}

// TestManyReferences reads 512 KiB of names, and as much of references to the first. To search all names for
// each took 20 seconds.
func TestManyReferences(t *testing.T) {
	racetest.Skip(t)
	in := []byte("Z=x\n")
	for i := 0; len(in) < maxInput/2; i++ {
		in = fmt.Appendf(in, "K%d=x\n", i)
	}
	in = append(in, bytes.Repeat([]byte("B=${Z}\n"), maxInput/16)...)
	start := time.Now()
	pairs, problems := readDotenv(in, Options{Dialect: "compose"})
	if took := time.Since(start); took > 8*time.Second || len(problems) > 0 || string(pairs[len(pairs)-1].Value) != "x" {
		t.Errorf("%v, %s", took, list(problems))
	}
}

// TestSamples reads whole files as users have them.
func TestSamples(t *testing.T) {
	key := "-----BEGIN EXAMPLE KEY-----\nVGhpcyBpcyBub3QgYSBrZXkuIEl0IGlzIGFuIGV4YW1wbGUgb2YgYSB2YWx1ZSB0\naGF0IGhhcyBzZXZlcmFsIGxpbmVzLg==\n-----END EXAMPLE KEY-----\n"
	for _, c := range []struct{ file, codec, pairs, problems string }{
		{"dotenv/.env", "dotenv", `NODE_ENV="development" PORT="8080" ` +
			`DATABASE_URL="postgres://shop:not-a-real-password@localhost:5432/shop?sslmode=disable" REDIS_URL="redis://localhost:6379/0" ` +
			`STRIPE_API_KEY="sk_test_example0000000000000000" MAIL_FROM="Example Shop <shop@example.com>" ` +
			`SESSION_SECRET="pa$$word-with-$igns # and a hash" ` + fmt.Sprintf("JWT_PRIVATE_KEY=%q", key) + ` FEATURE_FLAGS=""`, ""},
		{"aws/credentials", "aws", `default/AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE" default/AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" ` +
			`staging/AWS_ACCESS_KEY_ID="AKIAI44QH8DHBEXAMPLE" staging/AWS_SECRET_ACCESS_KEY="je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY" ` +
			`staging/AWS_SESSION_TOKEN="AQoEXAMPLEH4aoAH0gNCAPyJxz4BlCFFxWNE1OPTgk5TthT+FvwqnKwRcOIfrRh3c/LTo6UDdyJwOOvEVPvLXCrrrUtdnniCEXAMPLE=="`, ""},
		{"aws/config", "aws", `default/AWS_REGION="eu-central-1" default/AWS_DEFAULT_REGION="eu-central-1" default/AWS_DEFAULT_OUTPUT="json" ` +
			`staging/AWS_REGION="us-west-2" staging/AWS_DEFAULT_REGION="us-west-2" staging/AWS_DEFAULT_OUTPUT="text"`, ""},
		{"aws/config-sso", "aws", `developer/AWS={account_id=123456789012 region=eu-central-1 role_name=Developer sso_region=eu-central-1 ` +
			`sso_start_url=https://example.awsapps.com/start} default/AWS={region=eu-central-1} ` +
			`default/admin={from=AWS on_demand=true role_arn=arn:aws:iam::123456789012:role/Admin}`,
			at(14, "developer", "s3", whyNested) + "|" + at(21, "admin", "output", whyInline)},
		{"toml/stripe.toml", "toml", `color="" default_account_id="acct_example0000000000" default_device_name="workstation" default_display_name="Example Shop" ` +
			`default_live_mode_api_key="rk_live_example_not_a_key" default_test_mode_api_key="rk_test_example_not_a_key" ` +
			`default_test_mode_key_expires_at="2026-03-01" project two_test_mode_api_key="rk_test_example_of_another"`,
			at(8, "", "default_live_mode_key_expires_at", whyTOMLDate) + "|" + at(16, "", "installed_plugins_names", whyTOMLArray)},
		{"toml/credentials.toml", "toml", `registry_token="cioExampleNotAToken0000000000000000" registries_shop_token="Bearer example-not-a-token"`, ""},
		{"toml/secrets.toml", "toml", `debug="false" port="8501" db_user="shop" db_password="not\\a\\real=password#" api_keys_maps="example-maps-key" ` +
			`connections_snowflake_account="xy12345" ` +
			`connections_snowflake_private_key="-----BEGIN EXAMPLE KEY-----\nVGhpcyBpcyBub3QgYSBrZXku\n-----END EXAMPLE KEY-----\n"`,
			strings.Join([]string{at(4, "", "mode", whyTOMLInteger), at(16, "", "connections_snowflake_timeout", whyTOMLFloat),
				at(18, "", "users", whyTOMLTables), at(21, "", "users", whyTOMLTables)}, "|")},
	} {
		path := filepath.Join("../../testdata/import", c.file)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found, ok := Detect(strings.TrimSuffix(filepath.Base(path), "-sso"), b)
		if !ok || found.Name != c.codec {
			t.Errorf("%s is detected as %q", c.file, found.Name)
		}
		pairs, problems := found.Read(b, Options{})
		if show(pairs) != c.pairs || list(problems) != c.problems {
			t.Errorf("%s\n got  %s, %s\n want %s, %s", c.file, show(pairs), list(problems), c.pairs, c.problems)
		}
	}
}
