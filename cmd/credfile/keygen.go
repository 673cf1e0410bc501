package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

func newKeygen(a *app) *cobra.Command {
	var o keygenOptions
	cmd := &cobra.Command{
		Use: "keygen",
		Long: `Creates an identity and adds it to identities.txt in your config directory, or writes it to a new file. Its recipient, which is public, is saved in NAME.pub beside it. Send that file to a writer, who adds you with credfile rekey --add NAME=@NAME.pub.

With --lock, the identity is kept in the credentials file itself, under a passphrase or an OpenPGP key, and keygen prints a public line to send to a writer.

With --calibrate TIME, it prints the --kdf value that takes about TIME on this machine.`,
		Example: "  credfile keygen\n  credfile keygen -o ci.txt\n  credfile keygen --import ~/.config/sops/age/keys.txt",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.show:
				return keygenShow(a, o)
			case o.lock != "" && cmd.Flags().Changed("calibrate"):
				return &usageError{text: "use either --lock or --calibrate", hint: "see credfile help keygen"}
			case o.lock != "":
				return keygenLock(a, o)
			case cmd.Flags().Changed("calibrate"):
				return runCalibrate(a, o)
			}
			return runKeygen(a, o)
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&o.show, "show", false, "print the recipients of your identities")
	fl.StringVar(&o.lock, "lock", "", "create an identity under a lock; `LOCK` is passphrase or openpgp=KEYID")
	fl.DurationVar(&o.calibrate, "calibrate", 0, "find the --kdf value that takes about `TIME`, such as 1s, on this machine")
	o.locks.registerKDF(a, fl)
	fl.StringVarP(&o.out, "output", "o", "", "write to `FILE`, which must not exist")
	fl.StringVar(&o.name, "name", "", "`NAME` of the .pub file (default: from --output, else git's user.email or your login)")
	fl.BoolVar(&o.classic, "classic", false, "create a short X25519 key, which is not post-quantum but works with age before 1.3")
	fl.BoolVar(&o.passphrase, "passphrase", false, "encrypt the file with a passphrase, as age does")
	fl.StringVar(&o.importFrom, "import", "", "import the identities in `FILE` instead of creating one")
	return cmd
}

func runKeygen(a *app, o keygenOptions) error {
	if o.name != "" && (!format.ValidName(o.name) || strings.Contains(o.name, "/")) {
		return &vaultfile.NameError{Kind: "recipient", Name: o.name}
	}
	if o.importFrom != "" && o.classic {
		return &usageError{text: "--classic can't be used with --import, which keeps identities as they are", hint: "run it without --classic"}
	}
	path, name := o.out, o.name
	if path == "" {
		if o.passphrase {
			return &usageError{text: "an identity with a passphrase needs a file of its own", hint: "use credfile keygen --passphrase -o FILE"}
		}
		var err error
		if path, err = keys.DefaultFile(a.getenv); err != nil {
			return &plainError{text: "no place for the identity: " + err.Error(), code: exitOther, hint: "set HOME, or name a file with -o"}
		}
		if name == "" {
			name = strings.ReplaceAll(ownName(a), "/", "_")
		}
	} else if name == "" {
		name = keys.PublicName(path)
	}
	if err := confirmAnother(a, path, o); err != nil {
		return err
	}
	ids, err := newIdentities(a, o)
	if err != nil {
		return err
	}
	if err := keepIdentities(a, path, ids, o); err != nil {
		return err
	}
	a.say("identity saved in %s: keep it secret, and back it up", path)
	warnOfWorkTree(a, path)
	for _, id := range ids {
		public, err := keys.WritePublic(filepath.Dir(path), name, id.Recipient, vaultfile.Fingerprint(id.Recipient))
		if err != nil {
			return fmt.Errorf("can't write the recipient: %w", err)
		}
		// On a terminal, a post-quantum recipient is 25 lines of noise.
		if len(id.Recipient) < cli.HelpWidth || !term.IsTerminal(a.stdout) {
			if _, err := fmt.Fprintln(a.stdout, id.Recipient); err != nil {
				return err
			}
		}
		a.say("recipient saved in %s (fingerprint %s)", public, vaultfile.Fingerprint(id.Recipient))
		a.say("send that file to a writer, who runs: credfile rekey --add %s=@%s", term.Quote(name), term.Quote(filepath.Base(public)))
	}
	return nil
}

// confirmAnother asks before creating a second identity. Users rarely mean to, and then send the
// wrong recipient.
func confirmAnother(a *app, path string, o keygenOptions) error {
	if o.out != "" || o.importFrom != "" {
		return nil
	}
	have := keys.Recipients(path)
	if len(have) == 0 {
		return nil
	}
	text := fmt.Sprintf("%s already has an identity (fingerprint %s)", path, vaultfile.Fingerprint(have[0]))
	err := a.dialog.Confirm(text + ". Create another one?")
	if errors.Is(err, term.ErrNoTerminal) {
		return &plainError{text: err.Error(), code: exitNoTerminal,
			hint: "to print its recipient: credfile keygen --show; to create another: -o FILE, or --yes to add it here"}
	}
	return err
}

// keygenShow prints the recipients of the user's identities.
func keygenShow(a *app, o keygenOptions) error {
	path := o.out
	if path == "" {
		path = identitiesPath(a)
	}
	have := keys.Recipients(path)
	if len(have) == 0 {
		return &plainError{text: fmt.Sprintf("no identity with a known recipient in %s", path), code: exitNotFound, hint: "to create one: credfile keygen"}
	}
	for _, recipient := range have {
		if _, err := fmt.Fprintln(a.stdout, recipient); err != nil {
			return err
		}
		a.say("fingerprint %s, in %s", vaultfile.Fingerprint(recipient), path)
	}
	return nil
}

func newIdentities(a *app, o keygenOptions) ([]keys.Identity, error) {
	if o.importFrom != "" {
		ids, err := keys.Import(o.importFrom)
		if err != nil {
			return nil, &fileError{o.importFrom, err}
		}
		return ids, nil
	}
	id, err := keys.Generate(o.classic)
	return []keys.Identity{id}, err
}

// keepIdentities writes the identities, before anything is printed about them. It does not
// add those that are already in identities.txt.
func keepIdentities(a *app, path string, ids []keys.Identity, o keygenOptions) error {
	have := map[string]bool{}
	if o.out == "" {
		for _, id := range keys.Recipients(path) {
			have[id] = true
		}
	}
	var text []byte
	for _, id := range ids {
		if !have[id.Recipient] {
			text = append(text, id.Text(a.now())...)
		}
	}
	if len(text) == 0 {
		return nil
	}
	if o.passphrase {
		pass, err := newPassphrases(a).Text("the identity in " + path)
		if err != nil {
			return err
		}
		if err := unusedPassphrases(a); err != nil {
			return err
		}
		err = a.dialog.Slowly("encrypting it with the passphrase…", func() error {
			text, err = keys.Encrypt(text, pass)
			return err
		})
		if err != nil {
			return err
		}
	}
	if o.out == "" {
		err := keys.Add(path, text)
		if errors.Is(err, keys.ErrNotLines) {
			return &fileError{path, &plainError{text: err.Error(), code: exitOther, hint: "to write to another file: credfile keygen -o FILE"}}
		}
		return err
	}
	err := keys.Create(path, text, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &fileError{path, &plainError{text: "already exists", code: exitOther, hint: "an identity is never overwritten; choose another file"}}
	}
	return err
}
