//go:build unix

package main

import (
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// same leaves out what differs from run to run.
func same(text string) string {
	text = regexp.MustCompile(`\d{4}-\d\d-\d\d(T\S+)?`).ReplaceAllString(text, "DATE")
	if words := strings.Fields(text); len(words) > 2 && slices.Contains([]string{"profile", "writer", "credential", "seal"}, words[0]) {
		return strings.Join(words[:2], " ")
	} else if len(words) > 0 && words[0] == "credfile/1" {
		return words[0]
	}
	return text
}

// The picture shows what the commands of the README say today.
func TestPicture(t *testing.T) {
	t.Chdir("../..")
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", dir, "./cmd/credfile").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	list, err := commands(string(readme))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := play(filepath.Join(dir, "credfile"), list)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, l := range lines {
		if l.prompt {
			l.text = "$ " + l.text
		}
		want = append(want, wrap(same(l.text), columns)...)
	}
	picture, err := os.ReadFile("docs/first-minute.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^<text[^>]*>(.*)</text>$`).FindAllStringSubmatch(string(picture), -1) {
		got = append(got, same(html.UnescapeString(m[1])))
	}
	if !slices.Equal(got, want) {
		t.Errorf("docs/first-minute.svg is not up to date: make picture\n got %q\nwant %q", got, want)
	}
}
