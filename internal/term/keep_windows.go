package term

// Keep is for systems where a program leaves its mode behind.
func Keep() (restore func(clear bool)) { return func(bool) {} }
