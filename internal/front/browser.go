package front

import (
	"os/exec"
	"runtime"
	"strings"
)

// OpenBrowser starts the user's browser at a page, and does not wait for it: a browser that is a script
// may itself wait for what comes next. It does nothing if there is no browser.
func OpenBrowser(url string, getenv func(string) string, environ []string) {
	program, args := "xdg-open", []string{url}
	switch browser, _, _ := strings.Cut(getenv("BROWSER"), ":"); {
	case browser != "":
		program = browser
	case runtime.GOOS == "darwin":
		program = "open"
	case runtime.GOOS == "windows":
		program, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	path, err := Lookup(program, getenv)
	if err != nil {
		return
	}
	cmd := exec.Command(path, args...)
	cmd.Env = environ
	if cmd.Start() == nil {
		go cmd.Wait()
	}
}
