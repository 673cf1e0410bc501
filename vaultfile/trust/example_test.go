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

// A program gives a colleague access to every profile and replaces all keys. Another machine,
// which has seen only one of the profiles, accepts the result.
func ExampleJudgement_Unlock() {
	dir, err := os.MkdirTemp("", "credfile")
	check(err)
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, ".credentials.age")
	alice, err := age.GenerateX25519Identity()
	check(err)
	bob, err := age.GenerateX25519Identity()
	check(err)
	writers := []vaultfile.Recipient{{Name: "alice", Writer: true, String: alice.Recipient().String()}}
	f := vaultfile.New()
	first, err := f.Add("default", writers, nil)
	check(err)
	check(vaultfile.Create(path, f))
	elsewhere := trust.Taken(f) // the other machine has seen the file as it is now
	_, err = f.Add("staging", writers, first)
	check(err)
	check(os.Remove(path))
	check(vaultfile.Create(path, f))

	known := trust.Taken(f)
	check(vaultfile.Update(path, func(f *vaultfile.File) error {
		j := trust.Judge(known, f)
		for _, name := range f.Names() {
			p, err := j.Unlock(name, trust.Options{Write: true}, alice)
			if err != nil {
				return err
			}
			if err := p.AddRecipient(vaultfile.Recipient{Name: "bob", String: bob.Recipient().String()}); err != nil {
				return err
			}
			if err := p.Rotate(); err != nil {
				return err
			}
		}
		return nil
	}))

	f, err = vaultfile.Open(path)
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

func check(err error) {
	if err != nil {
		panic(err)
	}
}
