package vaultfile

import (
	"fmt"
	"testing"

	"filippo.io/age"
)

// benchFile returns a file with one profile of 100 credentials.
func benchFile(b *testing.B) ([]byte, age.Identity) {
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
