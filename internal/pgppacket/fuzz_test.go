package pgppacket

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	gocrypto "github.com/ProtonMail/go-crypto/openpgp/packet"
)

// FuzzKey: a message of a lock has nothing before, between or after its two packets, is for one key
// that is named, and has nothing to trim. go-crypto finds the same packets in it.
func FuzzKey(f *testing.F) {
	key, data := packetOf(1, 1, sessionKey(9)), packetOf(18, 1, []byte{1, 2, 3})
	long := append(sessionKey(9), make([]byte, 300)...)
	for _, parts := range [][][]byte{
		{key, data}, {key, key, data}, {oldPacket(1, 0, sessionKey(9)), data}, {oldPacket(1, 1, long), data}, {packetOf(1, 2, long), data}, {packetOf(1, 5, long), data},
		{packetOf(1, 1, append(append([]byte{6, 21, 4}, bytes.Repeat([]byte{0xcd}, 20)...), 18, 1)), packetOf(20, 1, []byte{7})},
		{key, {0xd2, 0xe3, 1}}, {key, {0x80 | 3, 0}}, {packetOf(3, 1, []byte{4, 9, 0, 8}), data}, nil,
	} {
		f.Add(slices.Concat(parts...))
	}
	everyone, nobody := func(string) bool { return true }, func(string) bool { return false }
	f.Fuzz(func(t *testing.T, message []byte) {
		id, ok := Key(message)
		trimmed, trims := Trim(message, everyone)
		if ok && (!trims || !bytes.Equal(trimmed, message)) {
			t.Errorf("a lock is trimmed to %x", trimmed)
		}
		if trims {
			if again, ok := Trim(trimmed, everyone); !ok || !bytes.Equal(again, trimmed) || len(again) > len(message) {
				t.Errorf("%x is trimmed again to %x", trimmed, again)
			}
		}
		if _, trims := Trim(message, nobody); trims {
			t.Error("a lock for nobody")
		}
		if !ok {
			return
		}
		if len(id)%2 != 0 || strings.Trim(id, "0123456789ABCDEF") != "" || id == strings.Repeat("0", 16) {
			t.Errorf("it is for %q", id)
		}
		for _, other := range [][]byte{message[:len(message)-1], message[1:], append(bytes.Clone(message), 0), slices.Concat(message, message)} {
			if _, ok := Key(other); ok {
				t.Errorf("%x is a lock as well", other)
			}
		}
		read := gocrypto.NewOpaqueReader(bytes.NewReader(message))
		ps, _ := packets(message)
		for _, p := range ps {
			if other, err := read.Next(); err != nil || int(other.Tag) != p.tag || !bytes.Equal(other.Contents, p.body) {
				t.Errorf("packet %d %x, and for go-crypto %+v, %v", p.tag, p.body, other, err)
			}
		}
	})
}
