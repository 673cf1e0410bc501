package codec

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

const (
	whyYAML      reason = "is not valid YAML"
	whyYAMLBreak reason = "contains a line break that versions of YAML read differently"
	whyDocuments reason = "begins another document; import one at a time"
	whyAlias     reason = "is an alias of another value"
	whyTag       reason = "has a tag, which can change its meaning"
	whyMerge     reason = "is a merge key, which adds other keys"
	whyKeyNode   reason = "is a key that is no plain text"
)

func isYAML(name string, _ []byte) bool { return hasSuffix(name, ".yaml", ".yml") }

// parseYAML returns what stands in the source. The library's messages quote the input, so they are
// dropped.
func parseYAML(b []byte) (root *node, problem *Problem) {
	fail := func(line int, why reason) *Problem {
		return &Problem{Line: min(line, lineOf(b, len(b))), Reason: string(why)}
	}
	defer func() {
		if recover() != nil {
			root, problem = nil, fail(0, whyYAML)
		}
	}()
	if why, bad := badBytes(b); bad {
		return nil, fail(0, why)
	}
	for _, mark := range []string{"\u0085", "\u2028", "\u2029"} {
		if i := bytes.Index(b, []byte(mark)); i >= 0 {
			return nil, fail(lineOf(b, i), whyYAMLBreak)
		}
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	var doc, next yaml.Node
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, fail(lineIn(err), whyYAML)
	}
	if err := d.Decode(&next); err == nil {
		return nil, fail(next.Line, whyDocuments)
	} else if !errors.Is(err, io.EOF) {
		return nil, fail(lineIn(err), whyYAML)
	}
	c := yamlTree{}
	n := c.node(doc.Content[0], 0)
	if c.why != "" {
		return nil, fail(c.line, c.why)
	}
	return n, nil
}

// lineIn returns the line that a message of the library begins with, or 0.
func lineIn(err error) (line int) {
	_, _ = fmt.Sscanf(err.Error(), "yaml: line %d:", &line) // the line stays 0
	return max(line, 0)
}

type yamlTree struct {
	nodes, line int
	why         reason // why the whole document is refused, at line
}

func (c *yamlTree) node(y *yaml.Node, depth int) *node {
	n := &node{line: y.Line}
	c.nodes++
	switch {
	case c.why != "":
		return n
	case depth > maxDepth:
		c.line, c.why = y.Line, whyDeep
	case c.nodes > maxNodes:
		c.line, c.why = y.Line, whyMany
	case y.Kind == yaml.AliasNode:
		n.why = whyAlias
	case y.Style&yaml.TaggedStyle != 0:
		n.why = whyTag
	case y.Kind == yaml.MappingNode:
		n.kind = isObject
		for i := 0; i+1 < len(y.Content); i += 2 {
			n.fields = append(n.fields, c.field(y.Content[i], y.Content[i+1], depth))
		}
		n.unique()
	case y.Kind == yaml.SequenceNode:
		n.kind = isArray
		for _, item := range y.Content {
			n.items = append(n.items, c.node(item, depth+1))
		}
	case y.Tag == "!!null":
		n.kind = isNull
	case y.Tag == "!!merge":
		n.kind, n.text = isString, y.Value
	case y.Style == 0 && y.Tag != "!!str":
		n.kind, n.text = isBare, y.Value
	default:
		n.kind, n.text = isString, y.Value
	}
	return n
}

func (c *yamlTree) field(key, value *yaml.Node, depth int) field {
	f := field{name: key.Value, line: key.Line, value: c.node(value, depth+1)}
	switch {
	case key.Kind != yaml.ScalarNode || key.Style&yaml.TaggedStyle != 0 || key.Tag == "!!null":
		f.name, f.why = "", whyKeyNode
	case key.Tag == "!!merge":
		f.why = whyMerge
	}
	return f
}
