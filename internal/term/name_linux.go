package term

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// Name returns the path of the controlling terminal for other programs, which can't open
// /dev/tty instead. It returns "" if there is none or its path is unknown.
func Name() string {
	b, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return ""
	}
	// proc(5): the program's name, in parentheses, may contain anything.
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) < 5 {
		return ""
	}
	device, err := strconv.Atoi(string(fields[4]))
	major, minor := device>>8&0xfff, device&0xff|device>>12&0xfff00
	const pts, last = 136, 143 // Documentation/admin-guide/devices.txt
	if err != nil || major < pts || major > last {
		return ""
	}
	return fmt.Sprintf("/dev/pts/%d", (major-pts)<<20|minor)
}
