// Picture draws the first minute of the README, as it is on a terminal: it runs the commands with the
// program credfile, in a home of their own, and writes docs/first-minute.svg.
//
//	go run ./internal/picture PATH-TO-CREDFILE > docs/first-minute.svg
package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal("picture: ", err)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: picture PATH-TO-CREDFILE")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		return err
	}
	list, err := commands(string(readme))
	if err != nil {
		return err
	}
	program, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	lines, err := play(program, list)
	if err != nil {
		return err
	}
	return draw(out, lines)
}

// commands returns the commands of the first minute.
func commands(readme string) ([]string, error) {
	_, rest, ok := strings.Cut(readme, "## The first minute\n\n```sh\n")
	block, _, end := strings.Cut(rest, "```")
	if !ok || !end {
		return nil, fmt.Errorf("README.md has no first minute")
	}
	return strings.Split(strings.TrimSpace(block), "\n"), nil
}

// line is one of the terminal.
type line struct {
	text   string
	prompt bool
}

// play runs commands in one shell, and returns what a person sees.
func play(program string, list []string) ([]line, error) {
	scratch, err := os.MkdirTemp("", "picture")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	home := filepath.Join(scratch, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	const mark = "\x01"
	var script strings.Builder
	for _, c := range append(list, "cut -c1-76 .credentials.age") {
		fmt.Fprintf(&script, "printf '%s%%s\\n' '%s'\n%s\n", mark, strings.ReplaceAll(c, "'", `'\''`), c)
	}
	sh := exec.Command("sh", "-ec", script.String())
	sh.Dir = scratch
	sh.Env = []string{"HOME=" + home, "PATH=" + filepath.Dir(program) + string(os.PathListSeparator) + os.Getenv("PATH"), "LANG=C.UTF-8", "GIT_CONFIG_NOSYSTEM=1"}
	var b bytes.Buffer
	sh.Stdout, sh.Stderr = &b, &b
	if err := sh.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, b.Bytes())
	}
	var lines []line
	for l := range strings.Lines(strings.ReplaceAll(b.String(), home, "~")) {
		l = strings.TrimSuffix(l, "\n")
		command, prompt := strings.CutPrefix(l, mark)
		lines = append(lines, line{command, prompt})
	}
	return lines, nil
}

const (
	columns    = 100
	lineHeight = 19
	margin     = 20
)

// draw writes the lines as a picture.
func draw(out io.Writer, lines []line) error {
	var b bytes.Buffer
	height := 0
	row := func(class, text string) {
		height += lineHeight
		fmt.Fprintf(&b, `<text x="%d" y="%d" class="%s" xml:space="preserve">`, margin, margin+height, class)
		xml.EscapeText(&b, []byte(text))
		b.WriteString("</text>\n")
	}
	for i, l := range lines {
		if l.prompt && i > 0 {
			height += lineHeight / 2
		}
		class, first := "out", ""
		if l.prompt {
			class, first = "in", "$ "
		}
		for _, part := range wrap(first+l.text, columns) {
			row(class, part)
		}
	}
	width, total := 8*columns+2*margin, height+2*margin+8
	_, err := fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" aria-label="The first minute with credfile, on a terminal">
<style>rect{fill:#16181d}text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}.in{fill:#fff;font-weight:600}.out{fill:#aeb6c2}</style>
<rect width="100%%" height="100%%" rx="8"/>
%s</svg>
`, width, total, b.Bytes())
	return err
}

// wrap cuts a line as a terminal does.
func wrap(s string, most int) (parts []string) {
	for len(s) > most {
		parts = append(parts, s[:most])
		s = s[most:]
	}
	return append(parts, s)
}
