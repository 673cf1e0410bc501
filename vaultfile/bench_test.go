package vaultfile

import (
	"fmt"
	"runtime"
	"testing"

	"filippo.io/age"

	"github.com/credfile/credfile/internal/racetest"
)

// benchFile returns a file with one profile of n credentials.
func benchFile(b testing.TB, n int) ([]byte, age.Identity) {
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
	for i := range n {
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

// Reading a file allocates about twice its size: one copy, and a record for each credential.
// Verifying takes one more copy, and a value is decoded when somebody asks for it.
func TestAllocatedBytes(t *testing.T) {
	racetest.Skip(t) // it counts the detector's bytes, too
	file, id := benchFile(t, 1000)
	var f *File
	var p *Profile
	steps := []struct {
		name  string
		limit uint64 // bytes
		run   func() error
	}{
		{"parse", 350_000, func() (err error) { f, err = Parse(file); return err }},
		{"verify", 200_000, func() (err error) { _, err = f.Profile("default"); return err }},
		{"unlock", 220_000, func() (err error) { p, err = f.Unlock("default", id); return err }},
		{"get", 60_000, func() error { _, err := p.Get("NAME_500"); return err }},
		{"items", 420_000, func() error { _, err := p.Items(); return err }},
	}
	for _, s := range steps {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := s.run(); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > s.limit {
			t.Errorf("%s allocates %d bytes, more than %d", s.name, n, s.limit)
		}
	}
}

// sizes runs a benchmark with a file of one profile with 10, 100 and 1,000 credentials.
func sizes(b *testing.B, run func(b *testing.B, file []byte, id age.Identity)) {
	for _, n := range []int{10, 100, 1000} {
		file, id := benchFile(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			run(b, file, id)
		})
	}
}

// opened returns the profile of a file, unlocked.
func opened(b *testing.B, file []byte, id age.Identity) *Profile {
	b.Helper()
	f, err := Parse(file)
	if err != nil {
		b.Fatal(err)
	}
	p, err := f.Unlock("default", id)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func BenchmarkParse(b *testing.B) {
	sizes(b, func(b *testing.B, file []byte, _ age.Identity) {
		b.SetBytes(int64(len(file)))
		for b.Loop() {
			if _, err := Parse(file); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkVerify parses and verifies, as everything below does the first time.
func BenchmarkVerify(b *testing.B) {
	sizes(b, func(b *testing.B, file []byte, _ age.Identity) {
		for b.Loop() {
			f, err := Parse(file)
			if err == nil {
				_, err = f.Profile("default")
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkUnlock(b *testing.B) {
	sizes(b, func(b *testing.B, file []byte, id age.Identity) {
		for b.Loop() {
			opened(b, file, id)
		}
	})
}

func BenchmarkGet(b *testing.B) {
	sizes(b, func(b *testing.B, file []byte, id age.Identity) {
		p := opened(b, file, id)
		for b.Loop() {
			if _, err := p.Get("NAME_5"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkItems(b *testing.B) {
	sizes(b, func(b *testing.B, file []byte, id age.Identity) {
		p := opened(b, file, id)
		for b.Loop() {
			if _, err := p.Items(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSet(b *testing.B) {
	sizes(b, func(b *testing.B, file []byte, id age.Identity) {
		p := opened(b, file, id)
		for i := 0; b.Loop(); i++ {
			if _, err := p.Set("NAME_5", fmt.Append(nil, "value ", i)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSave sets a value, signs the file and reads it back, as a writer does.
func BenchmarkSave(b *testing.B) {
	sizes(b, func(b *testing.B, file []byte, id age.Identity) {
		p := opened(b, file, id)
		for i := 0; b.Loop(); i++ {
			_, err := p.Set("NAME_5", fmt.Append(nil, "value ", i))
			if err == nil {
				_, err = p.f.Marshal()
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRotate(b *testing.B) {
	sizes(b, func(b *testing.B, file []byte, id age.Identity) {
		p := opened(b, file, id)
		for b.Loop() {
			if err := p.Rotate(); err != nil {
				b.Fatal(err)
			}
		}
	})
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
