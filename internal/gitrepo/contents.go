package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ReadEach reads objects, one after the other. read gets the index of each and its content.
// It returns how many this clone does not have.
func (r *Revisions) ReadEach(list []string, read func(i int, content io.Reader) error) (missing int, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := command(ctx, r.dir, r.env, "cat-file", "--batch")
	cmd.Stdin = &asked{list: list}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return 0, err
	}
	b := bufio.NewReaderSize(out, 64<<10)
	for i := 0; i < len(list) && err == nil; i++ {
		err = readObject(b, list[i], func(content io.Reader) error { return read(i, content) })
		if errors.Is(err, ErrMissing) {
			missing, err = missing+1, nil
		}
	}
	if err != nil {
		cancel()
	}
	return missing, errors.Join(err, ignore(cmd.Wait(), err != nil))
}

// ignore drops the outcome of a process that was ended for another reason.
func ignore(outcome error, ended bool) error {
	if ended {
		return nil
	}
	return outcome
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
		return fmt.Errorf("git cat-file: %w", err)
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
