//go:build !linux

package main

// maxVariable: other systems limit all variables together. Windows has 32,767 characters
// (CreateProcess, lpEnvironment), macOS 1 MiB with the arguments.
const maxVariable = 1 << 20
