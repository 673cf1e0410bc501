//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/front"
	"github.com/credfile/credfile/internal/racetest"
)

// What `env` allocates for 1,000 credentials, up to the point where it becomes the command.
// The first memory that a process touches costs more time than anything it writes there.
func TestEnvAllocates(t *testing.T) {
	racetest.Skip(t) // it counts the detector's bytes, too
	const limit = 1_500_000
	b := newBox(t)
	b.ok("", "init")
	var dotenv strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&dotenv, "NAME_%d=a value of forty characters, or nearly so\n", i)
	}
	b.ok(dotenv.String(), "import", "--from", "dotenv", "-")
	// The system can't execute it, so the test lives on.
	command := filepath.Join(b.home, "command")
	if err := os.WriteFile(command, []byte("#!/nonexistent\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(b.dir)
	var out bytes.Buffer
	w := world{stdin: strings.NewReader(""), stdout: &out, stderr: &out, environ: b.env, now: time.Now}
	w.getenv = func(name string) string { value, _ := front.LookupEnv(b.env, name); return value }
	w.getwd = os.Getwd
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	code := run([]string{"env", "--", command}, w)
	runtime.ReadMemStats(&after)
	if code != 126 && code != 127 || strings.Count(out.String(), "\n") > 2 {
		t.Fatalf("exit code %d\n%s", code, out.String())
	}
	n := after.TotalAlloc - before.TotalAlloc
	t.Logf("env allocates %d bytes", n)
	if n > limit {
		t.Errorf("env allocates %d bytes, more than %d", n, limit)
	}
}
