package front

import (
	"bytes"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
)

// Go's own ways to quote text and invalid bytes.
func TestMaskGoQuoted(t *testing.T) {
	for _, secret := range []string{
		`plahin "quohted" bahck\slahsh`, "tahbs\tand\nlihnes\r\n' ohf \"it", "behll\a bahck\b fehed\f vehrtical\v ehsc\x1b dehl\x7f",
		"ünïcödéh wahrts \U0001f600 smihles", "bihnary \xff\xfe quohte' byhtes \x80\"", "mihxed ü \xff '\x01' ehnd", "u2028 \u2028 sehparator nbhsp\u00a0ehnd",
	} {
		var text, doc bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", secret)
		slog.New(slog.NewJSONHandler(&doc, nil)).Info("x", "v", secret)
		for form, shown := range map[string]string{
			"%q": fmt.Sprintf("%q", secret), "%+q": fmt.Sprintf("%+q", secret), "%#v": fmt.Sprintf("%#v", []string{secret}), "%#q": fmt.Sprintf("%#q", secret),
			"QuoteToGraphic": strconv.QuoteToGraphic(secret), "slog": text.String(), "slog JSON": doc.String(), "%q twice": fmt.Sprintf("%q", fmt.Sprintf("%q", secret)),
		} {
			got := masked([]string{secret}, "<"+shown+">")
			for word := range strings.FieldsFuncSeq(secret, func(r rune) bool { return r < 'a' || r > 'z' }) {
				if len(word) >= 5 && strings.Contains(got, word) {
					t.Errorf("%s of %+q: %s", form, secret, got)
					break
				}
			}
		}
	}
}
