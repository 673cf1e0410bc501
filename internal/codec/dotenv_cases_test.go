package codec

// dotenvCase is one file and the expected result. testdata/dotenv.json records the results
// of the tools themselves.
type dotenvCase struct {
	in   string
	want string // the pairs without a dialect, as NAME="value", in Go's quotes
	why  reason // the only problem without a dialect
	by   string // the dialects that take all of it when named
}

const (
	everyDialect = "compose docker node python ruby sh"
	quotedSame   = "compose node python ruby sh"
)

var dotenvCases = []dotenvCase{
	// What nearly every file consists of.
	{in: "A=1\n", want: `A="1"`, by: everyDialect},
	{in: "A=1", want: `A="1"`, by: everyDialect},
	{in: "A=\n", want: `A=""`, by: everyDialect},
	{in: "A=", want: `A=""`, by: everyDialect},
	{in: "", by: everyDialect},
	{in: "\n\n# A=0\n  # B=0\n\nA=1\n#\n", want: `A="1"`, by: everyDialect},
	{in: "  A=1\n\tB=2\n", want: `A="1" B="2"`, by: everyDialect},
	{in: "A=\"1 2\"\n", want: `A="1 2"`, by: everyDialect},
	{in: "A='1 2'\n", want: `A="1 2"`, by: everyDialect},
	{in: "A=\"\"\nB=''\n", want: `A="" B=""`, by: everyDialect},
	{in: "A=\" 1 \"\n", want: `A=" 1 "`, by: everyDialect},
	{in: "export A=1\nexport\tB='2'\n", want: `A="1" B="2"`, by: quotedSame},
	{in: "A=1\r\nB='2'\r\nC=\"3\"\r\n", want: `A="1" B="2" C="3"`, by: "compose docker node python ruby"},
	{in: "\uFEFFA=1\n", want: `A="1"`, by: "compose docker node ruby"},
	{in: "A=grün\nB='日本'\n", want: `A="grün" B="日本"`, by: everyDialect},
	{in: "A=a=b==\n", want: `A="a=b=="`, by: everyDialect},
	{in: "A=https://u:p@h:1/p?a=1&b=2\n", want: `A="https://u:p@h:1/p?a=1&b=2"`, by: "compose docker node python ruby"},
	{in: "A={\"a\":[1,2]}\n", why: whyQuotes, by: everyDialect},
	{in: "A='{\"a\":[1,2]}'\n", want: `A="{\"a\":[1,2]}"`, by: everyDialect},
	{in: "A=two words\n", want: `A="two words"`, by: "compose docker node python ruby"},
	{in: "A=(1)\nB=<x>\nC=a|b\n", want: `A="(1)" B="<x>" C="a|b"`, by: "compose docker node python ruby"},
	{in: "A=don't\n", want: `A="don't"`, by: "compose docker node python ruby"},
	{in: "A=Server=h;User Id=u;Password=p\n", want: `A="Server=h;User Id=u;Password=p"`, by: "compose docker node python ruby"},
	{in: "A=Server=h;Password=p\n", why: whyCommand, by: "compose docker node python ruby"},
	{in: "A=*!%^\n", want: `A="*!%^"`, by: everyDialect},
	{in: "A = 1\n", want: `A="1"`, by: "compose node python ruby"},
	{in: "A =1\n", want: `A="1"`, by: "compose node python ruby"},
	{in: "A= 1\n", want: `A="1"`, by: "compose docker node python ruby"},
	{in: "A.b-c=1\n", want: `A.b-c="1"`, by: "compose docker node python"},
	{in: "A=1 \nB='2' \n", want: `A="1" B="2"`, by: everyDialect},

	// Comments after values.
	{in: "A=1 # c\n", want: `A="1"`, by: everyDialect},
	{in: "A='1' # c\nB=\"2\" # c\n", want: `A="1" B="2"`, by: everyDialect},
	{in: "A='1 # 2'\nB=\"1#2\"\n", want: `A="1 # 2" B="1#2"`, by: everyDialect},
	{in: "A=1#2\n", why: whyComment, by: everyDialect},
	{in: "A=#1\n", why: whyComment, by: everyDialect},
	{in: "A= # c\n", why: whyComment, by: "compose docker node ruby sh"},
	{in: "A=1\t# c\n", why: whyComment, by: everyDialect},
	{in: "A='1'#c\n", why: whyComment, by: everyDialect},

	// Variables and commands.
	{in: "A=a$B\n", why: whyVar, by: "docker python"},
	{in: "A=a${B}\n", why: whyVar, by: "docker"},
	{in: "A=\"a${B}\"\n", why: whyVarQuoted, by: "docker"},
	{in: "A=\"a$B\"\n", why: whyVarQuoted, by: "docker python"},
	{in: "A='a$B'\n", want: `A="a$B"`, by: everyDialect},
	{in: "A='a${B}'\n", why: whyBraces, by: "compose docker node ruby sh"},
	{in: "A=$(echo x)\n", why: whyVar, by: "compose docker python"},
	{in: "A=\"$(echo x)\"\n", why: whyVarQuoted, by: "compose docker python"},
	{in: "A='$(echo x)'\n", want: `A="$(echo x)"`, by: everyDialect},
	{in: "A='`echo x`'\n", want: "A=\"`echo x`\"", by: everyDialect},
	{in: "A=`echo x`\n", why: whyVar, by: "compose docker node python ruby"},
	{in: "A=\"`echo x`\"\n", why: whyVarQuoted, by: "compose docker node python ruby"},
	{in: "A=a$\nB=\"b$\"\nC='c$'\n", want: `A="a$" B="b$" C="c$"`, by: everyDialect},
	{in: "A=a$$b\n", why: whyVar, by: "compose docker python"},
	{in: "A=a$1\n", why: whyVar, by: "compose docker node python"},
	{in: "A=~/x\n", why: whyTilde, by: "compose docker node python ruby"},
	{in: "A='~/x'\n", want: `A="~/x"`, by: everyDialect},
	{in: "A=encrypted:BAx\n", why: whyEncrypted},

	// Backslashes.
	{in: "A='a\\b'\n", want: `A="a\\b"`, by: everyDialect},
	{in: "A=a\\b\n", why: whyEscapes, by: "compose docker node python sh"},
	{in: "A=C:\\dir\\\nB=2\n", why: whyEnds, by: "compose docker node python sh"},
	{in: "A=\"a\\nb\"\n", why: whyEscapes, by: "compose docker node python sh"},
	{in: "A=\"a\\tb\"\n", why: whyEscapes, by: "compose docker python sh"},
	{in: "A=\"a\\\\b\"\n", why: whyEscapes, by: "compose docker node python sh"},
	{in: "A=\"a\\\"b\"\n", why: whyEscapes, by: "compose docker node python sh"},
	{in: "A=\"a\\$b\"\n", why: whyVarQuoted, by: "compose docker python sh"},
	{in: "A=\"a\\db\"\n", why: whyEscapes, by: "compose docker node python sh"},
	{in: "A=\"a\\0b\"\n", why: whyEscapes, by: "docker node python sh"},
	{in: "A='it\\'s'\n", why: whyEscapes, by: "compose docker python ruby"},
	{in: "A='it'\\''s'\n", why: whyAfter, by: "docker sh"},
	{in: "A=\"a\\\\\"\n", why: whyEscapes, by: "compose docker sh"},

	// Values of several lines.
	{in: "A=\"1\n2\"\nB=3\n", want: `A="1\n2" B="3"`, by: quotedSame},
	{in: "A='1\n2'\nB=3\n", want: `A="1\n2" B="3"`, by: quotedSame},
	{in: "A=\"\n# 1\nX=1\n\n\" # c\nB=3\n", want: `A="\n# 1\nX=1\n\n" B="3"`, by: quotedSame},
	{in: "A=\"-----BEGIN KEY-----\nMIIB+/==\n-----END KEY-----\n\"\n", want: `A="-----BEGIN KEY-----\nMIIB+/==\n-----END KEY-----\n"`, by: quotedSame},
	{in: "A=\"-----BEGIN KEY-----\\nMIIB+/==\\n-----END KEY-----\\n\"\n", why: whyEscapes, by: "compose docker node python sh"},
	{in: "A=\"1\r\n2\"\r\nB=3\r\n", want: `B="3"`, why: whyLineEnds, by: "compose node python ruby"},
	{in: "A=`1\n2`\n", why: whyEnds, by: "node"},

	// More than one assignment on a line.
	{in: "A=1; B=2\n", why: whyCommand, by: "compose docker node python ruby"},
	{in: "A=1 B=2\n", why: whyCommand, by: "compose docker node python ruby"},
	{in: "A=1;\n", why: whyCommand, by: "compose docker node python ruby"},
	{in: "A=1; export A\n", why: whyCommand, by: "compose docker node python ruby"},
	{in: "export A=two words\n", why: whyCommand, by: "compose node python ruby"},
	{in: "A=\"1\"2\n", why: whyAfter, by: "docker sh"},
}
