package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/keys"
	"github.com/credfile/credfile/internal/term"
	"github.com/credfile/credfile/vaultfile"
)

// ownWriter returns the user as a writer, with their first native identity or a new one.
func ownWriter(a *app, name string) ([]vaultfile.Recipient, error) {
	if name == "" {
		name = ownName(a)
	} else if !format.ValidName(name) {
		return nil, &vaultfile.NameError{Kind: "recipient", Name: name}
	}
	recipient, err := ownRecipient(a, name)
	if err != nil {
		return nil, err
	}
	return []vaultfile.Recipient{{Name: name, Writer: true, String: recipient}}, nil
}

func ownRecipient(a *app, name string) (string, error) {
	for _, source := range a.keys.Sources() {
		if source.SSH {
			continue // SSH keys have another purpose and are only used where a writer names them
		}
		ids, err := source.Identities()
		for _, id := range ids {
			if r := keys.Recipient(id); r != "" {
				return r, nil
			}
		}
		// A new identity would be a surprise if there is one that can't be read.
		if err == nil {
			err = errors.New("contains no identity with a known recipient")
		}
		if errors.Is(err, keys.ErrEmpty) {
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) || strings.HasPrefix(source.Name, "--identity") {
			return "", &plainError{text: about(source.Name, err.Error()), code: exitNoKey,
				hint: "name the writers: -r NAME=RECIPIENT"}
		}
	}
	path, err := keys.DefaultFile(a.getenv)
	if err != nil {
		return "", &plainError{text: "no place for a new identity: " + err.Error(), code: exitNoKey,
			hint: "set HOME, or name an identity file with --identity"}
	}
	id, err := keys.Generate(false)
	if err == nil {
		err = keys.Create(path, id.Text(a.now()), 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("can't write a new identity: %w", err)
	}
	a.sources = nil
	a.say("created an identity for you in %s", path)
	a.say("back it up; without it, no one can open your credentials")
	if public, err := keys.WritePublic(filepath.Dir(path), strings.ReplaceAll(name, "/", "_"), id.Recipient, vaultfile.Fingerprint(id.Recipient)); err == nil {
		a.say("its recipient is in %s; to join someone else's file, send that to one of its writers", public)
	}
	warnOfWorkTree(a, path)
	for _, other := range []string{"sops", ""} {
		file := filepath.Join(filepath.Dir(filepath.Dir(path)), other, "age", "keys.txt")
		if _, err := os.Stat(file); err == nil {
			a.say("you have age identities in %s; to import them: credfile keygen --import %s", file, term.Quote(file))
		}
	}
	return id.Recipient, nil
}

func ownName(a *app) string {
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

// ownsOne reports whether an available identity is among the writers.
func ownsOne(a *app, writers []vaultfile.Recipient) bool {
	return slices.ContainsFunc(writers, func(w vaultfile.Recipient) bool { return a.keys.Has(w.String) })
}
