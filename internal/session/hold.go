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
	stop    chan struct{} // closed when the program must end
	mu      sync.Mutex
	at      bool // end it at once: a person is asked for something, or nothing can be lost
	got     os.Signal
	ended   bool
}

// hold begins to hold signals. Without a person, none ends the program, which has little time. With one,
// who wants to stop, the first does unless spends says that a refresh token may be spent: then the first
// one once something was shown, and the second one in any case.
func hold(person, spends bool) *holding {
	h := &holding{signals: make(chan os.Signal, 1), done: make(chan struct{}), stop: make(chan struct{}), at: !spends}
	signal.Notify(h.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for {
			select {
			case s := <-h.signals:
				h.take(s, person)
			case <-h.done:
				return
			}
		}
	}()
	return h
}

func (h *holding) take(s os.Signal, person bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if person && !h.ended && (h.at || h.got != nil) {
		h.ended = true
		close(h.stop)
	}
	h.got = s
}

// show says that a person is asked for something now. Errors: the signal that came before.
func (h *holding) show() error {
	h.mu.Lock()
	h.at = true
	h.mu.Unlock()
	return h.or(nil)
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
