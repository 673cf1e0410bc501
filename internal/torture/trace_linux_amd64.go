package torture

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// names are the calls that count. Those of the arguments that are paths say which: p is a
// path, f a file descriptor, and d a directory that the next path is relative to.
var names = map[uint64]struct{ name, args string }{
	unix.SYS_OPEN: {"open", "p"}, unix.SYS_OPENAT: {"openat", "dp"}, unix.SYS_CLOSE: {"close", "f"},
	unix.SYS_READ: {"read", "f"}, unix.SYS_PREAD64: {"pread64", "f"}, unix.SYS_GETDENTS64: {"getdents64", "f"},
	unix.SYS_WRITE: {"write", "f"}, unix.SYS_PWRITE64: {"pwrite64", "f"}, unix.SYS_WRITEV: {"writev", "f"},
	unix.SYS_STAT: {"stat", "p"}, unix.SYS_LSTAT: {"lstat", "p"}, unix.SYS_FSTAT: {"fstat", "f"}, unix.SYS_NEWFSTATAT: {"newfstatat", "dp"}, unix.SYS_STATX: {"statx", "dp"},
	unix.SYS_STATFS: {"statfs", "p"}, unix.SYS_FSTATFS: {"fstatfs", "f"}, unix.SYS_ACCESS: {"access", "p"}, unix.SYS_FACCESSAT: {"faccessat", "dp"}, unix.SYS_FACCESSAT2: {"faccessat2", "dp"},
	unix.SYS_READLINK: {"readlink", "p"}, unix.SYS_READLINKAT: {"readlinkat", "dp"},
	unix.SYS_FLOCK: {"flock", "f"}, unix.SYS_FSYNC: {"fsync", "f"}, unix.SYS_FDATASYNC: {"fdatasync", "f"}, unix.SYS_FTRUNCATE: {"ftruncate", "f"}, unix.SYS_LSEEK: {"lseek", "f"},
	unix.SYS_CHMOD: {"chmod", "p"}, unix.SYS_FCHMOD: {"fchmod", "f"}, unix.SYS_FCHMODAT: {"fchmodat", "dp"},
	unix.SYS_CHOWN: {"chown", "p"}, unix.SYS_FCHOWN: {"fchown", "f"}, unix.SYS_FCHOWNAT: {"fchownat", "dp"}, unix.SYS_UTIMENSAT: {"utimensat", "dp"},
	unix.SYS_RENAME: {"rename", "pp"}, unix.SYS_RENAMEAT: {"renameat", "dpdp"}, unix.SYS_RENAMEAT2: {"renameat2", "dpdp"},
	unix.SYS_LINK: {"link", "pp"}, unix.SYS_LINKAT: {"linkat", "dpdp"}, unix.SYS_SYMLINK: {"symlink", "-p"}, unix.SYS_SYMLINKAT: {"symlinkat", "-dp"},
	unix.SYS_UNLINK: {"unlink", "p"}, unix.SYS_UNLINKAT: {"unlinkat", "dp"}, unix.SYS_MKDIR: {"mkdir", "p"}, unix.SYS_MKDIRAT: {"mkdirat", "dp"},
	unix.SYS_GETCWD: {"getcwd", ""}, unix.SYS_CHDIR: {"chdir", "p"}, unix.SYS_FCHDIR: {"fchdir", "f"}, unix.SYS_COPY_FILE_RANGE: {"copy_file_range", "f"},
}

// syscallInfo is the beginning of struct ptrace_syscall_info.
type syscallInfo struct {
	op      uint8
	_       [3]uint8
	_       uint32
	_, _    uint64
	entry   [7]uint64 // at entry: the number and the arguments; at exit: the result
	_, _, _ uint64
}

const (
	ptraceGetSyscallInfo = 0x420e
	infoEntry            = 1
	infoExit             = 2
	syscallStop          = syscall.SIGTRAP | 0x80
)

// Run runs the command to its end. Before each file system call, it calls fault with the number
// of the call, which counts from 0.
func Run(cmd *exec.Cmd, fault func(n int, c *Call) Fault) (calls []*Call, status syscall.WaitStatus, err error) {
	runtime.LockOSThread() // what attaches a process must ask for it
	defer runtime.UnlockOSThread()
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Ptrace = true
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	t := &tracer{pid: cmd.Process.Pid, fault: fault, open: map[int]*Call{}, change: map[int]Fault{}}
	status, err = t.follow()
	if err != nil {
		cmd.Process.Kill()
	}
	// follow has waited for the process, so this only waits for its output.
	if waited := cmd.Wait(); err == nil && waited != nil && !errors.Is(waited, syscall.ECHILD) {
		var exit *exec.ExitError
		if !errors.As(waited, &exit) {
			err = waited
		}
	}
	return t.calls, status, err
}

type tracer struct {
	pid    int
	fault  func(int, *Call) Fault
	calls  []*Call
	open   map[int]*Call // by thread: the call that has begun
	change map[int]Fault
}

// follow lets the threads run from stop to stop, until the process has ended.
func (t *tracer) follow() (syscall.WaitStatus, error) {
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(t.pid, &ws, syscall.WALL, nil); err != nil {
		return ws, err
	}
	const options = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_EXITKILL
	if err := syscall.PtraceSetOptions(t.pid, options); err != nil {
		return ws, err
	}
	if err := syscall.PtraceSyscall(t.pid, 0); err != nil {
		return ws, err
	}
	for {
		tid, err := t.wait()
		if err == nil {
			_, err = syscall.Wait4(tid, &ws, syscall.WALL, nil)
		}
		if err == syscall.EINTR {
			continue
		} else if err != nil {
			return ws, err
		}
		if ws.Exited() || ws.Signaled() {
			if tid == t.pid {
				return ws, nil
			}
			continue
		}
		deliver := 0
		switch signal := ws.StopSignal(); {
		case signal == syscallStop:
			err = t.stop(tid)
		case signal == syscall.SIGTRAP || signal == syscall.SIGSTOP: // a thread began
		default:
			deliver = int(signal)
		}
		if err == nil {
			err = syscall.PtraceSyscall(tid, deliver)
		}
		if err != nil && err != syscall.ESRCH { // it was killed meanwhile
			return ws, err
		}
	}
}

// wait waits for a thread of the process. This thread may have other children, which another
// goroutine started and waits for.
func (t *tracer) wait() (tid int, err error) {
	for {
		var info unix.Siginfo
		if err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT|unix.WALL|unix.WNOTHREAD, nil); err != nil {
			return 0, err
		}
		tid := int(*(*int32)(unsafe.Add(unsafe.Pointer(&info), 16))) // si_pid
		if _, err := os.Stat(fmt.Sprintf("/proc/%d/task/%d", t.pid, tid)); err == nil {
			return tid, nil
		}
		time.Sleep(time.Millisecond)
	}
}

// stop looks at a call that begins or has ended.
func (t *tracer) stop(tid int) error {
	var info syscallInfo
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PTRACE, ptraceGetSyscallInfo, uintptr(tid), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0); errno != 0 {
		return errno
	}
	if info.op == infoExit {
		return t.end(tid, int64(info.entry[0]))
	}
	known, ok := names[info.entry[0]]
	if info.op != infoEntry || !ok {
		return nil
	}
	c := &Call{Name: known.name, Args: [6]uint64(info.entry[1:])}
	t.paths(c, tid, known.args)
	if strings.HasPrefix(c.Path, "anon_inode:") || strings.HasPrefix(c.Path, "/proc/self/task") {
		return nil // of Go's scheduler
	}
	if c.Name == "write" || c.Name == "pwrite64" {
		c.Data = t.memory(tid, c.Args[1], c.Args[2])
	}
	f := t.fault(len(t.calls), c)
	t.calls = append(t.calls, c)
	t.open[tid] = c
	if f.Kill {
		c.Result = -1
		return syscall.Kill(t.pid, syscall.SIGKILL)
	}
	if f == (Fault{}) {
		return nil
	}
	t.change[tid] = f
	if c.Name == "close" { // Linux closes the file, even if it returns an error
		return nil
	}
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &regs); err != nil {
		return err
	}
	if f.Short {
		regs.Rdx /= 2
	} else {
		regs.Orig_rax = ^uint64(0) // no call has this number
	}
	return syscall.PtraceSetRegs(tid, &regs)
}

// end notes the result of a call, or changes it into the error.
func (t *tracer) end(tid int, result int64) error {
	c, f := t.open[tid], t.change[tid]
	delete(t.open, tid)
	delete(t.change, tid)
	if c == nil {
		return nil
	}
	c.Result = result
	if f.Errno == 0 {
		return nil
	}
	c.Result = -int64(f.Errno)
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &regs); err != nil {
		return err
	}
	regs.Rax = uint64(c.Result)
	return syscall.PtraceSetRegs(tid, &regs)
}

// paths finds the files of a call.
func (t *tracer) paths(c *Call, tid int, args string) {
	base := ""
	var found []string
	for i, kind := range args {
		switch kind {
		case 'f':
			found = append(found, t.link(tid, fmt.Sprintf("fd/%d", int32(c.Args[i]))))
		case 'd':
			base = t.link(tid, "cwd")
			if fd := int32(c.Args[i]); fd != unix.AT_FDCWD {
				base = t.link(tid, fmt.Sprintf("fd/%d", fd))
			}
		case 'p':
			if base == "" {
				base = t.link(tid, "cwd")
			}
			path := t.text(tid, c.Args[i])
			if !strings.HasPrefix(path, "/") {
				path = strings.TrimSuffix(base+"/"+path, "/")
			}
			found, base = append(found, path), ""
		}
	}
	if len(found) > 0 {
		c.Path = found[0]
	}
	if len(found) > 1 {
		c.To = found[1]
	}
}

func (t *tracer) link(tid int, what string) string {
	to, err := os.Readlink(fmt.Sprintf("/proc/%d/%s", tid, what))
	if err != nil {
		return ""
	}
	return to
}

// text reads a string of the process.
func (t *tracer) text(tid int, at uint64) string {
	for size := uint64(256); ; size *= 2 {
		if text, _, ended := bytes.Cut(t.memory(tid, at, size), []byte{0}); ended || size > 4096 {
			return string(text)
		}
	}
}

// memory reads from the process, as much as there is.
func (t *tracer) memory(tid int, at, size uint64) []byte {
	f, err := os.Open(fmt.Sprintf("/proc/%d/mem", tid))
	if err != nil {
		return nil
	}
	defer f.Close()
	data := make([]byte, size)
	n, _ := f.ReadAt(data, int64(at))
	return data[:n]
}
