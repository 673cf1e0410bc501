//go:build unix && !linux && !darwin

package atomicfile

import "errors"

// renameNew is not known on other systems.
func renameNew(from, to string) error { return errors.ErrUnsupported }
