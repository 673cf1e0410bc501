//go:build linux

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// serving stands for a server in a container. It prints what it is given.
const serving = `package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	fmt.Printf("process %d, user %d\n%s\n", os.Getpid(), os.Getuid(), strings.Join(os.Environ(), "\n"))
	for _, name := range os.Args[1:] {
		text, err := os.ReadFile(os.Getenv(name))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Printf("file %s\n", text)
	}
}
`

// yard is where images are built and run: buildah's store, and a directory that is sent to it.
type yard struct {
	*box
	values []string // what must be in no image
}

func newYard(t *testing.T) *yard {
	y := &yard{box: newBox(t)}
	image := filepath.Join(y.home, "credfile.tar")
	cmd := exec.Command(".ci/image", image)
	cmd.Dir = repoPath()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	y.env = append(y.env, "TMPDIR="+y.home, "IMAGE="+image, "BUILDAH_ISOLATION=chroot", "STORAGE_DRIVER=vfs", "BUILDAH=buildah --root "+y.home+"/root --runroot "+y.home+"/runroot --storage-driver vfs")
	y.sh(`$BUILDAH pull -q docker-archive:$IMAGE
credfile init --name me && credfile profile add production
credfile set '_authToken@registry.npmjs.org' --generate=hex
for name in API_TOKEN OTHER; do credfile -p production set $name --generate=hex; done
credfile -p production get API_TOKEN > value; credfile keygen -o ci.txt && credfile rekey -p production --add-reader ci=@ci.pub`)
	source := filepath.Join(y.home, "server.go")
	if err := os.WriteFile(source, []byte(serving), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command("go", "build", "-o", filepath.Join(y.dir, "server"), source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, args := range [][]string{{"-p", "production", "get", "API_TOKEN"}, {"-p", "production", "get", "OTHER"}, {"get", "_authToken@registry.npmjs.org"}} {
		y.values = append(y.values, y.ok("", args...).stdout)
	}
	for _, file := range []string{filepath.Join(y.dir, "ci.txt"), filepath.Join(y.home, ".config", "credfile", "identities.txt")} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		y.values = append(y.values, lines(text, "AGE-SECRET-KEY-")...)
	}
	if len(y.values) != 5 {
		t.Fatalf("%d secrets", len(y.values))
	}
	return y
}

// blocks are those of the page that are marked as text, by how they begin.
func (y *yard) blocks() map[string]string {
	all := map[string]string{}
	for _, s := range snippets(y.t.(*testing.T)) {
		if s.page == "docs/containers.md" {
			first, _, _ := strings.Cut(s.lines[0], " &&")
			all[first] = strings.Join(s.lines, "\n") + "\n"
		}
	}
	return all
}

func (y *yard) build(name, file string, flags ...string) {
	y.t.Helper()
	if err := os.WriteFile(filepath.Join(y.home, "Dockerfile"), []byte(file), 0o600); err != nil {
		y.t.Fatal(err)
	}
	y.sh(`$BUILDAH bud -q --pull-never -t ` + name + ` ` + strings.Join(flags, " ") + ` -f ~/Dockerfile .`)
}

// search returns the secrets in an image: its layers aren't compressed in this form of archive.
func (y *yard) search(name string) (found []string) {
	y.t.Helper()
	archive := filepath.Join(y.home, "image.tar")
	os.Remove(archive)
	y.sh("$BUILDAH push -q " + name + " docker-archive:" + archive)
	data, err := os.ReadFile(archive)
	if err != nil {
		y.t.Fatal(err)
	}
	for _, value := range y.values {
		for shift := range 3 { // base64 depends on where in a group of three a text begins
			if shift == 0 && bytes.Contains(data, []byte(value)) {
				found = append(found, value)
			}
			coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + value))
			if bytes.Contains(data, []byte(coded[4:len(coded)-4])) {
				found = append(found, "base64 of "+value)
			}
		}
	}
	return found
}

// clean expects no secret in the image, but the encrypted file.
func (y *yard) clean(name string) {
	y.t.Helper()
	for _, found := range y.search(name) {
		y.t.Errorf("%s is in the image %s", found, name)
	}
	data, err := os.ReadFile(filepath.Join(y.home, "image.tar"))
	if err != nil {
		y.t.Fatal(err)
	}
	if file := y.read(); bytes.Contains(data, file) != (name == "app") {
		y.t.Errorf("%s: the search doesn't see %s", name, defaultFile)
	}
}

// inside is a script that starts a program as the first process of a container, as user 65532 in a
// root that is only readable. MOUNTS are lines of SOURCE and TARGET.
const inside = `unset HOME
export IFS="
"
mount --bind "$ROOT" "$ROOT"
for m in $MOUNTS; do
	mkdir -p "$ROOT${m#* }" && mount --bind "${m% *}" "$ROOT${m#* }"
done
mount -o remount,ro,bind "$ROOT"
unset IFS
exec chroot --userspec=65532:65532 "$ROOT" "$@"`

// in runs a program in an image. The environment is what the image, and then env, has.
func (y *yard) in(image string, mounts map[string]string, env []string, args ...string) result {
	y.t.Helper()
	root := filepath.Join(y.t.TempDir(), "root")
	y.sh(`c=$($BUILDAH from --pull-never ` + image + `) && cp -a "$($BUILDAH mount $c)" ` + root + ` && $BUILDAH umount $c && $BUILDAH rm $c`)
	list := ""
	for source, target := range mounts {
		list += source + " " + target + "\n"
	}
	cmd := exec.Command("unshare", append([]string{"--fork", "--pid", "--mount", "sh", "-ec", inside, "sh"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = y.dir, &stdout, &stderr
	cmd.Env = append([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "ROOT=" + root, "MOUNTS=" + list}, env...)
	cmd.Run()
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// config is what an image says about how to start it.
func (y *yard) config(image string) (entrypoint, env []string) {
	y.t.Helper()
	r := y.exec(exec.Command("sh", "-c", "$BUILDAH inspect --type image "+image), "")
	var doc struct {
		OCIv1 struct {
			Config struct {
				Entrypoint, Env []string
				User            string
			} `json:"config"`
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &doc); err != nil || doc.OCIv1.Config.User != "65532:65532" {
		y.t.Fatalf("%v, %+v", err, doc)
	}
	return doc.OCIv1.Config.Entrypoint, doc.OCIv1.Config.Env
}

// trust trusts the key of a profile, as the one of production.
func (y *yard) trust(profile string) string {
	pin := strings.TrimSpace(y.ok("", "trust", "--print", "-p", profile).stdout)
	return "CREDFILE_TRUST=" + strings.TrimSuffix(pin, ":"+profile) + ":production"
}

// identity is a directory that only the user of the container may read, with the identity in it.
func (y *yard) identity() string {
	dir := y.t.TempDir()
	y.sh(`cp ci.txt ` + dir + `/age-key && chown -R 65532:65532 ` + dir + ` && chmod 0500 ` + dir + ` && chmod 0400 ` + dir + `/age-key`)
	return dir
}
