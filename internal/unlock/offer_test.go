package unlock

import (
	"reflect"
	"testing"

	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/kdf"
	"github.com/credfile/credfile/vaultfile"
)

// A lock survives being sent. What is not a whole line is not a lock.
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
	for name, text := range map[string]string{"half of it": text[:len(text)/2], "no message": r.String + ":" + r.Lock, "another line": text + "\nx"} {
		if _, err := ReadOffer(text); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
