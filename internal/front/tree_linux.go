package front

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// signalTree sends a signal to a process and all that it started. Otherwise a shell between
// us and an editor would end and leave the editor behind.
func signalTree(pid int, s syscall.Signal) {
	for _, p := range append(descendants(pid), pid) {
		syscall.Kill(p, s)
	}
}

func descendants(pid int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // gone
		}
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:]) // proc(5)
		if len(fields) > 1 {
			parent, _ := strconv.Atoi(string(fields[1]))
			children[parent] = append(children[parent], id)
		}
	}
	var all []int
	for next := children[pid]; len(next) > 0; next = next[1:] {
		all = append(all, next[0])
		next = append(next, children[next[0]]...)
	}
	return all
}
