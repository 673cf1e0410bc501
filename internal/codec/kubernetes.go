package codec

import "slices"

const (
	whyKubeExec  reason = "is made by a program that kubectl runs; credfile doesn't run it"
	whyPath      reason = "is the path of another file; credfile opens only the one that you name"
	whySetting   reason = "is a setting that credfile doesn't know"
	whyNoUser    reason = "belongs to no user"
	whyNotSecret reason = "is not the document that this format is for"
)

func isSecret(_ string, b []byte) bool {
	return shaped(b, []string{"kind", "Secret", "apiVersion"}, func(root *node) bool { return root.is("kind", "Secret") })
}

// readSecret reads data, which is in base64, and stringData.
func readSecret(root *node, _ Options, t *result) {
	if !root.is("kind", "Secret") {
		t.refuse("", root.line, whyNotSecret)
		return
	}
	t.eachField(root, func(top field) {
		switch top.name {
		case "data":
			t.eachField(top.value, func(f field) {
				if f.value.kind == isNull { // no bytes, as for Kubernetes
					t.add(f.name, nil, f.line)
				} else {
					t.encoded(f.name, f.line, f.value)
				}
			})
		case "stringData":
			t.eachField(top.value, func(f field) {
				if f.value.kind == isBare {
					t.refuse(f.name, f.line, whyNoText)
				} else if text, ok := t.scalar(f.name, f.line, f.value); ok {
					t.add(f.name, []byte(text), f.line)
				}
			})
		case "apiVersion", "kind", "metadata", "type", "immutable":
		default:
			t.refuse(top.name, top.line, whySetting)
		}
	})
}

// kubeconfig is kubectl's configuration (kubernetes.io, kubeconfig v1). The names are USER_token and so
// on. Clusters and contexts hold no secrets.
var kubeconfig = Codec{Name: "kubeconfig", Detect: isKubeconfig, Read: documents(parseAny, readKubeconfig)}

func isKubeconfig(_ string, b []byte) bool {
	return shaped(b, []string{"kind", "Config", "users"}, func(root *node) bool { return root.is("kind", "Config") && root.get("users") != nil })
}

func readKubeconfig(root *node, _ Options, t *result) {
	users := root.get("users")
	if !root.is("kind", "Config") || users == nil {
		t.refuse("", root.line, whyNotSecret)
		return
	}
	for _, item := range users.items {
		name := item.string("name")
		if name == "" {
			t.refuse("", item.line, whyNoUser)
			continue
		}
		t.eachField(item, func(part field) {
			if part.name == "user" {
				t.eachField(part.value, func(f field) { kubeUser(t, name, f) })
			}
		})
	}
}

func kubeUser(t *result, user string, f field) {
	name := user + "_" + f.name
	switch {
	case slices.Contains([]string{"token", "password", "username"}, f.name):
		if text, ok := t.scalar(name, f.line, f.value); ok {
			t.add(name, []byte(text), f.line)
		}
	case f.name == "client-certificate-data" || f.name == "client-key-data":
		t.encoded(name, f.line, f.value)
	case f.name == "exec" || f.name == "auth-provider":
		t.refuse(name, f.line, whyKubeExec)
	case f.name == "tokenFile" || f.name == "client-certificate" || f.name == "client-key":
		t.refuse(name, f.line, whyPath)
	default:
		t.refuse(name, f.line, whySetting)
	}
}
