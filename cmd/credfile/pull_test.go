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

	"github.com/credfile/credfile/format"
)

// scriptIn returns a shell script in YAML: the lines after begin that are indented more.
func scriptIn(t *testing.T, path, begin string) string {
	t.Helper()
	b, err := os.ReadFile(repoPath(path))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(b), "\n"+begin+"\n")
	if !found {
		t.Fatalf("%s has no line %q", path, begin)
	}
	indent, script := "", ""
	for line := range strings.Lines(rest) {
		if indent == "" {
			indent = line[:len(line)-len(strings.TrimLeft(line, " "))]
		}
		if !strings.HasPrefix(line, indent) {
			break
		}
		script += strings.TrimPrefix(line, indent)
	}
	if strings.Contains(script, "${{") || !strings.Contains(script, "--against=") {
		t.Errorf("%s: %s", path, script)
	}
	return script
}

// ciJob is a clone in which a job runs a script of the documents.
type ciJob struct {
	*box
	script string
	set    map[string]string
}

// run runs the script with some variables changed. It reports whether the program was run.
func (j *ciJob) run(dir string, change ...string) (r result, ran bool) {
	j.t.Helper()
	b := *j.box
	b.dir = dir
	temp := j.t.TempDir()
	if err := os.WriteFile(filepath.Join(temp, "env"), nil, 0o600); err != nil { // as the runner does
		j.t.Fatal(err)
	}
	b.env = append(b.env, "RUNNER_TEMP="+temp, "HOME="+temp, "GITHUB_PATH="+filepath.Join(temp, "path"), "GITHUB_ENV="+filepath.Join(temp, "env"))
	for name, value := range j.set {
		b.env = append(b.env, name+"="+value)
	}
	b.env = append(b.env, change...)
	r = b.exec(exec.Command("bash", "-c", j.script), "")
	return r, strings.Contains(r.stderr, "every change since") || strings.Contains(r.stderr, "credfile: error") || strings.Contains(r.stdout+r.stderr, "all signatures are valid")
}

// oddBranch is the name of a branch, which anyone can choose.
const oddBranch = "x;touch${IFS}pwned;$(touch${IFS}pwned)"

// The jobs of docs/ci.md let an honest change pass, and fail in every other case.
func TestPullRequestJobs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bash", "curl", "sha256sum"} {
		needTool(t, name)
	}
	b, text := reviewed(t)
	b.ok("", "set", "TWO", "--generate")
	trusted := "CREDFILE_TRUST=" + strings.TrimSpace(b.ok("", "trust", "--print").stdout)
	b.sh("git commit -qam honest && git checkout -qb forged main")
	f := parseFile(t, text)
	s, mallory := forged(t, without(f, "default"))
	seal(f, s, mallory)
	with(f, s)
	b.write(format.Marshal(f))
	b.sh(`git commit -qam forged && git branch '` + oddBranch + `' main
git clone -q . ../full && git clone -q -b side . ../honest && git clone -q --depth 1 "file://$PWD" ../shallow`)
	program, err := exec.LookPath("credfile")
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(bytes)
	digest := hex.EncodeToString(sum[:])
	head := func(branch string) string {
		return strings.TrimSpace(b.exec(exec.Command("git", "rev-parse", branch), "").stdout)
	}
	full, honest, shallow := filepath.Join(b.dir, "../full"), filepath.Join(b.dir, "../honest"), filepath.Join(b.dir, "../shallow")
	github := &ciJob{b, scriptIn(t, "action.yml", "      run: |"), map[string]string{"EVENT": "pull_request", "BASE": "main", "HEAD": head("side"),
		"URL": "file://" + program, "SHA256": digest, "FILES": ".credentials.age\n", "CHECK": "", "EXPORT": "", "PROFILE": "default"}}
	push := []string{"EVENT=push", "BASE=", "CREDFILE_AGE_KEY_FILE=" + filepath.Join(b.home, ".config", "credfile", "identities.txt"), trusted}
	gitlab := &ciJob{b, scriptIn(t, "docs/ci.md", "    - |"), map[string]string{"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
		"CI_COMMIT_SHA": head("side"), "CREDFILE_URL": "file://" + program, "CREDFILE_SHA256": digest, "CREDFILE_PATHS": ".credentials.age"}}
	other := strings.Repeat("0", 64)
	for _, c := range []struct {
		name, dir string
		job       *ciJob
		code      int
		ran       bool
		change    []string
	}{
		{"honest", full, github, 0, true, nil},
		{"in a merge queue", full, github, 0, true, []string{"EVENT=merge_group", "BASE=refs/heads/main"}},
		{"an odd branch", full, github, 0, true, []string{"BASE=" + oddBranch}},
		{"forged", full, github, 6, true, []string{"HEAD=" + head("forged")}},
		{"forged, and a good file after it", full, github, 6, true, []string{"HEAD=" + head("forged"), "FILES=.credentials.age\n\n"}},
		{"a file that does not exist, before a good one", full, github, 4, true, []string{"FILES=none.age\n.credentials.age\n"}},
		{"no files", full, github, 1, false, []string{"FILES="}},
		{"pull_request_target", full, github, 1, false, []string{"EVENT=pull_request_target"}},
		{"workflow_run", full, github, 1, false, []string{"EVENT=workflow_run"}},
		{"push", full, github, 0, true, []string{"EVENT=push", "BASE="}},
		{"checked", full, github, 0, true, []string{"CHECK=--exposed"}},
		{"checked, and wrong", full, github, 8, true, []string{"CHECK=--min-writers 2"}},
		{"a flag of check that is none", full, github, 2, true, []string{"CHECK=--nope"}},
		{"export", honest, github, 0, true, append(push, "EXPORT=TWO")},
		{"export of what is not there", honest, github, 4, true, append(push, "EXPORT=TWO NOPE")},
		{"export, and flags", honest, github, 4, true, append(push, "EXPORT=TWO --reveal")},
		{"export of a forged file", full, github, 6, true, append(push, "EXPORT=TWO")},
		{"export on a pull request", full, github, 1, true, append(push, "EVENT=pull_request", "BASE=main", "EXPORT=TWO")},
		{"export with CREDFILE_TRUST empty", honest, github, 6, true, append(push, "CREDFILE_TRUST=", "EXPORT=TWO")},
		{"another digest", full, github, 1, false, []string{"SHA256=" + other}},
		{"no digest", full, github, 1, false, []string{"SHA256="}},
		{"a branch that is not there", full, github, 1, false, []string{"BASE=nope"}},
		{"shallow", shallow, github, 1, false, []string{"BASE=forged", "HEAD=" + head("forged")}},
		{"honest", full, gitlab, 0, true, nil},
		{"an odd branch", full, gitlab, 0, true, []string{"CI_MERGE_REQUEST_TARGET_BRANCH_NAME=" + oddBranch}},
		{"forged", full, gitlab, 6, true, []string{"CI_COMMIT_SHA=" + head("forged")}},
		{"another pipeline", full, gitlab, 1, false, []string{"CI_PIPELINE_SOURCE=push"}},
		{"another digest", full, gitlab, 1, false, []string{"CREDFILE_SHA256=" + other}},
		{"shallow", shallow, gitlab, 1, true, nil},
	} {
		r, ran := c.job.run(c.dir, c.change...)
		if name := strings.Fields(c.job.script)[1] + ": " + c.name; r.code != c.code || c.name != "shallow" && ran != c.ran {
			t.Errorf("%s: exit code %d, want %d; run: %v\n%s%s", name, r.code, c.code, ran, r.stdout, r.stderr)
		}
		if _, err := os.Stat(filepath.Join(c.dir, "pwned")); err == nil {
			t.Errorf("%s: the name of the branch was run", c.name)
		}
	}
}
