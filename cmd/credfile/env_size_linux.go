package main

// maxVariable is MAX_ARG_STRLEN of Linux (execve(2)): bytes of a variable with its name and
// the NUL at its end.
const maxVariable = 128 << 10
