//go:build unix

// Command read runs a command with the credentials of a credfile's first profile. It was written
// from spec/credfile.md, with age and x/crypto alone, and checks nothing but what decryption
// checks: no signature, no grammar, no trust. So it is a floor for what the format costs, and
// not a way to read a file.
package main

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"os"
	"strings"
	"syscall"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

func main() {
	env, err := read(os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(syscall.Exec(os.Args[3], os.Args[3:], append(os.Environ(), env...)))
}

func read(identityFile, file string) (env []string, err error) {
	id, recipient, err := identity(identityFile)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var fileID, profileID, valueKey []byte
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			if profileID != nil {
				break // the first profile is complete
			}
			continue
		}
		last := fields[len(fields)-1]
		switch fields[0] {
		case "credfile/1":
			fileID, err = decode(fields[1])
		case "profile":
			profileID, err = decode(fields[2])
		case "writer", "reader":
			if fields[2] == recipient {
				valueKey, err = unwrap(last, id, fileID, profileID)
			}
		case "credential":
			var value []byte
			value, err = open(last, valueKey, fileID, profileID, fields[1])
			env = append(env, fields[1]+"="+string(value))
		}
		if err != nil {
			return nil, err
		}
	}
	return env, nil
}

// identity returns the identity in a file and its recipient.
func identity(path string) (age.Identity, string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	list, err := age.ParseIdentities(f)
	if err != nil {
		return nil, "", err
	}
	switch id := list[0].(type) {
	case *age.X25519Identity:
		return id, id.Recipient().String(), nil
	case *age.HybridIdentity:
		return id, id.Recipient().String(), nil
	}
	return nil, "", errors.New("unknown kind of identity")
}

func unwrap(wrap string, id age.Identity, fileID, profileID []byte) ([]byte, error) {
	b, err := decode(wrap)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(b), id)
	if err != nil {
		return nil, err
	}
	key, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if len(key) < 32 {
		return nil, errors.New("the wrap is too short")
	}
	salt := bytes.Join([][]byte{fileID, profileID}, nil)
	return hkdf.Key(sha256.New, key[:32], salt, "credfile/1 value", 32)
}

func open(sealed string, valueKey, fileID, profileID []byte, name string) ([]byte, error) {
	b, err := decode(sealed)
	if err != nil {
		return nil, err
	}
	if len(b) < 16 {
		return nil, errors.New("the sealed value is too short")
	}
	key, err := hkdf.Expand(sha256.New, valueKey, "credfile/1 seal"+string(b[:16]), 32)
	if err != nil {
		return nil, err
	}
	cipher, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	aad := binary.LittleEndian.AppendUint64(nil, 4)
	for _, part := range []string{"credfile/1", string(fileID), string(profileID), name} {
		aad = append(binary.LittleEndian.AppendUint64(aad, uint64(len(part))), part...)
	}
	plain, err := cipher.Open(nil, make([]byte, chacha20poly1305.NonceSize), b[16:], aad)
	if err != nil {
		return nil, err
	}
	return plain[:bytes.LastIndexByte(plain, 0x80)], nil
}

func decode(s string) ([]byte, error) { return base64.RawStdEncoding.DecodeString(s) }
