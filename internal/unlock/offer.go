package unlock

import (
	"errors"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/vaultfile"
)

// ErrOffer reports that the lock after a recipient can't be read.
var ErrOffer = errors.New("the lock is damaged; was it copied completely?")

// Offer returns a lock as RECIPIENT:LOCK:MESSAGE, for a writer to add. It is public.
func Offer(r *vaultfile.Recipient) string {
	return r.String + ":" + r.Lock + ":" + format.Base64.EncodeToString(r.Message)
}

// ReadOffer reads a recipient, or one with its lock as [Offer] returns it.
//
// Errors: [ErrOffer], those of [vaultfile.CheckRecipient] and [vaultfile.Recipient.CheckLock].
func ReadOffer(text string) (r vaultfile.Recipient, err error) {
	recipient, rest, locked := strings.Cut(text, ":")
	r.String = recipient
	if locked {
		lock, message, _ := strings.Cut(rest, ":")
		r.Lock = lock
		if r.Message, err = format.Base64.DecodeString(message); err != nil || strings.ContainsAny(message, "\r\n") {
			return r, ErrOffer
		}
	}
	if err := vaultfile.CheckRecipient(recipient); err != nil || !locked {
		return r, err
	}
	return r, r.CheckLock()
}
