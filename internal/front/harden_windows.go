package front

import "os"

// Harden keeps cmd.exe, and our own lookups of programs, from running what is in the working
// directory: a repository could have a program of that name. Processes that we can't close to
// others inherit it; a command of the user does not.
func Harden() { os.Setenv("NoDefaultCurrentDirectoryInExePath", "1") }

// Become runs the command: Windows can't replace a process. It returns an [Exited] error
// when the command has ended.
func Become(path string, args, env []string) error {
	code, err := Run(Command{Path: path, Args: args, Env: env})
	if err != nil {
		return err
	}
	return &Exited{code}
}

// CloseOnExec does nothing: Windows programs don't inherit handles by number.
func CloseOnExec(int) {}
