package codec

import (
	"fmt"
	"strings"
	"testing"
)

// list formats problems as "line section name: reason", joined by |.
func list(problems []Problem) string {
	var s []string
	for _, p := range problems {
		s = append(s, strings.TrimLeft(fmt.Sprintf("%d %s %s", p.Line, p.Section, p.Name), " ")+": "+p.Reason)
	}
	return strings.Join(s, "|")
}

func at(line int, section, name string, why reason) string {
	return list([]Problem{{Line: line, Section: section, Name: name, Reason: string(why)}})
}

func TestAWS(t *testing.T) {
	for _, c := range []struct{ name, in, pairs, problems string }{
		{"plain", "[default]\naws_access_key_id = a\naws_secret_access_key=b\naws_session_token: c\n",
			`default/AWS_ACCESS_KEY_ID="a" default/AWS_SECRET_ACCESS_KEY="b" default/AWS_SESSION_TOKEN="c"`, ""},
		{"region and output", "[profile x]\nregion = r\noutput=o\n", `x/AWS_REGION="r" x/AWS_DEFAULT_REGION="r" x/AWS_DEFAULT_OUTPUT="o"`, ""},
		{"no last newline", "[x]\nregion = r", `x/AWS_REGION="r" x/AWS_DEFAULT_REGION="r"`, ""},
		{"empty", "", "", ""},
		{"empty value", "[x]\noutput =\n", `x/AWS_DEFAULT_OUTPUT=""`, ""},
		{"CR LF and BOM", "\uFEFF[x]\r\noutput = o\r\n", `x/AWS_DEFAULT_OUTPUT="o"`, ""},
		{"comments", "# a\n; b\n[x] # c\n  # d\noutput = o#p;q\n[y];e\noutput = o\n", `x/AWS_DEFAULT_OUTPUT="o#p;q" y/AWS_DEFAULT_OUTPUT="o"`, ""},
		{"case", "[x]\nAWS_Access_Key_ID = a\nOUTPUT = o\n", `x/AWS_ACCESS_KEY_ID="a" x/AWS_DEFAULT_OUTPUT="o"`, ""},
		{"equals in value", "[x]\naws_secret_access_key = a=b:c==\n", `x/AWS_SECRET_ACCESS_KEY="a=b:c=="`, ""},
		{"quoted profile", "[profile \"a b\"]\noutput=o\n[profile 'c d']\noutput=o\n", `a b/AWS_DEFAULT_OUTPUT="o" c d/AWS_DEFAULT_OUTPUT="o"`, ""},
		{"old name of the token", "[x]\naws_security_token = t\n", `x/AWS_SESSION_TOKEN="t"`, ""},
		{"both names, one token", "[x]\nAWS_SECURITY_TOKEN = t\naws_session_token = t\n", `x/AWS_SESSION_TOKEN="t"`, ""},
		{"both names, two tokens", "[x]\naws_security_token = t\naws_session_token = u\n", "", at(2, "x", "aws_session_token", whyTwice) + "|" + at(3, "x", "aws_session_token", whyTwice)},
		{"the old name in doubt", "[x]\naws_session_token = t\naws_security_token = u # c\n", "", at(2, "x", "aws_session_token", whyTwice) + "|" + at(3, "x", "aws_session_token", whyInline)},
		{"same profile", "[x]\noutput=o\n[profile x]\noutput=o\nregion=r\n[y]\noutput=o\n", `y/AWS_DEFAULT_OUTPUT="o"`, at(2, "x", "output", whySections) + "|" + at(3, "x", "", whySections)},
		{"default and profile default", "[profile default]\noutput=o\n[default]\noutput=o\n", "", at(2, "default", "output", whySections) + "|" + at(3, "default", "", whySections)},
		{"same section, three times", "[x]\noutput=o\n[x]\n[x]\n", "", at(2, "x", "output", whySections) + "|" + at(3, "x", "", whySections) + "|" + at(4, "x", "", whySections)},
		{"profile and a tab", "[profile\tx]\noutput=o\n[x]\noutput=o\n", "", at(1, "", "", whyHeader) + "|" + at(3, "x", "", whySections)},
		{"profile and another blank", "[x]\noutput=o\n[profile\u00a0x]\noutput=o\n", "", at(2, "x", "output", whySections) + "|" + at(3, "", "", whyAWSBlank)},
		{"blanks in the brackets", "[ x ]\noutput=o\n[x]\noutput=o\n", "", at(1, "", "", whyHeader) + "|" + at(3, "x", "", whySections)},
		{"goes on behind another blank", "[x]\noutput=o\n\u00a0region=r\n", "", at(2, "x", "output", whyGoesOn) + "|" + at(3, "x", "", whyAWSBlank)},
		{"set again behind another blank", "[x]\nregion=o\noutput=o\n\u00a0region=r\n", "", at(2, "x", "region", whyDoubt) + "|" + at(3, "x", "output", whyGoesOn) + "|" + at(4, "x", "", whyAWSBlank)},
		{"set again behind a CR", "[x]\noutput=o\n#c\routput=p\nq\rregion=r\n", "", at(2, "x", "output", whyDoubt) + "|" + at(3, "x", "", whyCR) + "|" + at(4, "x", "", whyCR)},
		{"profile default", "[profile default]\noutput=o\n", `default/AWS_DEFAULT_OUTPUT="o"`, ""},
		{"indented alike", "[x]\n  output=o\n  region=r\n", `x/AWS_DEFAULT_OUTPUT="o" x/AWS_REGION="r" x/AWS_DEFAULT_REGION="r"`, ""},

		{"twice", "[x]\nregion=a\n[profile x]\nregion=b\n", "", at(2, "x", "region", whySections) + "|" + at(3, "x", "", whySections)},
		{"setting", "[x]\nrole_arn = a\n", "", at(2, "x", "role_arn", whyNoSource)},
		{"not a name", "[x]\nhunter2 secret = a\n", "", at(2, "x", "", whyAWSKey)},
		{"Kelvin sign", "[x]\naws_access_\u212aey_id = a\n", "", at(2, "x", "", whyAWSKey)},
		{"bare", "[x]\nhunter2\n", "", at(2, "x", "", whyAWSBare)},
		{"before a section", "region = a\n[x]\noutput=o\n", `x/AWS_DEFAULT_OUTPUT="o"`, at(1, "", "", whyNoHeader)},
		{"inline", "[x]\noutput = a # b\nregion = c\t;d\n", "", at(2, "x", "output", whyInline) + "|" + at(3, "x", "region", whyInline)},
		{"only a comment", "[x]\noutput = #b\n", "", at(2, "x", "output", whyInline)},
		{"quotes", "[x]\noutput = \"a\"\nregion='\n", "", at(2, "x", "output", whyAWSQuote) + "|" + at(3, "x", "region", whyAWSQuote)},
		{"nested", "[x]\ns3 =\n  region = a\n  b = c\noutput=o\n", `x/AWS_DEFAULT_OUTPUT="o"`, at(2, "x", "s3", whyNested)},
		{"nested sets again", "[x]\nregion = b\ns3 =\n  region = a\n", "", at(2, "x", "region", whyDoubt) + "|" + at(3, "x", "s3", whyNested)},
		{"goes on", "[x]\noutput=o\n  p\nregion=r\n", `x/AWS_REGION="r" x/AWS_DEFAULT_REGION="r"`, at(2, "x", "output", whyGoesOn)},
		{"goes on behind a blank line", "[x]\noutput=o\n\n# c\n  p\n", "", at(2, "x", "output", whyGoesOn)},
		{"sso-session", "[sso-session x]\nregion = a\n[x]\noutput=o\n", `x/AWS_DEFAULT_OUTPUT="o"`, at(2, "sso-session x", "region", whyKey)},
		{"services", "[services x]\ndynamodb =\n  a = b\n", "", at(1, "services x", "", whySection)},
		{"DEFAULT", "[DEFAULT]\nregion = a\n", "", at(1, "DEFAULT", "", whyDefaults)},
		{"blanks in header", "[ x ]\nregion = a\n", "", at(1, "", "", whyHeader)},
		{"no end of header", "[x\nregion = a\n[y]\noutput=o\n", `y/AWS_DEFAULT_OUTPUT="o"`, at(1, "", "", whyHeader)},
		{"text behind header", "[x] y\nregion = a\n", "", at(1, "", "", whyHeader)},
		{"two names", "[profile x y]\nregion = a\n", "", at(1, "", "", whyHeader)},
		{"indented header", "[x]\noutput=o\n [y]\nregion = a\n", "", at(2, "x", "output", whyGoesOn) + "|" + at(3, "", "", whyIndented)},
		{"NUL", "[x]\noutput=o\x00\nregion = a\n", `x/AWS_REGION="a" x/AWS_DEFAULT_REGION="a"`, at(2, "x", "output", whyNUL)},
		{"UTF-8", "[x]\noutput=\xff\n", "", at(2, "x", "output", whyUTF8)},
		{"CR", "[x]\noutput=a\rregion=b\n", "", at(2, "x", "output", whyCR)},
		{"odd blank", "[x]\noutput=a\u00a0\n", "", at(2, "x", "output", whyAWSBlank)},
	} {
		pairs, problems := readAWS([]byte(c.in), Options{})
		if show(pairs) != c.pairs || list(problems) != c.problems {
			t.Errorf("%s\n got  %s, %s\n want %s, %s", c.name, show(pairs), list(problems), c.pairs, c.problems)
		}
	}
}

func TestAWSDetect(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     bool
	}{
		{"credentials", "[default]\ncredential_process = x\n", true},
		{"config", "# c\n[profile x]\nsso_session = x\n", true},
		{"-", "[x]\naws_access_key_id = a\n", true},
		{"config", "[core]\n\tbare = false\n[remote \"origin\"]\n", false}, // git's
		{"credentials", "[registry]\ntoken = \"x\"\n", false},              // cargo's
		{"x.ini", "[default]\nregion = x\n", false},
		{"config", "Host x\n", false}, // ssh's
		{"config", "", false},
		{".env", "AWS_ACCESS_KEY_ID=a\n", false},
	} {
		if got := isAWS(c.name, []byte(c.in)); got != c.want {
			t.Errorf("%s %q: %v", c.name, c.in, got)
		}
	}
}
