package main

import (
	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/term"
)

func newGet(a *app) *cobra.Command {
	var raw, clip bool
	cmd := &cobra.Command{
		Use:     "get NAME",
		Long:    "Prints one value, as it is; on a terminal with a line end.",
		Example: "  credfile get STRIPE_API_KEY | pbcopy",
		Args:    args(1, 1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.get(args[0], raw, clip) },
	}
	cmd.Flags().BoolVar(&raw, "raw", false, "send control characters to a terminal too")
	cmd.Flags().BoolVar(&clip, "clip", false, "put it into the clipboard, for 45 seconds")
	return cmd
}

func (a *app) get(name string, raw, clip bool) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	f, err := a.open()
	if err != nil {
		return err
	}
	p, err := a.unlock(f, profile, read)
	if err != nil {
		return at(f.path, err)
	}
	secret, err := p.Get(name)
	if err != nil {
		return at(f.path, err)
	}
	value := secret.Reveal()
	if clip {
		return a.putClip(value)
	}
	if term.IsTerminal(a.stdout) {
		if term.HasControl(value) && !raw {
			return &plainError{text: "the value holds control characters, which a terminal would act on", code: exitUsage,
				hint: "send it to a file or a pipe, or add --raw"}
		}
		value = append(value[:len(value):len(value)], '\n')
	}
	_, err = a.stdout.Write(value)
	return err
}
