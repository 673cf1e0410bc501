package openpgp

import (
	"slices"
	"strings"
)

// secretKeys returns the ids and fingerprints of the private keys that gpg lists.
func secretKeys(lines [][]string) map[string]bool {
	keys := map[string]bool{}
	for _, f := range lines {
		switch f[0] {
		case "sec", "ssb":
			keys[f[4]] = true
		case "fpr":
			keys[f[9]] = true
		}
	}
	return keys
}

// PublicKey is a key that a lock can be made for.
type PublicKey struct {
	Fingerprint string
	UserID      string
	encryption  []string // ids of the keys that can encrypt
	subkeys     []string // fingerprints of the encryption subkeys
	recipient   string   // as passed to gpg; "" for the fingerprint
}

// publicKeys reads the keys that gpg lists.
func publicKeys(lines [][]string) (found []*PublicKey) {
	usable := false // the preceding key can encrypt
	for _, f := range lines {
		switch f[0] {
		case "pub":
			found = append(found, &PublicKey{})
		case "fpr":
			if k := last(found); k != nil && k.Fingerprint == "" {
				k.Fingerprint = f[9]
			}
			if k := last(found); k != nil && usable {
				k.subkeys = append(k.subkeys, f[9])
			}
			usable = false
		case "uid":
			if k := last(found); k != nil && k.UserID == "" {
				k.UserID = f[9]
			}
		}
		// Lower case means this key itself. Skip a revoked, expired, invalid or disabled
		// one: see doc/DETAILS.
		if k := last(found); k != nil && (f[0] == "pub" || f[0] == "sub") && strings.Contains(f[11], "e") && !strings.ContainsAny(f[1], "reid") {
			k.encryption = append(k.encryption, f[4])
			usable = true
		}
	}
	return found
}

// pick returns the only one of the keys that a lock can be made for.
func pick(key string, found []*PublicKey) (*PublicKey, error) {
	all := len(found)
	if all > 1 { // like gpg, prefer a usable key to its expired predecessor
		found = slices.DeleteFunc(found, func(k *PublicKey) bool { return len(k.encryption) == 0 })
	}
	switch {
	case all == 0:
		return nil, &KeyError{key, "gpg has no such key"}
	case len(found) > 1:
		return nil, &KeyError{key, "gpg has several such keys; use a fingerprint"}
	case len(found) == 0 || len(found[0].encryption) == 0:
		return nil, &KeyError{key, "it can't encrypt: it is expired, revoked or for signatures only"}
	}
	return found[0], nil
}

// only restricts k to the named subkey.
func (k *PublicKey) only(name string) error {
	name = strings.ToUpper(strings.TrimPrefix(strings.TrimPrefix(name, "0x"), "0X"))
	for i, fingerprint := range k.subkeys {
		if len(name) >= 16 && strings.HasSuffix(fingerprint, name) {
			k.encryption, k.recipient = k.encryption[i:i+1], fingerprint+"!"
			return nil
		}
	}
	return &KeyError{name + "!", "that subkey can't encrypt"}
}

// shortID reports whether name is the last 32 bits of a fingerprint, which anyone can
// choose for a key of their own.
func shortID(name string) bool {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "0x"), "0X")
	return len(name) == 8 && strings.Trim(strings.ToUpper(name), "0123456789ABCDEF") == ""
}

func last(keys []*PublicKey) *PublicKey {
	if len(keys) == 0 {
		return nil
	}
	return keys[len(keys)-1]
}

// colons splits lines into fields, of which each gets at least twelve.
func colons(out []byte) (lines [][]string) {
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		for len(f) < 12 {
			f = append(f, "")
		}
		lines = append(lines, f)
	}
	return lines
}
