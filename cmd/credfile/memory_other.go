//go:build !linux

package main

// memoryLimit returns 0: other systems have no control groups.
func memoryLimit() int { return 0 }
