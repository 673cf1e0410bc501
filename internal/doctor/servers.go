package doctor

import (
	"encoding/json"
	"slices"
	"strings"
)

// isServers reports whether a file says how to start MCP servers.
func isServers(base string) bool {
	return slices.Contains([]string{".mcp.json", "mcp.json", "mcp_config.json", "claude_desktop_config.json"}, base)
}

// servers finds values in the environment and the headers of MCP servers. Some clients allow comments
// in the file, so that it is no JSON: then lines are looked at.
func servers(text []byte, shown string) []Finding {
	var doc any
	var names []string
	if json.Unmarshal(text, &doc) == nil {
		collect(doc, &names)
	} else {
		names = assigned(text)
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return []Finding{{Kind: Server, Path: shown, Names: slices.Compact(names)}}
}

// collect adds the names of secret values below env and headers, at any depth.
func collect(v any, names *[]string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			collect(e, names)
		}
	case map[string]any:
		for key, below := range v {
			pairs, _ := below.(map[string]any)
			if key == "env" || key == "headers" {
				for name, value := range pairs {
					text, _ := value.(string)
					_, token, bearer := strings.Cut(text, "Bearer ")
					if bearer && name == "Authorization" && !placeholder(token) || validName(name) && secret(name) && !placeholder(text) {
						*names = append(*names, name)
					}
				}
			}
			collect(below, names)
		}
	}
}

// validName keeps a name that may be a value out of what is shown.
func validName(name string) bool {
	return strings.Trim(strings.ToUpper(name), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}
