package front

import (
	"os"
	"os/exec"
	"sync"
	"time"
)

// output is the masked output of a command.
type output struct {
	streams []*stream
	ptys    []*os.File // our ends
	theirs  []*os.File
	copied  sync.WaitGroup
}

// stream is one of the streams: a pipe, or our own terminal if the user has one.
type stream struct {
	from *os.File
	mask *Masker
	mu   sync.Mutex
	rest *time.Timer
	last time.Time
	over bool  // the rest is not waited for
	err  error // from the destination
}

// restAfter is how long a stream rests before what is held back is shown.
const restAfter = 50 * time.Millisecond

func (o *output) open(cmd *exec.Cmd, values []string) error {
	out, err := o.stream(os.Stdout, values)
	if err != nil {
		return err
	}
	cmd.Stdout = out
	if sameTerminal(os.Stdout, os.Stderr) {
		cmd.Stderr = out // in order, as they come
		return nil
	}
	cmd.Stderr, err = o.stream(os.Stderr, values)
	return err
}

func (o *output) abandon() {
	for _, f := range o.theirs {
		f.Close()
	}
}

func (o *output) begin() {
	o.abandon() // the command has them now
	for _, s := range o.streams {
		o.copied.Add(1)
		go func() {
			defer o.copied.Done()
			s.copy()
		}()
	}
}

func (s *stream) copy() {
	s.rest = time.AfterFunc(time.Hour, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.over {
			s.mask.Rest()
		}
	})
	defer s.rest.Stop()
	buf := make([]byte, 64<<10)
	for {
		n, err := s.from.Read(buf)
		s.mu.Lock()
		if s.over {
			s.mu.Unlock()
			return
		}
		s.last = time.Now()
		if _, writeErr := s.mask.Write(buf[:n]); writeErr != nil && s.err == nil {
			s.err = writeErr
		}
		failed := s.err != nil
		s.mu.Unlock()
		s.rest.Reset(restAfter)
		if failed {
			s.from.Close() // the command's next write fails, as ours did
			return
		}
		if err != nil { // EIO from a terminal that no process has open anymore
			break
		}
	}
	s.end()
}

// end passes on what is held back, and nothing after it.
func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mask.Close(); err != nil && s.err == nil {
		s.err = err
	}
	s.over = true
}

// failed returns the reason why output could not be passed on.
func (o *output) failed() error {
	for _, s := range o.streams {
		s.mu.Lock()
		err := s.err
		s.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// drain is how long to wait for more output. A process that the command left in the
// background may hold the stream open.
const drain = time.Second

// finish passes on the remaining output.
func (o *output) finish() {
	done := make(chan struct{})
	go func() {
		o.copied.Wait()
		close(done)
	}()
	end := time.Now()
	for {
		select {
		case <-done:
			return
		case <-time.After(restAfter):
		}
		rests := true
		for _, s := range o.streams {
			s.mu.Lock()
			rests = rests && time.Since(s.last) > drain
			s.mu.Unlock()
		}
		if rests && time.Since(end) > drain {
			for _, s := range o.streams {
				s.end() // closing a terminal does not wake its reader
			}
			return
		}
	}
}
