package session

import (
	"math"
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
	stop    chan struct{} // closed when the program must end
	mu      sync.Mutex
	left    int // how many signals it takes until then
	got     os.Signal
}

// never is more signals than come.
const never = math.MaxInt

// hold begins to hold signals. The program ends after so many.
func hold(signals int) *holding {
	h := &holding{signals: make(chan os.Signal, 1), done: make(chan struct{}), stop: make(chan struct{}), left: signals}
	signal.Notify(h.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for {
			select {
			case s := <-h.signals:
				h.take(s)
			case <-h.done:
				return
			}
		}
	}()
	return h
}

func (h *holding) take(s os.Signal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.left--; h.left == 0 {
		close(h.stop)
	}
	h.got = s
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
