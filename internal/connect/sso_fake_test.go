package connect_test

import (
	"testing"

	"github.com/credfile/credfile/internal/connect/aws/ssotest"
	"github.com/credfile/credfile/internal/source"
)

type fakeSSO struct{ *ssotest.Server }

func newSSO(t *testing.T, m *machine) *fakeSSO { return &fakeSSO{ssotest.New(t, m.Now)} }

func (s *fakeSSO) ref(t *testing.T, session []byte, pairs ...any) *source.Ref {
	t.Helper()
	pairs = append([]any{"sso_start_url", s.URL + "/start", "sso_region", ssotest.Region, "account_id", ssotest.Account, "role_name", ssotest.Role, "endpoint", s.URL}, pairs...)
	return &source.Ref{Kind: "aws", Definition: definition(t, "aws", pairs...), Session: session}
}
