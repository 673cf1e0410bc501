//go:build unix

package main

import "os/exec"

// derivation opens a passphrase lock at the default cost, beside the reference program.
func (b *bench) derivation(r *report) error {
	const what = "`env -- true` with a passphrase (argon2id, 256 MiB, 3 passes) against `argon2`"
	argon2, err := b.system("argon2")
	if err != nil {
		r.ratios = append(r.ratios, goal{what: what, skipped: err.Error()})
		return nil
	}
	x, err := b.withPassphrase()
	if err != nil {
		return err
	}
	version, err := exec.Command("dpkg-query", "-W", "-f", "${Version}", "argon2").Output()
	if err != nil {
		version = []byte("unknown version")
	}
	s, err := b.compare(r,
		b.env("credfile env with a passphrase, 10 credentials", b.credfile, x, 10, "--passphrase-file", "passphrase"),
		&contestant{
			name:  "argon2, 256 MiB, 3 passes, 4 lanes (" + string(version) + ")",
			args:  []string{argon2, "credfile/1 argon2id AAAAAAAAAAAAAAAAAAAAAA", "-id", "-t", "3", "-k", "262144", "-p", "4", "-l", "32", "-r"},
			box:   x,
			stdin: x.path("passphrase"),
		})
	if err != nil {
		return err
	}
	r.ratios = append(r.ratios, goal{what: what, got: ratio(s[0], s[1], cpu)},
		goal{what: "the same, user time alone", got: ratio(s[0], s[1], user)})
	return nil
}

// withPassphrase returns a box with 10 credentials under a passphrase.
func (b *bench) withPassphrase() (*box, error) {
	x, err := b.newBox()
	if err != nil {
		return nil, err
	}
	if err := x.write("passphrase", "plainly fake passphrase"); err != nil {
		return nil, err
	}
	if _, err := x.output("", b.credfile, "init", "--passphrase", "me", "--allow-weak", "--new-passphrase-file", "passphrase"); err != nil {
		return nil, err
	}
	_, err = x.output(dotenv(credentials(10)), b.credfile, "--passphrase-file", "passphrase", "import", "--from", "dotenv", "-")
	return x, err
}

// unlocked opens a passphrase lock whose identity unlock keeps. It leaves the identity to its
// time limit: `credfile lock` would also forget those of whoever runs this.
func (b *bench) unlocked(r *report) error {
	const what = "`env -- true` after `unlock` against an identity file"
	x, err := b.withPassphrase()
	if err != nil {
		return err
	}
	if _, err := x.output("", b.credfile, "--passphrase-file", "passphrase", "unlock", "--for", "5m"); err != nil {
		r.ratios = append(r.ratios, goal{what: what, skipped: "this system keeps no identity"})
		return nil
	}
	file, err := b.filled(b.credfile, hybrid, 10)
	if err != nil {
		return err
	}
	s, err := b.compare(r, b.env("credfile env after unlock, 10 credentials", b.credfile, x, 10),
		b.env("credfile env with a hybrid identity file, 10 credentials", b.credfile, file, 10))
	if err != nil {
		return err
	}
	r.ratios = append(r.ratios, goal{what: what, got: ratio(s[0], s[1], cpu)})
	return nil
}
