package front

import (
	"os"
	"path/filepath"
	"testing"
)

// The control groups' memory limit is found.
func TestMemoryLimit(t *testing.T) {
	root := t.TempDir()
	write := func(path, text string) {
		path = filepath.Join(root, path)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a/memory.max", "268435456\n")
	write("a/b/memory.max", "max\n")
	write("memory/docker/memory.limit_in_bytes", "134217728\n")
	write("memory/memory.limit_in_bytes", "9223372036854771712\n")
	for groups, want := range map[string]int{
		"0::/a/b\n": 256 << 10, "0::/\n": 0, "0::/x\n": 0, "": 0, "nonsense": 0,
		"5:cpu,memory:/docker\n4:cpu:/docker\n": 128 << 10, "5:memory:/docker\n0::/a\n": 128 << 10,
	} {
		if got := cgroupLimit(root, groups); got != want {
			t.Errorf("%q: %d KiB, want %d", groups, got, want)
		}
	}
}
