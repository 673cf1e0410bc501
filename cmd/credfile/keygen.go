package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/cli"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/own"
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
				return &usageError{Text: "use either --lock or --calibrate", Hint: "see credfile help keygen"}
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
	s, err := keygenStore(a, o)
	if err != nil {
		return err
	}
	if err := confirmAnother(a, s.Path, o); err != nil {
		return err
	}
	ids, err := newIdentities(o)
	if err != nil {
		return err
	}
	if err := s.Save(ids, a.now()); errors.Is(err, own.ErrExists) || errors.Is(err, keys.ErrNotLines) {
		return at(s.Path, err)
	} else if err != nil {
		return err
	}
	a.say("identity saved in %s: keep it secret, and back it up", s.Path)
	warnOfWorkTree(a, s.Path)
	for _, id := range ids {
		if err := publish(a, s, id.Recipient); err != nil {
			return err
		}
	}
	return nil
}

// keygenStore returns where the identity goes.
func keygenStore(a *app, o keygenOptions) (s *own.Store, err error) {
	if o.name != "" && (!format.ValidName(o.name) || strings.Contains(o.name, "/")) {
		return nil, &vaultfile.NameError{Kind: "recipient", Name: o.name}
	}
	if o.importFrom != "" && o.classic {
		return nil, &usageError{Text: "--classic can't be used with --import, which keeps identities as they are", Hint: "run it without --classic"}
	}
	s = &own.Store{Path: o.out, Name: o.name, New: o.out != ""}
	switch {
	case s.New && s.Name == "":
		s.Name = keys.PublicName(s.Path)
	case s.New:
	case o.passphrase:
		return nil, &usageError{Text: "an identity with a passphrase needs a file of its own", Hint: "use credfile keygen --passphrase -o FILE"}
	default:
		if s.Path, err = keys.DefaultFile(a.getenv); err != nil {
			return nil, noPlaceFor("the identity", err, exitOther, "set HOME, or name a file with -o")
		}
		if s.Name == "" {
			s.Name = own.FileName(own.Name())
		}
	}
	if o.passphrase {
		s.Encrypt = func(text []byte) ([]byte, error) { return encryptIdentity(a, s.Path, text) }
	}
	return s, nil
}

func encryptIdentity(a *app, path string, text []byte) (encrypted []byte, err error) {
	pass, err := newPassphrases(a).Text("the identity in " + path)
	if err == nil {
		err = unusedPassphrases(a)
	}
	if err != nil {
		return nil, err
	}
	err = a.dialog.Slowly("encrypting it with the passphrase…", func() error {
		encrypted, err = keys.Encrypt(text, pass)
		return err
	})
	return encrypted, err
}

// publish saves and prints a recipient.
func publish(a *app, s *own.Store, recipient string) error {
	public, err := s.Publish(recipient)
	if err != nil {
		return fmt.Errorf("can't write the recipient: %w", err)
	}
	// On a terminal, a post-quantum recipient is 25 lines of noise.
	if len(recipient) < cli.HelpWidth || !term.IsTerminal(a.stdout) {
		if _, err := fmt.Fprintln(a.stdout, recipient); err != nil {
			return err
		}
	}
	a.say("recipient saved in %s (fingerprint %s)", public, vaultfile.Fingerprint(recipient))
	a.say("send that file to a writer, who runs: credfile rekey --add %s=@%s", term.Quote(s.Name), term.Quote(filepath.Base(public)))
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
		return anotherUnconfirmed(err)
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
		return noIdentity(path)
	}
	for _, recipient := range have {
		if _, err := fmt.Fprintln(a.stdout, recipient); err != nil {
			return err
		}
		a.say("fingerprint %s, in %s", vaultfile.Fingerprint(recipient), path)
	}
	return nil
}

func newIdentities(o keygenOptions) ([]keys.Identity, error) {
	if o.importFrom != "" {
		ids, err := keys.Import(o.importFrom)
		return ids, at(o.importFrom, err)
	}
	id, err := keys.Generate(o.classic)
	return []keys.Identity{id}, err
}
