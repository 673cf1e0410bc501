package main

// maxVariable is Linux's MAX_ARG_STRLEN (execve(2)): the size in bytes of a variable with
// its name and final NUL.
const maxVariable = 128 << 10
