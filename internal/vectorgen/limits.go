package vectorgen

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// limitCases each exceed a limit by one. Most compress well.
var limitCases = []Case{
	{"limit_profiles", "limit", "1,025 profiles", func(k *kit) []byte {
		f := k.bare()
		text := f.text()
		for i := range 1025 {
			text += f.section(fmt.Sprintf("p%04d", i), 1<<20+i, "writer me ssh-ed25519 AAAA AAAA\n")
		}
		return k.zip(text)
	}},
	{"limit_recipients", "limit", "1,025 recipients", func(k *kit) []byte {
		return k.lines(1025, func(i int) string {
			key := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%06d", i))
			return fmt.Sprintf("writer r%04d ssh-ed25519 %s AAAA\n", i, key)
		})
	}},
	{"limit_former", "limit", "1,025 former", func(k *kit) []byte {
		return k.lines(1025, func(i int) string {
			line := fmt.Sprintf("former f%04d %s\n", i, when)
			if i == 0 {
				return "writer me ssh-ed25519 AAAA AAAA\n" + line
			}
			return line
		})
	}},
	{"limit_vouched", "limit", "257 vouched", func(k *kit) []byte {
		return k.lines(257, func(i int) string {
			return fmt.Sprintf("vouched %s %s %s\n", number(i, 32), strings.Repeat("A", 43), strings.Repeat("A", 86))
		})
	}},
	{"limit_entries", "limit", "65,537 entries", func(k *kit) []byte {
		return k.lines(65537, func(i int) string {
			line := fmt.Sprintf("credential c%05d %s %s\n", i, when, strings.Repeat("A", 128))
			if i == 0 {
				return "writer me ssh-ed25519 AAAA AAAA\n" + line
			}
			return line
		})
	}},
	{"limit_removed", "limit", "1,025 removed profiles", func(k *kit) []byte {
		f := k.bare()
		text := f.text() + f.section("p", 1<<20, "writer me ssh-ed25519 AAAA AAAA\n")
		var ids []string
		for i := range 1025 {
			ids = append(ids, number(i, 16))
		}
		slices.Sort(ids)
		for _, id := range ids {
			text += fmt.Sprintf("\nremoved x %s %s %s\n", id, strings.Repeat("A", 43), strings.Repeat("A", 86))
		}
		return k.zip(text)
	}},
	{"limit_passphrases", "limit", "257 passphrase locks with different messages", func(k *kit) []byte {
		f := k.bare()
		text := f.text()
		recipient := "age1" + strings.Repeat("q", 58)
		for i := range 257 {
			text += f.section(fmt.Sprintf("p%04d", i), 1<<20+i, fmt.Sprintf("writer me %s scrypt %s AAAA\n", recipient, number(i, 16)))
		}
		return k.zip(text)
	}},
	{"limit_wrap", "limit", "a wrap of 16,385 bytes", func(k *kit) []byte {
		return k.lines(1, func(int) string { return "writer me ssh-ed25519 AAAA " + b64(make([]byte, 16385)) + "\n" })
	}},
	{"limit_message", "limit", "a lock's message of 16,385 bytes", func(k *kit) []byte {
		recipient := "age1" + strings.Repeat("q", 58)
		return k.lines(1, func(int) string {
			return "writer me " + recipient + " age " + b64(make([]byte, 16385)) + " AAAA\n"
		})
	}},
	{"limit_recipient", "limit", "a recipient of 4,097 bytes", func(k *kit) []byte {
		return k.lines(1, func(int) string { return "writer me age1" + strings.Repeat("q", 4093) + " AAAA\n" })
	}},
	{"limit_revision", "limit", "revision 2^53", func(k *kit) []byte {
		f, p, _ := k.one()
		p.rev = "9007199254740992"
		k.set("line", "%d", strings.Count(string(f.bytes()), "\n"))
		return f.bytes()
	}},
	{"limit_sealed", "limit", "a sealed value that is longer than any", func(k *kit) []byte {
		return k.lines(1, func(int) string {
			return "writer me ssh-ed25519 AAAA AAAA\ncredential A " + when + " " + b64(make([]byte, 32+1081344+64)) + "\n"
		})
	}},
	{"limit_file", "limit", "a file of 16 MiB and one byte", func(k *kit) []byte {
		return k.zip(strings.Repeat("x", 16<<20+1))
	}},
}

type bare struct{ k *kit }

func (k *kit) bare() bare          { return bare{k} }
func (b bare) text() string        { return "credfile/1 " + b64(b.k.bytes(16)) + "\n" }
func number(i, size int) string    { return b64(fmt.Appendf(nil, "%0*d", size, i)) }
func (k *kit) zip(s string) []byte { k.zlib = true; return []byte(s) }

// section is a section with an arbitrary signature: limits are checked before it.
func (b bare) section(name string, id int, body string) string {
	a := strings.Repeat("A", 43)
	return fmt.Sprintf("\nprofile %s %s %s %s\n%sseal 1 %s\n", name, number(id, 16), a, a, body, strings.Repeat("A", 86))
}

// lines returns a file of one profile with these lines.
func (k *kit) lines(n int, line func(i int) string) []byte {
	f := k.bare()
	var body strings.Builder
	for i := range n {
		body.WriteString(line(i))
	}
	return k.zip(f.text() + f.section("p", 1, body.String()))
}
