package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/vaultfile"
)

type keygenOptions struct {
	out, name, importFrom string
	classic, passphrase   bool

	show      bool
	lock      string
	calibrate time.Duration
	locks     lockFlags
}

func newKeygen(a *app) *cobra.Command {
	var o keygenOptions
	cmd := &cobra.Command{
		Use: "keygen [-o FILE] [--classic] [--passphrase] [--import FILE] | --lock passphrase|openpgp=KEYID | --calibrate TIME",
		Long: `Makes an identity for you and adds it to identities.txt in your configuration, or
writes it to a new file. Its recipient, which is public, goes to standard output
and to NAME.pub beside it: send that to a writer, who gives you access with
credfile rekey --add NAME=@NAME.pub.

With --lock, the identity is kept in the credentials file itself, under a passphrase or
an OpenPGP key: what it prints, which is public, goes to a writer, who gives it to
credfile rekey --add NAME=. Nobody types a passphrase at a colleague's desk.

With --calibrate it prints the --kdf whose passphrases take that time to try here.`,
		Example: "  credfile keygen\n  credfile keygen -o ci.txt\n  credfile keygen --import ~/.config/sops/age/keys.txt",
		Args:    args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.show:
				return a.keygenShow(o)
			case o.lock != "" && cmd.Flags().Changed("calibrate"):
				return &usageError{text: "--lock or --calibrate?", hint: "credfile help keygen"}
			case o.lock != "":
				return a.keygenLock(o)
			case cmd.Flags().Changed("calibrate"):
				return a.calibrate(o)
			}
			return a.keygen(o)
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&o.show, "show", false, "print the recipients of the identities that you have, and make none")
	fl.StringVar(&o.lock, "lock", "", "print a recipient whose identity is under `passphrase|openpgp=KEYID`")
	fl.DurationVar(&o.calibrate, "calibrate", 0, "print the --kdf that takes about `TIME` (1s) on this machine")
	o.locks.registerKDF(a, fl)
	fl.StringVarP(&o.out, "output", "o", "", "write it to `FILE`, which must not be there")
	fl.StringVar(&o.name, "name", "", "the `NAME` of NAME.pub (default: of FILE, else git's user.email or your login name)")
	fl.BoolVar(&o.classic, "classic", false, "an X25519 key: short, not post-quantum, understood by age before 1.3")
	fl.BoolVar(&o.passphrase, "passphrase", false, "lock it with a passphrase, as age does")
	fl.StringVar(&o.importFrom, "import", "", "take the identities of `FILE` over instead of making one")
	return cmd
}

func (a *app) keygen(o keygenOptions) error {
	if o.name != "" && (!format.ValidName(o.name) || strings.Contains(o.name, "/")) {
		return &vaultfile.NameError{Kind: "recipient", Name: o.name}
	}
	if o.importFrom != "" && o.classic {
		return &usageError{text: "--import takes identities as they are", hint: "leave --classic out"}
	}
	path, name := o.out, o.name
	if path == "" {
		if o.passphrase {
			return &usageError{text: "an identity with a passphrase has a file of its own", hint: "credfile keygen --passphrase -o FILE"}
		}
		var err error
		if path, err = keys.DefaultFile(a.getenv); err != nil {
			return &plainError{text: "there is no place for an identity: " + err.Error(), code: exitOther, hint: "set HOME, or give a file with -o"}
		}
		if name == "" {
			name = strings.ReplaceAll(a.ownName(), "/", "_")
		}
	} else if name == "" {
		name = keys.PublicName(path)
	}
	if err := a.another(path, o); err != nil {
		return err
	}
	ids, err := a.newIdentities(o)
	if err != nil {
		return err
	}
	if err := a.keepIdentities(path, ids, o); err != nil {
		return err
	}
	a.say("the identity is in %s: it is secret; back it up", path)
	a.warnOfWorkTree(path)
	for _, id := range ids {
		public, err := keys.WritePublic(filepath.Dir(path), name, id.Recipient, vaultfile.Fingerprint(id.Recipient))
		if err != nil {
			return fmt.Errorf("the recipient can't be written beside it: %w", err)
		}
		if _, err := fmt.Fprintln(a.stdout, id.Recipient); err != nil {
			return err
		}
		a.say("its recipient is in %s (fingerprint %s)", public, vaultfile.Fingerprint(id.Recipient))
		a.say("send that file to a writer: credfile rekey --add %s=@%s", name, filepath.Base(public))
	}
	return nil
}

// another asks before it makes a second identity: it is seldom meant, and whoever has two
// gives away the wrong one.
func (a *app) another(path string, o keygenOptions) error {
	if o.out != "" || o.importFrom != "" {
		return nil
	}
	have := keys.Recipients(path)
	if len(have) == 0 {
		return nil
	}
	text := fmt.Sprintf("%s has an identity already (fingerprint %s)", path, vaultfile.Fingerprint(have[0]))
	err := a.confirm(text+": make another one?", text)
	var plain *plainError
	if errors.As(err, &plain) && plain.code == exitNoTerminal {
		plain.hint = "credfile keygen --show prints its recipient; -o FILE makes one in a file of its own, --yes one more here"
	}
	return err
}

// keygenShow prints the recipients of the user's identities.
func (a *app) keygenShow(o keygenOptions) error {
	path := o.out
	if path == "" {
		path = a.identitiesPath()
	}
	have := keys.Recipients(path)
	if len(have) == 0 {
		return &plainError{text: fmt.Sprintf("there is no identity in %s whose recipient can be told", path), code: exitNotFound, hint: "credfile keygen makes one"}
	}
	for _, recipient := range have {
		if _, err := fmt.Fprintln(a.stdout, recipient); err != nil {
			return err
		}
		a.say("fingerprint %s, in %s", vaultfile.Fingerprint(recipient), path)
	}
	return nil
}

func (a *app) newIdentities(o keygenOptions) ([]keys.Identity, error) {
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

// keepIdentities writes them before anything is said of them. What is in
// identities.txt already is not added again.
func (a *app) keepIdentities(path string, ids []keys.Identity, o keygenOptions) error {
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
		pass, err := a.nextNewPassphrase("the identity in " + path)
		if err != nil {
			return err
		}
		if err := a.unusedPassphrases(); err != nil {
			return err
		}
		err = a.slowly("locking it with the passphrase", func() error {
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
			return &fileError{path, &plainError{text: err.Error(), code: exitOther, hint: "credfile keygen -o FILE writes to a file of its own"}}
		}
		return err
	}
	err := keys.Create(path, text, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &fileError{path, &plainError{text: "is there already", code: exitOther, hint: "an identity is never overwritten: give another file"}}
	}
	return err
}
