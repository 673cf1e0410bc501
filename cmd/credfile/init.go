package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/trust"
)

func newInit(a *app) *cobra.Command {
	var name string
	var recipients []string
	cmd := &cobra.Command{
		Use: "init [-r NAME=RECIPIENT]… [--name NAME]",
		Long: `Makes .credentials.age in the working directory, with one profile and you as
its first writer. It uses the first age identity that you have, or makes one.
With -r, exactly those are the writers, and no identity is read or made.`,
		Example: "  credfile init\n  credfile init -r alice=age1… -r bob=age1pq1…",
		Args:    args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.init(name, recipients)
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "your `NAME` in the file (default: git's user.email, or your login name)")
	cmd.Flags().StringArrayVarP(&recipients, "recipient", "r", nil, "a writer, as `NAME=RECIPIENT` (repeatable)")
	return cmd
}

func (a *app) init(name string, recipients []string) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	path := a.newPath()
	if path == "-" {
		return &usageError{text: "standard input can't be written to", hint: "give a file with --file"}
	}
	// Before an identity is made that nobody needs.
	if _, err := os.Lstat(path); err == nil {
		return &fileError{path, &plainError{text: "is there already", code: exitOther,
			hint: "credfile set adds to it; credfile list shows what is in it"}}
	}
	var writers []vaultfile.Recipient
	if len(recipients) > 0 {
		if name != "" {
			return &usageError{text: "--name is for a file of your own; -r names its writers itself", hint: "leave one of them out"}
		}
		writers, err = a.parseRecipients(recipients)
	} else {
		writers, err = a.ownWriter(name)
	}
	if err != nil {
		return err
	}
	f := a.newFile(vaultfile.New(), path)
	f.Clock, f.Plugin = a.now, a.allowPlugin
	if _, err := f.Add(profile, writers, nil); err != nil {
		return err
	}
	if err := vaultfile.Create(path, f.File); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return &fileError{path, &plainError{text: "is there already", code: exitOther}}
		}
		return at(path, err)
	}
	f = a.newFile(f.File, path) // its place can be told now that it is there
	a.remember(f, trust.AllProfiles)
	var names []string
	for _, w := range writers {
		names = append(names, w.Name)
	}
	a.say("made %s: profile %q, for %s", path, profile, strings.Join(names, ", "))
	if len(recipients) > 0 && !a.own(writers) {
		a.warn("no identity of yours is among its writers: you can't open it")
	}
	return nil
}

func (a *app) newPath() string {
	if a.file != "" {
		return a.file
	}
	if file := a.getenv("CREDFILE_FILE"); file != "" {
		return file
	}
	return defaultFile
}

// parseRecipients reads NAME=RECIPIENT, NAME=@FILE and NAME=-.
func (a *app) parseRecipients(flags []string) ([]vaultfile.Recipient, error) {
	var rs []vaultfile.Recipient
	for _, flag := range flags {
		name, recipient, err := a.readRecipient(flag)
		if err != nil {
			return nil, err
		}
		rs = append(rs, vaultfile.Recipient{Name: name, Writer: true, String: recipient})
	}
	return rs, nil
}

// ownWriter is the user, under the first native identity at hand or a new one.
func (a *app) ownWriter(name string) ([]vaultfile.Recipient, error) {
	if name == "" {
		name = a.ownName()
	} else if !format.ValidName(name) {
		return nil, &vaultfile.NameError{Kind: "recipient", Name: name}
	}
	recipient, err := a.ownRecipient()
	if err != nil {
		return nil, err
	}
	return []vaultfile.Recipient{{Name: name, Writer: true, String: recipient}}, nil
}

func (a *app) ownRecipient() (string, error) {
	for _, source := range a.keySources() {
		if source.SSH {
			continue // a key of another purpose is only used where a writer names it
		}
		ids, err := source.Identities()
		for _, id := range ids {
			if r := keys.Recipient(id); r != "" {
				return r, nil
			}
		}
		// A new identity in place of one that is there and can't be read would
		// be a surprise.
		if err == nil {
			err = errors.New("holds no identity whose recipient can be told")
		}
		if errors.Is(err, keys.ErrEmpty) {
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) || strings.HasPrefix(source.Name, "--identity") {
			return "", &plainError{text: source.Name + ": " + err.Error(), code: exitNoKey,
				hint: "name the writers with -r NAME=RECIPIENT"}
		}
	}
	path, err := keys.DefaultFile(a.getenv)
	if err != nil {
		return "", &plainError{text: "there is no place for a new identity: " + err.Error(), code: exitNoKey,
			hint: "set HOME, or give an identity with --identity"}
	}
	id, err := keys.Generate(false)
	if err == nil {
		err = keys.Create(path, id.Text(a.now()), 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("a new identity can't be written: %w", err)
	}
	a.sources = nil
	a.say("made an identity for you: %s", path)
	a.say("back it up: without it nobody opens the file")
	for _, other := range []string{"sops", ""} {
		file := filepath.Join(filepath.Dir(filepath.Dir(path)), other, "age", "keys.txt")
		if _, err := os.Stat(file); err == nil {
			a.say("there are age identities in %s: credfile keygen --import takes them over", file)
		}
	}
	return id.Recipient, nil
}

func (a *app) ownName() string {
	git := exec.Command("git", "config", "user.email")
	if out, err := git.Output(); err == nil {
		if name := strings.TrimSpace(string(out)); format.ValidName(name) {
			return name
		}
	}
	if u, err := user.Current(); err == nil && u.Uid != "0" && format.ValidName(u.Username) {
		return u.Username
	}
	return "me"
}

// own reports whether an identity of the user's is among the writers.
func (a *app) own(writers []vaultfile.Recipient) bool {
	for _, source := range a.keySources() {
		ids, err := source.Identities()
		if err != nil {
			continue
		}
		for _, id := range ids {
			for _, w := range writers {
				if w.String == keys.Recipient(id) {
					return true
				}
			}
		}
	}
	return false
}
