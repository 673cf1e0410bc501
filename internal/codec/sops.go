package codec

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// Sops is what the metadata of a file of sops says. Anyone who can write the file can change it.
type Sops struct {
	Store   string   // what sops calls its kind of file: json, yaml, dotenv, ini or binary
	Age     []string // recipients
	OpenPGP []string // fingerprints
	// Remote are the services that sops would ask for the key, each with the address that the file
	// gives. A kind of key that is not known counts as one.
	Remote []string
}

// ReadSops reads the metadata of a file of sops. It takes only what sops itself can't read in
// another way: sops will act on it.
func ReadSops(name string, b []byte) (s *Sops, ok bool) {
	b = withoutBOM(b)
	if len(b) > maxInput || !bytes.Contains(b, []byte("sops")) {
		return nil, false
	}
	switch {
	case isFlat(b, "sops_mac", "sops_version"):
		return flatSops("dotenv", b), true
	case bytes.Contains(b, []byte("[sops]")) && isFlat(b, "mac", "version"):
		return flatSops("ini", b), true
	}
	root, problem := parseAny(b)
	if problem != nil || !hasSops(root) || !sound(root.get("sops")) || sopsFields(root) != 1 {
		return nil, false
	}
	s = &Sops{Store: "yaml"}
	if bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) {
		s.Store = "json"
		if data := root.get("data"); len(root.fields) == 2 && data != nil && data.kind == isString && !hasSuffix(name, ".json", ".yaml", ".yml") {
			s.Store = "binary"
		}
	}
	s.group(root.get("sops"))
	return s, true
}

// sopsFields counts what Go's JSON takes as the metadata: it ignores case.
func sopsFields(root *node) (n int) {
	for _, f := range root.fields {
		if strings.EqualFold(f.name, "sops") {
			n++
		}
	}
	return n
}

// sound reports whether nothing in a document was refused.
func sound(n *node) bool {
	return n.why == "" && !slices.ContainsFunc(n.items, func(item *node) bool { return !sound(item) }) &&
		!slices.ContainsFunc(n.fields, func(f field) bool { return f.why != "" || !sound(f.value) })
}

// group takes the keys of the metadata, or of a group of keys in it.
func (s *Sops) group(n *node) {
	for _, f := range n.fields {
		for _, item := range f.value.items {
			if f.name == "key_groups" {
				s.group(item)
			} else {
				s.key(f.name, item.string)
			}
		}
	}
}

func (s *Sops) key(kind string, field func(name string) string) {
	switch kind {
	case "age":
		s.Age = append(s.Age, field("recipient"))
	case "pgp":
		s.OpenPGP = append(s.OpenPGP, field("fp"))
	default:
		at := cmp.Or(field("vault_address"), field("arn"), field("resource_id"), field("vault_url"), field("key_id"))
		s.Remote = append(s.Remote, strings.TrimSpace(kind+" "+at))
	}
}

// isFlat reports whether there is a line NAME = VALUE for one of the names.
func isFlat(b []byte, names ...string) bool {
	return anyLine(b, func(line []byte) bool {
		name, _, ok := bytes.Cut(line, []byte("="))
		return ok && slices.Contains(names, string(bytes.TrimSpace(name)))
	})
}

// flatSops finds the keys of the stores without nesting, wherever they stand: the address of the
// first key of Vault is in hc_vault__list_0__map_vault_address, in a group after a prefix.
func flatSops(store string, b []byte) *Sops {
	const list, of = "__list_", "__map_"
	s := &Sops{Store: store}
	fields := map[string]map[string]string{}
	var keys []string
	anyLine(b, func(line []byte) bool {
		name, value := string(line), ""
		if i := strings.IndexAny(name, "=:"); i >= 0 {
			name, value = strings.Trim(name[:i], blanks), strings.Trim(name[i+1:], blanks)
		}
		last := strings.LastIndex(name, list)
		if last < 0 {
			return false
		}
		key, field, _ := strings.Cut(name[last:], of)
		if key = name[:last] + key; fields[key] == nil {
			fields[key] = map[string]string{}
			keys = append(keys, key)
		}
		fields[key][field] = value
		return false
	})
	for _, key := range keys {
		kind := strings.TrimPrefix(key[:strings.LastIndex(key, list)], "sops_")
		kind = kind[strings.LastIndex(of+kind, of):]
		s.key(kind, func(name string) string { return fields[key][name] })
	}
	return s
}

// WithoutDefaultSection moves what sops prints for the lines before the first section of an INI file
// out of the section DEFAULT, unless a name is taken.
func WithoutDefaultSection(b []byte) []byte {
	var doc, top map[string]json.RawMessage
	if json.Unmarshal(b, &doc) != nil || json.Unmarshal(doc["DEFAULT"], &top) != nil {
		return b
	}
	delete(doc, "DEFAULT")
	for name, value := range top {
		if _, taken := doc[name]; taken {
			return b
		}
		doc[name] = value
	}
	moved, err := json.Marshal(doc)
	if err != nil {
		return b
	}
	return moved
}
