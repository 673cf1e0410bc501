package shell

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

// Command returns a command that runs a line with more arguments, which are text if there is
// neither a quote nor a percent sign in them.
func Command(line string, args ...string) *exec.Cmd {
	line = withPath(line, exec.LookPath)
	if len(args) > 0 {
		line += ` "` + strings.Join(args, `" "`) + `"`
	}
	return withLine(line)
}

// BatchFile returns a command that runs a batch file.
func BatchFile(path string, args []string) (*exec.Cmd, error) {
	line, err := batchLine(path, args)
	if err != nil {
		return nil, err
	}
	return withLine(line), nil
}

// withLine gives cmd.exe a line as it is. It is the system's own: COMSPEC can name another
// program, and /d ignores the commands that the registry names.
func withLine(line string) *exec.Cmd {
	dir, err := windows.GetSystemDirectory()
	cmd := exec.Command(filepath.Join(dir, "cmd.exe"))
	if err != nil {
		cmd.Err = err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd.exe /d /e:on /v:off /s /c "` + line + `"`}
	return cmd
}
