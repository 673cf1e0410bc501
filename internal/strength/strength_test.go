package strength

import (
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/generate"
)

func TestWeak(t *testing.T) {
	for _, weak := range []string{
		"", "x", "hunter2", "elevenchars", "Password2024!", "P@ssw0rd1234", "internationalization", "qwertyuiop123", "aaaaaaaaaaaaaaaaaa",
		"abcabcabcabcabcabc", "123456789012345", "alexander1990", "correct-correct-correct", "letmeinletmein", "19900101-19910202",
		"michaeljordan23", "qazwsxedcqazwsx", "tiger lamp 12", "passwordpassword", "December2025!!", "ilovejennifer1", "administrator1", "0987654321qwerty",
		"Schmetterling77", "zyxwvutsrqponml", strings.Repeat("a", 1000),
	} {
		if Weak(weak, generate.IsWord) == "" {
			t.Errorf("%q passes, with %.1f bits", weak, Bits(weak, generate.IsWord))
		}
	}
	for _, strong := range []string{
		"correct horse battery staple", "kxqvzpwtrmbd", "Tr0ub4dor&3xKq", "mein hund frisst gerne blaue schuhe", "tiger lamp grass river",
		"9f86d081884c7d65", "unsmooth-catnip-ditto-laurel-swivel-graph", "wL4$vN9!qZ2@", "tigerlampgrassriver", "日本語の長い秘密の文句です",
	} {
		if why := Weak(strong, generate.IsWord); why != "" {
			t.Errorf("%q: %s, with %.1f bits", strong, why, Bits(strong, generate.IsWord))
		}
	}
	for range 200 {
		for n, weak := range map[int]bool{2: true, 4: false, generate.PassphraseWords: false} {
			// Two of the longest words may exceed twelve letters, yet take two guesses.
			if p := generate.Words(n); (Weak(p, generate.IsWord) != "") != weak && !strings.Contains(p, "yo-yo") {
				t.Errorf("%q has %.1f bits", p, Bits(p, generate.IsWord))
			}
		}
	}
	if secret, err := generate.Secret("password:16"); err != nil || Weak(secret, generate.IsWord) != "" {
		t.Errorf("%q is weak", secret)
	}
}

// Bits never returns a negative number or NaN, and no input takes long.
func FuzzBits(f *testing.F) {
	f.Add("Password2024!")
	f.Add("aaaaaaaa\xff\x00")
	f.Fuzz(func(t *testing.T, s string) {
		if bits := Bits(s, generate.IsWord); bits < 0 || bits != bits {
			t.Errorf("%q: %v", s, bits)
		}
	})
}
