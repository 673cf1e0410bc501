// Package kdf derives keys from passphrases with scrypt (RFC 7914) and Argon2id version 1.3
// (RFC 9106). Each has parameters within the limits of the format, a default, and a text
// form. Its functions are pure: the same parameters, passphrase and salt give the same key.
//
// A file chooses the cost of its derivation, so Key calls [Params.Check] before it
// allocates anything.
package kdf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/scrypt"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// Params are the parameters of a derivation: [Argon2id] or [Scrypt].
type Params interface {
	// Check returns nil or [ErrLimits].
	Check() error
	// Key derives a key of [KeySize] bytes. Errors: [ErrLimits].
	Key(passphrase, salt []byte) ([]byte, error)
	// Memory returns the memory that the derivation needs, in KiB.
	Memory() int
	// Work returns memory times passes, in KiB, for comparing costs.
	Work() int
	// String returns the canonical text form, as parsed by [Parse].
	String() string
}

// ErrLimits reports that parameters are outside the limits of the format.
var ErrLimits = errors.New("outside the limits of the format")

// Argon2id holds the parameters of Argon2id: memory in KiB, passes and lanes.
//
// The limits are 65536 to 1048576 KiB, 1 to 16 passes and lanes, and memory times passes at
// most 4194304 KiB. Its text form is argon2id:KIB:PASSES:LANES.
type Argon2id struct{ KiB, Passes, Lanes int }

// Scrypt holds the base-2 logarithm of the cost N. r is 8 and p is 1, as in age.
//
// The limits are 15 to 20. Its text form is scrypt:LOGN.
type Scrypt struct{ LogN int }

// The defaults. RFC 9106 recommends 2 GiB and 1 pass or, if memory is short, 64 MiB and 3
// passes. CI and small machines don't have 2 GiB, so the default is in between. age's
// default is scrypt with log N 18, which uses the same memory.
var (
	DefaultArgon2id = Argon2id{KiB: 262144, Passes: 3, Lanes: 4}
	DefaultScrypt   = Scrypt{LogN: 18}
)

const (
	minKiB, maxKiB = 64 << 10, 1 << 20
	maxPasses      = 16
	maxLanes       = 16
	maxWork        = 4 << 20
	minLogN        = 15
	maxLogN        = 20
)

// Check implements [Params].
func (p Argon2id) Check() error {
	if p.KiB < minKiB || p.KiB > maxKiB || p.Passes < 1 || p.Passes > maxPasses ||
		p.Lanes < 1 || p.Lanes > maxLanes || p.Work() > maxWork {
		return fmt.Errorf("%s is %w", p, ErrLimits)
	}
	return nil
}

// Check implements [Params].
func (p Scrypt) Check() error {
	if p.LogN < minLogN || p.LogN > maxLogN {
		return fmt.Errorf("%s is %w", p, ErrLimits)
	}
	return nil
}

// Key implements [Params].
func (p Argon2id) Key(passphrase, salt []byte) ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return argon2id(p, passphrase, salt, KeySize), nil
}

// Key implements [Params].
func (p Scrypt) Key(passphrase, salt []byte) ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return scrypt.Key(passphrase, salt, 1<<p.LogN, scryptR, scryptP, KeySize)
}

// age fixes the block size and the parallelization of RFC 7914.
const scryptR, scryptP = 8, 1

// argon2id enforces no limits: tests compare it with another program at low costs.
func argon2id(p Argon2id, passphrase, salt []byte, size int) []byte {
	return argon2.IDKey(passphrase, salt, uint32(p.Passes), uint32(p.KiB), uint8(p.Lanes), uint32(size))
}

// Memory implements [Params].
func (p Argon2id) Memory() int { return p.KiB }

// Memory implements [Params]: 128 * N * r bytes.
func (p Scrypt) Memory() int { return 128 * scryptR << p.LogN >> 10 }

// Work implements [Params].
func (p Argon2id) Work() int { return p.KiB * p.Passes }

// Work implements [Params].
func (p Scrypt) Work() int { return p.Memory() }

func (p Argon2id) String() string {
	return fmt.Sprintf("argon2id:%d:%d:%d", p.KiB, p.Passes, p.Lanes)
}

func (p Scrypt) String() string { return fmt.Sprintf("scrypt:%d", p.LogN) }

// Parse parses the text form of parameters and checks their limits. "argon2id" and "scrypt"
// alone mean the defaults.
func Parse(s string) (Params, error) {
	kind, rest, given := strings.Cut(s, ":")
	var numbers []int
	if given {
		for _, field := range strings.Split(rest, ":") {
			n, err := strconv.Atoi(field)
			if err != nil || strconv.Itoa(n) != field {
				return nil, errText
			}
			numbers = append(numbers, n)
		}
	}
	var p Params
	switch {
	case kind == "argon2id" && !given:
		p = DefaultArgon2id
	case kind == "scrypt" && !given:
		p = DefaultScrypt
	case kind == "argon2id" && len(numbers) == 3:
		p = Argon2id{numbers[0], numbers[1], numbers[2]}
	case kind == "scrypt" && len(numbers) == 1:
		p = Scrypt{numbers[0]}
	default:
		return nil, errText
	}
	return p, p.Check()
}

var errText = errors.New("must be argon2id[:KIB:PASSES:LANES] or scrypt[:LOGN]")
