package front

import (
	"os/exec"
	"path/filepath"
	"strings"
)

// KnownAs is what is known of an editor.
type KnownAs struct {
	Name     string
	Terminal bool     // it works in a terminal, and can't without one
	Hands    bool     // it hands the file to another program, and never waits for it
	args     []string // for it, before the file: to wait, and to keep no copies elsewhere
}

var (
	// What --cmd sets the user's vimrc may undo, and -c comes when the file was read: a
	// modeline in a colleague's comment has to be switched off in between.
	quietVim = []string{"-n", "-i", "NONE", "--cmd", "set nobackup nowritebackup noundofile noswapfile",
		"--cmd", "autocmd BufReadPre * set nomodeline modelines=0",
		"-c", "set nobackup nowritebackup noundofile noswapfile"}
	quietEmacs = []string{"--eval", "(setq make-backup-files nil auto-save-default nil create-lockfiles nil auto-save-list-file-prefix nil save-place nil history-length 0 enable-local-variables nil)"}
)

// KnownEditor looks an editor's command line up. An editor that opens a window comes back
// at once, unless it is told to wait; one in a terminal may leave swap, backup and undo
// files, or a history, elsewhere than in the private directory.
func KnownEditor(editor string) (k KnownAs) {
	program := programOf(editor)
	k.Name = filepath.Base(program)
	names := []string{strings.TrimSuffix(strings.ToLower(k.Name), ".exe"), ""}
	if path, err := exec.LookPath(program); err == nil && program != "" {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			names[1] = filepath.Base(real) // vi is vim.basic, say
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
		case name == "open": // macOS: -W waits for the application, -n for one of its own
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

// programOf is the program that a command line starts.
func programOf(editor string) string {
	for _, word := range strings.Fields(editor) {
		word = strings.Trim(word, `"'`)
		if name := filepath.Base(word); strings.Contains(word, "=") || wordIn(name, "env nice exec command nohup setsid") {
			continue // what stands before the editor
		}
		return word
	}
	return ""
}
