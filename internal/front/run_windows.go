package front

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/credfile/credfile/internal/shell"
)

// Command is a command to run, and what to hide in its output.
type Command struct {
	Path      string
	Args, Env []string
	Stdin     *os.File // nil for our own
	Mask      []string // values; nil passes the output on unchanged
}

// Run runs a command and returns its exit code. Errors: as elsewhere; [*shell.ArgError].
func Run(c Command) (code int, err error) {
	cmd := &exec.Cmd{Path: c.Path, Args: c.Args}
	if shell.IsBatch(c.Path) {
		if cmd, err = shell.BatchFile(c.Path, c.Args[1:]); err != nil {
			return 0, err
		}
	}
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Env, os.Stdin, os.Stdout, os.Stderr
	if c.Stdin != nil {
		cmd.Stdin = c.Stdin
	}
	o := &output{}
	if c.Mask != nil {
		if err := o.open(cmd, c.Mask); err != nil {
			return 0, err
		}
	}
	// The console sends Ctrl-C and its closing to every process in it. We exit when the command
	// has. The system would end a process that ignores them.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	if err := cmd.Start(); err != nil {
		o.abandon()
		return 0, err
	}
	endsWithUs(cmd.Process)
	o.begin()
	cmd.Wait()
	o.finish()
	code = cmd.ProcessState.ExitCode()
	if err := o.failed(); err != nil && code == 0 {
		return 0, &OutputError{err}
	}
	return code, nil
}

// endsWithUs has the system end a command with this process, but not what the command left in
// the background. If that can't be had, the command runs on.
func endsWithUs(p *os.Process) {
	job, err := windows.CreateJobObject(nil, nil) // the handle is open as long as this process
	if err != nil {
		return
	}
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK
	windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	p.WithHandle(func(handle uintptr) { windows.AssignProcessToJobObject(job, windows.Handle(handle)) })
}

// SecretFile returns a pipe that a value comes from: no disk holds it.
func SecretFile(_ func(string) string, value []byte) (f *os.File, onDisk bool, err error) {
	f, w, err := os.Pipe()
	if err != nil {
		return nil, false, err
	}
	go func() {
		w.Write(value)
		w.Close()
	}()
	return f, false, nil
}

// Stdin makes a file the standard input for the command that [Become] runs.
func Stdin(f *os.File) error {
	os.Stdin = f
	return nil
}
