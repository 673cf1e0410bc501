package main

import (
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/clip"
)

// clipFor is how long a value stays in the clipboard.
const clipFor = 45 * time.Second

func newClipboards(a *app) clip.Clipboards {
	return clip.Clipboards{Getenv: a.getenv, Environ: a.childEnv(nil)}
}

// putClip puts a value into the first clipboard that works.
func putClip(a *app, value []byte) error {
	seconds := int(clipFor.Seconds())
	err := newClipboards(a).Copy(value, "clip-clear", strconv.Itoa(seconds))
	if err == nil {
		a.say("copied to the clipboard; it will be cleared in %d seconds", seconds)
	}
	return err
}

// newClipClear returns the internal command that putClip leaves behind.
func newClipClear(a *app) *cobra.Command {
	return &cobra.Command{Use: "clip-clear SECONDS", Hidden: true, Args: cli.Args("SECONDS"), RunE: func(_ *cobra.Command, args []string) error {
		seconds, err := strconv.Atoi(args[0])
		if err != nil {
			return &usageError{Text: "not a number of seconds", Hint: "credfile get NAME --clip"}
		}
		value, err := io.ReadAll(a.stdin)
		if err != nil {
			return err
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		newClipboards(a).Clear(value)
		return nil
	}}
}
