package resolve_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/resolve"
	"github.com/credfile/credfile/vaultfile"
)

// profile returns a profile with credentials, each NAME=VALUE.
func profile(name string, credentials ...string) resolve.Profile {
	items := func(yield func(vaultfile.Item, error) bool) {
		for _, c := range credentials {
			name, value, _ := strings.Cut(c, "=")
			if !yield(vaultfile.Item{Name: name, Value: vaultfile.NewSecret([]byte(value))}, nil) {
				return
			}
		}
		yield(vaultfile.Item{Value: vaultfile.NewSecret([]byte("a comment"))}, nil)
	}
	return resolve.Profile{Name: name, Open: func() (resolve.Opened, error) { return resolve.Opened{Most: len(credentials), Items: items}, nil }}
}

// sourced returns a profile whose source AWS gave variables, each NAME=VALUE, and uses the credential KEY.
func sourced(name string, given []string, credentials ...string) resolve.Profile {
	p := profile(name, credentials...)
	o, _ := p.Open()
	o.Given, o.Consumed = map[string]map[string]string{"AWS": {}}, map[string]string{"KEY": "AWS"}
	for _, g := range given {
		variable, value, _ := strings.Cut(g, "=")
		o.Given["AWS"][variable] = value
	}
	rest := o.Items
	o.Items = func(yield func(vaultfile.Item, error) bool) {
		if yield(vaultfile.Item{Name: "AWS", Kind: "aws"}, nil) {
			rest(yield)
		}
	}
	p.Open = func() (resolve.Opened, error) { return o, nil }
	return p
}

// What a source gives takes the place of its record, belongs together, and what it uses is not passed on.
func TestSources(t *testing.T) {
	for _, c := range []struct {
		what     string
		profiles []resolve.Profile
		o        resolve.Options
		want     string
	}{
		{"beside others", []resolve.Profile{sourced("p", []string{"ID=1", "TOKEN=2"}, "A=3", "KEY=4")}, resolve.Options{}, "ID=1:p TOKEN=2:p A=3:p"},
		{"what it uses, by name", []resolve.Profile{sourced("p", nil, "KEY=4")}, resolve.Options{Only: []string{"KEY"}}, "KEY is used by the source AWS, and never passed on"},
		{"what it uses, as a file", []resolve.Profile{sourced("p", nil, "KEY=4")}, resolve.Options{Files: []string{"KEY"}}, "KEY is used by the source AWS, and never passed on"},
		{"by name", []resolve.Profile{sourced("p", []string{"ID=1"}, "A=3")}, resolve.Options{Only: []string{"AWS"}}, "ID=1:p"},
		{"a variable that a credential gives, too", []resolve.Profile{sourced("p", []string{"ID=1"}, "ID=3")}, resolve.Options{}, "AWS and ID of profile p both give ID"},
		{"a later credential", []resolve.Profile{sourced("p", []string{"ID=1", "TOKEN=2"}), profile("q", "ID=3")}, resolve.Options{}, "ID=3:q"},
		{"a later source", []resolve.Profile{sourced("p", []string{"ID=1", "TOKEN=2"}), sourced("q", []string{"ID=3"}, "B=5")}, resolve.Options{}, "ID=3:q B=5:q"},
		{"an earlier credential", []resolve.Profile{profile("p", "ID=1", "A=2"), sourced("q", []string{"ID=3", "TOKEN=4"})}, resolve.Options{}, "ID=3:q A=2:p TOKEN=4:q"},
		{"a name that no variable can have", []resolve.Profile{sourced("p", []string{"a@b=1"})}, resolve.Options{}, "skipped AWS"},
	} {
		if got := outcome(resolve.Resolve(c.profiles, c.o)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}

// Each case names profiles, options and what comes of them.
func TestResolve(t *testing.T) {
	two := []resolve.Profile{profile("base", "A=1", "B=2", "a@b=login"), profile("prod", "B=3", "C=4")}
	for _, c := range []struct {
		what string
		o    resolve.Options
		want string
	}{
		{"later profiles win, at the place of the earlier", resolve.Options{}, "A=1:base B=3:prod C=4:prod skipped a@b"},
		{"only", resolve.Options{Only: []string{"B"}}, "B=3:prod"},
		{"except", resolve.Options{Except: []string{"B"}}, "A=1:base C=4:prod skipped a@b"},
		{"a prefix", resolve.Options{Prefix: "APP_", Only: []string{"A"}}, "APP_A=1:base"},
		{"a file and the standard input besides", resolve.Options{Only: []string{"A"}, Files: []string{"C"}, Stdin: "a@b"}, "A=1:base a@b=login:base<input> C=4:prod<file>"},
		{"what an option names but no profile has", resolve.Options{Except: []string{"X"}}, "no such credential: X (1)"},
		{"what only names but can't be a variable", resolve.Options{Only: []string{"a@b"}}, "unfit 0 a@b"},
	} {
		if got := outcome(resolve.Resolve(two, c.o)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
	for value, want := range map[string]string{"x\x00y": "unfit 1 A", strings.Repeat("x", front.MaxVariable): "unfit 2 A", "() { :; }": "unfit 3 A"} {
		if got := outcome(resolve.Resolve([]resolve.Profile{profile("p", "A="+value)}, resolve.Options{})); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := outcome(resolve.Resolve([]resolve.Profile{profile("p", "A="+value)}, resolve.Options{Files: []string{"A"}})); strings.HasPrefix(got, "unfit") {
			t.Errorf("in a file: %.20s", got)
		}
	}
}

func outcome(r resolve.Result, err error) string {
	var missing *resolve.NotFoundError
	var unfit *resolve.UnfitError
	switch {
	case errors.As(err, &missing):
		return fmt.Sprintf("%v (%d)", missing, missing.Option)
	case errors.As(err, &unfit):
		return fmt.Sprintf("unfit %d %s", unfit.Why, unfit.Name)
	case err != nil:
		return err.Error()
	}
	var parts []string
	for _, v := range r.Variables {
		parts = append(parts, v.Name+"="+v.Value+":"+v.Profile+[]string{"", "<file>", "<input>"}[v.Use])
	}
	if len(r.Skipped) > 0 {
		parts = append(parts, "skipped "+strings.Join(r.Skipped, ", "))
	}
	return strings.Join(parts, " ")
}

func TestRunsCode(t *testing.T) {
	for _, c := range []struct {
		name, value string
		use         front.Use
		want        bool
	}{
		{"LD_PRELOAD", "x", front.Environment, true}, {"LD_PRELOAD", "x", front.Input, false}, {"TOKEN", "x", front.Environment, false},
		{"ENV", "production", front.Environment, false}, {"ENV", "/etc/profile", front.Environment, true},
		{"UID", "1000", front.Environment, false}, {"RANDOM", "a[$(id)]", front.Environment, true}, {"LINES", "", front.Environment, false},
	} {
		v := resolve.Variable{Variable: front.Variable{Name: c.name, Value: c.value, Use: c.use}}
		if v.RunsCode() != c.want {
			t.Errorf("%s=%s (%d): %v", c.name, c.value, c.use, !c.want)
		}
	}
}
