//go:build !linux

package term

import "os"

// Name returns the path of the controlling terminal for other programs: here the
// user has to say it.
func Name() string { return os.Getenv("GPG_TTY") }
