package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/credfile/credfile/internal/agefile"
	"github.com/credfile/credfile/internal/codec"
	"github.com/credfile/credfile/internal/credentials"
	"github.com/credfile/credfile/internal/machine"
	"github.com/credfile/credfile/internal/tool"
)

// sealedError reports that a program could not decrypt a file.
type sealedError struct {
	tool string
	err  error
}

func (e *sealedError) Error() string { return e.tool + " can't decrypt it: " + e.err.Error() }
func (e *sealedError) Unwrap() error { return e.err }

// remoteError reports that sops would ask services for a file's key, with the user's logins.
type remoteError struct{ services []string }

func (e *remoteError) Error() string {
	return "sops would ask for its key at " + strings.Join(e.services, ", ")
}

// openWait is how long a program may take. A person may have to find a passphrase or a hardware key.
const openWait = 3 * time.Minute

// logins are the variables that hold logins to the services that sops can ask.
var logins = []string{"AWS_*", "AZURE_*", "GOOGLE_*", "CLOUDSDK_*", "VAULT_*", "BAO_*", "HUAWEICLOUD_*", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_*"}

// opened is a file's content in clear.
type opened struct {
	content []byte
	name    string // as which it is read
	sealed  bool   // whether the file itself is encrypted
	sops    bool   // whether the content is as sops prints it, and not as the file has it
}

// openSealed decrypts a file, in memory: with the user's identities, or with gpg or sops, if they are
// installed. It returns the content as it is if none of them can: then the user is told how the other
// tool would.
func (a *app) openSealed(name string, b []byte, allowRemote bool) (opened, error) {
	closed := opened{content: b, name: name}
	if agefile.Is(b) {
		if content, ok := a.openAge(b); ok {
			return opened{content: content, name: strings.TrimSuffix(name, ".age"), sealed: true}, nil
		}
		return closed, nil
	}
	if s, ok := codec.ReadSops(filepath.Base(name), b); ok {
		return a.openSops(closed, s, allowRemote)
	}
	if codec.IsOpenPGP(filepath.Base(name), b) {
		content, err := a.openGPG(name, b)
		if errors.Is(err, tool.ErrMissing) {
			return closed, nil
		}
		ext := filepath.Ext(name)
		return opened{content: content, name: strings.TrimSuffix(name, ext), sealed: true}, err
	}
	return closed, nil
}

func (a *app) openAge(b []byte) (content []byte, ok bool) {
	for _, source := range a.keys.Sources() {
		ids, err := source.Identities()
		if err != nil || len(ids) == 0 {
			continue
		}
		if content, err := agefile.Decrypt(b, credentials.MaxFile, ids...); err == nil {
			return content, true
		}
	}
	return nil, false
}

func (a *app) openGPG(name string, b []byte) ([]byte, error) {
	args := []string{"--batch", "--no-tty", "--quiet", "--no-auto-key-retrieve", "--output", "-", "--decrypt"}
	if a.nonInteractive {
		args = append([]string{"--pinentry-mode", "error"}, args...)
	}
	return a.openWith("gpg", name, b, nil, args...)
}

// openSops has sops print JSON, which keeps every value as it is.
func (a *app) openSops(closed opened, s *codec.Sops, allowRemote bool) (opened, error) {
	keep := []string{"SOPS_AGE_*"}
	if allowRemote {
		keep = append(keep, logins...)
	} else if len(s.Remote) > 0 {
		return closed, &remoteError{unique(s.Remote)}
	}
	done := opened{name: "sops.json", sealed: true, sops: true}
	print := "json"
	if s.Store == "binary" {
		done.name, done.sops, print = closed.name, false, s.Store
	}
	var err error
	done.content, err = a.openWith("sops", closed.name, closed.content, keep, "--config", os.DevNull, "decrypt", "--input-type", s.Store, "--output-type", print, "/dev/stdin")
	switch {
	case errors.Is(err, tool.ErrMissing):
		return closed, nil
	case err != nil:
		return closed, err
	case s.Store == "ini":
		done.content = codec.WithoutDefaultSection(done.content)
	}
	return done, nil
}

// openWith runs a program from outside the work trees of the file and of the user.
func (a *app) openWith(program, name string, b []byte, keep []string, args ...string) ([]byte, error) {
	inside := []string{filepath.Dir(machine.Absolute(name)), machine.Absolute("."), filepath.Dir(machine.Absolute(a.file))}
	t, err := tool.Find(program, a.environ, inside, keep)
	if err == nil {
		b, err = t.Run(b, tool.Limits{Wait: openWait, Size: credentials.MaxFile}, args...)
	}
	switch {
	case errors.Is(err, tool.ErrLarge):
		return nil, credentials.ErrLarge
	case err != nil:
		return nil, &sealedError{program, err}
	}
	return b, nil
}
