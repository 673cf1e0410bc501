package keycache

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// session is the keyring of the login session, keyrings(7). Processes outside it, even of
// the same user, can't read its content. If the login made none, the kernel gives all
// processes of the user a shared one (user-session-keyring(7)).
type session int

// prefix begins the descriptions of our keys.
const prefix = "credfile:"

// ours returns the name of the keyring that holds them. Another user in the session has
// their own.
func ours() string { return "credfile-" + strconv.Itoa(os.Geteuid()) }

// Only the possessor of a key may do anything with it: a process that may search a keyring,
// in its session keyring, that holds the key. A program that su or setpriv started as
// another user has the same session. So only the owner may search our keyring, and no one
// can link it into another session. keyctl_setperm(3).
const (
	possessor = 0x3f000000
	ownerOnly = 0x000f0000 // view, read, write, search
)

// kernel returns the session's keyring, or nil if there is none or a container forbids the
// calls.
func kernel() Store {
	// Use its number: if the session has no keyring, a write to the name would create one
	// for our process alone.
	id, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, false)
	if err != nil {
		return nil
	}
	return session(id)
}

// ring returns our keyring, or 0 if there is none yet. If a keyring of that name is not ours
// alone, another process in the session put it there and could read what we put into it.
func (s session) ring() int {
	id, err := unix.KeyctlSearch(int(s), "keyring", ours(), 0)
	if err != nil {
		return 0
	}
	d, ok := describe(id)
	if !ok || d.uid != strconv.Itoa(os.Geteuid()) || d.perm != strconv.FormatInt(ownerOnly, 16) {
		return 0
	}
	return id
}

// description is the result of KEYCTL_DESCRIBE: type;uid;gid;perm;description.
type description struct{ kind, uid, perm, text string }

func describe(key int) (d description, ok bool) {
	text, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, key)
	parts := strings.SplitN(text, ";", 5)
	if err != nil || len(parts) != 5 {
		return d, false
	}
	return description{parts[0], parts[1], strings.TrimLeft(parts[3], "0"), parts[4]}, true
}

// makeRing makes our keyring and replaces an existing one, which whoever put it there may
// have linked from elsewhere too.
func (s session) makeRing() (int, error) {
	id, err := unix.AddKey("keyring", ours(), nil, int(s))
	if err != nil {
		return 0, err
	}
	return id, unix.KeyctlSetperm(id, ownerOnly)
}

func (session) Name() string { return "the kernel's session keyring" }

func (s session) Put(e Entry, now time.Time) error {
	kept, err := s.All(now)
	if err != nil {
		return err
	}
	ring, err := s.makeRing()
	if err != nil {
		return err
	}
	for _, x := range kept {
		if x.ID != e.ID {
			err = errors.Join(err, put(ring, x, now))
		}
	}
	return errors.Join(err, put(ring, e, now))
}

func put(ring int, e Entry, now time.Time) error {
	seconds := int(e.Until.Sub(now)/time.Second) + 1
	payload, err := json.Marshal(e)
	if err != nil {
		return err
	}
	key, err := unix.AddKey("user", prefix+e.ID, payload, ring)
	if errors.Is(err, unix.EDQUOT) {
		return errors.New("the kernel's key quota is full")
	} else if err != nil {
		return err
	}
	err = unix.KeyctlSetperm(key, possessor)
	if err == nil {
		_, err = unix.KeyctlInt(unix.KEYCTL_SET_TIMEOUT, key, seconds, 0, 0)
	}
	if err != nil { // it must not stay forever
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
	for key, id := range keys {
		var e Entry
		payload, err := read(key)
		if err != nil || json.Unmarshal(payload, &e) != nil || e.ID != id || !now.Before(e.Until) {
			continue // it has gone meanwhile, or is not ours
		}
		all = append(all, e)
	}
	return sorted(all), nil
}

func (s session) Forget(time.Time) (int, error) {
	keys, err := s.keys()
	for key := range keys {
		err = errors.Join(err, drop(key))
	}
	return len(keys), err
}

// keys maps the serial numbers of our keys to the IDs in their descriptions.
func (s session) keys() (map[int]string, error) {
	id := s.ring()
	if id == 0 {
		return nil, nil
	}
	ring, err := read(id)
	if err != nil {
		return nil, err
	}
	keys := map[int]string{}
	for ; len(ring) >= 4; ring = ring[4:] {
		key := int(int32(binary.NativeEndian.Uint32(ring)))
		d, ok := describe(key)
		if id, named := strings.CutPrefix(d.text, prefix); ok && named && d.kind == "user" {
			keys[key] = id
		}
	}
	return keys, nil
}

// read returns a key's payload or, for a keyring, the numbers of the keys in it.
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
