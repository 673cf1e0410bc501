package vaultfile

import (
	"fmt"
	"io"
)

const redacted = "[redacted]"

// Secret is the value of a credential. It prints, encodes and logs as [redacted]. Only
// [Secret.Reveal] returns the value.
type Secret struct {
	// The value is in a closure because fmt calls no methods on unexported struct fields,
	// and a verb that does not fit a pointer prints what it points to. Of a function, fmt
	// prints at most the address.
	reveal func() []byte
}

func newSecret(b []byte) Secret { return Secret{func() []byte { return b }} }

// Reveal returns the value's bytes. They must not be changed.
func (s Secret) Reveal() []byte {
	if s.reveal == nil {
		return nil
	}
	return s.reveal()
}

func (s Secret) Format(w fmt.State, verb rune) { io.WriteString(w, redacted) }
func (s Secret) MarshalText() ([]byte, error)  { return []byte(redacted), nil }
