package keys

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"
)

const (
	secret    = "AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SZXYQZ7"
	recipient = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"
)

func identity(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What people have in a .pub file is one recipient. Why anything else is none is said without
// quoting it.
func TestReadRecipient(t *testing.T) {
	const ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN"
	wide := func(order, text string) string {
		var b []byte
		for _, u := range utf16.Encode([]rune(text)) {
			if order == "\xff\xfe" {
				b = append(b, byte(u), byte(u>>8))
			} else {
				b = append(b, byte(u>>8), byte(u))
			}
		}
		return order + string(b)
	}
	for _, c := range []struct{ name, text, want, reason string }{
		{"one line", recipient + "\n", recipient, ""},
		{"comments, empty lines, a carriage return", "# bob\r\n\r\n" + recipient + "\r\n", recipient, ""},
		{"an SSH key loses its comment", ssh + " bob@laptop here\n", ssh, ""},
		{"an SSH key without one", ssh, ssh, ""},
		{"with a byte order mark", "\xef\xbb\xbf" + recipient, recipient, ""},
		{"PowerShell's", wide("\xff\xfe", recipient+"\r\n"), recipient, ""},
		{"the other order", wide("\xfe\xff", recipient), recipient, ""},
		{"two", recipient + "\n" + ssh, "", "several recipients"},
		{"none", "# nothing\n", "", "no recipient"},
		{"an identity", secret, "", ErrSecret.Error()},
		{"an identity in lower case", strings.ToLower(secret), "", ErrSecret.Error()},
		{"a plugin's identity", "AGE-PLUGIN-X-1QQ", "", ErrSecret.Error()},
		{"a private key", "-----BEGIN OPENSSH PRIVATE KEY-----", "", ErrSecret.Error()},
		{"a security key", "sk-ssh-ed25519@openssh.com AAAA x", "", "can sign, but not decrypt"},
		{"ECDSA", "ecdsa-sha2-nistp256 AAAA x", "", "can sign, but not decrypt"},
		{"DSA", "ssh-dss AAAA", "", "can sign, but not decrypt"},
		{"a certificate", "ssh-ed25519-cert-v01@openssh.com AAAA", "", "certificate"},
		{"an OpenPGP key", "-----BEGIN PGP PUBLIC KEY BLOCK-----", "", "--openpgp"},
		{"PuTTY's", "---- BEGIN SSH2 PUBLIC KEY ----", "", "ssh-keygen -i"},
		{"authorized_keys with options", `command="x" ` + ssh, "", "with options"},
		{"too large", "# " + strings.Repeat("x", maxFile), "", "larger than 1 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.pub")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			fromText, err1 := GivenRecipient(c.text, nil)
			fromStream, err2 := GivenRecipient("-", strings.NewReader(c.text))
			fromFile, err3 := GivenRecipient("@"+path, nil)
			for _, got := range []struct {
				text string
				err  error
			}{{fromText, err1}, {fromStream, err2}, {fromFile, err3}} {
				switch {
				case got.text != c.want || (got.err != nil) != (c.reason != ""):
					t.Errorf("%q, %v", got.text, got.err)
				case got.err != nil && (!strings.Contains(got.err.Error(), c.reason) || strings.Contains(got.err.Error(), "AAAA") || strings.Contains(got.err.Error(), secret)):
					t.Errorf("the reason: %v", got.err)
				}
			}
		})
	}
}

// A file of identities is understood whole or not at all, and no error quotes it.
func TestParse(t *testing.T) {
	good := identity(t).String()
	swapped := good[:30] + map[bool]string{true: "Q", false: "P"}[good[30] == 'P'] + good[31:]
	for _, c := range []struct{ name, text, reason string }{
		{"a recipient", recipient, "line 1: this is a recipient"},
		{"in the second line", "# created\nnonsense-plainly-fake", "line 2: this is not an age identity"},
		{"cut off", secret[:40], "line 1: invalid identity"},
		{"mistyped", swapped, "line 1: invalid identity"},
		{"one good, one bad", good + "\n" + secret[:30], "line 2: invalid identity"},
		{"too large", strings.Repeat("#\n", maxFile), "larger than 1 MiB"},
		{"PuTTY's", "PuTTY-User-Key-File-3: x", "puttygen"},
		{"another PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "neither an age identity nor an SSH private key"},
		{"PKCS #8 with a passphrase", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "ssh-keygen -p"},
	} {
		f, err := parse("name", []byte(c.text), nil)
		if err == nil || !strings.Contains(err.Error(), c.reason) || len(f.ids)+len(f.locked) > 0 {
			t.Errorf("%s: %v", c.name, err)
		} else if strings.Contains(err.Error(), "plainly-fake") || strings.Contains(err.Error(), good[20:30]) || strings.Contains(err.Error(), "QQQ") || strings.Contains(err.Error(), "AAAA") {
			t.Errorf("%s: the error quotes the file: %v", c.name, err)
		}
	}
	id := identity(t)
	ids, err := Parse(strings.NewReader("# created\n\n  " + id.String() + "  \n"))
	if err != nil || len(ids) != 1 || Recipient(ids[0]) != id.Recipient().String() {
		t.Errorf("%v, %v", ids, err)
	}
}

// Sources come in the order of the documentation, are read when needed, and once.
func TestSources(t *testing.T) {
	home := t.TempDir()
	named, inEnv, usual := identity(t), identity(t), identity(t)
	for path, text := range map[string]string{"named.txt": named.String(), ".config/credfile/identities.txt": usual.String()} {
		if err := Create(filepath.Join(home, path), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"HOME": home, "CREDFILE_AGE_KEY": inEnv.String(), "CREDFILE_AGE_KEY_FILE": "", "CREDFILE_AGE_KEY_COMMAND": "echo x >> " + home + "/ran; echo " + inEnv.String()}
	if runtime.GOOS == "windows" {
		env["CREDFILE_AGE_KEY_COMMAND"] = "echo x>>\"" + home + "\\ran\"& echo " + inEnv.String()
	}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	list := Sources([]string{home + "/named.txt", home + "/none.txt"}, lookup, nil)
	if _, err := os.Stat(home + "/ran"); err == nil {
		t.Error("the command ran before it was needed")
	}
	var got []string
	for _, s := range list {
		ids, err := s.Identities()
		if again, _ := s.Identities(); len(again) != len(ids) {
			t.Errorf("%s: read twice", s.Name)
		}
		what := fmt.Sprint(err)
		if err == nil {
			what = map[string]string{Recipient(named): "named", Recipient(inEnv): "env", Recipient(usual): "usual"}[Recipient(ids[0])]
		}
		got = append(got, fmt.Sprintf("%s %v %v: %s", strings.ReplaceAll(s.Name, home, "~"), s.Named, s.SSH, what))
	}
	want := []string{
		"--identity ~/named.txt true false: named",
		"--identity ~/none.txt true false: file does not exist",
		"CREDFILE_AGE_KEY true false: env",
		"CREDFILE_AGE_KEY_FILE true false: is set but empty",
		"CREDFILE_AGE_KEY_COMMAND true false: env",
		"~/.config/credfile/identities.txt false false: usual",
		"~/.ssh/id_ed25519 false true: file does not exist",
		"~/.ssh/id_rsa false true: file does not exist",
	}
	if runtime.GOOS != "windows" && !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if ran, _ := os.ReadFile(home + "/ran"); strings.TrimSpace(string(ran)) != "x" {
		t.Errorf("the command ran: %q", ran)
	}

	// The identity itself, given as a path, is not in the error.
	for _, path := range []string{secret, filepath.Join(home, "named.txt", secret)} {
		s := Sources([]string{path}, func(string) (string, bool) { return "", false }, nil)[0]
		if _, err := s.Identities(); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%v", err)
		}
	}
	// XDG_CONFIG_HOME counts only if it is absolute.
	for dir, want := range map[string]string{home + "/xdg": home + "/xdg/credfile/identities.txt", "xdg": home + "/.config/credfile/identities.txt", "": home + "/.config/credfile/identities.txt"} {
		env["XDG_CONFIG_HOME"] = dir
		if got, err := DefaultFile(func(name string) string { return env[name] }); got != filepath.FromSlash(want) || err != nil {
			t.Errorf("%q: %s, %v", dir, got, err)
		}
	}
	if _, err := DefaultFile(func(string) string { return "" }); err == nil && runtime.GOOS != "windows" {
		t.Error("a default without a home")
	}
}

// A file with a passphrase opens with that alone, once, and with what was kept of it.
func TestLocked(t *testing.T) {
	id := identity(t)
	r, err := age.NewScryptRecipient("right")
	if err != nil {
		t.Fatal(err)
	}
	r.SetWorkFactor(2)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r)
	if err == nil {
		_, err = w.Write([]byte(id.String()))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	open := func(text []byte) *Locked {
		f, err := parse("file", text, nil)
		if err != nil || len(f.locked) != 1 {
			t.Fatalf("%v", err)
		}
		return f.locked[0]
	}
	l := open(b.Bytes())
	if l.Open() || !l.MayOpen([]string{recipient}) {
		t.Error("it is open, or said to be no one's")
	}
	for _, wrong := range []string{"wrong", ""} {
		if _, err := l.Identities([]byte(wrong)); !errors.Is(err, ErrPassphrase) || l.Open() {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if ids, err := l.Identities([]byte("right")); err != nil || Recipient(ids[0]) != Recipient(id) || !l.Open() {
		t.Errorf("%v", err)
	}
	if _, err := l.Identities([]byte("wrong")); err != nil {
		t.Errorf("opened, it needs no passphrase: %v", err)
	}
	kept := open(b.Bytes())
	if err := kept.Restore(l.Plain()); err != nil || !kept.Open() || kept.ID != l.ID {
		t.Errorf("%v", err)
	}
	cut := open(b.Bytes()[:b.Len()-3])
	if _, err := cut.Identities([]byte("right")); err == nil || errors.Is(err, ErrPassphrase) || cut.ID == l.ID {
		t.Errorf("cut off: %v", err)
	}
	var other bytes.Buffer
	w, err = age.Encrypt(&other, id.Recipient())
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := open(other.Bytes()).Identities([]byte("right")); err == nil || errors.Is(err, ErrPassphrase) {
		t.Errorf("for a recipient: %v", err)
	}
}

// What is added to a file of identities leaves the rest as it was. What text would destroy is
// left alone.
func TestAdd(t *testing.T) {
	id := Identity{secret, recipient}
	text := id.Text(time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC))
	if want := "# created: 2026-05-01T08:00:00Z\n# public key: " + recipient + "\n" + secret + "\n"; string(text) != want {
		t.Errorf("%q", text)
	}
	own := identity(t).String()
	_, private, _ := ed25519.GenerateKey(nil)
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	key := string(pem.EncodeToMemory(block))
	for _, c := range []struct {
		name, before, after string
		err                 error
	}{
		{"none yet", "", "new\n", nil},
		{"a line end", own + "\n", own + "\nnew\n", nil},
		{"no line end", own, own + "\nnew\n", nil},
		{"an encrypted file", "age-encryption.org/v1\nx", "age-encryption.org/v1\nx", ErrNotLines},
		{"an SSH key", key, key, ErrNotLines},
		{"nonsense", "nonsense", "nonsense", ErrNotLines},
	} {
		path := filepath.Join(t.TempDir(), "dir", "identities.txt")
		if c.before != "" {
			if err := Create(path, []byte(c.before), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		err := Add(path, []byte("new\n"))
		b, _ := os.ReadFile(path)
		if !errors.Is(err, c.err) || string(b) != c.after {
			t.Errorf("%s: %v, %q", c.name, err, b)
		}
		if info, err := os.Stat(path); runtime.GOOS != "windows" && c.err == nil && (err != nil || info.Mode().Perm() != 0o600) {
			t.Errorf("%s: %v %v", c.name, info.Mode(), err)
		}
	}
}

// Nothing is overwritten. A recipient of another identity does not lose its name.
func TestCreate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := Create(path, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, []byte("second"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "first" {
		t.Errorf("%q", b)
	}
	for _, c := range []struct{ recipient, fingerprint, want string }{
		{recipient, "f1", "bob.pub"}, {recipient, "f1", "bob.pub"}, {"age1other", "f2", "bob-f2.pub"}, {"age1other", "f2", "bob-f2.pub"}, {"age1third", "f2", ""},
	} {
		got, err := WritePublic(dir, "bob", c.recipient, c.fingerprint)
		if (err == nil) != (c.want != "") || c.want != "" && got != filepath.Join(dir, c.want) {
			t.Errorf("%s: %s, %v", c.recipient, got, err)
		}
	}
	for path, want := range map[string]string{"a/ci.txt": "ci", "a/bob.age": "bob", "x.key": "x", "plain": "plain"} {
		if got := PublicName(path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// Import copies age's own identities, and refuses a file with any other.
func TestImport(t *testing.T) {
	id := identity(t)
	path := filepath.Join(t.TempDir(), "x")
	for text, ok := range map[string]bool{id.String(): true, "# none": false, id.String() + "\nAGE-PLUGIN-X-1QQ": false, "age-encryption.org/v1\nx": false} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		ids, err := Import(path)
		if ok && (err != nil || len(ids) != 1 || ids[0].Recipient != Recipient(id)) || !ok && (err == nil || ids != nil) {
			t.Errorf("%q: %v, %v", text[:10], ids, err)
		}
	}
	for _, classic := range []bool{false, true} {
		id, err := Generate(classic)
		if err != nil || strings.HasPrefix(id.Recipient, "age1pq1") == classic {
			t.Errorf("classic %v: %.20s, %v", classic, id.Recipient, err)
		}
		if ids, err := Parse(bytes.NewReader(id.Text(time.Now()))); err != nil || Recipient(ids[0]) != id.Recipient {
			t.Error(err)
		}
	}
}
