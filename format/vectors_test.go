package format

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const vectorDir = "../spec/vectors"

// readVector returns what a vector in spec/vectors is expected to be, at which line, and its file.
func readVector(t *testing.T, name string) (expect string, line int, file []byte) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectorDir, name))
	if err != nil {
		t.Fatal(err)
	}
	head, file, _ := bytes.Cut(b, []byte("\n\n"))
	for l := range strings.Lines(string(head)) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(l), ": "); key {
		case "expect":
			expect = value
		case "line":
			fmt.Sscan(value, &line)
		case "body":
			r, err := zlib.NewReader(bytes.NewReader(file))
			if err == nil {
				file, err = io.ReadAll(r)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return expect, line, file
}

// What the grammar refuses is refused here, at the right line. The rest is written as it was read.
func TestVectors(t *testing.T) {
	entries, err := os.ReadDir(vectorDir)
	if err != nil {
		t.Fatal(err)
	}
	classes := map[string]error{"version": ErrVersion, "limit": ErrLimit, "syntax": ErrSyntax}
	refused := 0
	for _, e := range entries {
		if strings.Contains(e.Name(), ".") {
			continue
		}
		expect, line, in := readVector(t, e.Name())
		file, err := Parse(in)
		checkSkim(t, string(in), file, err)
		class := classes[expect]
		if class != nil {
			refused++
		}
		if !errors.Is(err, class) {
			t.Errorf("%s: %v, want %v", e.Name(), err, class)
			continue
		}
		if class == nil {
			if out := Marshal(file); !bytes.Equal(out, in) {
				t.Errorf("%s: written otherwise than it was read", e.Name())
			}
			continue
		}
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || line != 0 && syntax.Line != line {
			t.Errorf("%s: %v, want line %d", e.Name(), err, line)
		}
	}
	if refused < 100 {
		t.Errorf("%d vectors that the grammar refuses: too few", refused)
	}
}
