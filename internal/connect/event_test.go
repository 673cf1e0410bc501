package connect

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/credfile/credfile/internal/source"
)

// Where nobody can be asked, nothing is shown or asked, whatever a kind wants.
func TestNoEvents(t *testing.T) {
	var out bytes.Buffer
	for _, event := range []string{"browser", "device", "ask"} {
		if _, err := newTalk(strings.NewReader(""), &out).event(context.Background(), source.Event{Event: event}, false); !errors.Is(err, errNobody) || out.Len() > 0 {
			t.Errorf("%s: %v, %q", event, err, out.String())
		}
	}
}
