package vectorgen

import (
	"bytes"
	"slices"
)

// pgp returns an OpenPGP packet with a new-format header.
func pgp(tag byte, body ...[]byte) []byte {
	b := slices.Concat(body...)
	if len(b) < 192 {
		return slices.Concat([]byte{0xc0 | tag, byte(len(b))}, b)
	}
	n := len(b) - 192
	return slices.Concat([]byte{0xc0 | tag, byte(n>>8) + 192, byte(n)}, b)
}

func (k *kit) pkesk() []byte {
	return pgp(1, []byte{3}, k.bytes(8), []byte{18, 1, 7, 0x40}, k.bytes(32), []byte{48}, k.bytes(48))
}

func (k *kit) seipd() []byte { return pgp(18, []byte{1}, k.bytes(140)) }

func openPGP(expect, name, comment string, packets func(k *kit) [][]byte) Case {
	return outside(expect, "openpgp_"+name, comment, "openpgp", func(k *kit) []byte { return bytes.Join(packets(k), nil) })
}

var openPGPCases = []Case{
	openPGP("ok", "long", "lengths of two and of five octets", func(k *kit) [][]byte {
		key := k.pkesk()
		return [][]byte{slices.Concat([]byte{0xc1, 255, 0, 0, 0, byte(len(key) - 2)}, key[2:]), pgp(18, []byte{2}, k.bytes(300))}
	}),
	openPGP("ok", "old", "packets with old heads", func(k *kit) [][]byte {
		key, data := k.pkesk()[2:], k.seipd()[2:]
		return [][]byte{slices.Concat([]byte{0x84, byte(len(key))}, key), slices.Concat([]byte{0xc0 | 18, byte(len(data))}, data)}
	}),
	openPGP("ok", "ocb", "GnuPG's authenticated packet, tag 20", func(k *kit) [][]byte {
		return [][]byte{k.pkesk(), pgp(20, []byte{1, 9, 2, 16}, k.bytes(120))}
	}),
	openPGP("ok", "version_6", "a session key of version 6", func(k *kit) [][]byte {
		return [][]byte{pgp(1, []byte{6, 33, 6}, k.bytes(32), []byte{25}, k.bytes(72)), pgp(18, []byte{2}, k.bytes(140))}
	}),
	openPGP("deep", "unencrypted", "a literal packet, not encrypted", func(k *kit) [][]byte {
		return [][]byte{pgp(11, []byte{'b', 0, 0, 0, 0, 0}, []byte(stranger().String()+"\n"))}
	}),
	openPGP("deep", "no_integrity", "a packet without integrity protection, tag 9", func(k *kit) [][]byte {
		return [][]byte{k.pkesk(), pgp(9, k.bytes(140))}
	}),
	openPGP("deep", "symmetric", "a session key under a passphrase", func(k *kit) [][]byte {
		return [][]byte{pgp(3, []byte{4, 9, 3, 8}, k.bytes(8), []byte{96}), k.seipd()}
	}),
	openPGP("deep", "symmetric_too", "a session key under a passphrase besides", func(k *kit) [][]byte {
		return [][]byte{k.pkesk(), pgp(3, []byte{4, 9, 3, 8}, k.bytes(8), []byte{96}), k.seipd()}
	}),
	openPGP("deep", "two_keys", "two session keys", func(k *kit) [][]byte { return [][]byte{k.pkesk(), k.pkesk(), k.seipd()} }),
	openPGP("deep", "no_key", "no session key", func(k *kit) [][]byte { return [][]byte{k.seipd()} }),
	openPGP("deep", "key_alone", "a session key, and no data", func(k *kit) [][]byte { return [][]byte{k.pkesk()} }),
	openPGP("deep", "anonymous", "a session key for anybody", func(k *kit) [][]byte {
		key := k.pkesk()
		copy(key[3:], make([]byte, 8))
		return [][]byte{key, k.seipd()}
	}),
	openPGP("deep", "anonymous_6", "a session key of version 6 for anybody", func(k *kit) [][]byte {
		return [][]byte{pgp(1, []byte{6, 0, 25}, k.bytes(72)), k.seipd()}
	}),
	openPGP("deep", "version_2", "a session key of version 2", func(k *kit) [][]byte {
		key := k.pkesk()
		key[2] = 2
		return [][]byte{key, k.seipd()}
	}),
	openPGP("deep", "followed", "a packet behind the message", func(k *kit) [][]byte {
		return [][]byte{k.pkesk(), k.seipd(), pgp(11, []byte{'b', 0, 0, 0, 0, 0, 'x'})}
	}),
	openPGP("deep", "partial", "a length that is partial", func(k *kit) [][]byte {
		data := k.seipd()
		return [][]byte{k.pkesk(), slices.Concat([]byte{data[0], 224 + 7}, data[2:2+128], []byte{byte(len(data) - 2 - 128)}, data[2+128:])}
	}),
	openPGP("deep", "indeterminate", "a length that is indeterminate", func(k *kit) [][]byte {
		return [][]byte{k.pkesk(), append([]byte{0x83 | 9<<2}, k.bytes(140)...)}
	}),
	openPGP("deep", "cut", "the message is cut off", func(k *kit) [][]byte {
		data := k.seipd()
		return [][]byte{k.pkesk(), data[:len(data)-1]}
	}),
	openPGP("deep", "armored", "a message in armor", func(k *kit) [][]byte {
		return [][]byte{[]byte("-----BEGIN PGP MESSAGE-----\n\n" + b64(k.seipd()) + "\n-----END PGP MESSAGE-----\n")}
	}),
	openPGP("deep", "seipd_version", "a data packet of version 3", func(k *kit) [][]byte {
		return [][]byte{k.pkesk(), pgp(18, []byte{3}, k.bytes(140))}
	}),
}
