package trust

// blind is for systems where another user can leave a directory in our home.
func blind(string) string { return "" }
