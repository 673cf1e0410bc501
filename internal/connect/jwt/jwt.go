// Package jwt signs tokens (RFC 7519) with RSA keys, as apps of GitHub and service accounts of Google prove
// who they are.
package jwt

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
)

// ErrKey reports a text that is not an RSA private key in PEM.
var ErrKey = errors.New("is not an RSA private key in PEM")

// header is the first part of a token.
type header struct {
	Alg string `json:"alg"`
	Kid string `json:"kid,omitempty"`
	Typ string `json:"typ"`
}

// Sign returns claims signed with RS256 (RFC 7518, 3.3). The ID of the key may be empty. Errors: [ErrKey].
func Sign(key, id string, claims any) (string, error) {
	private, err := parse(key)
	if err != nil {
		return "", err
	}
	first, err := json.Marshal(header{"RS256", id, "JWT"})
	if err != nil {
		return "", err
	}
	second, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(first) + "." + base64.RawURLEncoding.EncodeToString(second)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, sum[:])
	if err != nil {
		return "", ErrKey // too short
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// parse reads PKCS #1, which GitHub gives, and PKCS #8, which Google gives. The errors of x509 are not
// used, for they could quote the key.
func parse(key string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return nil, ErrKey
	}
	if private, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return private, nil
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, ErrKey
	}
	if private, ok := private.(*rsa.PrivateKey); ok {
		return private, nil
	}
	return nil, ErrKey
}
