package vaultfile

import (
	"fmt"
	"testing"

	"filippo.io/age"
)

// benchFile returns a file with one profile of 100 credentials.
func benchFile(b testing.TB) ([]byte, age.Identity) {
	b.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		b.Fatal(err)
	}
	f := New()
	p, err := f.Add("default", []Recipient{{Name: "me", Writer: true, String: id.Recipient().String()}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 100 {
		if _, err := p.Set(fmt.Sprintf("NAME_%d", i), []byte("a value of forty characters, or nearly so")); err != nil {
			b.Fatal(err)
		}
	}
	file, err := f.Marshal()
	if err != nil {
		b.Fatal(err)
	}
	return file, id
}

func BenchmarkParse(b *testing.B) {
	file, _ := benchFile(b)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := Parse(file); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	file, _ := benchFile(b)
	for b.Loop() {
		f, err := Parse(file)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := f.Profile("default"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnlock(b *testing.B) {
	file, id := benchFile(b)
	for b.Loop() {
		f, err := Parse(file)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := f.Unlock("default", id); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	file, id := benchFile(b)
	f, err := Parse(file)
	if err != nil {
		b.Fatal(err)
	}
	p, err := f.Unlock("default", id)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.Get("NAME_50"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkItems(b *testing.B) {
	file, id := benchFile(b)
	f, err := Parse(file)
	if err != nil {
		b.Fatal(err)
	}
	p, err := f.Unlock("default", id)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.Items(); err != nil {
			b.Fatal(err)
		}
	}
}

// crowd returns a file with 200 profiles of 11 people, the first of whom can write them.
func crowd(b *testing.B) ([]byte, age.Identity) {
	b.Helper()
	me, err := age.GenerateHybridIdentity()
	if err != nil {
		b.Fatal(err)
	}
	people := []Recipient{{Name: "me", Writer: true, String: me.Recipient().String()}}
	for i := range 10 {
		people = append(people, Recipient{Name: fmt.Sprintf("person%d", i), String: newcomer(b).String})
	}
	f := New()
	var first *Profile
	for i := range 200 {
		p, err := f.Add(fmt.Sprintf("profile%d", i), people, first)
		if err != nil {
			b.Fatal(err)
		}
		if first == nil {
			first = p
		}
	}
	file, err := f.Marshal()
	if err != nil {
		b.Fatal(err)
	}
	return file, me
}

func newcomer(b *testing.B) Recipient {
	b.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		b.Fatal(err)
	}
	return Recipient{Name: "newcomer", String: id.Recipient().String()}
}

// BenchmarkAddRecipient adds someone to every profile of a large file.
func BenchmarkAddRecipient(b *testing.B) {
	file, id := crowd(b)
	r := newcomer(b)
	for b.Loop() {
		f, err := Parse(file)
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range f.Names() {
			p, err := f.Unlock(name, id)
			if err == nil {
				err = p.AddRecipient(r)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		if _, err := f.Marshal(); err != nil {
			b.Fatal(err)
		}
	}
}
