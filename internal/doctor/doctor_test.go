package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree writes files and returns what is found, each as KIND PATH:LINE NAMES.
func tree(t *testing.T, files map[string]string) (found []string) {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/proc/self/environ", filepath.Join(root, ".env.link")); err != nil {
		t.Skip(err)
	}
	list, whole := Tree(root)
	if !whole {
		t.Error("not the whole tree")
	}
	for _, f := range list {
		found = append(found, strings.TrimSpace(fmt.Sprintf("%s %s:%d %s", f.Kind, f.Path, f.Line, strings.Join(f.Names, ","))))
	}
	slices.Sort(found)
	return found
}

func TestTree(t *testing.T) {
	const key = "AGE-SECRET-KEY-" + "1PLAINLYFAKE"
	for _, c := range []struct {
		what  string
		files map[string]string
		want  []string
	}{
		{"nothing", map[string]string{"main.go": "package main", "README": "API_KEY=0123456789"}, nil},
		{"dotenv", map[string]string{".env": "API_KEY=0123456789\nPORT=1\nEMPTY_KEY=\n", ".env.local": "DB_PASSWORD=x y z\n", "a/prod.env": "TOKEN='0123456789'\n"},
			[]string{"plaintext .env.local:0 DB_PASSWORD", "plaintext .env:0 API_KEY", "plaintext a/prod.env:0 TOKEN"}},
		{"no values", map[string]string{".env": "PORT=1\n", ".env.example": "API_KEY=0123456789\n", ".env.b": "PUBLIC_KEY=0123456789\nCLIENT_ID=0123456789\n"}, nil},
		{"AWS", map[string]string{".aws/credentials": "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n", "credentials": "[default]\naws_secret_access_key = x\n"},
			[]string{"plaintext .aws/credentials:0 AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY"}},
		{"a format of its own", map[string]string{"prod.tfvars": "db_password = \"0123456789\"\nregion = \"eu\"\n"}, []string{"plaintext prod.tfvars:0 db_password"}},
		{"images", map[string]string{"Dockerfile": "FROM x\nENV A_TOKEN=0123456789 PORT=1\nENV B_TOKEN 0123456789\nARG C_TOKEN\nARG D_TOKEN=$C\nRUN E_TOKEN=0123456789\n", "x.dockerfile": "env F_SECRET='0123456789'\n"},
			[]string{"image Dockerfile:2 A_TOKEN", "image Dockerfile:3 B_TOKEN", "image x.dockerfile:1 F_SECRET"}},
		{"pipelines", map[string]string{".github/workflows/x.yml": "env:\n  A_TOKEN: 0123456789\n  B_TOKEN: ${{ secrets.B }}\n  C_TOKEN: |\n", ".gitlab-ci.yml": "variables:\n  D_PASSWORD: \"0123456789\"\n  E_PASSWORD: $E\n",
			"compose.yaml": "services:\n  x:\n    environment:\n      - F_KEY=0123456789\n      G_KEY: /run/secrets/g\n", "other.yml": "H_KEY: 0123456789\n"},
			[]string{"pipeline .github/workflows/x.yml:2 A_TOKEN", "pipeline .gitlab-ci.yml:2 D_PASSWORD", "pipeline compose.yaml:4 F_KEY"}},
		{"servers", map[string]string{".mcp.json": `{"mcpServers": {"a": {"command": "npx", "env": {"A_TOKEN": "0123456789", "PORT": "0123456789", "B_TOKEN": "${B_TOKEN}"}}, "b": {"url": "https://x", "headers": {"Authorization": "Bearer 0123456789"}}}}`,
			".vscode/mcp.json": "{ // comment\n\"servers\": {\"a\": {\"env\": {\n\"C_KEY\": \"0123456789\",\n\"D_KEY\": \"${input:d}\" }}}}\n", "mcp_config.json": `{"a": {"command": "credfile", "args": ["env", "--only", "A_TOKEN"], "env": {"KEY\u001b[1m": "0123456789"}}, "headers": {"Authorization": "Bearer ${X}"}}`, "x/package.json": `{"env": {"A_TOKEN": "0123456789"}}`},
			[]string{"server .mcp.json:0 A_TOKEN,Authorization", "server .vscode/mcp.json:0 C_KEY"}},
		{"identities", map[string]string{"id.txt": "# x\n" + key + "\n", "doc.md": key, "x.go": key}, []string{"identity id.txt:2"}},
		{"other people's files", map[string]string{"node_modules/x/.env": "API_KEY=0123456789\n", ".git/x.env": "API_KEY=0123456789\n", "vendor/.env": "API_KEY=0123456789\n"}, nil},
		{"names that are none", map[string]string{"secrets.json": `{"x \u001b[31m KEY": "0123456789", "b_key": "0123456789"}`, "secrets.toml": "\"my KEY\" = '0123456789'\n"},
			[]string{"plaintext secrets.json:0 b_key", "plaintext secrets.toml:0"}},
		{"a credfile", map[string]string{".env": "credfile/1 x\nAPI_KEY=0123456789\n"}, nil},
		{"large", map[string]string{".env": "API_KEY=0123456789\n" + strings.Repeat("#\n", maxFile)}, nil},
	} {
		if got := tree(t, c.files); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestHome(t *testing.T) {
	home := t.TempDir()
	if list := Home(home); len(list) > 0 {
		t.Error(list)
	}
	if err := os.WriteFile(filepath.Join(home, ".npmrc"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if list := Home(home); len(list) != 1 {
		t.Error(list)
	}
}
