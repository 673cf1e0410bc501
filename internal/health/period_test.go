package health

import (
	"errors"
	"testing"
	"time"

	"github.com/credfile/credfile/format"
)

func TestParseDay(t *testing.T) {
	today := time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{"0d": "2027-05-01", "90d": "2027-07-30", "2w": "2027-05-15", "2027-05-01": "2027-05-01"} {
		if day, err := ParseDay(text, today); err != nil || format.FormatDate(day) != want {
			t.Errorf("%s: %v, %v", text, day, err)
		}
	}
	if day, err := ParseDay("never", today); err != nil || !day.IsZero() {
		t.Error(day, err)
	}
	for _, text := range []string{"", "d", "2", "1m", "-1d", "36526d", "5218w", "70000d", "2027-02-30"} {
		if day, err := ParseDay(text, today); err != ErrDay {
			t.Errorf("%s: %v, %v", text, day, err)
		}
	}
	var past *PastError
	if _, err := ParseDay("2027-04-30", today); !errors.As(err, &past) {
		t.Error(err)
	}
}
