package doctor

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"sync"
)

func isDockerfile(base string) bool {
	lower := strings.ToLower(base)
	return lower == "dockerfile" || lower == "containerfile" || strings.HasPrefix(lower, "dockerfile.") || strings.HasSuffix(lower, ".dockerfile")
}

// pairOf finds NAME=value in an instruction (Dockerfile reference, ENV and ARG).
var pairOf = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|'[^']*'|\S+)`)
})

// dockerfile finds values that ENV and ARG put into the image.
func dockerfile(text []byte, shown string) (list []Finding) {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		words := strings.Fields(string(line))
		if len(words) < 2 || !strings.EqualFold(words[0], "ENV") && !strings.EqualFold(words[0], "ARG") {
			continue
		}
		var names []string
		pairs := pairOf().FindAllStringSubmatch(string(line), -1)
		if len(pairs) == 0 && len(words) > 2 { // ENV NAME value
			pairs = [][]string{{"", words[1], strings.Join(words[2:], " ")}}
		}
		for _, p := range pairs {
			if secret(p[1]) && !placeholder(p[2]) {
				names = append(names, p[1])
			}
		}
		if len(names) > 0 {
			list = append(list, Finding{Kind: Image, Path: shown, Line: n, Names: names})
		}
	}
	return list
}

func isPipeline(shown string) bool {
	base := path.Base(shown)
	ext := path.Ext(base)
	switch {
	case ext != ".yml" && ext != ".yaml":
		return false
	case strings.Contains("/"+shown, "/.github/workflows/"), strings.Contains("/"+shown, "/.circleci/"):
		return true
	}
	for _, begin := range []string{".gitlab-ci", "azure-pipelines", "bitbucket-pipelines", "docker-compose", "compose", ".drone", ".travis"} {
		if strings.HasPrefix(base, begin) {
			return true
		}
	}
	return false
}

// pipeline finds values that are written into a file of CI or of compose.
func pipeline(text []byte, shown string) (list []Finding) {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if name := literal(line); name != "" && name == strings.ToUpper(name) {
			list = append(list, Finding{Kind: Pipeline, Path: shown, Line: n, Names: []string{name}})
		}
	}
	return list
}
