package codec

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
)

// dockerEnv is the file of docker run --env-file. Everything after the = is the value, as it is
// (docker/cli, pkg/kvfile). A line that is too long is an error there.
var dockerEnv = Codec{Name: "docker", Out: &Writer{Environment: true, Write: lines(func(p Pair) (string, reason) {
	why := unfit(p.Value, "\n")
	switch {
	case why != "":
	case bytes.HasSuffix(p.Value, []byte("\r")):
		why = whyCRValue
	case len(p.Name)+1+len(p.Value) >= bufio.MaxScanTokenSize:
		why = whyLong
	}
	return p.Name + "=" + string(p.Value) + "\n", why
})}}

// systemdEnv is the file of EnvironmentFile= (systemd.exec(5)): within double quotes, a backslash stands
// before what is special to a shell there.
var systemdEnv = Codec{Name: "systemd", Out: &Writer{Environment: true, Write: lines(func(p Pair) (string, reason) {
	why := unfit(p.Value, "\x01")
	if why == "" && bytes.IndexByte(p.Value, '\r') >= 0 {
		why = whyControl
	}
	return p.Name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`").Replace(string(p.Value)) + "\"\n", why
})}}

// gitlabEnv is the report artifacts:reports:dotenv. GitLab strips both sides of the =, allows no other
// lines, and later replaces $NAME; $$ is a dollar sign. Others can download the artifact.
var gitlabEnv = Codec{Name: "gitlab", Out: &Writer{Environment: true, Write: func(pairs []Pair, o Options) ([]byte, []Problem) {
	text, problems := lines(func(p Pair) (string, reason) {
		return p.Name + "=" + strings.ReplaceAll(string(p.Value), "$", "$$") + "\n", unfit(p.Value, "\n\r \x01")
	})(pairs, o)
	if len(text) > maxGitLab && len(problems) == 0 {
		problems = []Problem{{Reason: string(whyReport)}}
	}
	return text, problems
}}}

const (
	maxGitLab        = 5 << 10
	whyReport reason = "is larger than 5 KiB, the most that GitLab takes"
)

// githubEnv is what is appended to the file that GITHUB_ENV names: for each name, a here-document whose
// delimiter no value can know.
var githubEnv = Codec{Name: "github", Out: &Writer{Environment: true, Named: func(name string) bool {
	upper := strings.ToUpper(name)
	return variable(name) && !strings.HasPrefix(upper, "GITHUB_") && !strings.HasPrefix(upper, "RUNNER_")
}, Write: lines(func(p Pair) (string, reason) {
	random := make([]byte, 16)
	rand.Read(random)
	end := "credfile_" + hex.EncodeToString(random)
	return p.Name + "<<" + end + "\n" + string(p.Value) + "\n" + end + "\n", unfit(p.Value, "")
})}}

// leastMasked is the shortest value, in bytes, that GitHub is asked to hide.
const leastMasked = 4

// GitHubMasks returns the commands that make GitHub hide values in its log, one for each line of a
// value (docs.github.com, Workflow commands, Masking a value). short are the names of those that
// are too short to hide.
func GitHubMasks(pairs []Pair) (text []byte, short []string) {
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	for _, p := range pairs {
		if len(p.Value) < leastMasked && len(p.Value) > 0 {
			short = append(short, p.Name)
			continue
		}
		masks := []string{string(p.Value)}
		if parts := strings.FieldsFunc(string(p.Value), func(r rune) bool { return r == '\r' || r == '\n' }); len(parts) > 1 {
			masks = append(masks, parts...)
		}
		for i, mask := range masks {
			if strings.TrimSpace(mask) != "" && len(mask) < leastMasked && !slices.Contains(short, p.Name) {
				short = append(short, p.Name) // a line of it
			}
			if strings.TrimSpace(mask) != "" && len(mask) >= leastMasked && !slices.Contains(masks[:i], mask) {
				text = append(text, "::add-mask::"+escape.Replace(mask)+"\n"...)
			}
		}
	}
	return text, short
}

// shellOwn are the variables that shells set themselves, so that they refuse or ignore other values.
var shellOwn = map[string]string{
	"sh":   " DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD LINENO PPID RANDOM SHLVL SRANDOM TTYIDLE UID _ ",
	"fish": " PWD SHLVL _ history hostname pipestatus status umask version ",
}

func shellCodec(name string) Codec {
	named := func(v string) bool { return variable(v) && !strings.Contains(shellOwn[name], " "+v+" ") }
	return Codec{Name: name, Out: &Writer{Environment: true, Named: named, Write: lines(func(p Pair) (string, reason) {
		line, err := Shell(name, []Pair{p})
		switch {
		case err != nil:
			return "", whyForm
		case bytes.IndexByte(p.Value, 0) >= 0:
			return "", whyNUL
		case name != "sh":
			return line, unfit(p.Value, "") // fish and PowerShell read UTF-8
		}
		return line, ""
	})}}
}

// powershell deletes a variable that is set to nothing, and ignores case in names.
func powershellCodec() Codec {
	c := shellCodec("powershell")
	write := c.Out.Write
	c.Out.Same = strings.ToUpper
	c.Out.Write = func(pairs []Pair, o Options) ([]byte, []Problem) {
		for _, p := range pairs {
			if len(p.Value) == 0 {
				return nil, []Problem{{Name: p.Name, Reason: string(whyEmpty)}}
			}
		}
		return write(pairs, o)
	}
	return c
}
