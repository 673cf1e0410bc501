//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/credfile/credfile/internal/racetest"
)

// TestContainer builds the images of docs/containers.md, searches them for secrets, and runs them.
func TestContainer(t *testing.T) {
	racetest.Skip(t)
	t.Parallel()
	needTool(t, "buildah")
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make a root directory and become another user in it")
	}
	if out, err := exec.Command("unshare", "--fork", "--pid", "--mount", "true").CombinedOutput(); err != nil {
		t.Skipf("no namespaces: %s", out)
	}
	y := newYard(t)
	blocks := y.blocks()
	y.build("app", blocks["FROM scratch"])
	y.clean("app")
	if r := y.exec(exec.Command("sh", "-c", "credfile scan - < ~/image.tar"), ""); r.code != 0 {
		t.Errorf("scan: exit code %d: %s", r.code, r.stdout)
	}
	for _, c := range []struct {
		name, file string
		scan       bool // whether scan, which searches for values, finds it
	}{
		{"a value in a variable", "FROM app\nENV API_TOKEN=" + y.values[0], true},
		{"a value in a layer", "FROM app\nCOPY value /tmp/value", true},
		{"an identity in a layer", "FROM app\nCOPY ci.txt /tmp/ci.txt", false},
	} {
		y.build("baked", c.file)
		if found := y.search("baked"); len(found) == 0 {
			t.Errorf("%s isn't found", c.name)
		}
		if r := y.exec(exec.Command("sh", "-c", "credfile scan - < ~/image.tar"), ""); c.scan != strings.Contains(r.stdout, "production API_TOKEN") {
			t.Errorf("%s: scan prints %q, %s", c.name, r.stdout, r.stderr)
		}
	}
	y.runs()
	y.initContainer(blocks["apiVersion: v1"])
	y.buildSecret(blocks["FROM node"], blocks["credfile export --format npmrc -o ../npmrc"])
}

// The server starts with what it needs, and not without it.
func (y *yard) runs() {
	entrypoint, env := y.config("app")
	with := map[string]string{y.identity(): "/run/secrets"}
	for _, c := range []struct {
		name   string
		mounts map[string]string
		env    []string
		code   int
	}{
		{"all of it", with, append(env, y.trust("production")), 0},
		{"an empty CREDFILE_TRUST", with, append(env, "CREDFILE_TRUST="), exitEnv},
		{"the key of another profile", with, append(env, y.trust("default")), exitEnv},
		{"no identity", nil, append(env, y.trust("production")), exitEnv},
	} {
		r := y.in("app", c.mounts, c.env, entrypoint...)
		started := strings.Contains(r.stdout, "process 1, user 65532\n") && strings.Contains(r.stdout, "API_TOKEN="+y.values[0]+"\n")
		if r.code != c.code || started != (c.code == 0) || strings.Contains(r.stdout, "CREDFILE_AGE") || strings.Contains(r.stdout, y.values[1]) || c.code != 0 && r.stdout != "" {
			y.t.Errorf("%s: exit code %d\n%s%s", c.name, r.code, r.stdout, r.stderr)
		}
	}
	// credfile as the first process, and files in memory where there is a place for them.
	if r := y.in("app", with, append(env, y.trust("production")), "/credfile", "-f", "/app/.credentials.age", "-p", "production", "env", "--mask", "--", "/app/server"); r.code != 0 ||
		strings.Contains(r.stdout, "process 1,") || strings.Contains(r.stdout, y.values[0]) || !strings.Contains(r.stdout, "API_TOKEN=[masked]\n") {
		y.t.Errorf("--mask: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	asFile := append([]string{"/credfile"}, strings.Fields("-f /app/.credentials.age -p production env --as-file API_TOKEN --only API_TOKEN -- /app/server API_TOKEN")...)
	if r := y.in("app", with, append(env, y.trust("production")), asFile...); r.code != exitEnv || r.stdout != "" {
		y.t.Errorf("--as-file without /dev/shm and /tmp: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	shm, err := os.MkdirTemp("/dev/shm", "container-")
	if err != nil {
		y.t.Fatal(err)
	}
	defer os.RemoveAll(shm)
	y.sh("chmod 1777 " + shm)
	if r := y.in("app", map[string]string{shm: "/dev/shm", y.identity(): "/run/secrets"}, append(env, y.trust("production")), asFile...); r.code != 0 || !strings.Contains(r.stdout, "file "+y.values[0]+"\n") {
		y.t.Errorf("--as-file: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(shm, "*", "files-*")); len(left) > 0 {
		y.t.Errorf("left: %v", left)
	}
}

// initContainer does what Kubernetes does with the init container of a pod.
func (y *yard) initContainer(manifest string) {
	var pod struct {
		Spec struct {
			InitContainers []struct {
				Image        string
				Args         []string
				Env          []struct{ Name, Value string }
				VolumeMounts []struct {
					Name      string
					MountPath string `yaml:"mountPath"`
				} `yaml:"volumeMounts"`
			} `yaml:"initContainers"`
		}
	}
	if err := yaml.Unmarshal([]byte(manifest), &pod); err != nil || len(pod.Spec.InitContainers) != 1 {
		y.t.Fatalf("%v: %+v", err, pod)
	}
	first := pod.Spec.InitContainers[0]
	config, empty := y.t.TempDir(), y.t.TempDir()
	y.sh("cp .credentials.age " + config + "/credentials.age && chmod -R a+rX " + config + " && chown 0:65532 " + empty + " && chmod 2777 " + empty)
	volumes := map[string]string{"config": config, "identity": y.identity(), "credentials": empty}
	mounts, env := map[string]string{}, []string(nil)
	for _, m := range first.VolumeMounts {
		mounts[volumes[m.Name]] = m.MountPath
	}
	for _, v := range first.Env {
		env = append(env, v.Name+"="+v.Value)
	}
	args := append([]string{"/credfile"}, first.Args...)
	if r := y.in(first.Image, mounts, env, args...); r.code == 0 {
		y.t.Errorf("the placeholder of CREDFILE_TRUST is taken: %s", r.stdout)
	}
	r := y.in(first.Image, mounts, append(env, y.trust("production")), args...)
	got, _ := os.ReadFile(filepath.Join(empty, "app.json"))
	var values map[string]string
	if err := json.Unmarshal(got, &values); err != nil || r.code != 0 || r.stdout != "" || len(values) != 1 || values["API_TOKEN"] != y.values[0] {
		y.t.Errorf("exit code %d, %q, %s", r.code, got, r.stderr)
	}
	if info, err := os.Stat(filepath.Join(empty, "app.json")); err != nil || info.Mode() != 0o600 {
		y.t.Errorf("%v", info)
	}
}

// buildSecret builds with a credential that only one step sees. Its node is a shell and an npm that
// shows that it has read the file.
func (y *yard) buildSecret(file, command string) {
	y.sh(`mkdir ~/node && cd ~/node && mkdir -p usr/bin root && for f in $(command -v dash) $(ldd $(command -v dash) | grep -o '/[^ ]*'); do mkdir -p ./$(dirname $f) && cp -L $f ./$f; done
mkdir -p bin && cp -L $(command -v dash) bin/sh
printf '#!/bin/sh\nread -r line < /root/.npmrc && echo "$#line ${#line}" > /root/saw\n' > usr/bin/npm && chmod +x usr/bin/npm
printf 'FROM scratch\nCOPY . /\n' > ~/Dockerfile && $BUILDAH bud -q -t node -f ~/Dockerfile .`)
	y.sh(`touch package.json package-lock.json; mkdir -p ~/bin && printf '#!/bin/sh\n[ "$1" = build ] && shift && exec $BUILDAH bud -q --pull-never -t built -f ~/Recipe "$@"\n' > ~/bin/docker && chmod +x ~/bin/docker`)
	if err := os.WriteFile(filepath.Join(y.home, "Recipe"), []byte(file), 0o600); err != nil {
		y.t.Fatal(err)
	}
	y.sh("PATH=~/bin:$PATH\n" + command + "[ ! -e ../npmrc ]")
	y.clean("built")
	line := fmt.Sprintf("//registry.npmjs.org/:_authToken=%s", y.values[2])
	saw := y.exec(exec.Command("sh", "-c", `c=$($BUILDAH from --pull-never built) && cat $($BUILDAH mount $c)/root/saw`), "")
	if saw.stdout != fmt.Sprintf("1line %d\n", len(line)) {
		y.t.Errorf("npm saw %q %s", saw.stdout, saw.stderr)
	}
}
