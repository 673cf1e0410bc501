// Credfile keeps credentials in one encrypted file that is safe to commit, and
// runs commands with them.
package main

import (
	"os"
	"runtime/debug"
	"time"

	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/term"
)

func main() {
	// Most runs end before there is garbage worth collecting. The heap may grow to five times
	// what is in use, which also bounds it for the largest file.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	w := world{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(), getwd: os.Getwd, now: time.Now}
	front.Harden()
	w.getenv = front.TakeSecrets(w.environ)
	code := run(os.Args[1:], w)
	term.Drain()
	os.Exit(code)
}
