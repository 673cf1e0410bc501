//go:build unix

package main

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// facts is what a reader needs to judge the figures.
type facts struct {
	CPU, Kernel, Go, Date, Commit string
	CPUs, Runs                    int
}

func gather(runs int) (facts, error) {
	kernel, err := exec.Command("uname", "-sr").Output()
	if err != nil {
		return facts{}, err
	}
	return facts{
		CPU: processor(), CPUs: runtime.NumCPU(), Kernel: strings.TrimSpace(string(kernel)),
		Go:   runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
		Date: time.Now().UTC().Format(time.DateOnly), Commit: commit(), Runs: runs,
	}, nil
}

// commit says which sources are measured.
func commit() string {
	hash, err := git("rev-parse", "--short", "HEAD")
	if err != nil {
		return "unknown"
	}
	if changes, err := git("status", "--porcelain", "--", ":/", ":/!docs/performance.md"); err != nil || changes != "" {
		return hash + ", with changes that are not committed"
	}
	return hash
}

// processor returns the model, as the system names it.
func processor() string {
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	if out, err := exec.Command("sysctl", "-n", "machdep.cpu.brand_string").Output(); err == nil {
		return strings.TrimSpace(string(out))
	}
	return "unknown"
}
