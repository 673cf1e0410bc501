package front

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A browser is a program by its path, and no batch file: a page can have what cmd.exe reads as a command.
func TestBrowser(t *testing.T) {
	const page = "https://login.example.org/?a=b&calc.exe"
	dir := t.TempDir()
	opened := filepath.Join(dir, "opened")
	batch := filepath.Join(dir, "browser.cmd")
	if err := os.WriteFile(batch, []byte("@echo %*>\""+opened+"\"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"BROWSER": batch, "PATH": os.Getenv("PATH"), "PATHEXT": ".EXE;.CMD"}
	getenv := func(name string) string { return env[name] }
	if OpenBrowser(page, getenv, os.Environ()) {
		t.Error("a batch file is run")
	}
	time.Sleep(2 * time.Second)
	if _, err := os.Stat(opened); err == nil {
		t.Error("it ran")
	}
	env["BROWSER"] = filepath.Join(os.Getenv("SYSTEMROOT"), "system32", "hostname.exe") + ";other"
	if !OpenBrowser(page, getenv, os.Environ()) {
		t.Error("a path with a drive is not run")
	}
}
