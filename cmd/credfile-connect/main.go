// Credfile-connect obtains what the sources of a credfile give, where that takes the network. credfile starts
// it, and talks to it as spec/source.md says. It has no memory, no terminal and no words of its own.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	_ "golang.org/x/crypto/x509roots/fallback" // an image without certificates of its own has none

	"github.com/credfile/credfile/internal/connect"
	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/source"
)

// Exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitOther = 3 // another version of credfile
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	front.Harden()
	// What is said of a panic can have a secret in it, so nothing of it is.
	debug.SetTraceback("none")
	defer func() {
		if recover() != nil {
			fmt.Fprintln(stderr, "credfile-connect: internal error")
			code = exitError
		}
	}()
	if len(args) != 1 || args[0] != source.Build() {
		fmt.Fprintf(stderr, "credfile-connect: this is version %s; credfile needs its own\n", source.Build())
		return exitOther
	}
	if err := connect.Run(context.Background(), connect.NewWorld(os.Getenv), stdin, stdout); err != nil {
		fmt.Fprintln(stderr, "credfile-connect:", err)
		return exitError
	}
	return exitOK
}
