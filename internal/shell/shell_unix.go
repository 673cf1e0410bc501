//go:build unix

package shell

import "os/exec"

// Command returns a command that runs a line with more arguments, which are text.
func Command(line string, args ...string) *exec.Cmd {
	if len(args) > 0 {
		line += ` "$@"`
	}
	return exec.Command("sh", append([]string{"-c", line, "sh"}, args...)...)
}
