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
func readVector(t testing.TB, name string) (expect string, line int, file []byte) {
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

func vectorNames(t testing.TB) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(vectorDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.Contains(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

// What the grammar refuses is refused here, at the right line. The rest is written as it was read.
func TestVectors(t *testing.T) {
	classes := map[string]error{"version": ErrVersion, "limit": ErrLimit, "syntax": ErrSyntax}
	refused := 0
	for _, name := range vectorNames(t) {
		expect, line, in := readVector(t, name)
		file, err := Parse(in)
		checkSkim(t, string(in), file, err)
		class := classes[expect]
		if class != nil {
			refused++
		}
		if !errors.Is(err, class) {
			t.Errorf("%s: %v, want %v", name, err, class)
			continue
		}
		if class == nil {
			if out := Marshal(file); !bytes.Equal(out, in) {
				t.Errorf("%s: written otherwise than it was read", name)
			}
			continue
		}
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || line != 0 && syntax.Line != line {
			t.Errorf("%s: %v, want line %d", name, err, line)
		}
	}
	if refused < 100 {
		t.Errorf("%d vectors that the grammar refuses: too few", refused)
	}
}
