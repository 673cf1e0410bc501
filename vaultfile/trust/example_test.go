package trust_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// A program has a file and an identity. It also gets the keys of the file's profiles, as CI
// does in CREDFILE_TRUST.
func ExampleJudge() {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		panic(err)
	}
	alice := []vaultfile.Recipient{{Name: "alice", Writer: true, String: id.Recipient().String()}}
	newFile := func() *vaultfile.File {
		f := vaultfile.New()
		if _, err := f.Add("production", alice, nil); err != nil {
			panic(err)
		}
		b, err := f.Marshal() // signs it
		if err != nil {
			panic(err)
		}
		if f, err = vaultfile.Parse(b); err != nil {
			panic(err)
		}
		return f
	}
	f := newFile()
	section, err := f.Profile("production")
	if err != nil {
		panic(err)
	}
	pins := trust.Pin(f.ID(), section)

	for _, f := range []*vaultfile.File{f, newFile()} {
		known, err := trust.ParsePins(f.ID(), pins)
		if err != nil {
			panic(err)
		}
		err = trust.Judge(known, f).Check("production", trust.Options{})
		var refusal *trust.Refusal
		fmt.Println(errors.As(err, &refusal), err)
	}
	// Output:
	// false <nil>
	// true profile "production": new, and no trusted profile vouches for it
}

// A program gives bob access to every profile and replaces all keys. Another machine, which
// knows only one of the profiles, in its old state, accepts the result.
func Example() {
	path, alice, known, elsewhere := twoProfiles()
	defer os.Remove(path)
	bob, err := age.GenerateX25519Identity()
	check(err)

	give := vaultfile.Access{Add: []vaultfile.Recipient{{Name: "bob", String: bob.Recipient().String()}}}
	check(vaultfile.Update(path, func(f *vaultfile.File) error {
		steps, err := f.PlanAccess(give)
		for _, step := range steps {
			if err == nil {
				step.Profile, err = trust.Judge(known, f).Unlock(step.Name, trust.Options{Write: true}, alice)
			}
		}
		if err != nil {
			return err
		}
		done, err := f.ApplyAccess(steps)
		for _, d := range done {
			err = errors.Join(err, d.Profile.Rotate())
		}
		return err
	}))

	f, err := vaultfile.Open(path)
	check(err)
	for _, name := range f.Names() {
		p, err := trust.Judge(elsewhere, f).Unlock(name, trust.Options{}, bob)
		check(err)
		fmt.Println(p.Name(), p.OpenedBy())
	}
	// Output:
	// default bob
	// staging bob
}

// twoProfiles makes a file for alice. She knows both of its profiles; another machine knows
// only the first.
func twoProfiles() (path string, alice *age.X25519Identity, hers, elsewhere *trust.Known) {
	alice, err := age.GenerateX25519Identity()
	check(err)
	writers := []vaultfile.Recipient{{Name: "alice", Writer: true, String: alice.Recipient().String()}}
	f := vaultfile.New()
	_, err = f.Add("default", writers, nil)
	check(err)
	b, err := f.Marshal() // signs it
	check(err)
	f, err = vaultfile.Parse(b)
	check(err)
	elsewhere = trust.Taken(f)
	first, err := f.Unlock("default", alice)
	check(err)
	_, err = f.Add("staging", writers, first)
	check(err)
	path = filepath.Join(os.TempDir(), fmt.Sprintf("%x.credentials.age", f.ID()))
	check(vaultfile.Create(path, f))
	return path, alice, trust.Taken(f), elsewhere
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
