package openpgp

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"
)

// command is one run of gpg.
type command struct {
	*exec.Cmd
	words *words
}

func (c *command) start() error {
	err := c.Start()
	c.words.started()
	return err
}

func (c *command) output() ([]byte, error) {
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.start()
	}
	if err != nil {
		c.words.started()
		return nil, err
	}
	b, readErr := io.ReadAll(io.LimitReader(out, 64<<20))
	if err := c.Wait(); err != nil {
		return b, err
	}
	return b, readErr
}

// cause returns the line of gpg's messages that most likely explains its failure, or "".
func (c *command) cause() string { return c.words.cause() }

// words collects gpg's messages for people. Nothing is decided by them.
type words struct {
	read, write *os.File
	text        chan string
}

const maxWords = 64 << 10

func newWords() *words {
	if runtime.GOOS == "windows" { // only the three standard descriptors
		return nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil
	}
	return &words{r, w, make(chan string, 1)}
}

// started closes our end of the pipe and reads what comes. A program that gpg leaves
// running, such as its agent, may keep the other end open.
func (w *words) started() {
	if w == nil || w.write == nil {
		return
	}
	w.write.Close()
	w.write = nil
	go func() {
		b, _ := io.ReadAll(io.LimitReader(w.read, maxWords))
		w.text <- string(b)
		w.read.Close()
	}()
}

// reasons matches messages about failures unrelated to the key or the message.
var reasons = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)agent|pinentry|ioctl|smartcard|card |scdaemon|socket|permission denied|timeout|read-only`)
})

// noPinentry matches what the agent reports if its pinentry has no terminal and no screen.
var noPinentry = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)ioctl|no pinentry`) })

func (w *words) cause() string {
	if w == nil {
		return ""
	}
	if w.write != nil { // never started
		w.write.Close()
		w.read.Close()
		return ""
	}
	text := ""
	select {
	case text = <-w.text:
	case <-time.After(time.Second): // a program that gpg left running has our pipe
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "gpg: "))
		if reasons().MatchString(line) && !strings.HasPrefix(line, "WARNING") && len(line) < 300 {
			return line
		}
	}
	return ""
}

// causeError is an error with gpg's own explanation.
type causeError struct {
	err   error
	cause string
}

func withCause(err error, cause string) error {
	if err == nil || cause == "" {
		return err
	}
	return &causeError{err, cause}
}

func (e *causeError) Error() string { return fmt.Sprintf("%v (gpg says: %s)", e.err, e.cause) }
func (e *causeError) Unwrap() error { return e.err }
