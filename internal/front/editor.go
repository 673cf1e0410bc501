package front

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Editor returns the user's editor: a command line, as git takes it.
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

// quietly keeps editors that are known from writing what they edit elsewhere: swap,
// backup and undo files, histories. The file itself lies in a private directory.
func quietly(editor string) []string {
	program := ""
	for _, word := range strings.Fields(editor) {
		word = strings.Trim(word, `"'`)
		if name := filepath.Base(word); strings.Contains(word, "=") || name == "env" || name == "nice" || name == "exec" || name == "command" {
			continue // what stands before the editor
		}
		program = word
		break
	}
	if program == "" {
		return nil
	}
	if path, err := exec.LookPath(program); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			program = real
		}
	}
	name := filepath.Base(program)
	switch {
	case strings.HasPrefix(name, "vim"), strings.HasPrefix(name, "nvim"), name == "gvim", name == "mvim", name == "view":
		return []string{"-n", "-i", "NONE", "--cmd", "set nobackup nowritebackup noundofile noswapfile",
			"-c", "set nobackup nowritebackup noundofile noswapfile"}
	case name == "nano":
		return []string{"--ignorercfiles"}
	case strings.HasPrefix(name, "emacs") && !strings.HasPrefix(name, "emacsclient"):
		return []string{"--eval", "(setq make-backup-files nil auto-save-default nil create-lockfiles nil auto-save-list-file-prefix nil save-place nil history-length 0)"}
	}
	return nil
}

// Hold takes the signals that would end this process.
func Hold(signals chan<- os.Signal) { signal.Notify(signals, allSignals...) }

// grace is how long an editor has to end after it was told to.
const grace = 5 * time.Second

// Edit runs an editor on a file, through the shell. Interrupts from the keyboard are
// the editor's business; a signal that ends us ends it first. ended is that signal.
func Edit(editor, path string, environ []string) (ended os.Signal, err error) {
	args := append(quietly(editor), path)
	cmd := exec.Command("sh", append([]string{"-c", editor + ` "$@"`, "editor"}, args...)...)
	if runtime.GOOS == "windows" {
		cmd = exec.Command("cmd", "/C", editor+` "`+path+`"`)
	}
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
