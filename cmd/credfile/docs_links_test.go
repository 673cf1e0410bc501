//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	mdLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	mdHeading = regexp.MustCompile(`(?m)^#+ +(.+?)\s*$`)
	mdBlock   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// document is a page with its links and with what links can point at.
type document struct {
	links   []string
	anchors []string
}

// readDocument reads a page. Anchors are as GitHub makes them of headings.
func readDocument(t *testing.T, file string) document {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var d document
	prose := mdBlock.ReplaceAllString(string(text), "")
	for _, m := range mdLink.FindAllStringSubmatch(prose, -1) {
		d.links = append(d.links, m[1])
	}
	seen := map[string]int{}
	for _, m := range mdHeading.FindAllStringSubmatch(prose, -1) {
		heading := mdLink.ReplaceAllString(strings.ReplaceAll(m[1], "[", ""), "")
		slug := strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
		if n := seen[slug]; n > 0 {
			d.anchors = append(d.anchors, fmt.Sprintf("%s-%d", slug, n))
		} else {
			d.anchors = append(d.anchors, slug)
		}
		seen[slug]++
	}
	return d
}

// Every link leads somewhere, and every guide is on the map, docs/README.md.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	root := repoPath()
	documents := map[string]document{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "dist" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(path, ".md") {
			documents[path] = readDocument(t, path)
		}
		return err
	})
	if err != nil || len(documents) < 40 {
		t.Fatalf("%d documents, %v", len(documents), err)
	}
	n := 0
	for path, d := range documents {
		name, _ := filepath.Rel(root, path)
		for _, link := range d.links {
			if strings.Contains(link, ":") {
				continue // of another site
			}
			n++
			file, anchor, hasAnchor := strings.Cut(link, "#")
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s leads nowhere", name, link)
			} else if hasAnchor && !slices.Contains(documents[target].anchors, anchor) {
				t.Errorf("%s: %s: no such heading", name, link)
			}
		}
	}
	if n < 150 {
		t.Errorf("only %d links were found", n)
	}
	guides, _ := filepath.Glob(repoPath("docs", "*.md"))
	onMap := documents[repoPath("docs", "README.md")].links
	for _, guide := range guides {
		name := filepath.Base(guide)
		if name != "README.md" && !slices.ContainsFunc(onMap, func(link string) bool { file, _, _ := strings.Cut(link, "#"); return file == name }) {
			t.Errorf("docs/README.md doesn't have %s", name)
		}
	}
}
