package trust_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

// TestVectors runs the continuity cases of spec/vectors.
func TestVectors(t *testing.T) {
	const dir = "../../spec/vectors"
	names, err := filepath.Glob(filepath.Join(dir, "trust_*"))
	if err != nil || len(names) < 30 {
		t.Fatal(len(names), err)
	}
	for _, path := range names {
		t.Run(filepath.Base(path), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			head, file, _ := bytes.Cut(b, []byte("\n\n"))
			f, err := vaultfile.Parse(file)
			if err != nil {
				t.Fatal(err)
			}
			known := &trust.Known{File: f.ID()}
			want := map[string]string{}
			for line := range strings.Lines(string(head)) {
				key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
				want[key] = value
				switch key {
				case "seen":
					seen := parseB64(t, value)
					known.Learn(trust.Judge(known, seen))
				case "pins":
					if known, err = trust.ParsePins(f.ID(), value); err != nil {
						t.Fatal(err)
					}
				}
			}
			v := trust.Judge(known, f).Of(want["ask"])
			for what, o := range map[string]trust.Options{"read": {}, "write": {Write: true}} {
				got, _, _ := strings.Cut(answer(v, o), " ")
				if got == "" {
					got = "ok"
				}
				if got != want[what] {
					t.Errorf("%s: %s, want %s", what, got, want[what])
				}
			}
		})
	}
}

func parseB64(t *testing.T, s string) *vaultfile.File {
	t.Helper()
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	f, err := vaultfile.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
