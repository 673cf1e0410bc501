// Package doctor looks for what a credfile is meant to replace: credentials in plain text, in their usual
// places. It reads regular files, follows no link, starts nothing, and returns facts without values.
package doctor

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/credfile/credfile/format"
	"github.com/credfile/credfile/internal/atomicfile"
	"github.com/credfile/credfile/internal/codec"
)

// Kind is the kind of a finding. Its text is stable: docs/json.md lists it.
type Kind string

const (
	Plaintext Kind = "plaintext" // a file of another tool, with credentials
	Image     Kind = "image"     // a value in a Dockerfile, which is in the image, too
	Pipeline  Kind = "pipeline"  // a value in a file of CI or of compose
	Identity  Kind = "identity"  // a private key of age
	Server    Kind = "server"    // a value in a configuration of MCP servers
)

// Finding is a place with credentials in plain text.
type Finding struct {
	Kind   Kind
	Path   string   // as it was given, or from the root of the tree
	Line   int      // 0 for the file as a whole
	Format string   // of Plaintext, for import; "" if it can't be imported
	Names  []string // of credentials
}

const (
	maxFile    = 1 << 20 // bytes
	maxEntries = 100_000 // of a tree
)

// skipped are directories with other people's files.
var skipped = []string{".git", ".hg", ".svn", "node_modules", "vendor", ".venv", "venv", "__pycache__", ".terraform", "target", "dist", ".tox", ".direnv"}

// Tree looks through a directory and those below it. whole is false if it has too many entries.
func Tree(root string) (list []Finding, whole bool) {
	n := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if n++; n > maxEntries {
			return fs.SkipAll
		}
		switch {
		case err != nil && d != nil && d.IsDir():
			return fs.SkipDir
		case err != nil:
			return nil
		case d.IsDir() && name != root && slices.Contains(skipped, d.Name()):
			return fs.SkipDir
		case d.Type().IsRegular():
			rel, _ := filepath.Rel(root, name)
			list = append(list, File(name, filepath.ToSlash(rel))...)
		}
		return nil
	})
	return list, err == nil && n <= maxEntries
}

// Home returns the usual places in a home directory that exist.
func Home(home string) (paths []string) {
	for _, name := range []string{".aws/credentials", ".aws/config", ".config/gh/hosts.yml", ".config/stripe/config.toml", ".docker/config.json", ".env", ".git-credentials", ".gradle/gradle.properties",
		".kube/config", ".cargo/credentials.toml", ".cursor/mcp.json", ".netrc", "_netrc", ".npmrc", ".pgpass", ".pypirc", ".terraform.d/credentials.tfrc.json"} {
		full := filepath.Join(home, filepath.FromSlash(name))
		if info, err := os.Lstat(full); err == nil && info.Mode().IsRegular() {
			paths = append(paths, full)
		}
	}
	return paths
}

// File looks at one file. shown is its path for people.
func File(name, shown string) []Finding {
	base := filepath.Base(name)
	var look func(text []byte) []Finding
	switch {
	case isDockerfile(base):
		look = func(text []byte) []Finding { return dockerfile(text, shown) }
	case isPipeline(shown):
		look = func(text []byte) []Finding { return pipeline(text, shown) }
	case isServers(base):
		look = func(text []byte) []Finding { return servers(text, shown) }
	case isPlaintext(base, shown):
		look = func(text []byte) []Finding { return plaintext(text, base, shown) }
	case mayBeIdentity(base):
		look = func(text []byte) []Finding { return identity(text, shown) }
	default:
		return nil
	}
	text, err := atomicfile.Read(name, maxFile)
	if err != nil || len(text) > maxFile || bytes.HasPrefix(text, []byte("credfile/")) {
		return nil
	}
	return look(text)
}

// plaintextNames are files of credentials by their base name.
var plaintextNames = []string{".env", ".git-credentials", ".netrc", "_netrc", ".npmrc", ".pgpass", ".pypirc", "credentials.tfrc.json", "secrets.toml", "credentials.toml", "secrets.json", "secrets.yml", "secrets.yaml",
	"gradle.properties", "kubeconfig", "kubeconfig.yaml", "service-account.json"}

// examples end the names of files without values of worth.
var examples = []string{".example", ".sample", ".template", ".tmpl", ".dist", ".defaults", ".vault"}

func isPlaintext(base, shown string) bool {
	if slices.ContainsFunc(examples, func(end string) bool { return strings.HasSuffix(base, end) }) {
		return false
	}
	dir := path.Base(path.Dir(filepath.ToSlash(shown)))
	return slices.Contains(plaintextNames, base) || strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".env") || strings.HasSuffix(base, ".tfvars") ||
		dir == ".aws" && (base == "credentials" || base == "config") || dir == ".docker" && base == "config.json" || dir == ".kube" && base == "config" ||
		dir == "gh" && base == "hosts.yml" || dir == "stripe" && base == "config.toml"
}

// plaintext finds the names of credentials in a file of another tool.
func plaintext(text []byte, base, shown string) []Finding {
	f := Finding{Kind: Plaintext, Path: shown}
	unnamed := bytes.Contains(text, []byte("PRIVATE KEY-----"))
	c, ok := codec.Detect(base, text)
	if ok {
		f.Format = c.Name
		pairs, _ := c.Read(text, codec.Options{})
		for _, p := range pairs {
			switch {
			case len(p.Value) == 0 || !secret(p.Name) && !strings.ContainsRune(p.Name, '@') || slices.Contains(f.Names, p.Name):
			case format.ValidName(p.Name):
				f.Names = append(f.Names, p.Name)
			default: // it may have a value in it
				unnamed = true
			}
		}
	} else {
		f.Names = assigned(text)
	}
	if len(f.Names) == 0 && !unnamed {
		return nil
	}
	return []Finding{f}
}

// assignment finds NAME=value, NAME: value and the like, with a literal value.
var assignment = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(?:-\s+)?(?:export\s+)?"?([A-Za-z_][A-Za-z0-9_.-]*)"?\s*[=:]\s*["']?([^\s"'].*)$`)
})

// assigned returns the names in a text that look secret and have a literal value.
func assigned(text []byte) (names []string) {
	for line := range bytes.Lines(text) {
		if name := literal(line); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// literal returns the name that a line gives a value, if it looks secret and the value is no
// placeholder.
func literal(line []byte) string {
	m := assignment().FindSubmatch(bytes.TrimRight(line, "\r\n"))
	if m == nil || !secret(string(m[1])) || placeholder(string(m[2])) {
		return ""
	}
	return string(m[1])
}

// placeholder reports whether a value only names where the value comes from, or is none of worth.
func placeholder(value string) bool {
	v := strings.ToLower(strings.Trim(value, ` "',;`))
	switch {
	case v == "", strings.HasPrefix(v, "$"), strings.HasPrefix(v, "<"), strings.HasPrefix(v, "{{"), strings.HasPrefix(v, "|"), strings.HasPrefix(v, ">"), strings.HasPrefix(v, "#"),
		strings.HasPrefix(v, "/"), strings.HasPrefix(v, "!"), strings.HasPrefix(v, "secret:"), strings.HasPrefix(v, "file:"):
		return true
	}
	return len(v) < 8 || slices.Contains([]string{"changeme", "password", "required", "inherit", "disabled", "optional"}, v)
}

// secret reports whether a name is one of a credential.
func secret(name string) bool {
	name = strings.ToUpper(name)
	for _, no := range []string{"PUBLIC", "_ID", "KEY_FILE", "KEY_PATH", "KEY_NAME", "KEYBOARD", "TOKEN_URL", "AUTH_URL", "AUTHOR", "_EXPIR"} {
		if strings.Contains(name, no) && !strings.Contains(name, "SECRET") && name != "AWS_ACCESS_KEY_ID" {
			return false
		}
	}
	for _, yes := range []string{"KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "DATABASE_URL", "DSN", "_PAT", "PGPASS"} {
		if strings.Contains(name, yes) {
			return true
		}
	}
	return false
}

func mayBeIdentity(base string) bool {
	ext := filepath.Ext(base)
	return ext == "" || ext == ".txt" || ext == ".key" || ext == ".age" || ext == ".pem"
}

// identity finds private keys of age.
func identity(text []byte, shown string) []Finding {
	n := 0
	for line := range bytes.Lines(text) {
		if n++; bytes.HasPrefix(bytes.TrimSpace(line), []byte("AGE-SECRET-KEY-")) {
			return []Finding{{Kind: Identity, Path: shown, Line: n}}
		}
	}
	return nil
}
