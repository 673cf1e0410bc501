//go:build linux

package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// standIns stand in for what a tool talks to. They write what they are given to a file, and return
// the variables by which the tool finds them.
var standIns = map[string]func(b *box, got string) []string{
	"docker": func(b *box, got string) []string {
		return []string{"DOCKER_HOST=tcp://" + answering(b.t, got, map[string]string{"/_ping": "OK"})}
	},
	"kubectl": func(b *box, got string) []string {
		return []string{"SERVER=" + answering(b.t, got, map[string]string{
			"/api":               `{"kind":"APIVersions","versions":["v1"]}`,
			"/apis":              `{"kind":"APIGroupList","apiVersion":"v1","groups":[]}`,
			"/api/v1":            `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"secrets","namespaced":true,"kind":"Secret","verbs":["patch"]},{"name":"pods","namespaced":true,"kind":"Pod","verbs":["list"]}]}`,
			"/openapi/v3":        `{"paths":{"api/v1":{"serverRelativeURL":"/openapi/v3/api/v1"}}}`,
			"/openapi/v3/api/v1": `{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{"/api/v1/namespaces/{namespace}/secrets/{name}":{"patch":{"parameters":[{"name":"fieldValidation","in":"query","schema":{"type":"string"}}],"responses":{},"x-kubernetes-group-version-kind":{"group":"","version":"v1","kind":"Secret"}}}}}`,
		})}
	},
	"psql":      asksPassword,
	"ssh-agent": agent,
}

// answering is a server that knows these answers. It decodes and notes everything else that it is asked.
func answering(t testing.TB, got string, answers map[string]string) (address string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if answer := answers[strings.TrimPrefix(r.URL.Path, "/plainly-fake-KUBECONFIG")]; answer != "" {
			fmt.Fprint(w, answer)
			return
		}
		body, _ := io.ReadAll(r.Body)
		note(got, r.URL.Path+string(body)+decoded(string(body)))
		http.NotFound(w, r)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// asksPassword is a server that asks for a password in clear and notes it (PostgreSQL, Frontend/Backend
// Protocol, Start-up).
func asksPassword(b *box, got string) []string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r := bufio.NewReader(c)
			r.ReadString('\x00')                         // the start-up message is in the same packet
			io.CopyN(io.Discard, r, int64(r.Buffered())) // and is not needed
			c.Write([]byte{'R', 0, 0, 0, 8, 0, 0, 0, 3}) // AuthenticationCleartextPassword
			r.Discard(5)
			password, _ := r.ReadString('\x00')
			note(got, "connected, "+password)
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return []string{"PGPORT=" + port, "PGSSLMODE=disable", "PGGSSENCMODE=disable"}
}

// agent is an ssh-agent of the test's own. A path to a socket has at most 108 bytes.
func agent(b *box, _ string) []string {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "agent")
	cmd := exec.Command("ssh-agent", "-D", "-a", socket)
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for range 500 {
		if _, err := os.Stat(socket); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return []string{"SSH_AUTH_SOCK=" + socket}
}

func note(file, text string) {
	if text == "" {
		return
	}
	if f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
		io.WriteString(f, text+"\n")
		f.Close()
	}
}

// decoded is the base64 in a text.
func decoded(text string) (clear string) {
	for _, word := range regexp.MustCompile(`[A-Za-z0-9+/]{16,}=*`).FindAllString(text, -1) {
		if b, err := base64.StdEncoding.DecodeString(word); err == nil {
			clear += string(b)
		}
	}
	return clear
}
