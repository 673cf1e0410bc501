package pgppacket

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// packetOf writes a packet with a length of one, two or five octets.
func packetOf(tag, octets int, body []byte) []byte {
	b := []byte{0xc0 | byte(tag)}
	switch n := len(body); octets {
	case 1:
		b = append(b, byte(n))
	case 2:
		b = append(b, byte((n-192)>>8+192), byte(n-192))
	case 5:
		b = binary.BigEndian.AppendUint32(append(b, 255), uint32(n))
	}
	return append(b, body...)
}

// oldPacket writes a packet in the old format, with a length of 1, 2 or 4 octets.
func oldPacket(tag, kind int, body []byte) []byte {
	b := []byte{0x80 | byte(tag<<2) | byte(kind)}
	for i := 1<<kind - 1; i >= 0; i-- {
		b = append(b, byte(len(body)>>(8*i)))
	}
	return append(b, body...)
}

// sessionKey is the body of a session key, version 3, for the key whose id ends in last.
func sessionKey(last byte) []byte {
	return []byte{3, 0x01, 0xab, 0, 0, 0, 0, 0, last, 18, 1, 2, 3}
}

// Rows 13b and 15: only one session key, for one named key, before authenticated data.
func TestKey(t *testing.T) {
	key, data := packetOf(1, 1, sessionKey(9)), packetOf(18, 1, []byte{1, 2, 3})
	fingerprint := append(append([]byte{6, 21, 4}, bytes.Repeat([]byte{0xcd}, 20)...), 18, 1)
	long := append(sessionKey(9), make([]byte, 300)...)
	join := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	const id = "01AB000000000009"
	for name, c := range map[string]struct {
		message []byte
		want    string // "" if it is refused
	}{
		"as gpg writes it":              {join(key, data), id},
		"version 2 of the data":         {join(key, packetOf(18, 1, []byte{2, 0})), id},
		"GnuPG's own":                   {join(key, packetOf(20, 1, []byte{7})), id},
		"old format":                    {join(oldPacket(1, 0, sessionKey(9)), data), id},
		"old format, two octets":        {join(oldPacket(1, 1, long), data), id},
		"old format, four octets":       {join(oldPacket(1, 2, long), data), id},
		"two octets":                    {join(packetOf(1, 2, long), data), id},
		"five octets":                   {join(packetOf(1, 5, long), data), id},
		"the longest of one octet":      {join(packetOf(1, 1, append(sessionKey(9), make([]byte, 191-13)...)), data), id},
		"the shortest of two octets":    {join(packetOf(1, 2, append(sessionKey(9), make([]byte, 192-13)...)), data), id},
		"the longest of two octets":     {join(packetOf(1, 2, append(sessionKey(9), make([]byte, 8383-13)...)), data), id},
		"a fingerprint":                 {join(packetOf(1, 1, fingerprint), data), strings.Repeat("CD", 20)},
		"nothing":                       {nil, ""},
		"one byte":                      {[]byte{0xc1}, ""},
		"no data":                       {key, ""},
		"no session key":                {data, ""},
		"two session keys":              {join(key, key, data), ""},
		"more data":                     {join(key, data, data), ""},
		"the other order":               {join(data, key), ""},
		"two session keys and no data":  {join(key, key), ""},
		"a passphrase":                  {join(packetOf(3, 1, []byte{4, 9, 0, 8}), data), ""},
		"data without integrity":        {join(key, packetOf(9, 1, []byte{1, 2})), ""},
		"plaintext":                     {join(key, packetOf(11, 1, []byte{1, 2})), ""},
		"version 0 of the data":         {join(key, packetOf(18, 1, []byte{0})), ""},
		"version 3 of the data":         {join(key, packetOf(18, 1, []byte{3})), ""},
		"empty data":                    {join(key, packetOf(18, 1, nil)), ""},
		"any key":                       {join(packetOf(1, 1, []byte{3, 0, 0, 0, 0, 0, 0, 0, 0, 18, 1}), data), ""},
		"a session key that ends early": {join(packetOf(1, 1, sessionKey(9)[:9]), data), ""},
		"version 2 of the session key":  {join(packetOf(1, 1, append([]byte{2}, sessionKey(9)[1:]...)), data), ""},
		"an empty fingerprint":          {join(packetOf(1, 1, []byte{6, 0, 18, 1}), data), ""},
		"a fingerprint of no bytes":     {join(packetOf(1, 1, []byte{6, 1, 4, 18, 1}), data), ""},
		"a fingerprint that ends early": {join(packetOf(1, 1, fingerprint[:23]), data), ""},
		"two bytes of a session key":    {join(packetOf(1, 1, []byte{6, 2}), data), ""},
		"an empty session key":          {join(packetOf(1, 1, nil), data), ""},
		"a partial length":              {join([]byte{0xc1, 0xe3}, sessionKey(9)[:8], []byte{5}, sessionKey(9)[8:], data), ""},
		"no packet":                     {join(key, []byte{0x12, 1, 1}), ""},
		"an indeterminate length":       {join(key, []byte{0x80 | 9<<2 | 3, 1, 2}), ""},
		"an indeterminate length, 18":   {join(oldPacket(1, 0, sessionKey(9)), []byte{0x80 | 3, 0, 0, 0, 0, 0, 0, 0, 0}), ""},
		"cut in the data":               {join(key, data[:len(data)-1]), ""},
		"cut in two octets":             {join(key, []byte{0xd2, 192}), ""},
		"cut in five octets":            {join(key, []byte{0xd2, 255, 0, 0, 0}), ""},
		"cut in the old format":         {join(key, []byte{0x80 | 18<<2&0x3c | 2, 0, 0, 0}), ""},
		"a passphrase like a key":       {join(packetOf(3, 1, sessionKey(9)), data), ""},
		"no packet, but a key":          {join([]byte{key[0] &^ 0x80}, key[1:], data), ""},
		"a length of eight octets":      {join([]byte{0x80 | 1<<2 | 3, 0, 0, 0, 0, 0, 0, 0, 13}, sessionKey(9), data), ""},
		"only a part of a length":       {[]byte{0x80 | 1<<2 | 2, 0, 0}, ""},
		"longer than any message":       {join(key, []byte{0xd2, 255, 0xff, 0xff, 0xff, 0xff, 1}), ""},
	} {
		got, ok := Key(c.message)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v, want %q", name, got, ok, c.want)
		}
	}
}

// Session keys for others go. What remains must have the form.
func TestTrim(t *testing.T) {
	one, two, data := packetOf(1, 1, sessionKey(1)), packetOf(1, 1, sessionKey(2)), packetOf(18, 1, []byte{1, 2, 3})
	wanted := func(id string) bool { return strings.HasSuffix(id, "2") }
	for name, c := range map[string]struct {
		message, want []byte
		ok            bool
	}{
		"for one":         {slices.Concat(two, data), slices.Concat(two, data), true},
		"for others too":  {slices.Concat(one, two, one, data), slices.Concat(two, data), true},
		"twice":           {slices.Concat(two, two, data), slices.Concat(two, data), true},
		"only for others": {slices.Concat(one, data), data, false},
		"without data":    {two, two, false},
		"for any key":     {slices.Concat(packetOf(1, 1, []byte{3, 0, 0, 0, 0, 0, 0, 0, 0, 18, 1}), data), data, false},
		"a passphrase":    {slices.Concat(two, packetOf(3, 1, []byte{4}), data), slices.Concat(two, packetOf(3, 1, []byte{4}), data), false},
		"cut":             {slices.Concat(two, data[:2]), nil, false},
	} {
		got, ok := Trim(c.message, wanted)
		if ok != c.ok || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %x, %v, want %x", name, got, ok, c.want)
		}
	}
}
