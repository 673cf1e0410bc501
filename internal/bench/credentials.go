//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

const credfileName = ".credentials.age"

// credential is one name and its value, which is plainly fake.
type credential struct{ name, value string }

// credentials makes the same n credentials every time, with values of 40 characters.
func credentials(n int) (list []credential) {
	for i := range n {
		list = append(list, credential{fmt.Sprint("NAME_", i), fmt.Sprintf("fake-%035d", i)})
	}
	return list
}

func dotenv(list []credential) string {
	var b strings.Builder
	for _, c := range list {
		fmt.Fprintf(&b, "%s=%s\n", c.name, c.value)
	}
	return b.String()
}

func yaml(list []credential) string {
	var b strings.Builder
	for _, c := range list {
		fmt.Fprintf(&b, "%s: %s\n", c.name, c.value)
	}
	return b.String()
}

// jsonObject also has the members in first, for tools that keep their key in the file.
func jsonObject(list []credential, first map[string]string) string {
	object := map[string]string{}
	for name, value := range first {
		object[name] = value
	}
	for _, c := range list {
		object[c.name] = c.value
	}
	b, err := json.MarshalIndent(object, "", "\t")
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(b) + "\n"
}

// hasAll fails if a line NAME=VALUE is missing in what a command printed.
func hasAll(output string, list []credential) error {
	lines := map[string]bool{}
	for line := range strings.Lines(output) {
		lines[strings.TrimSuffix(line, "\n")] = true
	}
	for _, c := range list {
		if !lines[c.name+"="+c.value] {
			return fmt.Errorf("%s is not in the output, or its value is wrong", c.name)
		}
	}
	return nil
}
