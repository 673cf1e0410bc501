//go:build !linux

package main

// maxVariable is only a bound: other systems limit all variables together. Windows allows
// 32,767 characters (CreateProcess, lpEnvironment), macOS 1 MiB with the arguments.
const maxVariable = 1 << 20
