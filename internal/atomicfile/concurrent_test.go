package atomicfile

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Many writers and readers of one file lose nothing and see nothing half-written.
func TestWritersAndReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b.txt")
	if err := Create(path, 0o600, []byte("\n")); err != nil {
		t.Fatal(err)
	}
	const writers, each = 4, 25
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				line := fmt.Sprintf("%d-%d\n", w, i)
				if err := Update(path, 1<<20, func(old []byte) ([]byte, error) { return append(old, line...), nil }); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range each {
				if b, err := Read(path, 1<<20); err != nil || !strings.HasSuffix(string(b), "\n") {
					t.Errorf("%q, %v", b, err)
				}
			}
		})
	}
	all.Wait()
	if b, err := Read(path, 1<<20); err != nil || strings.Count(string(b), "\n") != writers*each+1 {
		t.Errorf("%d lines, %v", strings.Count(string(b), "\n"), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

// A file that another program has open for a moment is replaced once it is closed. Only on
// Windows does it matter.
func TestOpenElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	set := func(text string) error {
		return Update(path, 100, func([]byte) ([]byte, error) { return []byte(text), nil })
	}
	f, err := os.Open(path) // without FILE_SHARE_DELETE
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(500*time.Millisecond, func() { f.Close() })
	if err := set("new"); err != nil {
		t.Error(err)
	}
	f, err = os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := set("newer"); (err == nil) != (runtime.GOOS != "windows") {
		t.Error(err)
	} else if err != nil && err.Error() != path+" can't be replaced; is it open in another program?" {
		t.Error(err)
	}
	if err := Create(path, 0o600, nil); !os.IsExist(err) {
		t.Error(err)
	}
}
