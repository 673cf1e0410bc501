package source_test

import (
	"slices"
	"testing"

	"github.com/credfile/credfile/internal/source"
)

// What the user agrees to has each key that says which secret is read, and what of it.
func TestManagerReaches(t *testing.T) {
	for _, c := range []struct {
		kind string
		d    source.Definition
		want []string
	}{
		{"vault", source.Definition{"mount": "kv", "path": "a/b", "version": int64(3), "map": []string{"A=a", "B=b"}, "cache": "10m"},
			[]string{"runs vault or bao, with your login there", "secret: kv/a/b", "version: 3", "map: A=a, B=b", "cache: 10m"}},
		{"gcp-secret", source.Definition{"project": "p", "secret": "db", "version": "7", "field": "user"},
			[]string{"runs gcloud, with your login there", "secret: projects/p/secrets/db", "version: 7", "field: user"}},
		{"aws-secret", source.Definition{"secret_id": "db", "region": "eu-central-1", "version_stage": "AWSPREVIOUS"},
			[]string{"runs aws, with your login there", "secret: db", "version_stage: AWSPREVIOUS", "region: eu-central-1"}},
	} {
		if got := source.Find(c.kind).Reaches(c.d); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.kind, got, c.want)
		}
	}
}
