package connect

import (
	"context"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
	"github.com/credfile/credfile/internal/source"
)

const (
	connectTime = 10 * time.Second
	requestTime = 30 * time.Second
	aloneTime   = 27 * time.Second // credfile ends a program after 30
)

// NewWorld returns this machine's.
func NewWorld(getenv func(string) string) *remote.World {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	return &remote.World{HTTP: newHTTP(), Now: time.Now, Sleep: sleep, Getenv: getenv, Home: home, Alone: aloneTime, Environ: os.Environ()}
}

// newHTTP returns a client that contacts what it is told to and nothing else.
func newHTTP() *http.Client {
	dial := &net.Dialer{Timeout: connectTime}
	return &http.Client{
		Timeout: requestTime,
		// Where a redirect leads was not agreed to, and it could take a token along.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &onlyHTTPS{&http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            dial.DialContext,
			TLSHandshakeTimeout:    connectTime,
			MaxResponseHeaderBytes: 64 << 10,
			// A request on a connection that the server has just closed is sent again by net/http. A code
			// must be sent once.
			DisableKeepAlives: true,
		}},
	}
}

// onlyHTTPS refuses http but on this machine, whichever code made the request.
type onlyHTTPS struct{ base http.RoundTripper }

func (o *onlyHTTPS) RoundTrip(r *http.Request) (*http.Response, error) {
	if why := source.CheckURL(r.URL.String()); why != "" {
		return nil, &remote.AddressError{Why: why}
	}
	return o.base.RoundTrip(r)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
