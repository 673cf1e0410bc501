package front

import (
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/credfile/credfile/internal/shell"
)

// Editor returns the user's editor as a command line, as git takes it.
func Editor(getenv func(string) string) string {
	for _, name := range []string{"CREDFILE_EDITOR", "VISUAL", "EDITOR"} {
		if editor := getenv(name); editor != "" {
			return editor
		}
	}
	if runtime.GOOS == "windows" {
		return "notepad"
	}
	return "vi"
}

// Hold receives the signals that would end this process.
func Hold(signals chan<- os.Signal) { signal.Notify(signals, allSignals...) }

// grace is how long an editor has to exit after it was told to.
const grace = 5 * time.Second

// Edit runs an editor on a file, through the shell. Interrupts from the keyboard are left
// to the editor. A signal that ends us ends the editor first; ended is that signal.
func Edit(editor, path string, environ []string) (ended os.Signal, err error) {
	args := append(slices.Clone(KnownEditor(editor).args), path)
	cmd := shell.Command(editor, args...)
	cmd.Env, cmd.Dir = environ, filepath.Dir(path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, allSignals...)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var kill <-chan time.Time
	for {
		select {
		case err := <-done:
			return ended, err
		case s := <-signals:
			if ends(s) {
				ended = s
				end(cmd.Process, s)
				kill = time.After(grace)
			}
		case <-kill:
			end(cmd.Process, os.Kill)
		}
	}
}
