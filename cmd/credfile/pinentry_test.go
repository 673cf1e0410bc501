package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// pinentryMain is a pinentry that answers with the file pin in CREDTEST_PINENTRY and notes
// each question. It speaks as much of the Assuan protocol as gpg-agent needs.
func pinentryMain() {
	home := os.Getenv("CREDTEST_PINENTRY")
	fmt.Println("OK at your service")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		switch word, _, _ := strings.Cut(lines.Text(), " "); word {
		case "GETPIN":
			if f, err := os.OpenFile(filepath.Join(home, "asked"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
				io.WriteString(f, "x")
				f.Close()
			}
			pin, err := os.ReadFile(filepath.Join(home, "pin"))
			if err != nil {
				fmt.Println("ERR 83886179 Operation cancelled <Pinentry>")
				continue
			}
			fmt.Printf("D %s\nOK\n", strings.TrimSpace(string(pin)))
		case "BYE":
			fmt.Println("OK closing connection")
			return
		default:
			fmt.Println("OK")
		}
	}
}
