package resolve_test

import (
	"errors"
	"fmt"
	"iter"
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
	return resolve.Profile{Name: name, Open: func() (int, iter.Seq2[vaultfile.Item, error], error) { return len(credentials), items, nil }}
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
