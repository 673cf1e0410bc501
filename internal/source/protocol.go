package source

import (
	"encoding/json"
	"time"
)

// The messages between credfile and a program that obtains values are JSON, one object a line:
// spec/source.md. credfile writes one [Request], the program any number of [Event]s and one [Response].

// Op is what is asked of a source.
type Op string

// The operations.
const (
	Get     Op = "get"     // a new session, or a renewed one
	Refresh Op = "refresh" // a renewed session, without a person
	Login   Op = "login"   // a new session, whatever there is
	Revoke  Op = "revoke"  // end a session at the server
)

// Version is that of the messages.
const Version = 1

// Request asks for values, of sources that do not use each other.
type Request struct {
	V           int             `json:"v"`
	Op          Op              `json:"op"`
	Interactive bool            `json:"interactive"` // whether a person can be asked
	Browser     string          `json:"browser,omitempty"`
	Refs        map[string]*Ref `json:"refs"` // by the name of the source
}

// Ref is one source.
type Ref struct {
	Kind       string     `json:"kind"`
	Definition Definition `json:"definition"`
	// Secrets are the values of credentials, by the key of the definition that names them; for a kind that
	// is not built in, by the name of the credential. Those of another source are at KEY.VARIABLE.
	Secrets map[string]string `json:"secrets,omitempty"`
	Session json.RawMessage   `json:"session,omitempty"` // what the last answer said
}

// Event is something that happens before the response. Browser and device show something to the user;
// to ask is answered by a [Reply].
type Event struct {
	Event   string    `json:"event"` // "browser", "device", "ask"
	Source  string    `json:"source,omitempty"`
	URL     string    `json:"url,omitempty"`
	Code    string    `json:"code,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	What    string    `json:"what,omitempty"` // of ask: "mfa" or "redirect"
}

// Reply answers an event that asks.
type Reply struct {
	Reply string `json:"reply"`
}

// Response is the end.
type Response struct {
	V       int                `json:"v"`
	Answers map[string]*Answer `json:"answers"`
}

// Answer is what came of one source. With an error it has no values, but it can have a session that is
// to be kept: the old one's refresh token is spent.
type Answer struct {
	Values  map[string]string `json:"values,omitempty"`  // by variable
	Expires time.Time         `json:"expires,omitzero"`  // zero for never, or not known
	Subject string            `json:"subject,omitempty"` // for whom
	Session json.RawMessage   `json:"session,omitempty"` // comes back with the next request
	Revoked bool              `json:"revoked,omitempty"`
	Error   *Error            `json:"error,omitempty"`
}

// Class is the class of an error.
type Class string

// The classes of errors.
const (
	NeedsLogin  Class = "login"       // a person must log in, or log in again
	Denied      Class = "denied"      // by the server, or by the user there
	NotFound    Class = "not-found"   // there is no such secret, role or account
	Unavailable Class = "unavailable" // the server or program can't be reached
	Other       Class = "other"
)

// Error is why a source gave nothing. Message has no secret in it.
type Error struct {
	Class   Class  `json:"class"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Message }
