package unlock

import (
	"time"

	"github.com/credfile/credfile/kdf"
)

// Calibrate returns the most expensive parameters, of the kind of want, that take at most
// limit here, or the least. step is told each, with the time it took.
func Calibrate(want kdf.Params, limit time.Duration, derive Derive, step func(kdf.Params, time.Duration)) (kdf.Params, error) {
	var best kdf.Params
	for _, p := range candidates(want) {
		start := time.Now()
		if _, err := derive(p, []byte("calibration"), make([]byte, 16)); err != nil && best == nil {
			return nil, err
		} else if err != nil {
			break // exceeds the memory limit
		}
		took := time.Since(start)
		if took > limit && best != nil {
			break
		}
		best = p
		step(p, took)
	}
	return best, nil
}

// candidates returns parameters of the same kind, in order of cost. The memory rises first
// and then the passes, as RFC 9106 advises (section 4).
func candidates(want kdf.Params) (list []kdf.Params) {
	if _, ok := want.(kdf.Scrypt); ok {
		for n := 15; n <= 20; n++ {
			list = append(list, kdf.Scrypt{LogN: n})
		}
		return list
	}
	lanes := kdf.DefaultArgon2id.Lanes
	for _, mib := range []int{64, 96, 128, 192, 256, 384, 512, 768, 1024} {
		list = append(list, kdf.Argon2id{KiB: mib << 10, Passes: 3, Lanes: lanes})
	}
	return append(list, kdf.Argon2id{KiB: 1 << 20, Passes: 4, Lanes: lanes})
}
