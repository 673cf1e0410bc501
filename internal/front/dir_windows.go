package front

import (
	"io/fs"
	"os"
)

func mine(fs.FileInfo) bool { return true }

func shared(fs.FileInfo) bool { return true }

func running(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}
