// Package jwttest reads tokens as the servers do that get them.
package jwttest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Verify checks the signature and the header of a token, and reads its claims.
func Verify(key *rsa.PublicKey, token string, claims any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("not three parts")
	}
	var raw [3][]byte
	for i, p := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.DecodeString(p); err != nil {
			return err
		}
	}
	var header struct{ Alg, Typ string }
	if err := json.Unmarshal(raw[0], &header); err != nil || header.Alg != "RS256" || header.Typ != "JWT" {
		return fmt.Errorf("header %s", raw[0])
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw[2]); err != nil {
		return err
	}
	return json.Unmarshal(raw[1], claims)
}
