package trust

import "bytes"

// ReadsBack reports whether what would be written of k is read as k.
func (k *Known) ReadsBack() bool {
	again, err := parseKnown(k.File, k.marshal())
	return err == nil && bytes.Equal(again.marshal(), k.marshal())
}
