package trust

import (
	"path/filepath"

	"github.com/credfile/credfile/internal/userdir"
)

// UserMemory returns the memory that the credfile command uses, so that a program trusts
// what its user approved. Without a directory for it, it remembers nothing.
func UserMemory(getenv func(string) string) Memory {
	if dir, err := userdir.State(getenv); err == nil {
		return Memory{Dir: filepath.Join(dir, "trust"), ReadOnly: othersHome(dir)}
	}
	return Memory{}
}
