//go:build unix

package front

// CallingShell returns the kind of shell that runs this program, as far as that is needed: what
// sh reads, most read.
func CallingShell(func(string) string) string { return "sh" }
