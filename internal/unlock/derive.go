package unlock

import (
	"fmt"
	"runtime/debug"

	"github.com/credfile/credfile/kdf"
)

// MemoryError reports that a passphrase needs more memory than this process may use: the
// kernel would kill it. Both are in MiB.
type MemoryError struct{ Need, May int }

func (e *MemoryError) Error() string {
	return fmt.Sprintf("trying the passphrase needs %d MiB of memory, and this process may use %d MiB", e.Need, e.May)
}

// Within returns a derivation that stays within the memory limit in KiB, or 0 for none.
// derive is what derives; nil means package kdf.
//
// Errors: [*MemoryError].
func Within(limit func() int, derive Derive) Derive {
	if derive == nil {
		derive = func(p kdf.Params, passphrase, salt []byte) ([]byte, error) { return p.Key(passphrase, salt) }
	}
	again := false
	return func(p kdf.Params, passphrase, salt []byte) ([]byte, error) {
		if may := limit(); may > 0 && p.Memory() > may {
			return nil, &MemoryError{p.Memory() >> 10, may >> 10}
		}
		if again {
			debug.FreeOSMemory() // the last derivation's memory counts toward the limit, too
		}
		again = true
		return derive(p, passphrase, salt)
	}
}
