//go:build unix

// Command open decrypts an age file with an identity file, checks that it held 32 bytes, and
// replaces itself with a command: the least that opening one profile costs.
package main

import (
	"io"
	"log"
	"os"
	"syscall"

	"filippo.io/age"
)

func main() {
	identityFile, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	identities, err := age.ParseIdentities(identityFile)
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.Open(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	r, err := age.Decrypt(file, identities...)
	if err != nil {
		log.Fatal(err)
	}
	key, err := io.ReadAll(r)
	if err != nil || len(key) != 32 {
		log.Fatal(len(key), " bytes: ", err)
	}
	log.Fatal(syscall.Exec(os.Args[3], os.Args[3:], os.Environ()))
}
