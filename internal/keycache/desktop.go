package keycache

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/zalando/go-keyring"
)

// desktop is the key store of a desktop session. It has no timeouts and lists nothing, so
// all entries are in one item, together with their times; the next call removes expired
// ones. It runs in Wine, and is untested on macOS and Windows themselves.
type desktop struct{}

const (
	service = "credfile"
	item    = "unlocked"
	// patience is how long a store may take. Some ask the user to unlock it, without end.
	patience = 3 * time.Second
)

// openDesktop returns the desktop's store, or nil if there is none.
func openDesktop(getenv func(string) string) Store {
	if runtime.GOOS == "linux" && !hasBus(getenv) {
		return nil // the library would start one
	}
	if _, err := load(); err != nil {
		return nil
	}
	return desktop{}
}

// hasBus reports whether the session has a D-Bus.
func hasBus(getenv func(string) string) bool {
	if getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := getenv("XDG_RUNTIME_DIR")
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return dir != "" && err == nil
}

func (desktop) Name() string {
	switch runtime.GOOS {
	case "darwin":
		return "the login keychain"
	case "windows":
		return "the Credential Manager"
	}
	return "the desktop's key store (Secret Service)"
}

func (desktop) Put(e Entry, now time.Time) error {
	all, err := load()
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(x Entry) bool { return x.ID == e.ID || !now.Before(x.Until) })
	return save(append(all, e))
}

func (desktop) All(now time.Time) ([]Entry, error) {
	all, err := load()
	if err != nil {
		return nil, err
	}
	kept := slices.DeleteFunc(slices.Clone(all), func(e Entry) bool { return !now.Before(e.Until) })
	if len(kept) < len(all) {
		err = save(kept)
	}
	return sorted(kept), err
}

func (desktop) Forget(time.Time) (int, error) {
	all, err := load()
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return len(all), save(nil)
}

func load() ([]Entry, error) {
	text, err := within(func() (string, error) { return keyring.Get(service, item) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var all []Entry
	if json.Unmarshal([]byte(text), &all) != nil {
		return nil, nil // not written by us: it is replaced
	}
	return all, nil
}

func save(all []Entry) error {
	_, err := within(func() (string, error) {
		if len(all) == 0 {
			return "", keyring.Delete(service, item)
		}
		b, err := json.Marshal(all)
		if err != nil {
			return "", err
		}
		return "", keyring.Set(service, item, string(b))
	})
	if errors.Is(err, keyring.ErrSetDataTooBig) {
		return errors.New("too long for the key store")
	}
	return err
}

// within gives up on a call that takes too long.
func within(call func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := call()
		done <- answer{text, err}
	}()
	select {
	case a := <-done:
		return a.text, a.err
	case <-time.After(patience):
		return "", errors.New("the key store did not answer")
	}
}
