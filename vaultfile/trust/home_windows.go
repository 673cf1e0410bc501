package trust

// othersHome is for systems with a root user.
func othersHome(string) bool { return false }
