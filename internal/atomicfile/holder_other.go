//go:build unix && !linux

package atomicfile

import "os"

// holder can't name the process on other systems.
func holder(*os.File) error { return ErrHeld }
