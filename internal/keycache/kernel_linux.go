package keycache

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// session is the keyring of the login session, keyrings(7): processes outside it, of the
// same user too, can't read what is in it. Where the login made none, the kernel gives
// all processes of the user one together (user-session-keyring(7)).
type session int

// prefix begins our keys' descriptions.
const prefix = "credfile:"

// possessor alone may do anything: not the user, not the group.
const possessor = 0x3f000000

// kernel returns the session's keyring, or nil where there is none, or where a container
// forbids the calls.
func kernel() Store {
	// By its number: a write to the name would make a keyring of our process alone where
	// the session has none.
	id, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, false)
	if err != nil {
		return nil
	}
	return session(id)
}

func (session) Name() string { return "the kernel's session keyring" }

func (s session) Put(e Entry, now time.Time) error {
	seconds := int(e.Until.Sub(now)/time.Second) + 1
	payload, err := json.Marshal(e)
	if err != nil {
		return err
	}
	key, err := unix.AddKey("user", prefix+e.ID, payload, int(s))
	if errors.Is(err, unix.EDQUOT) {
		return errors.New("the kernel's quota for keys is used up")
	} else if err != nil {
		return err
	}
	err = unix.KeyctlSetperm(key, possessor)
	if err == nil {
		_, err = unix.KeyctlInt(unix.KEYCTL_SET_TIMEOUT, key, seconds, 0, 0)
	}
	if err != nil { // it must not stay for ever
		drop(key)
	}
	return err
}

func (s session) All(now time.Time) ([]Entry, error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	var all []Entry
	for _, key := range keys {
		var e Entry
		payload, err := read(key)
		if err != nil || json.Unmarshal(payload, &e) != nil || !now.Before(e.Until) {
			continue // it went meanwhile, or is nothing of ours
		}
		all = append(all, e)
	}
	return sorted(all), nil
}

func (s session) Forget(time.Time) (int, error) {
	keys, err := s.keys()
	for _, key := range keys {
		err = errors.Join(err, drop(key))
	}
	return len(keys), err
}

// keys are the serial numbers of our keys.
func (s session) keys() ([]int, error) {
	ring, err := read(int(s))
	if err != nil {
		return nil, err
	}
	var keys []int
	for ; len(ring) >= 4; ring = ring[4:] {
		key := int(int32(binary.NativeEndian.Uint32(ring)))
		// type;uid;gid;perm;description
		text, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, key)
		if parts := strings.SplitN(text, ";", 5); err == nil && len(parts) == 5 && parts[0] == "user" && strings.HasPrefix(parts[4], prefix) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// read returns a key's payload; of a keyring, the numbers of the keys in it.
func read(key int) ([]byte, error) {
	for size := 4096; ; {
		b := make([]byte, size)
		n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, key, b, 0)
		if err != nil || n <= size {
			return b[:max(0, min(n, size))], err
		}
		size = n
	}
}

func drop(key int) error {
	if _, err := unix.KeyctlInt(unix.KEYCTL_INVALIDATE, key, 0, 0, 0); err == nil {
		return nil
	}
	_, err := unix.KeyctlInt(unix.KEYCTL_REVOKE, key, 0, 0, 0)
	return err
}
