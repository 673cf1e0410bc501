package trust_test

import (
	"errors"
	"fmt"

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
