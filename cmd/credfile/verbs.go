package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credfile/credfile/internal/cli"
)

// verb is a row in the table of commands.
type verb struct {
	name    string
	aliases []string // names from other tools; not shown in the help
	group   string   // in the help; "" hides the command
	short   string
	build   func(*app) *cobra.Command
}

// verbs lists all commands, in the order of the help.
var verbs = []verb{
	{"init", nil, groupFirst, "create .credentials.age in this directory", newInit},
	{"set", nil, groupFirst, "set a credential", newSet},
	{"edit", nil, groupFirst, "edit credentials in your editor", newEdit},
	{"env", []string{"exec", "run"}, groupFirst, "run a command with the credentials in its environment", newEnv},
	{"rekey", nil, groupFirst, "change who can open a profile", newRekey},
	{"get", []string{"show"}, groupEvery, "print the value of a credential", newGet},
	{"list", []string{"ls"}, groupEvery, "list credentials with their dates", newList},
	{"unset", []string{"rm"}, groupEvery, "remove credentials", newUnset},
	{"rename", []string{"mv"}, groupEvery, "rename a credential", newRename},
	{"copy", []string{"cp"}, groupEvery, "copy credentials to another profile", newCopy},
	{"profile", nil, groupEvery, "list, add, remove and rename profiles", newProfile},
	{"import", nil, groupEvery, "import credentials from another tool's file", newImport},
	{"export", nil, groupEvery, "write credentials in another tool's format", newExport},
	{"inject", nil, groupEvery, "fill a template with credentials", newInject},
	{"source", nil, groupEvery, "define how credentials are obtained when they are needed", newSource},
	{"login", nil, groupEvery, "obtain what sources give, now (credfile sessions lists it)", newLogin},
	{"logout", nil, groupEvery, "forget what sources gave, and end it at the server", newLogout},
	{"sessions", nil, "", "list what sources gave on this machine", newSessions},
	{"unlock", nil, groupEvery, "keep profiles unlocked for a while", newUnlock},
	{"lock", nil, groupEvery, "lock them again", newLock},
	{"keygen", nil, groupPeople, "create an identity of your own", newKeygen},
	{"whoami", nil, groupPeople, "show your identities and what they open", newWhoami},
	{"recipients", nil, groupPeople, "list who can open each profile", newRecipients},
	{"rotate", nil, groupPeople, "replace the keys of a profile", newRotate},
	{"status", nil, groupCheck, "show what expires, what is exposed and what to fix", newStatus},
	{"diff", nil, groupCheck, "show what changed since a revision in git", newDiff},
	{"log", nil, groupCheck, "show who changed what, from git's history", newLog},
	{"verify", nil, groupCheck, "check every signature", newVerify},
	{"check", nil, groupCheck, "check expiry dates and your rules in CI", newCheck},
	{"scan", nil, groupCheck, "find your values in plain text", newScan},
	{"doctor", nil, groupCheck, "find credentials that are still in plain text", newDoctor},
	{"merge", nil, groupCheck, "merge the two sides of a merge conflict", newMerge},
	{"git", nil, groupTools, "set up git diff, git merge and hooks", newGit},
	{"trust", nil, groupCheck, "approve a new or changed file on this machine", newTrust},
	{"helper", nil, groupTools, "act as a credential helper for AWS tools, git and docker", newHelper},
	{"completion", nil, groupTools, "complete names in your shell", newCompletion},
	{"version", nil, "", "", newVersion},
	{"man", nil, "", "", newMan},
	{"clip-clear", nil, "", "", newClipClear},
}

// asked returns the verbs that args may name. Building all of them would take longer than
// running most of them.
func asked(args []string) []verb {
	var vs []verb
	for _, v := range verbs {
		for _, arg := range args {
			if arg == "--" {
				break
			}
			if arg == v.name || slices.Contains(v.aliases, arg) {
				vs = append(vs, v)
				break
			}
		}
	}
	for _, arg := range args {
		if arg == "help" || arg == "man" || len(vs) == 0 {
			return verbs
		}
	}
	return vs
}

// otherWords maps other tools' words to commands.
var otherWords = map[string]string{
	"add": "set", "put": "set", "insert": "set", "new": "init", "create": "init",
	"cat": "get", "view": "get", "print": "get", "decrypt": "env", "shell": "env", "export": "env",
	"delete": "unset", "del": "unset", "remove": "unset", "users": "recipients", "keys": "recipients",
	"profiles": "profile list", "updatekeys": "rekey", "share": "rekey --add", "revoke": "rekey --remove",
}

// nearestVerb guesses which command was meant: first by another tool's word for it, then by
// the fewest typing errors. It returns "" if none is close.
func nearestVerb(name string) string {
	if verb, ok := otherWords[name]; ok {
		return verb
	}
	best, least := "", min(2, len(name)/2)+1
	for _, v := range verbs {
		if v.group == "" {
			continue
		}
		for _, word := range append([]string{v.name}, v.aliases...) {
			if d := cli.Distance(name, word); d < least {
				best, least = v.name, d
			}
			if len(name) > 2 && strings.HasPrefix(word, name) && least > 1 {
				best, least = v.name, 1
			}
		}
	}
	return best
}

func unknownVerb(name string) error {
	e := &usageError{Text: fmt.Sprintf("unknown command %q", name), Hint: "to list the commands: credfile help"}
	if near := nearestVerb(name); near != "" {
		e.Hint = "did you mean credfile " + near + "?"
	}
	return e
}

// The groups of commands, in the order of the help.
const (
	groupFirst  = "First day"
	groupEvery  = "Every day"
	groupPeople = "People and keys"
	groupCheck  = "Checking"
	groupTools  = "Other tools"
)
