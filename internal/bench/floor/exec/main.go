//go:build unix

// Command exec replaces itself with a command: the least that a Go program costs.
package main

import (
	"log"
	"os"
	"syscall"
)

func main() {
	log.Fatal(syscall.Exec(os.Args[1], os.Args[1:], os.Environ()))
}
