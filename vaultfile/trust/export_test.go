package trust

import "bytes"

// ReadsBack reports whether the marshaled form of k parses as k.
func (k *Known) ReadsBack() bool {
	again, err := parseKnown(k.File, k.marshal())
	return err == nil && bytes.Equal(again.marshal(), k.marshal())
}
