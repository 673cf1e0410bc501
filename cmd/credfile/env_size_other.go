//go:build !linux

package main

// maxVariable is an upper bound: other systems limit all variables together, Windows to
// 32,767 characters (CreateProcess, lpEnvironment), macOS to 1 MiB with the arguments.
const maxVariable = 1 << 20
