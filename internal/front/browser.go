package front

import (
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/credfile/credfile/internal/shell"
)

// OpenBrowser starts the user's browser at a page, and does not wait for it: a browser that is a script
// may itself wait for what comes next. It returns false if this machine has none that the user can see:
// xdg-open is often there without one.
func OpenBrowser(url string, getenv func(string) string, environ []string) bool {
	program, args := "xdg-open", []string{url}
	switch browser, _, _ := strings.Cut(getenv("BROWSER"), string(os.PathListSeparator)); {
	case browser != "":
		program = browser
	case runtime.GOOS == "darwin":
		program = "open"
	case runtime.GOOS == "windows":
		program, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	case getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "" && getenv("WSL_DISTRO_NAME") == "":
		return false
	}
	path, err := Lookup(program, getenv)
	if err != nil || runtime.GOOS == "windows" && shell.IsBatch(path) { // cmd.exe would read the page as its own language
		return false
	}
	cmd := exec.Command(path, args...)
	cmd.Env = environ
	if cmd.Start() != nil {
		return false
	}
	go cmd.Wait()
	return true
}
