//go:build unix

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

// kmsPage returns the blocks of docs/kms.md and the cells of a row of its table.
func kmsPage(t *testing.T, row string) (blocks []string, cells []string) {
	for _, s := range snippets(t) {
		if s.page == "docs/kms.md" {
			blocks = append(blocks, strings.Join(s.lines, "\n")+"\n")
		}
	}
	for line := range strings.Lines(pages(t)["docs/kms.md"]) {
		if strings.HasPrefix(line, "| "+row+" |") {
			for _, cell := range regexp.MustCompile("`([^`]+)` \\|").FindAllStringSubmatch(line, -1) {
				cells = append(cells, strings.ReplaceAll(cell[1], `\|`, "|"))
			}
		}
	}
	return blocks, cells
}

// kmsBox is a machine with credentials, whose real tool writes ci.kms and reads it again.
func kmsBox(t *testing.T, env []string, encrypt, decrypt string) *box {
	b := newBox(t)
	b.env = append(b.env, env...)
	b.sh(`printf '#!/bin/sh\nenv > deployed\n' > deploy && chmod +x deploy
credfile init --name me && credfile profile add production && printf ` + canary + ` | credfile -p production set API_TOKEN -
` + encrypt + `
[ ! -e ../ci.txt ] && ! grep -q AGE-SECRET ci.kms && mv ~/.config ~/.config.away`)
	if r := b.exec(exec.Command("sh", "-c", decrypt), ""); r.code != 0 {
		t.Fatalf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	got := b.exec(exec.Command("cat", "deployed"), "").stdout
	if !strings.Contains(got, "API_TOKEN="+canary+"\n") || strings.Contains(got, "CREDFILE_AGE_KEY") || strings.Contains(got, "AGE-SECRET-KEY") {
		t.Errorf("the command sees %s", got)
	}
	b.sh("rm deployed")
	return b
}

// kmsFails expects that nothing starts, and what credfile says.
func (b *box) kmsFails(decrypt, says string, env ...string) {
	b.t.Helper()
	b.with(func() {
		r := b.exec(exec.Command("sh", "-c", decrypt), "")
		if _, err := os.Stat(b.dir + "/deployed"); r.code != exitEnv || err == nil || !strings.Contains(r.stderr, says) {
			b.t.Errorf("exit code %d, %v\n%s%s", r.code, err, r.stdout, r.stderr)
		}
	}, env...)
}

// The real aws, against moto.
func TestKMSOfAWS(t *testing.T) {
	t.Parallel()
	needTool(t, "aws")
	address := startedMoto(t)
	blocks, _ := kmsPage(t, "")
	b := kmsBox(t, []string{"AWS_ENDPOINT_URL=" + address, "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_ACCESS_KEY_ID=" + fakeID, "AWS_SECRET_ACCESS_KEY=" + fakeSecret, "AWS_DEFAULT_REGION=eu-central-1"},
		`aws kms create-alias --alias-name alias/credfile --target-key-id "$(aws kms create-key --query KeyMetadata.KeyId --output text)"
`+blocks[0], blocks[1])
	b.kmsFails(blocks[1], "CREDFILE_AGE_KEY_COMMAND: the command failed: exit status", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_MAX_ATTEMPTS=1")
	b.kmsFails(regexp.MustCompile(`'.*'`).ReplaceAllString(blocks[1], `'aws kms decrypt --ciphertext-blob fileb://none | base64 -d'`), "CREDFILE_AGE_KEY_COMMAND: the command printed nothing")
	b.sh(`printf x > ci.kms`)
	b.kmsFails(blocks[1], "CREDFILE_AGE_KEY_COMMAND: the command failed: exit status")
}

// The real gcloud, against a server that encrypts with the key 42. gcloud checks the CRC32C of what it
// sends and gets.
func TestKMSOfGoogle(t *testing.T) {
	t.Parallel()
	needTool(t, "gcloud")
	var denied atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, does, _ := strings.Cut(r.URL.Path, "/v1/projects/p-1/locations/global/keyRings/apps/cryptoKeys/credfile:")
		var asked struct{ Plaintext, Ciphertext string } // in either alphabet of base64
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || does == "" || denied.Load() {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error":{"code":403,"message":"denied","status":"PERMISSION_DENIED"}}`)
			return
		}
		text, _ := base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/").Replace(asked.Plaintext + asked.Ciphertext))
		for i := range text {
			text[i] ^= 42
		}
		sum := crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli))
		kind := map[string]string{"encrypt": "ciphertext", "decrypt": "plaintext"}[does]
		fmt.Fprintf(w, `{"name":"projects/p-1/locations/global/keyRings/apps/cryptoKeys/credfile/cryptoKeyVersions/1",%q:%q,"%sCrc32c":"%d","verifiedPlaintextCrc32c":true,"verifiedAdditionalAuthenticatedDataCrc32c":true,"verifiedCiphertextCrc32c":true}`, kind, base64.StdEncoding.EncodeToString(text), kind, sum)
	}))
	t.Cleanup(server.Close)
	blocks, cells := kmsPage(t, "Google Cloud")
	lines := strings.SplitAfter(blocks[0], "\n")
	encrypt := lines[0] + lines[1] + "grep ^AGE-SECRET-KEY- ../ci.txt | " + cells[0] + "\n" + lines[3]
	decrypt := "export CREDFILE_AGE_KEY_COMMAND='" + cells[1] + "'\n" + strings.SplitAfter(blocks[1], "\n")[1]
	b := kmsBox(t, []string{"CLOUDSDK_AUTH_ACCESS_TOKEN=not-real-token", "CLOUDSDK_CORE_PROJECT=p-1", "CLOUDSDK_CORE_DISABLE_PROMPTS=1", "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS=" + server.URL + "/"}, encrypt, decrypt)
	denied.Store(true)
	b.kmsFails(decrypt, "CREDFILE_AGE_KEY_COMMAND: the command failed: exit status")
}
