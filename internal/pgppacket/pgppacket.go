// Package pgppacket checks the packets of an OpenPGP message without go-crypto, which is slow
// to load: RFC 9580, sections 4 and 5. It opens nothing.
package pgppacket

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// The OpenPGP packets that the format allows: RFC 9580, section 5, and GnuPG's own packet
// for authenticated encryption.
const (
	tagPKESK = 1
	tagSEIPD = 18
	tagOCB   = 20
)

// packet is one packet of a message: its bytes including the header, and its body.
type packet struct {
	tag       int
	raw, body []byte
}

// Key checks the form of an openpgp lock's message: one session key for one named key, one
// packet of encrypted and authenticated data, nothing else. It returns the key's id or
// fingerprint, in upper-case hexadecimal.
func Key(message []byte) (id string, ok bool) {
	ps, ok := packets(message)
	if !ok || len(ps) != 2 || ps[0].tag != tagPKESK || !authenticated(ps[1]) {
		return "", false
	}
	return pkeskKey(ps[0].body)
}

func authenticated(p packet) bool {
	return p.tag == tagSEIPD && len(p.body) > 0 && (p.body[0] == 1 || p.body[0] == 2) || p.tag == tagOCB
}

// pkeskKey returns the key that a session key is for: RFC 9580, section 5.1. Version 3 has
// the key's id, which must not be zero (any key), version 6 its fingerprint.
func pkeskKey(body []byte) (string, bool) {
	var id []byte
	switch {
	case len(body) > 9 && body[0] == 3:
		id = body[1:9]
		if binary.BigEndian.Uint64(id) == 0 {
			return "", false
		}
	case len(body) > 2 && body[0] == 6 && body[1] > 1 && len(body) > 2+int(body[1]):
		id = body[3 : 2+int(body[1])] // preceded by the key's version
	default:
		return "", false
	}
	return strings.ToUpper(hex.EncodeToString(id)), true
}

// packets splits a message: RFC 9580, section 4.2. It refuses partial and indeterminate
// lengths.
func packets(b []byte) ([]packet, bool) {
	var ps []packet
	for len(b) > 0 {
		p, n, ok := nextPacket(b)
		if !ok {
			return nil, false
		}
		ps, b = append(ps, p), b[n:]
	}
	return ps, true
}

func nextPacket(b []byte) (p packet, n int, ok bool) {
	if len(b) < 2 || b[0]&0x80 == 0 {
		return p, 0, false
	}
	head, size := 2, uint64(b[1])
	if b[0]&0x40 != 0 {
		p.tag = int(b[0] & 63)
		switch {
		case size < 192:
		case size < 224 && len(b) > 2:
			head, size = 3, (size-192)<<8+uint64(b[2])+192
		case size == 255 && len(b) > 5:
			head, size = 6, uint64(binary.BigEndian.Uint32(b[2:]))
		default:
			return p, 0, false // partial, or cut off
		}
	} else {
		p.tag = int(b[0] >> 2 & 15)
		width := 1 << (b[0] & 3)
		if width == 8 || len(b) < 1+width {
			return p, 0, false // indeterminate, or cut off
		}
		head, size = 1+width, 0
		for _, c := range b[1:head] {
			size = size<<8 | uint64(c)
		}
	}
	if uint64(len(b)) < uint64(head)+size {
		return p, 0, false
	}
	n = head + int(size)
	p.raw, p.body = b[:n], b[head:n]
	return p, n, true
}

// Trim removes session keys for unrequested keys from a message written by an OpenPGP
// program. It keeps the first one whose key id is wanted. ok is false if the rest does not
// have the form of a lock.
func Trim(message []byte, wanted func(keyID string) bool) (out []byte, ok bool) {
	ps, ok := packets(message)
	if !ok {
		return nil, false
	}
	kept := false
	for _, p := range ps {
		if p.tag == tagPKESK {
			id, ok := pkeskKey(p.body)
			if kept || !ok || !wanted(id) {
				continue
			}
			kept = true
		}
		out = append(out, p.raw...)
	}
	_, ok = Key(out)
	return out, ok
}
