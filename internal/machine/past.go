package machine

import "github.com/credfile/credfile/vaultfile"

// Past returns an earlier version of the file at a path. It is judged as if it were there,
// but this machine learns nothing from it. That it is older, or has no profile that was added
// since, is not told.
//
// Errors: those of [vaultfile.Parse].
func (m *Machine) Past(path string, text []byte) (*File, error) {
	v, err := vaultfile.Parse(text)
	if err != nil {
		return nil, err
	}
	if m.told == nil {
		m.told = map[string]bool{} // tell nothing twice
	}
	old := *m
	old.Memory.ReadOnly = true
	f := old.At(path, v)
	f.past, f.remembered = true, true
	return f, nil
}
