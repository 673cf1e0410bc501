package trust_test

import (
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// A program uses the nearest credfile as the command does: it finds it from a subdirectory,
// and refuses another one that appears in its place.
func ExampleLocator() {
	project, err := os.MkdirTemp("", "credfile")
	check(err)
	defer os.RemoveAll(project)
	web := filepath.Join(project, "web")
	check(os.MkdirAll(filepath.Join(project, ".git"), 0o755)) // the search ends at a repository's root
	check(os.Mkdir(web, 0o755))
	id, err := age.GenerateX25519Identity()
	check(err)
	create := func() {
		f := vaultfile.New()
		_, err = f.Add("default", []vaultfile.Recipient{{Name: "alice", Writer: true, String: id.Recipient().String()}}, nil)
		check(err)
		check(vaultfile.Create(filepath.Join(project, ".credentials.age"), f))
	}

	memory := trust.Memory{Dir: filepath.Join(project, "memory")} // or trust.UserMemory, shared with the command
	use := func() error {
		l := &trust.Locator{Name: ".credentials.age", Dir: web}
		path, err := l.Find()
		if err != nil {
			return err
		}
		f, err := vaultfile.Open(path)
		if err != nil {
			return err
		}
		sight, err := memory.Load(f.ID(), l.Place(path))
		if err != nil {
			return err
		}
		if _, err := trust.Judge(sight.Known, f).Unlock("default", trust.Options{}, id); err != nil {
			return err
		}
		return sight.Learn(f)
	}
	l := &trust.Locator{Name: ".credentials.age", Dir: web}
	_, err = l.Find()
	fmt.Println(err != nil)
	create()
	fmt.Println(use(), use())
	check(os.Remove(filepath.Join(project, ".credentials.age")))
	create() // by whom?
	fmt.Println(use())
	// Output:
	// true
	// <nil> <nil>
	// profile "default": not the file that used to be at this path
}
