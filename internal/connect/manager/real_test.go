//go:build unix

package manager

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

// The tests in this file run the real command lines, against servers that answer as those of their
// documentation do. Others play the command lines where they are not installed: see TestManagers.

// real puts a command line into PATH that counts how often it is started.
func real(t *testing.T, program string, env ...string) (w *remote.World, starts func() int) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("needs %s", program)
	}
	w, starts = install(t, program, "exec '"+path+"' \"$@\"\n")
	dir, _, _ := strings.Cut(strings.TrimPrefix(w.Environ[0], "PATH="), ":")
	w.Environ = append([]string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir}, env...)
	return w, starts
}

// without returns the world without some variables.
func without(w *remote.World, names ...string) *remote.World {
	less := *w
	less.Environ = nil
	for _, kv := range w.Environ {
		name, _, _ := strings.Cut(kv, "=")
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+name+" ") {
			less.Environ = append(less.Environ, kv)
		}
	}
	return &less
}

// with returns the world with a variable that has another value.
func with(w *remote.World, name, value string) *remote.World {
	more := without(w, name)
	more.Environ = append(more.Environ, name+"="+value)
	return more
}

const fifty = 50

// fields is a secret with fifty values.
func fields() map[string]string {
	all := map[string]string{}
	for i := range fifty {
		all["f"+strconv.Itoa(i)] = fmt.Sprintf("not-real \"%d\"\n ü", i)
	}
	return all
}

// wantFifty reads each value by a source of its own, all at the same time.
func wantFifty(t *testing.T, w *remote.World, kind string, d source.Definition, starts func() int) {
	t.Helper()
	m, before := New(nil), starts()
	var all sync.WaitGroup
	for name, value := range fields() {
		all.Go(func() {
			own := source.Definition{"field": name}
			for k, v := range d {
				own[k] = v
			}
			a, err := m.Obtain(context.Background(), w, source.Get, "OWN", &source.Ref{Kind: kind, Definition: own})
			if err != nil || a.Values["OWN"] != value {
				t.Errorf("%s: %v, %v", name, a, err)
			}
		})
	}
	all.Wait()
	if n := starts() - before; n != 1 {
		t.Errorf("%d starts for %d names", n, fifty)
	}
}

func want(t *testing.T, w *remote.World, kind string, d source.Definition, want string) {
	t.Helper()
	if got := obtain(w, kind, d); got != want {
		t.Errorf("%v: got %q, want %q", d, got, want)
	}
}

// TestRealAWS: moto's Secrets Manager is in cmd/credfile's TestMoto.
func TestRealAWS(t *testing.T) {
	t.Parallel()
	text, _ := json.Marshal(fields())
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var asked struct{ SecretId string }
		body, _ := io.ReadAll(r.Body)
		json.Unmarshal(body, &asked)
		rw.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch target := r.Header.Get("X-Amz-Target"); {
		case target != "secretsmanager.GetSecretValue":
			t.Errorf("asked for %s", target)
		case asked.SecretId == "app/prod":
			json.NewEncoder(rw).Encode(map[string]string{"Name": "app/prod", "SecretString": string(text)})
		case asked.SecretId == "app/denied":
			rw.WriteHeader(http.StatusBadRequest)
			io.WriteString(rw, `{"__type":"AccessDeniedException","Message":"not authorized"}`)
		default:
			rw.WriteHeader(http.StatusBadRequest)
			io.WriteString(rw, `{"__type":"ResourceNotFoundException","Message":"Secrets Manager can't find the specified secret."}`)
		}
	}))
	t.Cleanup(server.Close)
	w, starts := real(t, "aws", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=not-real", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL="+server.URL, "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=")
	of := func(id string) source.Definition {
		return source.Definition{"secret_id": id, "region": "eu-central-1"}
	}
	wantFifty(t, w, "aws-secret", of("app/prod"), starts)
	want(t, w, "aws-secret", of("app/none"), "not-found: aws finds no such secret")
	want(t, w, "aws-secret", of("app/denied"), "denied: aws says that you may not read the secret")
	want(t, without(w, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "aws-secret", of("app/prod"), "login: you are not logged in with aws")
	want(t, w, "aws-secret", source.Definition{"secret_id": "app/prod"}, "other: aws does not know the region: add region=REGION to the source")
	want(t, with(w, "AWS_PROFILE", "nope"), "aws-secret", of("app/prod"), "other: aws does not know the profile that AWS_PROFILE names")
	want(t, with(w, "AWS_ENDPOINT_URL", "http://127.0.0.1:1"), "aws-secret", of("app/prod"), "unavailable: aws can't reach its server")
}

// gcloud checks the CRC32C of what it gets.
func TestRealGcloud(t *testing.T) {
	t.Parallel()
	text, _ := json.Marshal(fields())
	sum := crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli))
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		status, fault := http.StatusOK, ""
		switch {
		case r.Header.Get("Authorization") != "Bearer not-real-token":
			status, fault = http.StatusUnauthorized, "UNAUTHENTICATED"
		case r.URL.Path == "/v1/projects/p-1/secrets/db/versions/latest:access":
			fmt.Fprintf(rw, `{"name":"projects/1/secrets/db/versions/1","payload":{"data":%q,"dataCrc32c":"%d"}}`, base64.StdEncoding.EncodeToString(text), sum)
		case r.URL.Path == "/v1/projects/p-1/secrets/broken/versions/7:access":
			fmt.Fprintf(rw, `{"name":"projects/1/secrets/broken/versions/7","payload":{"data":"bm90LXJlYWw=","dataCrc32c":"%d"}}`, sum)
		case r.URL.Path == "/v1/projects/p-1/secrets/denied/versions/latest:access":
			status, fault = http.StatusForbidden, "PERMISSION_DENIED"
		default:
			status, fault = http.StatusNotFound, "NOT_FOUND"
		}
		if fault != "" {
			rw.WriteHeader(status)
			fmt.Fprintf(rw, `{"error":{"code":%d,"message":"what a server says","status":%q}}`, status, fault)
		}
	}))
	t.Cleanup(server.Close)
	w, starts := real(t, "gcloud", "CLOUDSDK_AUTH_ACCESS_TOKEN=not-real-token", "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER="+server.URL+"/")
	of := func(secret string) source.Definition {
		return source.Definition{"project": "p-1", "secret": secret}
	}
	wantFifty(t, w, "gcp-secret", of("db"), starts)
	want(t, w, "gcp-secret", source.Definition{"project": "p-1", "secret": "broken", "version": "7"}, "other: gcloud failed with exit code 1")
	want(t, w, "gcp-secret", of("none"), "not-found: gcloud finds no such secret")
	want(t, w, "gcp-secret", of("denied"), "denied: gcloud says that you may not read the secret")
	want(t, without(w, "CLOUDSDK_AUTH_ACCESS_TOKEN"), "gcp-secret", of("db"), "login: you are not logged in with gcloud")
	want(t, with(w, "CLOUDSDK_AUTH_ACCESS_TOKEN", "over"), "gcp-secret", of("db"), "login: you are not logged in with gcloud")
}

// kubeServer is as much of a Kubernetes as kubectl asks for to read secrets.
func kubeServer(t *testing.T) *httptest.Server {
	data := map[string][]byte{}
	for name, value := range fields() {
		data[name] = []byte(value)
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		status, reason := http.StatusOK, ""
		switch at := r.URL.Path; {
		case r.Header.Get("Authorization") != "Bearer not-real-token":
			status, reason = http.StatusUnauthorized, "Unauthorized"
		case at == "/api":
			io.WriteString(rw, `{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[]}`)
		case at == "/apis":
			io.WriteString(rw, `{"kind":"APIGroupList","apiVersion":"v1","groups":[]}`)
		case at == "/api/v1":
			io.WriteString(rw, `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"secrets","singularName":"secret","namespaced":true,"kind":"Secret","verbs":["get","list"]}]}`)
		case at == "/api/v1/namespaces/prod/secrets/app":
			json.NewEncoder(rw).Encode(map[string]any{"kind": "Secret", "apiVersion": "v1", "metadata": map[string]string{"name": "app", "namespace": "prod"}, "type": "Opaque", "data": data})
		case strings.HasPrefix(at, "/api/v1/namespaces/prod/secrets/own-"):
			name := strings.TrimPrefix(at, "/api/v1/namespaces/prod/secrets/")
			json.NewEncoder(rw).Encode(map[string]any{"kind": "Secret", "apiVersion": "v1", "metadata": map[string]string{"name": name, "namespace": "prod"}, "data": map[string][]byte{"a": []byte(name)}})
		case at == "/api/v1/namespaces/prod/secrets/denied":
			status, reason = http.StatusForbidden, "Forbidden"
		default:
			status, reason = http.StatusNotFound, "NotFound"
		}
		if reason != "" {
			rw.WriteHeader(status)
			fmt.Fprintf(rw, `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"what a server says","reason":%q,"code":%d}`, reason, status)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestRealKubectl(t *testing.T) {
	server := kubeServer(t)
	w, starts := real(t, "kubectl")
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	dir := t.TempDir()
	config := func(name, address, token string) *remote.World {
		text := fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: x\nclusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}]\n"+
			"users: [{name: u, user: {token: %s}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n", address, base64.StdEncoding.EncodeToString(authority), token)
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return with(w, "KUBECONFIG", path)
	}
	good := config("good", server.URL, "not-real-token")
	of := func(secret string) source.Definition {
		return source.Definition{"namespace": "prod", "secret": secret}
	}
	wantFifty(t, good, "kubernetes", of("app"), starts)
	// kubectl starts in another directory than credfile, and takes several files.
	t.Chdir(dir)
	want(t, with(w, "KUBECONFIG", "none:good"), "kubernetes", source.Definition{"namespace": "prod", "secret": "app", "field": "f0"}, "map[OWN:"+fields()["f0"]+"]")
	// Several secrets are one start as well, and one that can't be had leaves the others.
	for last, n := range map[string][2]int{"own-last": {fifty, 1}, "none": {3, 1}, "denied": {3, 5}} {
		refs := map[string]*source.Ref{"LAST": {Kind: "kubernetes", Definition: of(last)}}
		for i := range n[0] {
			refs[fmt.Sprint("N", i)] = &source.Ref{Kind: "kubernetes", Definition: of(fmt.Sprint("own-", i))}
		}
		before, m := starts(), New(refs)
		for name, ref := range refs {
			a, err := m.Obtain(context.Background(), good, source.Get, name, ref)
			if secret := ref.Definition.Text("secret"); strings.HasPrefix(secret, "own-") != (err == nil) || err == nil && a.Values[name] != secret {
				t.Errorf("%s beside %s: %v, %v", secret, last, a, err)
			}
		}
		if got := starts() - before; got != n[1] {
			t.Errorf("%d starts with %s", got, last)
		}
	}
	want(t, good, "kubernetes", of("none"), "not-found: kubectl finds no such secret")
	want(t, good, "kubernetes", of("denied"), "denied: kubectl says that you may not read the secret")
	want(t, config("over", server.URL, "over"), "kubernetes", of("app"), "login: you are not logged in with kubectl")
	want(t, config("away", "https://127.0.0.1:1", "not-real-token"), "kubernetes", of("app"), "unavailable: kubectl can't reach its server")
	want(t, w, "kubernetes", of("app"), "other: kubectl knows no cluster: is KUBECONFIG set?")
}
