// Package agefile writes and reads age files as a whole.
package agefile

import (
	"bytes"

	"filippo.io/age"
)

// Encrypt returns plain as a binary age file for the recipients.
func Encrypt(plain []byte, rs ...age.Recipient) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, rs...)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}
