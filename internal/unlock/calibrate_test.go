package unlock

import (
	"testing"
	"time"

	"github.com/credfile/credfile/kdf"
)

// The memory limit ends the search, unless not even the least fits.
func TestCalibrate(t *testing.T) {
	limit := 0
	derive := Within(func() int { return limit }, func(kdf.Params, []byte, []byte) ([]byte, error) { return nil, nil })
	steps := 0
	count := func(kdf.Params, time.Duration) { steps++ }
	best, err := Calibrate(kdf.DefaultArgon2id, time.Minute, derive, count)
	if want := (kdf.Argon2id{KiB: 1 << 20, Passes: 4, Lanes: kdf.DefaultArgon2id.Lanes}); err != nil || best != want || steps != 10 {
		t.Errorf("%v, %v, %d steps", best, err, steps)
	}
	limit = 128 << 10
	if best, err := Calibrate(kdf.DefaultArgon2id, time.Minute, derive, count); err != nil || best.Memory() != limit {
		t.Errorf("%v, %v", best, err)
	}
	limit = 1 << 10
	if _, err := Calibrate(kdf.DefaultArgon2id, time.Minute, derive, count); err == nil {
		t.Error("no error")
	}
}
