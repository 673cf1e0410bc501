package remote_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/credfile/credfile/internal/connect/remote"
)

func reasonOf(err error) string {
	return strings.TrimPrefix(remote.Unreachable("https://login.example.org/x", err).Error(), "can't reach login.example.org: ")
}

// Why a connection fails is said in words that the network library does not have.
func TestUnreachable(t *testing.T) {
	dial := func(err error) error {
		return &url.Error{Op: "Get", URL: "https://login.example.org/x?code=not-real", Err: &net.OpError{Op: "dial", Net: "tcp", Err: err}}
	}
	const online = "; is this machine online?"
	for _, c := range []struct {
		err  error
		want string
	}{
		{dial(&net.DNSError{Err: "no such host", Name: "login.example.org", IsNotFound: true}), "there is no host of that name"},
		{dial(&net.DNSError{Err: "dial udp: connect: network is unreachable", Name: "login.example.org"}), "its name can't be looked up" + online},
		{dial(&net.DNSError{Err: "i/o timeout", Name: "login.example.org", IsTimeout: true}), "its name can't be looked up" + online},
		{dial(syscall.ECONNREFUSED), "the connection was refused"},
		{dial(syscall.ENETUNREACH), "there is no way to it" + online},
		{dial(syscall.EHOSTUNREACH), "there is no way to it" + online},
		{dial(syscall.ETIMEDOUT), "it did not answer in time"},
		{&url.Error{Err: &net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}}, "through the proxy of HTTPS_PROXY, the connection was refused"},
		{&url.Error{Err: tls.AlertError(40)}, "it refused to speak https with this program"},
		{&url.Error{Err: io.EOF}, "the connection failed"},
		{&url.Error{Err: syscall.ECONNRESET}, "the connection failed"},
		{errors.New("http: what not-real a server sent"), "the connection failed"},
		{fmt.Errorf("x: %w", &remote.AddressError{Why: "is not https"}), "its address is not https"},
		{&url.Error{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}}, "its certificate is for another host"},
	} {
		if got := reasonOf(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

// What Go's own client says of such servers is told apart as well.
func TestUnreachableServers(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	later := secure.Client().Transport.(*http.Transport).Clone()
	later.TLSClientConfig.Time = func() time.Time { return time.Now().AddDate(100, 0, 0) }
	for _, c := range []struct {
		client  *http.Client
		address string
		want    string
	}{
		{http.DefaultClient, secure.URL, "this machine does not know who issued its certificate; is there a proxy that replaces it?"},
		{&http.Client{Transport: later}, secure.URL, "by the clock of this machine, its certificate is not valid now; is the clock right?"},
		{http.DefaultClient, strings.Replace(plain.URL, "http:", "https:", 1), "it does not speak https"},
		{&http.Client{Timeout: 10 * time.Millisecond}, slow.URL, "it did not answer in time"},
		{http.DefaultClient, "http://127.0.0.1:1", "the connection was refused"},
	} {
		_, err := c.client.Get(c.address)
		if err == nil {
			t.Errorf("no error, want %q", c.want)
		} else if got := reasonOf(err); got != c.want {
			t.Errorf("%v: %q, want %q", err, got, c.want)
		}
	}
}
