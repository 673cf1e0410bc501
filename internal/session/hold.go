package session

import (
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/credfile/credfile/internal/term"
)

// holding keeps signals from ending this process while a program obtains something: between a refresh and
// the moment when its answer is on the disk, the only good refresh token is in memory.
type holding struct {
	signals chan os.Signal
	done    chan struct{}
	stop    chan struct{} // closed by a signal, while a person can be asked: then the user wants to stop
	mu      sync.Mutex
	got     os.Signal
}

func hold(person bool) *holding {
	h := &holding{signals: make(chan os.Signal, 1), done: make(chan struct{}), stop: make(chan struct{})}
	signal.Notify(h.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for {
			select {
			case s := <-h.signals:
				h.mu.Lock()
				first := h.got == nil
				h.got = s
				h.mu.Unlock()
				if first && person {
					close(h.stop)
				}
			case <-h.done:
				return
			}
		}
	}()
	return h
}

// or returns the signal that came meanwhile as an error, or else err.
func (h *holding) or(err error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.got != nil {
		return &term.Interrupted{Signal: h.got}
	}
	return err
}

func (h *holding) release() {
	signal.Stop(h.signals)
	close(h.done)
}
