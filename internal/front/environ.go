package front

import (
	"os"
	"runtime"
	"slices"
	"strings"
)

// Variable is a value that a command gets, and the name of its environment variable.
type Variable struct {
	Name, Value string
	Use         Use
}

// IsSet reports whether our environment has the variable, so that it needs none of ours. A
// session token belongs to the access key that the command gets, and what goes to standard
// input is no variable.
func IsSet(ours []string, v Variable) bool {
	if v.Use == Input {
		return false
	}
	if _, key := LookupEnv(ours, "AWS_ACCESS_KEY_ID"); OfAWSSession(v.Name) && !key {
		return false
	}
	_, set := LookupEnv(ours, v.Name)
	return set
}

// awsSession lists variables that must match AWS_ACCESS_KEY_ID. Left over from other AWS
// credentials, they would send calls to the wrong account.
var awsSession = []string{
	"AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CREDENTIAL_EXPIRATION",
}

// OfAWSSession reports whether a variable must match AWS_ACCESS_KEY_ID.
func OfAWSSession(name string) bool { return slices.Contains(awsSession, FoldName(name)) }

// Environ returns an environment for a command: ours without key material, and with vars
// added. removed names the variables that are left out because they belong to other AWS
// credentials.
func Environ(ours []string, vars []Variable) (env, removed []string) {
	drop := make(map[string]bool, len(ours)) // there may be many more variables than ours
	for _, kv := range ours {
		name, _, _ := strings.Cut(kv, "=")
		drop[FoldName(name)] = false
	}
	for _, v := range vars {
		name := FoldName(v.Name)
		if _, both := drop[name]; both {
			drop[name] = true
		}
		if name == "AWS_ACCESS_KEY_ID" {
			for _, name := range awsSession {
				drop[name] = true
			}
		}
	}
	env = make([]string, 0, len(ours)+len(vars))
	for _, kv := range ours {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case keyMaterial(name):
		case !drop[FoldName(name)]:
			env = append(env, kv)
		case OfAWSSession(name):
			removed = append(removed, name)
		}
	}
	for _, v := range vars {
		env = append(env, v.Name+"="+v.Value)
	}
	return env, removed
}

// LookupEnv distinguishes a variable that is set but empty from one that is not set.
func LookupEnv(environ []string, name string) (string, bool) {
	for _, kv := range environ {
		if n, value, ok := strings.Cut(kv, "="); ok && FoldName(n) == FoldName(name) {
			return value, true
		}
	}
	return "", false
}

// TakeSecrets removes key material from our environment, which plugins, git and the user's
// key command inherit. The returned getenv still finds it.
func TakeSecrets(environ []string) (getenv func(string) string) {
	taken := map[string]string{}
	for _, kv := range environ {
		if name, value, _ := strings.Cut(kv, "="); keyMaterial(name) {
			taken[FoldName(name)] = value
			os.Unsetenv(name)
		}
	}
	return func(name string) string {
		if value, ok := taken[FoldName(name)]; ok {
			return value
		}
		return os.Getenv(name)
	}
}

// keyMaterial reports whether a variable may hold a key or a passphrase.
func keyMaterial(name string) bool {
	name = FoldName(name)
	return strings.HasPrefix(name, "CREDFILE_AGE_KEY") || strings.HasPrefix(name, "CREDFILE_PASSPHRASE")
}

// foldNames is set where the names of variables ignore case: CreateProcess and os.Getenv
// treat Path and PATH as one, and os.Environ may have either.
var foldNames = runtime.GOOS == "windows"

// FoldName returns a variable's name in the form that the system compares.
func FoldName(name string) string {
	if foldNames {
		return strings.ToUpper(name)
	}
	return name
}
