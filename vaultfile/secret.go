package vaultfile

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is the value of a credential. However it is printed, encoded or
// logged, it says [redacted]; [Secret.Reveal] is the one way out.
type Secret struct {
	// Behind a pointer: fmt does not call methods on unexported struct fields,
	// and would print the bytes of a Secret that stands in one.
	v *secretValue
}

type secretValue struct{ b []byte }

func newSecret(b []byte) Secret { return Secret{&secretValue{b}} }

// Reveal returns the value's bytes. They must not be changed.
func (s Secret) Reveal() []byte {
	if s.v == nil {
		return nil
	}
	return s.v.b
}

func (s Secret) String() string                { return redacted }
func (s Secret) GoString() string              { return redacted }
func (s Secret) Format(w fmt.State, verb rune) { io.WriteString(w, redacted) }
func (s Secret) MarshalText() ([]byte, error)  { return []byte(redacted), nil }
func (s Secret) LogValue() slog.Value          { return slog.StringValue(redacted) }
