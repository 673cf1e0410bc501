package unlock

import (
	"reflect"
	"testing"

	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// A lock survives being sent, but not being cut.
func TestOffer(t *testing.T) {
	id, err := keys.NewNative(true)
	if err != nil {
		t.Fatal(err)
	}
	pass, err := vaultfile.NewPassphrase([]byte("correct horse"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := vaultfile.NewLock(id, pass, kdf.Scrypt{LogN: 15})
	if err != nil {
		t.Fatal(err)
	}
	text := Offer(&r)
	got, err := ReadOffer(text)
	if r.Prove = nil; err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := ReadOffer(r.String); err != nil || got.String != r.String || got.Lock != "" {
		t.Errorf("%v, %v", got, err)
	}
	// The end of the message is only checked when it is opened.
	for _, cut := range []int{len(r.Message), len(text) - len(r.String) - 1} {
		if _, err := ReadOffer(text[:len(text)-cut]); err == nil {
			t.Errorf("without its last %d bytes it was accepted", cut)
		}
	}
	for what, bad := range map[string]string{
		"another line": text[:len(text)-4] + "\n" + text[len(text)-4:], "another alphabet": text[:len(text)-4] + "-_-_", "a bad recipient": "age1qqqqqq" + text[len(r.String):],
		"no recipient": text[len(r.String):], "another lock": r.String + ":none" + text[len(r.String)+len(":scrypt"):],
	} {
		if _, err := ReadOffer(bad); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
	if _, err := ReadOffer("age1qqqqqq"); err == nil {
		t.Error("a bad recipient without a lock is accepted")
	}
}
