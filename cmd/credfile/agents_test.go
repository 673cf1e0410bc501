//go:build unix

package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/racetest"
)

// mcpServer is an npx that starts an MCP server (modelcontextprotocol.io, Specification, Transports,
// stdio): a line of JSON a message.
const mcpServer = `#!/usr/bin/env python3
import base64, json, os, sys
token = os.environ["ISSUES_TOKEN"]
if sys.argv[1:] != ["-y", "issues-mcp-server"]: sys.exit("arguments %s" % sys.argv)
print("started as", os.getpid(), file=sys.stderr)
tell = {
	"uses": lambda: len(token),
	"plain": lambda: "401: Authorization: Bearer " + token,
	"base64": lambda: base64.b64encode(("x:" + token).encode()).decode(),
	"reversed": lambda: token[::-1],
	"environment": lambda: sorted(os.environ),
}
for line in sys.stdin:
	m = json.loads(line)
	if m["method"] == "initialize": result = {"protocolVersion": m["params"]["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "issues", "version": "1"}}
	elif m["method"] == "tools/call": result = {"content": [{"type": "text", "text": json.dumps(tell[m["params"]["name"]]())}]}
	else: continue
	print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": result}), flush=True)
`

// mcpClient talks to a server that it started as the configuration says.
type mcpClient struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
	err   strings.Builder
	id    int
}

func (b *box) mcp(t *testing.T, command string, args ...string) *mcpClient {
	c := &mcpClient{t: t, cmd: exec.Command(command, args...), lines: make(chan string, 10)}
	c.cmd.Dir, c.cmd.Env, c.cmd.Stderr = b.dir, b.env, &c.err
	c.in, _ = c.cmd.StdinPipe()
	out, _ := c.cmd.StdoutPipe()
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			c.lines <- s.Text()
		}
		close(c.lines)
	}()
	return c
}

// asks returns the answer to a request, which is a line of JSON.
func (c *mcpClient) asks(method string, params any) (result string) {
	c.t.Helper()
	c.id++
	text, _ := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": c.id, "method": method, "params": params})
	fmt.Fprintf(c.in, "%s\n", text)
	select {
	case line := <-c.lines:
		var answer struct {
			ID     int
			Result json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &answer); err != nil || answer.ID != c.id {
			c.cmd.Process.Kill()
			c.cmd.Wait()
			c.t.Fatalf("%s: %v, %q, %s", method, err, line, &c.err)
		}
		return string(answer.Result)
	case <-time.After(time.Minute):
		c.t.Fatalf("%s: no answer", method)
	}
	return ""
}

// tool returns what a tool of the server says.
func (c *mcpClient) tool(name string) string {
	c.t.Helper()
	var result struct{ Content []struct{ Text string } }
	if err := json.Unmarshal([]byte(c.asks("tools/call", map[string]any{"name": name, "arguments": map[string]any{}})), &result); err != nil {
		c.t.Fatal(err)
	}
	return result.Content[0].Text
}

// ends closes the connection, and returns the exit code.
func (c *mcpClient) ends() int {
	c.in.Close()
	for range c.lines {
		c.t.Error("more output")
	}
	kill := time.AfterFunc(time.Minute, func() { c.cmd.Process.Kill() })
	defer kill.Stop()
	c.cmd.Wait()
	return c.cmd.ProcessState.ExitCode()
}

// TestAgents starts a server through the configuration on docs/agents.md.
func TestAgents(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	var blocks []snippet
	for _, s := range snippets(t) {
		if s.page == "docs/agents.md" {
			blocks = append(blocks, s)
		}
	}
	var config struct {
		McpServers map[string]struct {
			Command string
			Args    []string
		}
	}
	if err := json.Unmarshal([]byte(strings.Join(blocks[0].lines, "\n")), &config); err != nil || len(config.McpServers) != 1 {
		t.Fatalf("%v, %v", err, config)
	}
	var masked struct{ Args []string }
	if err := json.Unmarshal([]byte("{"+blocks[1].lines[0]+"}"), &masked); err != nil {
		t.Fatal(err)
	}
	server := config.McpServers["issues"]
	b := victim(t)
	token := canary + `-"täg"-end`
	b.ok(token, "set", "ISSUES_TOKEN", "-")
	b.sh("mkdir bin")
	executable(t, filepath.Join(b.dir, "bin", "npx"), mcpServer)
	b.env = append(b.env, "PATH="+filepath.Join(b.dir, "bin")+":"+pathOf(b))

	plain := b.mcp(t, server.Command, server.Args...)
	if got := plain.asks("initialize", map[string]any{"protocolVersion": "2025-06-18"}); !strings.Contains(got, "2025-06-18") {
		t.Errorf("%s", got)
	}
	if got := plain.tool("plain"); !strings.Contains(got, canary) {
		t.Errorf("the server has no token: %s", got)
	}
	if got := plain.tool("environment"); strings.Contains(got, `"ONE"`) || strings.Contains(got, "CREDFILE") {
		t.Errorf("the server sees %s", got)
	}
	if code := plain.ends(); code != 0 || !strings.Contains(plain.err.String(), fmt.Sprintf("started as %d\n", plain.cmd.Process.Pid)) {
		t.Errorf("exit code %d, %s", code, &plain.err)
	}

	mask := b.mcp(t, server.Command, masked.Args...)
	mask.asks("initialize", map[string]any{"protocolVersion": "2025-06-18"})
	for tool, want := range map[string]string{
		"uses": fmt.Sprint(len([]rune(token))), "plain": `"401: Authorization: Bearer [masked]"`,
		"reversed": reversed(canary),
	} {
		if got := mask.tool(tool); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", tool, got, want)
		}
	}
	if got := mask.tool("base64"); strings.Contains(got, base64.StdEncoding.EncodeToString([]byte("x:" + canary))[4:24]) || !strings.Contains(got, "[masked]") {
		t.Errorf("base64: %s", got)
	}
	if code := mask.ends(); code != 0 {
		t.Errorf("exit code %d, %s", code, &mask.err)
	}

	b.ok("", "unset", "ISSUES_TOKEN")
	for _, args := range [][]string{server.Args, masked.Args} {
		none := b.mcp(t, server.Command, args...)
		if code := none.ends(); code != exitEnv || strings.Contains(none.err.String(), "started") {
			t.Errorf("exit code %d, %s", code, &none.err)
		}
	}
}

// pathOf is the PATH of a box.
func pathOf(b *box) string {
	for _, kv := range slices.Backward(b.env) {
		if path, found := strings.CutPrefix(kv, "PATH="); found {
			return path
		}
	}
	return ""
}

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// The identity that docs/agents.md makes reads one profile, where nothing else is.
func TestAgentsIdentity(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	b := documented(t)
	for _, s := range snippets(t) {
		if s.page == "docs/agents.md" && s.kind == "sh" {
			b.sh(strings.Join(s.lines, "\n"))
		}
	}
	trust := strings.TrimSpace(b.ok("", "trust", "--print", "-p", "agent").stdout)
	agent := newBox(t)
	agent.write(b.read())
	b.sh("cp ../agent.txt " + agent.home)
	agent.env = append(agent.env, "CREDFILE_AGE_KEY_FILE="+agent.home+"/agent.txt", "CREDFILE_PROFILE=agent", "CREDFILE_TRUST="+trust)
	if r := agent.ok("", "get", "API_TOKEN"); r.stdout != "x" {
		t.Errorf("%q", r.stdout)
	}
	if r := agent.ok("", "env", "--", "env"); !strings.Contains(r.stdout, "API_TOKEN=x\n") || strings.Contains(r.stdout, "DATABASE_URL") {
		t.Errorf("%s", r.stdout)
	}
	agent.env = agent.env[:len(agent.env)-1]
	for _, args := range [][]string{{"-p", "default", "get", "API_TOKEN"}, {"-p", "production", "env", "--", "true"}, {"set", "API_TOKEN", "-"}, {"rekey", "--add", "third"}} {
		if r := agent.run("y", args...); r.code != exitNoKey && r.code != exitEnv {
			t.Errorf("%v: exit code %d, %s", args, r.code, r.stderr)
		}
	}
}
