package codec

import (
	"strings"
	"testing"
)

// An earlier value must not be imported if some tool sets or unsets the name on a skipped
// line.
func TestDoubt(t *testing.T) {
	for _, c := range []struct{ in, dialects string }{
		{"A: new\n", " compose node ruby"},
		{"A:new\n", " compose"},
		{"export A: new\n", " ruby"},
		{"'A'=new\n", " python"},
		{"\"A\" = new\n", ""},
		{"\uFEFFA=new\n", " node"},
		{"\u00a0A=new\n", " node python"},
		{"\u00a0A: new\n", " node"},
		{"X\rA=new\n", " node python ruby"},
		{"#x\rA=new\n", " node python ruby"},
		{"B=1\rA=new\n", " node python ruby"},
		{"B=1\vA=new\n", ""},
		{"export B=1 A=new\n", " sh"},
		{"B=1; A=new\n", " sh"},
		{"B=$X;A=new\n", " sh"},
		{"declare -x A=new\n", " sh"},
		{"A+=new\n", " sh"},
		{"A[0]=new\n", " sh"},
		{"unset A\n", " sh"},
		{"unset B A\n", " sh"},
		{"A\n", " python ruby"},
		{"export A\n", " python"},
		{"if true; then\nA=new\nfi\n", " sh"},
		{"B=-----BEGIN X-----\nabc\nexport A=new: x\n", " node"},
		{"B=-----BEGIN X-----\n\nA: new\n", " node"},
		{"B=\"open\nA: new\n", " node ruby"},
		{"B=\"1\nA=new\n\" x\n", " node sh"},
		{"B=\"open\n'A'=new\n", " python"},
		{"B=`open\nA=new\n`\n", " sh"},
		{"B=$(cat <<X\nA=new\nX\n)\n", " sh"},
	} {
		for _, dialect := range append([]string{""}, strings.Fields(c.dialects)...) {
			pairs, problems := readDotenv([]byte("A=old\nOK=1\n"+c.in), Options{Dialect: dialect})
			if got := show(pairs); got != `OK="1"` || len(problems) < 2 {
				t.Errorf("%q, %q: %s %v", c.in, dialect, got, problems)
			}
		}
	}
	// A mere use or mention of a name leaves it alone.
	for _, in := range []string{"B=$A/x\n", "B=\"${A}/x\"\n", "B=${A:-x}\n", "B=$(echo $A)\n", "B=$X\n# A=new\n", "[ -n \"$A\" ]\n", "B=$X:A\n"} {
		pairs, problems := readDotenv([]byte("A=old\n"+in), Options{})
		if show(pairs) != `A="old"` || len(problems) != 1 {
			t.Errorf("%q: %s %v", in, show(pairs), problems)
		}
	}
}
