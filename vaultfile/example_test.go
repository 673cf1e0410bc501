package vaultfile_test

import (
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

func Example() {
	dir, err := os.MkdirTemp("", "credfile")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, ".credentials.age")

	id, err := age.GenerateHybridIdentity()
	if err != nil {
		panic(err)
	}
	f := vaultfile.New()
	p, err := f.Add("production", []vaultfile.Recipient{
		{Name: "alice", Writer: true, String: id.Recipient().String()},
	}, nil)
	if err != nil {
		panic(err)
	}
	if _, err := p.Set("STRIPE_API_KEY", []byte("not a real key")); err != nil {
		panic(err)
	}
	if err := vaultfile.Create(path, f); err != nil {
		panic(err)
	}

	known := trust.Taken(f) // or from trust.Memory, or from CREDFILE_TRUST by trust.ParsePins

	f, err = vaultfile.Open(path) // needs no secret
	if err != nil {
		panic(err)
	}
	p, err = trust.Judge(known, f).Unlock("production", trust.Options{}, id)
	if err != nil {
		panic(err)
	}
	secret, err := p.Get("STRIPE_API_KEY")
	if err != nil {
		panic(err)
	}
	fmt.Println(secret)
	fmt.Printf("%s\n", secret.Reveal())
	// Output:
	// [redacted]
	// not a real key
}

func ExampleUpdate() {
	dir, err := os.MkdirTemp("", "credfile")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, ".credentials.age")
	id, err := age.GenerateX25519Identity()
	if err != nil {
		panic(err)
	}
	f := vaultfile.New()
	alice := []vaultfile.Recipient{{Name: "alice", Writer: true, String: id.Recipient().String()}}
	if _, err := f.Add("default", alice, nil); err != nil {
		panic(err)
	}
	if err := vaultfile.Create(path, f); err != nil {
		panic(err)
	}

	err = vaultfile.Update(path, func(f *vaultfile.File) error {
		p, err := f.Unlock("default", id)
		if err != nil {
			return err
		}
		changed, err := p.Set("TOKEN", []byte("t"))
		fmt.Println(changed)
		return err
	})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}
