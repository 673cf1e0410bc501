package front

import (
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// CallingShell returns the kind of shell that runs this program. If it is none that we know, one
// like Git's sets SHELL.
func CallingShell(getenv func(string) string) string {
	if shell := shellOf(parentProgram()); shell != "" {
		return shell
	}
	if getenv("SHELL") != "" {
		return "sh"
	}
	return "powershell"
}

// parentProgram returns the name of the program that started this one, and not of a credfile.exe that
// package managers put before the real one.
func parentProgram() string {
	processes, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return ""
	}
	defer windows.CloseHandle(processes)
	names, parents := map[uint32]string{}, map[uint32]uint32{}
	e := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(processes, &e); err == nil; err = windows.Process32Next(processes, &e) {
		names[e.ProcessID], parents[e.ProcessID] = windows.UTF16ToString(e.ExeFile[:]), e.ParentProcessID
	}
	id := uint32(os.Getppid())
	for range 3 {
		if !strings.EqualFold(names[id], "credfile.exe") {
			break
		}
		id = parents[id]
	}
	return names[id]
}
