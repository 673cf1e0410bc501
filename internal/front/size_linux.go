package front

// MaxVariable is Linux's MAX_ARG_STRLEN (execve(2)): the size in bytes of a variable with
// its name and final NUL.
const MaxVariable = 128 << 10
