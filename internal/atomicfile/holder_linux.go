package atomicfile

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// holder names the process that keeps a file locked, as far as proc_locks(5) shows it.
func holder(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return ErrHeld
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ErrHeld
	}
	locks, _ := os.ReadFile("/proc/locks")
	for line := range strings.Lines(string(locks)) {
		// 1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF; if it waits, "1: -> FLOCK …"
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[1] != "FLOCK" || !strings.HasSuffix(fields[5], fmt.Sprintf(":%d", st.Ino)) {
			continue
		}
		pid, err := strconv.Atoi(fields[4])
		if err != nil || pid <= 0 || pid == os.Getpid() {
			continue
		}
		if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil {
			return &HeldError{pid, strings.TrimSpace(string(name))}
		}
	}
	return ErrHeld
}
