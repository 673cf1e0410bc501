package session

import (
	"io/fs"
	"os/exec"
)

func ownGroup(*exec.Cmd) {}

func endGroup(cmd *exec.Cmd) { cmd.Process.Kill() }

func shared(fs.FileInfo) bool { return false }
