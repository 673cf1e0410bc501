package clip

import (
	"bytes"
	"os/exec"
	"runtime"
	"syscall"
	"time"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/sys/windows"
)

var clipboards = []clipboard{{}}

// detach lets a process survive the closing of the console.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS}
}

// call calls a function of a DLL. What its arguments point to stays where it is until the call is over.
//
//go:uintptrescapes
func call(dll, name string, args ...uintptr) (uintptr, error) {
	r, _, err := windows.NewLazySystemDLL(dll).NewProc(name).Call(args...)
	if r != 0 {
		err = nil
	}
	return r, err
}

// opened opens the clipboard, which one program at a time can.
func opened(do func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var err error
	for range 20 {
		if _, err = call("user32.dll", "OpenClipboard", 0); err == nil {
			defer call("user32.dll", "CloseClipboard")
			return do()
		}
		time.Sleep(25 * time.Millisecond)
	}
	return err
}

const unicodeText = 13 // CF_UNICODETEXT

// setNative replaces what is in the clipboard, and keeps it out of Windows' history and its cloud
// (Microsoft's documentation, Clipboard Formats, Cloud Clipboard and Clipboard History Formats).
func setNative(value []byte) error {
	if !utf8.Valid(value) || bytes.IndexByte(value, 0) >= 0 {
		return ErrNone
	}
	text, err := windows.UTF16FromString(string(value))
	if err != nil {
		return err
	}
	return opened(func() error {
		if _, err := call("user32.dll", "EmptyClipboard"); err != nil || len(value) == 0 {
			return err
		}
		for _, name := range []string{"ExcludeClipboardContentFromMonitorProcessing", "CanIncludeInClipboardHistory", "CanUploadToCloudClipboard"} {
			wide, _ := windows.UTF16PtrFromString(name)
			if id, err := call("user32.dll", "RegisterClipboardFormatW", uintptr(unsafe.Pointer(wide))); err == nil {
				put(id, []uint16{0, 0})
			}
		}
		return put(unicodeText, text)
	})
}

// put hands the system a copy of data.
func put(id uintptr, data []uint16) error {
	size := uintptr(2 * len(data))
	block, err := call("kernel32.dll", "GlobalAlloc", 2 /* GMEM_MOVEABLE */, size)
	if err != nil {
		return err
	}
	to, err := call("kernel32.dll", "GlobalLock", block)
	if err == nil {
		windows.NewLazySystemDLL("kernel32.dll").NewProc("RtlMoveMemory").Call(to, uintptr(unsafe.Pointer(&data[0])), size)
		call("kernel32.dll", "GlobalUnlock", block)
		_, err = call("user32.dll", "SetClipboardData", id, block)
	}
	if err != nil {
		call("kernel32.dll", "GlobalFree", block)
	}
	return err
}

func getNative() (text []byte, err error) {
	err = opened(func() error {
		block, err := call("user32.dll", "GetClipboardData", unicodeText)
		if err != nil {
			return err
		}
		size, _ := call("kernel32.dll", "GlobalSize", block)
		from, err := call("kernel32.dll", "GlobalLock", block)
		if err != nil || size < 2 {
			return err
		}
		defer call("kernel32.dll", "GlobalUnlock", block)
		data := make([]uint16, size/2)
		windows.NewLazySystemDLL("kernel32.dll").NewProc("RtlMoveMemory").Call(uintptr(unsafe.Pointer(&data[0])), from, uintptr(2*len(data)))
		text = []byte(windows.UTF16ToString(data))
		return nil
	})
	return text, err
}
