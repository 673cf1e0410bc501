package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// objects is a running git cat-file --batch, which answers for one object after another.
type objects struct {
	start  func(context.Context) *exec.Cmd
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	cancel context.CancelFunc
}

func (r *Revisions) startObjects(ctx context.Context) *exec.Cmd {
	return command(ctx, r.dir, r.env, "cat-file", "--batch")
}

// Read returns the content of a version of the file. Errors: [*SizeError] if it is larger
// than limit; [ErrMissing].
func (r *Revisions) Read(object string, limit int64) ([]byte, error) {
	b, err := r.objects.read(object, "blob", limit)
	if err != nil && !isSize(err) {
		return nil, r.lacking(err)
	}
	return b, err
}

func isSize(err error) bool {
	_, ok := errors.AsType[*SizeError](err)
	return ok
}

func (o *objects) read(object, kind string, limit int64) ([]byte, error) {
	if !isHash(object) {
		return nil, errors.New("not the name of an object")
	}
	if o.cmd == nil {
		if err := o.begin(); err != nil {
			return nil, err
		}
	}
	late := time.AfterFunc(gitWait, o.cancel)
	defer late.Stop()
	b, err := o.answer(object, kind, limit)
	if err != nil && !errors.Is(err, ErrMissing) {
		o.stop() // its output is of no more use
	}
	return b, err
}

func (o *objects) begin() error {
	ctx, cancel := context.WithCancel(context.Background())
	cmd := o.start(ctx)
	in, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return err
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return err
	}
	o.cmd, o.in, o.out, o.cancel = cmd, in, bufio.NewReader(out), cancel
	return nil
}

// answer asks for an object. git answers with OBJECT TYPE SIZE and the content, each with a
// line feed, or with OBJECT missing.
func (o *objects) answer(object, kind string, limit int64) ([]byte, error) {
	if _, err := io.WriteString(o.in, object+"\n"); err != nil {
		return nil, err
	}
	line, err := o.out.ReadSlice('\n') // no more than its buffer
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	fields := strings.Fields(string(line))
	switch {
	case len(fields) == 2 && fields[0] == object && fields[1] == "missing":
		return nil, ErrMissing
	case len(fields) != 3 || fields[0] != object || fields[1] != kind:
		return nil, errors.New("git cat-file: not the object that it should be")
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || size < 0 {
		return nil, errors.New("git cat-file: no size")
	}
	if size > limit {
		return nil, &SizeError{limit}
	}
	b := make([]byte, size+1)
	if _, err := io.ReadFull(o.out, b); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return b[:size], nil
}

func (o *objects) stop() {
	if o.cmd == nil {
		return
	}
	o.cancel()
	o.in.Close()
	_ = o.cmd.Wait()
	o.cmd = nil
}
