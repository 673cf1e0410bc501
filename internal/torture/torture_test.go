//go:build linux && amd64

package torture

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/credfile/credfile/internal/racetest"
)

// writers replace a file by its second argument. Only the first does it well.
var writers = map[string]func(path string, text []byte) error{
	"good": func(path string, text []byte) error { return write(path, text, true, true) },
	"truncates": func(path string, text []byte) error {
		return os.WriteFile(path, text, 0o600)
	},
	"does not sync the file":      func(path string, text []byte) error { return write(path, text, false, true) },
	"does not sync the directory": func(path string, text []byte) error { return write(path, text, true, false) },
	"ignores errors": func(path string, text []byte) error {
		os.WriteFile(path+".new", text, 0o600)
		os.Rename(path+".new", path)
		return nil
	},
}

func write(path string, text []byte, syncFile, syncDir bool) error {
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return err
	}
	if syncFile {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil || !syncDir {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func TestMain(m *testing.M) {
	if w := writers[os.Getenv("WRITER")]; w != nil {
		if w(os.Args[1], []byte(strings.Repeat("new", 100))) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// judged is what is found wrong with a writer.
type judged struct{ points, broken, lies, unsynced int }

func judge(t *testing.T, writer string) (j judged) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	old := strings.Repeat("old", 200)
	run := func(at func(int, *Call) Fault) ([]*Call, syscall.WaitStatus) {
		if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("/proc/self/exe", path)
		cmd.Env = []string{"WRITER=" + writer}
		calls, status, err := Run(cmd, at)
		if errors.Is(err, syscall.EPERM) {
			t.Skip("needs the right to trace processes")
		} else if err != nil {
			t.Fatal(err)
		}
		return calls, status
	}
	calls, status := run(func(int, *Call) Fault { return Fault{} })
	if status != 0 {
		t.Fatalf("%s ended with %v", writer, status)
	}
	_, faults := Unsynced(calls, dir)
	j.unsynced = len(faults)
	for _, p := range Points(calls, syscall.EIO) {
		j.points++
		_, status := run(p.At)
		text, err := os.ReadFile(path)
		if is := string(text); err != nil || is != old && is != strings.Repeat("new", 100) {
			j.broken++
		} else if status == 0 && is == old {
			j.lies++
		}
	}
	return j
}

// A good writer passes, and each bad one is found out.
func TestWriters(t *testing.T) {
	racetest.Skip(t)
	for name := range writers {
		j := judge(t, name)
		t.Logf("%s: %+v", name, j)
		var want bool
		switch name {
		case "good":
			want = j.broken+j.lies+j.unsynced == 0 && j.points > 30
		case "truncates":
			want = j.broken > 0
		case "ignores errors":
			want = j.lies > 0 && j.unsynced == 2
		default:
			want = j.unsynced == 1 && j.broken+j.lies == 0
		}
		if !want {
			t.Errorf("%s: %+v", name, j)
		}
	}
}
