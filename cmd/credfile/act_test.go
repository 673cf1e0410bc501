//go:build linux

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// workflow uses the action as a repository does, and then what it handed over.
const workflow = `on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
        with:
          fetch-depth: 0
      - uses: ./action
        env:
          CREDFILE_AGE_KEY: ${{ secrets.CREDFILE_AGE_KEY }}
          CREDFILE_TRUST: ${{ vars.CREDFILE_TRUST }}
        with:
          url: file://PROGRAM
          sha256: DIGEST
          check: --exposed
          export: ${{ github.event_name == 'push' && 'TWO' || '' }}
      - if: github.event_name == 'push'
        run: |
          echo "length ${#TWO}, value $TWO"
          credfile version
          test -z "${CREDFILE_AGE_KEY:-}"
`

// GitHub's runner itself can't be had. act is another one, which reads the same files.
func TestAct(t *testing.T) {
	needTool(t, "act")
	b, _ := reviewed(t)
	b.sh("printf 'not-real-value' | credfile set TWO -")
	program, err := exec.LookPath("credfile")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	action, err := os.ReadFile(repoPath("action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"action/action.yml":          string(action),
		"event.json":                 `{"pull_request":{"base":{"ref":"main"},"head":{"ref":"side"}}}`,
		".github/workflows/test.yml": strings.NewReplacer("PROGRAM", program, "DIGEST", hex.EncodeToString(sum[:])).Replace(workflow),
	} {
		path := filepath.Join(b.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.sh("git add -A && git commit -qm workflow && git update-ref refs/remotes/origin/main main && git remote add origin https://example.org/owner/name")
	key, err := os.ReadFile(filepath.Join(b.home, ".config", "credfile", "identities.txt"))
	if err != nil {
		t.Fatal(err)
	}
	secret := ""
	for line := range strings.Lines(string(key)) {
		if strings.HasPrefix(line, "AGE-SECRET-KEY-") {
			secret = strings.TrimSpace(line)
		}
	}
	secrets := filepath.Join(b.home, "secrets")
	if err := os.WriteFile(secrets, []byte("CREDFILE_AGE_KEY="+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	act := func(args ...string) result {
		cmd := exec.Command("act", append(args, "-P", "ubuntu-latest=-self-hosted", "--action-offline-mode", "--secret-file", secrets,
			"--var", "CREDFILE_TRUST="+strings.TrimSpace(b.ok("", "trust", "--print").stdout))...)
		return b.exec(cmd, "")
	}
	r := act("push")
	if r.code != 0 || !strings.Contains(r.stdout, "length 14, value ***") || strings.Contains(r.stdout+r.stderr, "not-real-value") {
		t.Errorf("push: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	r = act("pull_request", "-e", "event.json")
	if r.code != 0 || !strings.Contains(r.stdout, "every change since") || strings.Contains(r.stdout, "length") {
		t.Errorf("pull request: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}
