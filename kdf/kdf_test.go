package kdf

import (
	"encoding/hex"
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
	"golang.org/x/crypto/scrypt"
)

// The output of Debian's argon2 command (20171227), including parameters below the limits:
// printf PASSPHRASE | argon2 SALT -id -t PASSES -k KIB -p LANES -l SIZE -r -v 13.
var argon2Table = []struct {
	passphrase, salt string
	params           Argon2id
	size             int
	key              string
}{
	{"password", "somesalt", Argon2id{8, 1, 1}, 32, "f137f8e186a403a679ccd0606e5ab5dcdafe43c1640855ac8c6e33e9bd63eeb3"},
	{"p", "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", Argon2id{16, 2, 2}, 16, "21fcab5b30e44af17798f8f7fa200828"},
	{"correct horse battery staple", "0123456789abcdef", Argon2id{32, 3, 4}, 64, "1ef81506caf099be3f0e1c0ef15ea01654b5c40360e2194604f770bcecd209a4d64a79b935bdd58fa8802a4fdce51019267b374685fd6039c444907483d7bae7"},
	{"é☃", "somesalt", Argon2id{269, 4, 3}, 24, "a84099a45422aa25dbd871a8f20d04e39c3994f92f180b02"},
	{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", Argon2id{1024, 1, 8}, 32, "19a6a73f8a2761f48cc37e3b0874b30f20415e37e9b901f4be48f8764e43e26a"},
	{"password", "0123456789abcdef", Argon2id{8192, 2, 1}, 16, "48782274fb7798bd8c939fac4ca2c89f"},
	{"p", "somesalt", Argon2id{16, 3, 2}, 64, "8ade3e06c55a9fe706f9e8daa9e0b57087f17b0b698198a7685e0ae66c62ea56aa527f45434efe964cae20d47d95e9e4e460c02ddcfaad2e3045b81a3258f0b9"},
	{"correct horse battery staple", "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", Argon2id{32, 4, 4}, 24, "20d17095c7a6154003c8192899805882008687671a622265"},
	{"é☃", "0123456789abcdef", Argon2id{32, 1, 3}, 32, "003cf0fa8e05c6b6d6cc6e59bfa65b0e2bd9621ea065c2845ee64cca80a2b762"},
	{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "somesalt", Argon2id{256, 2, 8}, 16, "b9402165eb7f7159795ede483c3f2ca9"},
	{"password", "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", Argon2id{1029, 3, 1}, 64, "c3846bd4eaf3c6be1deff55e0ecdc0e560b09e9a9b1d107d14f6ad8ffa77df6b015e230c3bbb0d8d0f575938af2c9e49f55564e949ccce18bf9007ea7edf35c4"},
	{"p", "0123456789abcdef", Argon2id{8192, 4, 2}, 24, "b53a90047fc65d98d4403c53d126d5607f38cdb2d4be26c3"},
	{"correct horse battery staple", "somesalt", Argon2id{32, 1, 4}, 32, "1efa86449c93295aabadaeb67d9f0679ce382cf11a021b1695ee299b72e88057"},
	{"é☃", "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", Argon2id{32, 2, 3}, 16, "df030a5b0cd1c822a73ad9916946a327"},
	{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "0123456789abcdef", Argon2id{64, 3, 8}, 64, "0e94e4bd22cfed9f49ba24d61ea694ee23b18c5780fb05515dae31edd00ee195a3dc4add7c077066774c0360c11831fa714f5b7dcaebca956713944cfb206cef"},
	{"password", "somesalt", Argon2id{256, 4, 1}, 24, "f5e4d1b02c0146a771f5155fd95ca053f2338b0cda979a23"},
	{"p", "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", Argon2id{1024, 1, 2}, 32, "84744bfe12b3510e4d795b4d9098023f68e5ca27b14aba0b98a553ae1ba8ef2a"},
	{"correct horse battery staple", "0123456789abcdef", Argon2id{8209, 2, 4}, 16, "d1526ab527265230dd4aab56810f27a0"},
	{"é☃", "somesalt", Argon2id{32, 3, 3}, 64, "3778210e91a0c40c662626142f9385ddf9929c487f40d766fcf026f6ad9f6b31acd4c13ed3a7566a9ed734ff7a1ee73751cd070f5e980ad7fb7d4e6334a28de4"},
	{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", Argon2id{64, 4, 8}, 24, "ee4a7d7062bdd2325098cfeb72cefc4e795bd04f95ab66ce"},
	{"password", "0123456789abcdef", Argon2id{32, 1, 1}, 32, "a119788868b4fbf8b3aa69cdbe7968d2b518e0149a86ee367fa3d403c7e7726c"},
	{"p", "somesalt", Argon2id{256, 2, 2}, 16, "70c724b86164a38dc0f3c4ea2380f6bb"},
	{"correct horse battery staple", "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", Argon2id{1024, 3, 4}, 64, "361a9a32e415e42c69e9d82f8953c9f12c07650f543bc3dd3d9df525cfa46ebe88766683ec973a74fff795c587a7347c54c24b154c1389a79dcfeba7207289f4"},
	{"é☃", "0123456789abcdef", Argon2id{8192, 4, 3}, 24, "cf98ceeb5a16a95fd984278dc35692868de4309de518532a"},
	{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "somesalt", Argon2id{97, 1, 8}, 32, "9f163fc7c0f68a7bda67184db9e98b075f0b4e99f2cda0a7660afae24c1887d4"},
	{"password", "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", Argon2id{16, 2, 1}, 16, "c646885666e55b6dfda8b859f3b5b28e"},
}

func TestArgon2id(t *testing.T) {
	for _, c := range argon2Table {
		if got := hex.EncodeToString(argon2id(c.params, []byte(c.passphrase), []byte(c.salt), c.size)); got != c.key {
			t.Errorf("%v: %s, want %s", c.params, got, c.key)
		}
	}
}

// RFC 7914, section 12.
func TestScryptRFC7914(t *testing.T) {
	for _, c := range []struct {
		passphrase, salt string
		n, r, p          int
		key              string
	}{
		{"", "", 16, 1, 1, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
		{"password", "NaCl", 1024, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
		{"pleaseletmein", "SodiumChloride", 16384, 8, 1, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"},
	} {
		key, err := scrypt.Key([]byte(c.passphrase), []byte(c.salt), c.n, c.r, c.p, 64)
		if err != nil || hex.EncodeToString(key) != c.key {
			t.Errorf("N %d: %x, %v", c.n, key, err)
		}
	}
}

// The fourth vector of RFC 7914 has the highest allowed cost and 64 bytes. PBKDF2 gives the
// same first 32.
func TestScryptHighest(t *testing.T) {
	racetest.Skip(t)
	key, err := Scrypt{20}.Key([]byte("pleaseletmein"), []byte("SodiumChloride"))
	if err != nil || hex.EncodeToString(key) != "2101cb9b6a511aaeaddbbe09cf70f881ec568d574a2ffd4dabe5ee9820adaa47" {
		t.Errorf("%x, %v", key, err)
	}
}

// At allowed costs, the argon2 command derives the same keys.
func TestArgon2Command(t *testing.T) {
	path, err := exec.LookPath("argon2")
	if err != nil {
		t.Skip("needs the argon2 command")
	}
	for _, p := range []Argon2id{{65536, 1, 1}, {65536, 2, 4}, {65537, 1, 3}, {131072, 1, 16}} {
		salt := "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA"
		cmd := exec.Command(path, salt, "-id", "-t", strconv.Itoa(p.Passes), "-k", strconv.Itoa(p.KiB), "-p", strconv.Itoa(p.Lanes), "-l", "32", "-r")
		cmd.Stdin = strings.NewReader("correct horse")
		want, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Key([]byte("correct horse"), []byte(salt))
		if err != nil || hex.EncodeToString(got) != strings.TrimSpace(string(want)) {
			t.Errorf("%v: %x, %v; want %s", p, got, err, want)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{"argon2id", true}, {"scrypt", true},
		{"argon2id:65536:1:1", true}, {"argon2id:65535:1:1", false},
		{"argon2id:1048576:4:1", true}, {"argon2id:1048577:1:1", false}, {"argon2id:1048576:5:1", false},
		{"argon2id:262144:16:16", true}, {"argon2id:262144:17:16", false}, {"argon2id:65536:16:17", false}, {"argon2id:65536:17:1", false},
		{"argon2id:65536:0:1", false}, {"argon2id:65536:1:0", false}, {"argon2id:262145:16:1", false},
		{"argon2id:1099511627776:1:1", false}, {"argon2id:-65536:1:1", false},
		{"scrypt:15", true}, {"scrypt:14", false}, {"scrypt:20", true}, {"scrypt:21", false}, {"scrypt:62", false},
	} {
		p, err := Parse(c.text)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrLimits) {
			t.Errorf("%s: %v", c.text, err)
		}
		if err != nil {
			if key, err := p.Key(nil, nil); key != nil || !errors.Is(err, ErrLimits) {
				t.Errorf("%s derives a key: %v", c.text, err)
			}
			continue
		}
		if again, err := Parse(p.String()); err != nil || again != p {
			t.Errorf("%s is written %s, which reads as %v, %v", c.text, p, again, err)
		}
	}
}

func TestText(t *testing.T) {
	for _, text := range []string{"", "argon2i", "argon2id:", "argon2id:65536", "argon2id:65536:1", "argon2id:65536:1:1:1", "argon2id:065536:1:1",
		"argon2id:+65536:1:1", "argon2id: 65536:1:1", "scrypt:", "scrypt:18:8:1", "scrypt:1e1", "SCRYPT:18", "pbkdf2:1"} {
		if p, err := Parse(text); err == nil {
			t.Errorf("%q reads as %v", text, p)
		}
	}
}

func TestMemory(t *testing.T) {
	if got := DefaultScrypt.Memory(); got != 256<<10 {
		t.Errorf("scrypt:18 needs %d KiB", got)
	}
	if got := DefaultArgon2id.Work(); got != 3*256<<10 {
		t.Errorf("argon2id works on %d KiB", got)
	}
}

// FuzzParse checks that accepted parameters have one text form and are within the limits.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"argon2id", "argon2id:262144:3:4", "scrypt:18", "scrypt"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Parse(s)
		if err != nil {
			return
		}
		if p.Check() != nil || p.String() != s && strings.Contains(s, ":") {
			t.Errorf("%q reads as %v", s, p)
		}
	})
}
