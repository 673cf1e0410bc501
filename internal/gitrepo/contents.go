package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
)

// mostDeaths is how often git is started again, before the rest counts as missing.
const mostDeaths = 64

// ReadEach reads objects, one after the other. read gets the index of each and its content.
// It returns how many this clone does not have. Where it should fetch those, git ends at each.
func (r *Revisions) ReadEach(list []string, read func(i int, content io.Reader) error) (missing int, err error) {
	for i, deaths := 0, 0; i < len(list); deaths++ {
		if deaths == mostDeaths {
			return missing + len(list) - i, nil
		}
		n, lacks, err := r.readUntil(list[i:], func(n int, content io.Reader) error { return read(i+n, content) })
		missing += lacks
		if i += n; errors.Is(err, errEnded) && r.Partial {
			missing, i = missing+1, i+1
		} else if err != nil {
			return missing, err
		}
	}
	return missing, nil
}

// errEnded reports that git ended before it answered.
var errEnded = errors.New("git cat-file ended")

// readUntil is ReadEach until git ends. It returns how many of the objects git answered for.
func (r *Revisions) readUntil(list []string, read func(i int, content io.Reader) error) (n, missing int, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := command(ctx, r.dir, r.env, "cat-file", "--batch")
	cmd.Stdin = &asked{list: list}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return 0, 0, err
	}
	b := bufio.NewReaderSize(out, 64<<10)
	for ; n < len(list); n++ {
		err := readObject(b, list[n], func(content io.Reader) error { return read(n, content) })
		if errors.Is(err, ErrMissing) {
			missing++
		} else if err != nil {
			cancel()
			_ = cmd.Wait()
			return n, missing, err
		}
	}
	return n, missing, cmd.Wait()
}

// asked is the list of objects as git cat-file reads it, a line each.
type asked struct {
	list []string
	rest string
}

func (a *asked) Read(b []byte) (n int, err error) {
	for n < len(b) && (a.rest != "" || len(a.list) > 0) {
		if a.rest == "" {
			a.rest, a.list = a.list[0]+"\n", a.list[1:]
		}
		copied := copy(b[n:], a.rest)
		n, a.rest = n+copied, a.rest[copied:]
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// readObject reads what git cat-file answers for one object: see [objects.answer].
func readObject(b *bufio.Reader, object string, read func(io.Reader) error) error {
	line, err := b.ReadSlice('\n')
	if err != nil {
		return errEnded
	}
	fields := strings.Fields(string(line))
	if len(fields) == 2 && fields[0] == object && fields[1] == "missing" {
		return ErrMissing
	}
	size := int64(-1)
	if len(fields) == 3 && fields[0] == object {
		size, _ = strconv.ParseInt(fields[2], 10, 64)
	}
	if size < 0 {
		return errors.New("git cat-file: not the object that it should be")
	}
	content := io.LimitedReader{R: b, N: size}
	err = read(&content)
	if err == nil {
		_, err = io.Copy(io.Discard, &content)
	}
	if err == nil && content.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		_, err = b.Discard(1)
	}
	return err
}
