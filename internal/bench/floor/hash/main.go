//go:build unix

// Command hash reads a file and hashes it with SHA-256, and with SHA-512 as Ed25519 does: what
// the bytes of a file cost, whatever is in them.
package main

import (
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"log"
	"os"
)

func main() {
	file, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%x %x\n", sha256.Sum256(file), sha512.Sum512(file))
}
