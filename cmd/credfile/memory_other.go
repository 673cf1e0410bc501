//go:build !linux

package main

// memoryLimit: other systems have no control groups.
func memoryLimit() int { return 0 }
