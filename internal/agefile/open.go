package agefile

import (
	"bytes"
	"io"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// Is reports whether a text begins like an age file, armored or not.
func Is(b []byte) bool { return bytes.HasPrefix(b, []byte("age-encryption.org/v1\n")) || armored(b) }

func armored(b []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte(armor.Header))
}

// Decrypt opens an age file, armored or not, and returns at most limit+1 bytes of it. Errors: those of
// [age.Decrypt] and of reading what it returns.
func Decrypt(b []byte, limit int64, ids ...age.Identity) ([]byte, error) {
	var r io.Reader = bytes.NewReader(b)
	if armored(b) {
		r = armor.NewReader(r)
	}
	plain, err := age.Decrypt(r, ids...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(plain, limit+1))
}
