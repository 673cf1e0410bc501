package atomicfile

import "os"

// Replace replaces a regular file, whatever is in it, by one that only its owner can read. The old one stays
// as it is until then. It follows no link, even one that takes the file's place meanwhile.
func Replace(path string, data []byte) error {
	info, err := os.Lstat(path)
	if err == nil {
		err = refuse(path, info)
	}
	if err == nil {
		err = replaceable(path, info)
	}
	if err != nil {
		return err
	}
	tmp, err := stage(path, 0o600)
	if err != nil {
		return err
	}
	defer tmp.discard()
	if err := tmp.write(data); err != nil {
		return err
	}
	if err := tmp.take(info, 0o600); err != nil {
		return err
	}
	if err := tmp.replace(path); err != nil {
		return err
	}
	return syncDir(path)
}
