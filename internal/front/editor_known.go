package front

import (
	"os/exec"
	"path/filepath"
	"strings"
)

// KnownAs describes a known editor.
type KnownAs struct {
	Name     string
	Terminal bool     // it runs in a terminal, and needs one
	Hands    bool     // it hands the file to another program and never waits for it
	args     []string // before the file: to wait, and to keep no copies elsewhere
}

var (
	// The user's vimrc may undo what --cmd sets, and -c runs after the file was read. In
	// between, a modeline in a colleague's comment must be switched off.
	quietVim = []string{"-n", "-i", "NONE", "--cmd", "set nobackup nowritebackup noundofile noswapfile",
		"--cmd", "autocmd BufReadPre * set nomodeline modelines=0",
		"-c", "set nobackup nowritebackup noundofile noswapfile"}
	quietEmacs = []string{"--eval", "(setq make-backup-files nil auto-save-default nil create-lockfiles nil auto-save-list-file-prefix nil save-place nil history-length 0 enable-local-variables nil)"}
)

// KnownEditor looks up an editor's command line. An editor that opens a window returns at
// once unless told to wait. One in a terminal may leave swap, backup and undo files, or a
// history, outside the private directory.
func KnownEditor(editor string) (k KnownAs) {
	program := programOf(editor)
	k.Name = filepath.Base(program)
	names := []string{strings.TrimSuffix(strings.ToLower(k.Name), ".exe"), ""}
	if path, err := exec.LookPath(program); err == nil && program != "" {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			names[1] = filepath.Base(real) // vi may be vim.basic, for example
		}
	}
	for _, name := range names {
		switch {
		case name == "":
		case name == "gvim", name == "mvim", name == "evim", strings.HasPrefix(name, "vim.gtk") && names[0] == "gvim":
			k.args = append([]string{"--nofork"}, quietVim...)
			return k
		case strings.HasPrefix(name, "vim"), strings.HasPrefix(name, "nvim"), name == "view":
			k.args, k.Terminal = quietVim, true
			return k
		case name == "nano", name == "rnano":
			k.args, k.Terminal = []string{"--ignorercfiles"}, true
			return k
		case strings.HasPrefix(name, "emacs") && !strings.HasPrefix(name, "emacsclient"):
			k.args = quietEmacs
			return k
		case wordIn(name, "code code-insiders code-oss codium vscodium cursor windsurf positron trae kiro atom pulsar "+
			"subl sublime_text zed zeditor mate bbedit nova gedit lapce idea goland pycharm webstorm phpstorm clion rubymine rider datagrip rustrover"):
			k.args = []string{"--wait"}
			return k
		case name == "kate":
			k.args = []string{"--block"}
			return k
		case name == "open": // macOS: -W waits for the application, -n starts a new one
			k.args = []string{"-W", "-n"}
			return k
		case wordIn(name, "xdg-open gio gnome-open kde-open kde-open5 exo-open wslview explorer start cygstart"):
			k.Hands = true
			return k
		case wordIn(name, "vi nvi ex-vi pico joe jmacs jstar jpico rjoe ne mg jed micro hx helix kak mcedit zile tilde dte vis elvis amp"):
			k.Terminal = true
		}
	}
	return k
}

func wordIn(word, list string) bool {
	return word != "" && strings.Contains(" "+list+" ", " "+word+" ")
}

// programOf returns the program that a command line starts.
func programOf(editor string) string {
	for _, word := range strings.Fields(editor) {
		word = strings.Trim(word, `"'`)
		if name := filepath.Base(word); strings.Contains(word, "=") || wordIn(name, "env nice exec command nohup setsid") {
			continue // precedes the editor
		}
		return word
	}
	return ""
}
