package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// clipFor is how long a value stays in the clipboard.
const clipFor = 45 * time.Second

// clipboard is a pair of programs. One copies its standard input to the clipboard, the
// other prints the clipboard.
type clipboard struct {
	needs       string // a variable that is set where this clipboard exists
	copy, paste []string
}

var clipboards = []clipboard{
	{"WAYLAND_DISPLAY", []string{"wl-copy", "--sensitive"}, []string{"wl-paste", "--no-newline"}},
	{"WAYLAND_DISPLAY", []string{"wl-copy"}, []string{"wl-paste", "--no-newline"}},
	{"DISPLAY", []string{"xclip", "-selection", "clipboard"}, []string{"xclip", "-selection", "clipboard", "-o"}},
	{"DISPLAY", []string{"xsel", "--clipboard", "--input"}, []string{"xsel", "--clipboard", "--output"}},
	{"", []string{"pbcopy"}, []string{"pbpaste"}},
	{"", []string{"clip.exe"}, []string{"powershell.exe", "-NoProfile", "-Command", "Get-Clipboard -Raw"}},
}

func (c clipboard) put(env []string, value []byte) error {
	cmd := exec.Command(c.copy[0], c.copy[1:]...)
	cmd.Env, cmd.Stdin = env, bytes.NewReader(value)
	return cmd.Run()
}

func (c clipboard) get(env []string) ([]byte, error) {
	cmd := exec.Command(c.paste[0], c.paste[1:]...)
	cmd.Env = env
	return cmd.Output()
}

// putClip puts a value into the first clipboard that works.
func (a *app) putClip(value []byte) error {
	for _, c := range clipboards {
		if c.needs != "" && a.getenv(c.needs) == "" {
			continue
		}
		if _, err := exec.LookPath(c.copy[0]); err != nil || c.put(a.childEnv(nil), value) != nil {
			continue
		}
		if err := a.clearLater(value); err != nil {
			return errors.Join(fmt.Errorf("can't clear the clipboard later: %w", err), c.put(a.childEnv(nil), nil))
		}
		a.say("copied to the clipboard; it will be cleared in %d seconds", int(clipFor.Seconds()))
		return nil
	}
	return &plainError{text: "no clipboard found", code: exitOther,
		hint: "install wl-clipboard, xclip or xsel, or pipe the value: credfile get NAME | COMMAND"}
}

// clearLater starts a process of ours that outlives this one. It gets the value on standard
// input and clears the clipboard later, if the value is still in it.
func (a *app) clearLater(value []byte) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "clip-clear", strconv.Itoa(int(clipFor.Seconds())))
	cmd.Env = a.childEnv(nil)
	detach(cmd)
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err
	}
	if _, err := in.Write(value); err != nil {
		return err
	}
	return in.Close()
}

// newClipClear returns the internal command that clearLater starts.
func newClipClear(a *app) *cobra.Command {
	return &cobra.Command{Use: "clip-clear SECONDS", Hidden: true, Args: args("SECONDS"), RunE: func(_ *cobra.Command, args []string) error {
		seconds, err := strconv.Atoi(args[0])
		if err != nil {
			return &usageError{text: "not a number of seconds", hint: "credfile get NAME --clip"}
		}
		value, err := io.ReadAll(a.stdin)
		if err != nil {
			return err
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		for _, c := range clipboards {
			if c.needs != "" && a.getenv(c.needs) == "" {
				continue
			}
			if got, err := c.get(a.childEnv(nil)); err == nil && bytes.Equal(bytes.TrimRight(got, "\r\n"), bytes.TrimRight(value, "\r\n")) {
				c.put(a.childEnv(nil), nil)
			}
		}
		return nil
	}}
}
