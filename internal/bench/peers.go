//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// The peers that are not in the system, at the versions that are measured.
const (
	ageVersion     = "v1.3.2"
	sopsVersion    = "v3.13.3"
	ejsonVersion   = "v1.5.4"
	dotenvxVersion = "2.38.2"
)

// age is the one peer without which most comparisons make no sense.
func (b *bench) age() (string, error) {
	return b.goProgram("age", "filippo.io/age/cmd/age", ageVersion)
}

func (b *bench) sops() (string, error) {
	return b.goProgram("sops", "github.com/getsops/sops/v3/cmd/sops", sopsVersion)
}

func (b *bench) ejson() (string, error) {
	return b.goProgram("ejson", "github.com/Shopify/ejson/cmd/ejson", ejsonVersion)
}

// goProgram builds a peer like credfile: with cgo, a program starts more slowly. sops takes
// minutes, so it is kept.
func (b *bench) goProgram(name, pkg, version string) (string, error) {
	dir := filepath.Join(b.tools, name+"-"+version)
	program, copied := filepath.Join(dir, name), b.bin(name)
	if _, err := os.Stat(copied); err == nil {
		return copied, nil
	}
	if _, err := os.Stat(program); err == nil {
		return copied, copyProgram(program, copied)
	}
	b.say("building %s %s", name, version)
	cmd := exec.Command("nice", "-n", "10", "go", "install", "-trimpath", "-ldflags", "-s -w", pkg+"@"+version)
	cmd.Dir, cmd.Env = b.dir, append(os.Environ(), "GOBIN="+dir, "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", reason("go install", out, err)
	}
	return copied, copyProgram(program, copied)
}

func (b *bench) dotenvx() (string, error) {
	dir := filepath.Join(b.tools, "dotenvx-v"+dotenvxVersion)
	program := filepath.Join(dir, "node_modules", ".bin", "dotenvx")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", fmt.Errorf("npm is not installed")
	}
	b.say("installing dotenvx %s", dotenvxVersion)
	out, err := exec.Command("npm", "install", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund", "@dotenvx/dotenvx@"+dotenvxVersion).CombinedOutput()
	if err != nil {
		return "", reason("npm install", out, err)
	}
	return program, nil
}

// system returns a peer that .ci/bench-deps installs.
func (b *bench) system(name string) (string, error) {
	program, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed", name)
	}
	return program, nil
}

// reason is one line for a table: the last that the installer printed.
func reason(what string, out []byte, err error) error {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return fmt.Errorf("%s: %s", what, strings.ReplaceAll(last, "|", "/"))
	}
	return fmt.Errorf("%s: %w", what, err)
}

var versionNumber = regexp.MustCompile(`v?[0-9]+(\.[0-9]+)+\S*`)

// versionOf returns the version that a program prints of itself.
func versionOf(x *box, args ...string) string {
	out, err := x.output("", args...)
	if err != nil {
		return "unknown"
	}
	if found := versionNumber.FindString(out); found != "" {
		return strings.TrimRight(found, ",])")
	}
	return "unknown"
}
