package remote

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"syscall"

	"github.com/credfile/credfile/internal/source"
)

// AddressError reports an address that is not contacted. Why continues a sentence about it.
type AddressError struct{ Why string }

func (e *AddressError) Error() string { return "its address " + e.Why }

// Unreachable says why a server gave no answer at all.
func Unreachable(address string, err error) error {
	return &source.Error{Class: source.Unavailable, Message: "can't reach " + source.Host(address) + ": " + reason(err)}
}

// reason says in plain words why a connection failed. The network library's own words are for its
// programmers, and can quote what a server sent.
func reason(err error) string {
	var address *AddressError
	if errors.As(err, &address) {
		return address.Error()
	}
	proxy := ""
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		proxy = "through the proxy of HTTPS_PROXY, "
	}
	if why := badCertificate(err); why != "" {
		return proxy + why
	}
	var name *net.DNSError
	var header tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return proxy + "there is no host of that name"
	case errors.As(err, &name):
		return proxy + "its name can't be looked up; is this machine online?"
	case errors.Is(err, syscall.ECONNREFUSED):
		return proxy + "the connection was refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return proxy + "there is no way to it; is this machine online?"
	case errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return proxy + "it did not answer in time"
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &header):
		return proxy + "it does not speak https"
	case errors.As(err, &alert):
		return proxy + "it refused to speak https with this program"
	}
	return proxy + "the connection failed"
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// badCertificate says what is wrong with a server's certificate, or "".
func badCertificate(err error) string {
	var bad *tls.CertificateVerificationError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var other x509.HostnameError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "by the clock of this machine, its certificate is not valid now; is the clock right?"
	case errors.As(err, &unknown):
		return "this machine does not know who issued its certificate; is there a proxy that replaces it?"
	case errors.As(err, &other):
		return "its certificate is for another host"
	case errors.As(err, &bad):
		return "its certificate is not valid"
	}
	return ""
}
