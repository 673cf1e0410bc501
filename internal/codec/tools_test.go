package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// These tests ask the tools on this machine, whatever their version, about each case that
// their dialect takes.

// compareWith writes each case that a dialect takes to its own file and has the tool report
// which variables each file sets.
func compareWith(t *testing.T, dialect string, ask func(files []string) []map[string]string) {
	dir := t.TempDir()
	var cases, files []string
	var ours [][]Pair
	for _, c := range dotenvCases {
		pairs, problems := readDotenv([]byte(c.in), Options{Dialect: dialect})
		if len(problems) > 0 || strings.HasPrefix(c.in, "\uFEFF") {
			continue
		}
		file := filepath.Join(dir, fmt.Sprintf("%d.env", len(files)))
		if err := os.WriteFile(file, []byte(c.in), 0o600); err != nil {
			t.Fatal(err)
		}
		cases, files, ours = append(cases, c.in), append(files, file), append(ours, pairs)
	}
	if len(files) < 20 {
		t.Fatalf("%d cases only", len(files))
	}
	real := ask(files)
	if len(real) != len(files) {
		t.Fatalf("%d answers for %d files", len(real), len(files))
	}
	for i, in := range cases {
		if d := differs(ours[i], real[i]); d != "" {
			t.Errorf("%q: %s", in, d)
		}
	}
}

// output runs a command with none of our variables but PATH. Output on stderr is an error
// too: a shell continues after many of its own errors.
func output(t *testing.T, cmd ...string) []byte {
	run := exec.Command(cmd[0], cmd[1:]...)
	run.Dir = t.TempDir()
	run.Env = []string{"HOME=" + run.Dir, "PATH=" + os.Getenv("PATH")}
	var stderr bytes.Buffer
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil || stderr.Len() > 0 {
		t.Errorf("%q: %v %s", cmd, err, stderr.Bytes())
	}
	return out
}

// askJSON runs a command that takes files and prints what they set as JSON.
func askJSON(t *testing.T, cmd ...string) func([]string) []map[string]string {
	return func(files []string) (all []map[string]string) {
		if err := json.Unmarshal(output(t, append(cmd, files...)...), &all); err != nil {
			t.Error(err)
		}
		return all
	}
}

func TestRealSh(t *testing.T) {
	var sh string
	for _, name := range []string{"dash", "sh"} {
		if path, err := exec.LookPath(name); err == nil && sh == "" {
			sh = path
		}
	}
	env, err := exec.LookPath("env")
	if sh == "" || err != nil {
		t.Skip("neither dash nor sh, or no env")
	}
	compareWith(t, "sh", func(files []string) (all []map[string]string) {
		for _, file := range files {
			vars := map[string]string{}
			out := output(t, sh, "-c", `PATH=; set -a; . "$1"; exec `+env+` -0`, "sh", file)
			for kv := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
				name, value, _ := strings.Cut(kv, "=")
				if !slices.Contains([]string{"HOME", "PATH", "PWD", "OLDPWD", "SHLVL", "_"}, name) {
					vars[name] = value
				}
			}
			all = append(all, vars)
		}
		return all
	})
}

func TestRealPython(t *testing.T) {
	const script = `
import json, sys, dotenv
files = [dotenv.dotenv_values(f).items() for f in sys.argv[1:]]
print(json.dumps([{k: v for k, v in f if v is not None} for f in files]))`
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		path, err := exec.LookPath(name)
		if err == nil && exec.Command(path, "-c", "import dotenv").Run() == nil {
			compareWith(t, "python", askJSON(t, path, "-c", script))
			return
		}
	}
	t.Skip("no python3 with python-dotenv")
}

func TestRealNode(t *testing.T) {
	const script = `
const [dotenv, ...files] = process.argv.slice(1)
console.log(JSON.stringify(files.map(f => require(dotenv).parse(require('fs').readFileSync(f)))))`
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node")
	}
	out, err := exec.Command(node, "-p", "require.resolve('dotenv')").Output()
	if err != nil {
		t.Skip("no dotenv for node (NODE_PATH)")
	}
	compareWith(t, "node", askJSON(t, node, "-e", script, strings.TrimSpace(string(out))))
}

func TestRealRuby(t *testing.T) {
	if err := exec.Command("ruby", "-e", `require "dotenv"; Dotenv::Parser`).Run(); err != nil {
		t.Skip("needs Ruby's dotenv")
	}
	if version := output(t, "ruby", "-e", `require "dotenv/version"; print Dotenv::VERSION`); version[0] < '3' {
		t.Skip("needs version 3 of Ruby's dotenv")
	}
	const script = `require "dotenv"; require "json"; puts JSON.generate(ARGV.map { |f| Dotenv::Parser.call(File.open(f, "rb:bom|utf-8", &:read)) })`
	compareWith(t, "ruby", askJSON(t, "ruby", "-Eutf-8:utf-8", "-e", script))
}
