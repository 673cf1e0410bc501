//go:build !linux

package term

import "os"

// Name returns the path of the controlling terminal for other programs. Here only the user
// can tell.
func Name() string { return os.Getenv("GPG_TTY") }
