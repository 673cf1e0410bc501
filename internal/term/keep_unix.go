//go:build unix

package term

import "golang.org/x/sys/unix"

// Keep remembers the terminal's settings and returns a function that restores them: a
// program that was ended may have left another mode. With clear, restore also leaves the
// alternate screen and other modes of full-screen programs.
func Keep() (restore func(clear bool)) {
	t, err := Open()
	if err != nil {
		return func(bool) {}
	}
	saved, err := unix.IoctlGetTermios(t.fd, ioctlGet)
	if err != nil {
		t.Close()
		return func(bool) {}
	}
	return func(clear bool) {
		defer t.Close()
		if !foreground(t.fd) {
			return
		}
		if clear && marksPastes() {
			// xterm's Control Sequences: DECSET 1049, 25, 1000, 2004.
			unix.Write(t.fd, []byte("\x1b[?1049l\x1b[?25h\x1b[?1000l"+unmarkPastes))
		}
		unix.IoctlSetTermios(t.fd, ioctlSet, saved)
	}
}
