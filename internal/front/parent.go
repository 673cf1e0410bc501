package front

import "strings"

// shellOf returns the kind of shell that a program is, or "".
func shellOf(program string) string {
	switch strings.TrimSuffix(strings.ToLower(program), ".exe") {
	case "powershell", "pwsh", "powershell_ise":
		return "powershell"
	case "cmd":
		return "cmd"
	case "bash", "sh", "dash", "zsh":
		return "sh"
	case "fish":
		return "fish"
	}
	return ""
}
