package source

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/envname"
)

var aws = &Kind{
	Name: "aws",
	Fields: []Field{
		{Key: "access_key_id", Type: Secret, Default: "AWS_ACCESS_KEY_ID", Unless: awsOthers},
		{Key: "secret_access_key", Type: Secret, Default: "AWS_SECRET_ACCESS_KEY", Unless: awsOthers},
		{Key: "web_identity", Type: Token},
		{Key: "from", Type: Source},
		{Key: "sso_start_url", Type: Text},
		{Key: "sso_region", Type: Text},
		{Key: "account_id", Type: Text},
		{Key: "role_name", Type: Text},
		{Key: "role_arn", Type: Text},
		{Key: "external_id", Type: Text},
		{Key: "session_name", Type: Text},
		{Key: "duration", Type: Text},
		{Key: "mfa_serial", Type: Text},
		{Key: "mfa_secret", Type: Secret},
		{Key: "region", Type: Text},
		{Key: "endpoint", Type: Text},
	},
	Check:   checkAWS,
	Gives:   givesAWS,
	Reaches: reachesAWS,
	Pages:   AWSPages,
	Login:   AWSLogin,
	Person: func(d Definition) bool {
		return d.Text("sso_start_url") != "" || d.Text("mfa_serial") != "" && d.Text("mfa_secret") == ""
	},
}

// awsOthers are what a source can begin with instead of an access key.
var awsOthers = []string{"web_identity", "from", "sso_start_url"}

// The forms of AWS's own models (STS 2011-06-15, SSO 2019-06-10). A region becomes part of a host's name.
// They are not regular expressions, which would be compiled whenever credfile starts.
var awsForms = []struct {
	key, is     string
	others      string // besides letters and digits
	least, most int
}{
	{"account_id", "the 12 digits of an account", "", 12, 12},
	{"role_name", "the name of a role", "_+=,.@-", 1, 64},
	{"role_arn", "the ARN of a role", ":_+=,.@/-", 20, 2048},
	{"external_id", "an external ID", "_+=,.@:/-", 2, 1224},
	{"session_name", "the name of a session", "_+=,.@-", 2, 64},
	{"mfa_serial", "the serial number or ARN of an MFA device", "_+=/:,.@-", 9, 256},
	{"region", "a region", "-", 1, 32},
	{"sso_region", "a region", "-", 1, 32},
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func isRoleARN(s string) bool {
	part := strings.SplitN(s, ":", 6) // arn:PARTITION:iam::ACCOUNT:role/PATH
	return len(part) == 6 && part[0] == "arn" && (part[1] == "aws" || strings.HasPrefix(part[1], "aws-")) && part[2] == "iam" &&
		part[3] == "" && len(part[4]) == 12 && isDigits(part[4]) && strings.HasPrefix(part[5], "role/") && !strings.Contains(part[5], ":")
}

func awsForm(key, s, others string) bool {
	switch {
	case key == "account_id" && !isDigits(s), key == "role_arn" && !isRoleARN(s):
		return false
	case strings.HasSuffix(key, "region") && s != strings.ToLower(s):
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune(others, r)
	})
}

func checkAWS(d Definition) error {
	for _, f := range awsForms {
		text := d.Text(f.key)
		if text != "" && (len(text) < f.least || len(text) > f.most || !awsForm(f.key, text, f.others)) {
			return wrongAWS(f.key, "is not "+f.is)
		}
	}
	if err := checkAWSKeys(d); err != nil {
		return err
	}
	if err := checkAWSURLs(d); err != nil {
		return err
	}
	// STS has the region's partition, and knows only the roles of that one.
	if _, rest, _ := strings.Cut(d.Text("role_arn"), ":aws"); strings.HasPrefix(rest, "-") && !has(d, "region") {
		return wrongAWS("region", "is missing, which a role outside of the usual partition needs")
	}
	return checkAWSDuration(d)
}

func wrongAWS(key, why string) error { return &FieldError{"aws", key, why} }

func has(d Definition, key string) bool { _, ok := d[key]; return ok }

// checkAWSKeys refuses combinations in which a key would have no effect.
func checkAWSKeys(d Definition) error {
	start := "access_key_id"
	for _, key := range awsOthers {
		if has(d, key) && start != "access_key_id" {
			return wrongAWS(key, "can't be used with "+start)
		} else if has(d, key) {
			start = key
		}
	}
	if has(d, "access_key_id") != has(d, "secret_access_key") {
		return wrongAWS("secret_access_key", "and access_key_id belong together") // never half of a pair by default
	}
	none := map[string][]string{
		"access_key_id": {"sso_region", "account_id", "role_name"},
		"web_identity":  {"access_key_id", "sso_region", "account_id", "role_name", "external_id", "mfa_serial", "mfa_secret"},
		"from":          {"access_key_id", "sso_region", "account_id", "role_name", "mfa_serial", "mfa_secret"},
		"sso_start_url": {"access_key_id", "role_arn", "external_id", "session_name", "duration", "mfa_serial", "mfa_secret"},
	}
	for _, key := range none[start] {
		if has(d, key) && start == "access_key_id" {
			return wrongAWS(key, "needs sso_start_url")
		} else if has(d, key) {
			return wrongAWS(key, "can't be used with "+start)
		}
	}
	for _, need := range [][2]string{
		{"web_identity", "role_arn"}, {"from", "role_arn"}, {"external_id", "role_arn"}, {"session_name", "role_arn"},
		{"sso_start_url", "sso_region"}, {"sso_start_url", "account_id"}, {"sso_start_url", "role_name"}, {"mfa_secret", "mfa_serial"},
	} {
		if has(d, need[0]) && !has(d, need[1]) {
			return wrongAWS(need[1], "is missing, which "+need[0]+" needs")
		}
	}
	return nil
}

func checkAWSURLs(d Definition) error {
	if s := d.Text("endpoint"); s != "" {
		u, err := url.Parse(s)
		if err != nil || CheckURL(s) != "" || !loopback(u) || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			return wrongAWS("endpoint", "is not on this machine, which is for tests")
		}
	}
	if s := d.Text("sso_start_url"); s != "" {
		if why := CheckURL(s); why != "" {
			return wrongAWS("sso_start_url", why)
		}
	}
	kind, place := TokenPlace(d.Text("web_identity"))
	switch {
	case kind == "env" && !envname.Valid(place):
		return wrongAWS("web_identity", "does not name a variable")
	case kind == "env" && strings.HasPrefix(strings.ToUpper(place), "CREDFILE_"):
		return wrongAWS("web_identity", "names a variable of credfile")
	case kind == "file" && (!strings.HasPrefix(place, "/") || slices.Contains(strings.Split(place, "/"), "..")):
		return wrongAWS("web_identity", "does not have the absolute path of a file") // not one that depends on where the user is
	case kind == "github-actions" && strings.ContainsFunc(place, func(r rune) bool { return r <= ' ' || r > '~' }):
		return wrongAWS("web_identity", "does not have an audience")
	}
	return nil
}

func checkAWSDuration(d Definition) error {
	if !has(d, "duration") {
		return nil
	}
	least, most, limits := 15*time.Minute, 36*time.Hour, "between 15m and 36h"
	switch {
	case has(d, "from"):
		most, limits = time.Hour, "between 15m and 1h, which is the most with from" // STS: role chaining
	case has(d, "role_arn"):
		most, limits = 12*time.Hour, "between 15m and 12h"
	}
	if n := AWSDuration(d); n < least || n > most || n%time.Second != 0 {
		return wrongAWS("duration", "must be "+limits)
	}
	return nil
}

// AWSDuration returns how long a session shall last, or 0.
func AWSDuration(d Definition) time.Duration {
	n, err := time.ParseDuration(d.Text("duration"))
	if err != nil {
		return 0
	}
	return n
}

func givesAWS(_ string, d Definition) []string {
	names := []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"}
	if has(d, "region") {
		names = append(names, "AWS_REGION", "AWS_DEFAULT_REGION")
	}
	return names
}

// awsSuffixes are the domains of AWS's partitions, by the beginning of their regions (partitions.json of
// AWS's SDKs).
var awsSuffixes = []struct{ region, domain string }{
	{"cn-", "amazonaws.com.cn"},
	{"eusc-", "amazonaws.eu"},
	{"us-iso-", "c2s.ic.gov"},
	{"us-isob-", "sc2s.sgov.gov"},
	{"eu-isoe-", "cloud.adc-e.uk"},
	{"us-isof-", "csp.hci.ic.gov"},
}

// AWSRegion is that of requests to STS. What the endpoints of regions give is good in all of them.
func AWSRegion(d Definition) string {
	if region := d.Text("region"); region != "" {
		return region
	}
	return "us-east-1"
}

// AWSURL returns the URL of a service, without a path: "sts", or "oidc", "portal.sso" and "device.sso" of
// IAM Identity Center.
func AWSURL(d Definition, service string) string {
	if endpoint := d.Text("endpoint"); endpoint != "" {
		return strings.TrimRight(endpoint, "/")
	}
	region := d.Text("sso_region")
	if service == "sts" {
		region = AWSRegion(d)
	}
	domain := "amazonaws.com"
	for _, s := range awsSuffixes {
		if strings.HasPrefix(region, s.region) {
			domain = s.domain
		}
	}
	return "https://" + service + "." + region + "." + domain
}

// AWSLogin names the login at IAM Identity Center that a source uses, or is "".
func AWSLogin(d Definition) string {
	if !has(d, "sso_start_url") {
		return ""
	}
	return strings.TrimRight(d.Text("sso_start_url"), "/#") + " " + AWSURL(d, "oidc")
}

// AWSPages returns the hosts whose pages a login may show to the user.
func AWSPages(d Definition) []string {
	return []string{Host(d.Text("sso_start_url")), Host(AWSURL(d, "oidc")), Host(AWSURL(d, "device.sso"))}
}

func reachesAWS(d Definition) (lines []string) {
	add := func(what, value string) {
		if value != "" {
			lines = append(lines, what+": "+value)
		}
	}
	kind, place := TokenPlace(d.Text("web_identity"))
	if start := d.Text("sso_start_url"); start != "" {
		add("logs in at", start)
		add("gets the codes and tokens", Host(AWSURL(d, "oidc"))+", "+Host(AWSURL(d, "portal.sso")))
		add("reads a token of aws sso login", "~/.aws/sso/cache")
		add("account", d.Text("account_id"))
		add("role", d.Text("role_name"))
		return lines
	}
	sts := Host(AWSURL(d, "sts"))
	switch kind {
	case "env":
		add("sends the token in the variable "+place+" to", sts)
	case "file":
		add("sends the token in the file "+place+" to", sts)
	case "github-actions":
		add("sends GitHub's token of this job for the audience "+place+" to", sts)
	case "source":
		add("sends the token of the source "+place+" to", sts)
	default:
		add("sends requests to", sts)
	}
	add("role", d.Text("role_arn"))
	add("external ID", d.Text("external_id"))
	switch {
	case d.Text("mfa_secret") != "":
		add("makes the MFA codes of", d.Text("mfa_serial"))
	default:
		add("asks for the MFA code of", d.Text("mfa_serial"))
	}
	return lines
}
