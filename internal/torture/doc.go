// Package torture runs a command and stops it before each of its file system calls, to kill it
// there or to make the call fail. It sees the calls of all threads, as the kernel does
// (ptrace), in the order in which they begin. It needs Linux on amd64.
//
// The command's own child processes run undisturbed.
package torture
