package openpgp

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// opened is what gpg reports of a valid lock.
const opened = "[GNUPG:] ENC_TO 01AB000000000009 1 0\n[GNUPG:] KEY_CONSIDERED 01AB 0\n[GNUPG:] BEGIN_DECRYPTION\n[GNUPG:] DECRYPTION_INFO 2 9\n" +
	"[GNUPG:] PLAINTEXT 62 0 \n[GNUPG:] DECRYPTION_OKAY\n[GNUPG:] GOODMDC\n[GNUPG:] END_DECRYPTION\n"

// What comes after a line that is too long counts as well.
func TestLongStatus(t *testing.T) {
	if err := judge(strings.NewReader(opened)); err != nil {
		t.Error(err)
	}
	if err := judge(strings.NewReader(opened + strings.Repeat("x", 70000) + "\n[GNUPG:] PLAINTEXT 62 0 \n")); err != ErrRefused {
		t.Errorf("with a second plaintext after a long line: %v", err)
	}
}

// FuzzStatus: a lock is opened only with one decryption, one integrity check and one plaintext, and
// nothing that is not expected of it.
func FuzzStatus(f *testing.F) {
	for _, s := range []string{
		opened, opened + opened, strings.Replace(opened, "GOODMDC", "BADMDC", 1), strings.ReplaceAll(opened, "\n", "\r\n"), "[GNUPG:] PLAINTEXT 62 0 \n", "[GNUPG:] NO_SECKEY 01AB\n",
		"[GNUPG:] NEED_PASSPHRASE 1 2 1 0\n[GNUPG:] MISSING_PASSPHRASE\n", "gpg: [GNUPG:] GOODMDC\n", "[GNUPG:] PINENTRY_LAUNCHED 7\n[GNUPG:] NO_SECKEY 01AB\n", opened + "[GNUPG:] GOODSIG x\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, status string) {
		seen := map[string]int{}
		for line := range strings.SplitSeq(status, "\n") {
			if line, ok := strings.CutPrefix(strings.TrimSuffix(line, "\r"), "[GNUPG:] "); ok {
				word, _, _ := strings.Cut(line, " ")
				seen[word]++
			}
		}
		err := judge(strings.NewReader(status))
		if !slices.Contains([]error{nil, ErrNoKey, ErrRefused, ErrPassphrase, ErrFailed}, err) {
			t.Errorf("%v", err)
		}
		if err == ErrNoKey && seen["PLAINTEXT"] > 0 {
			t.Error("there is plaintext, and no key")
		}
		if err != nil {
			return
		}
		for _, word := range []string{"BEGIN_DECRYPTION", "PLAINTEXT", "DECRYPTION_OKAY", "GOODMDC"} {
			if seen[word] != 1 {
				t.Errorf("%s %d times", word, seen[word])
			}
		}
		for word := range seen {
			if _, ok := expected[word]; !ok {
				t.Errorf("with %s", word)
			}
		}
		for _, more := range []string{"PLAINTEXT 62 0 ", "GOODMDC", "FAILURE decrypt 1", "GOODSIG x"} {
			if judge(strings.NewReader(status+"\n[GNUPG:] "+more+"\n")) == nil {
				t.Errorf("and with %s", more)
			}
		}
	})
}

// FuzzListing: whatever gpg lists, a key that is picked is one that it lists as able to encrypt, and an
// error says nothing of the list.
func FuzzListing(f *testing.F) {
	const pub = "pub:u:255:22:1111222233334444:1700000000:::u:::scESC:::::ed25519:::0:\nfpr:::::::::AAAABBBBCCCCDDDDEEEEFFFF1111222233334444:\nuid:u::::1700000000::X::bob <bob@example.org>::::::::::0:\n"
	const sub = "sub:u:255:18:5555666677778888:1700000000::::::e:::::cv25519::\nfpr:::::::::AAAABBBBCCCCDDDDEEEEFFFF5555666677778888:\n"
	for _, s := range []string{pub + sub, pub, sub, pub + sub + pub + sub, pub + strings.Replace(sub, "sub:u", "sub:r", 1), pub + sub + strings.ReplaceAll(sub, "5555", "9999"), "pub", "sec:::::::::::::\nfpr\n", ":::\n\n"} {
		f.Add(s, "AAAABBBBCCCCDDDDEEEEFFFF5555666677778888!")
	}
	f.Fuzz(func(t *testing.T, out, key string) {
		lines := colons([]byte(out))
		secretKeys(lines)
		found, err := pick(key, publicKeys(lines))
		if name, exact := strings.CutSuffix(key, "!"); err == nil && exact {
			err = found.only(name)
		}
		if err != nil {
			if e := (*KeyError)(nil); !errors.As(err, &e) || len(e.Reason) > 80 {
				t.Errorf("%v", err)
			}
			return
		}
		if len(found.encryption) == 0 {
			t.Error("it can't encrypt")
		}
		for _, id := range found.encryption {
			if !slices.ContainsFunc(lines, func(l []string) bool {
				return (l[0] == "pub" || l[0] == "sub") && l[4] == id && strings.Contains(l[11], "e") && !strings.ContainsAny(l[1], "reid")
			}) {
				t.Errorf("%q is not listed as able to encrypt", id)
			}
		}
	})
}
