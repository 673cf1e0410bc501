// Reader reads a credfile as a program with the library does: it verifies it, and opens everything
// in it. What the commands do with a large file is compared with that.
package main

import (
	"bytes"
	"log"
	"os"

	"filippo.io/age"

	"github.com/credfile/credfile/vaultfile"
)

func main() {
	keys, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	identities, err := age.ParseIdentities(bytes.NewReader(keys))
	if err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	f, err := vaultfile.Parse(text)
	if err != nil {
		log.Fatal(err)
	}
	if err := f.Verify(); err != nil {
		log.Fatal(err)
	}
	for _, name := range f.Names() {
		p, err := f.Unlock(name, identities...)
		if err == nil {
			_, err = p.Items()
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}
