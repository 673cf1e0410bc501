// Parsers reads a file as docker run --env-file or as docker compose does, with their own parsers, and
// prints the variables as JSON. It is a module of its own, so that credfile does not depend on them.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/docker/cli/pkg/kvfile"
)

func main() {
	vars := map[string]string{}
	var err error
	switch os.Args[1] {
	case "docker":
		var lines []string
		lines, err = kvfile.Parse(os.Args[2], func(string) (string, bool) { return "", false })
		for _, line := range lines {
			name, value, _ := strings.Cut(line, "=")
			vars[name] = value
		}
	case "compose":
		vars, err = dotenv.GetEnvFromFile(map[string]string{}, []string{os.Args[2]})
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(vars)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
