//go:build !linux

package front

// MaxVariable is an upper bound: other systems limit all variables together, Windows to
// 32,767 characters (CreateProcess, lpEnvironment), macOS to 1 MiB with the arguments.
const MaxVariable = 1 << 20
