package helper

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// docker is the protocol of docker-credential-helpers: a server's URL or a JSON document on
// standard input, JSON or a message on standard output. Docker recognizes the messages by
// their text: credentials/error.go of that module.
var docker = Protocol{Name: "docker", Operations: []string{"get", "store", "erase", "list", "version"}, Serve: serveDocker,
	Declined: 1, TellsErrors: true, Stores: true}

const (
	dockerNotFound   = "credentials not found in native keychain"
	dockerNoServer   = "no credentials server URL"
	dockerNoUsername = "no credentials username"
)

// Docker names this registry by a URL and not by a host.
const (
	dockerHub    = "index.docker.io"
	dockerHubURL = "https://index.docker.io/v1/"
)

type dockerLogin struct{ ServerURL, Username, Secret string }

func serveDocker(c Call) error {
	switch c.Operation {
	case "get":
		return getDocker(c)
	case "list":
		return listDocker(c)
	case "version":
		_, err := fmt.Fprintf(c.Out, "credfile %s\n", c.Version)
		return err
	case "store":
		return storeDocker(c)
	case "erase":
		if _, err := dockerServer(c); err != nil {
			return declineDocker(c, dockerNoServer)
		}
		return nil
	}
	return declineDocker(c, "credfile: unknown action")
}

func declineDocker(c Call, message string) error {
	if _, err := fmt.Fprintln(c.Out, message); err != nil {
		return err
	}
	return ErrDeclined
}

func dockerServer(c Call) (string, error) {
	input, err := readInput(c.In)
	if err != nil {
		return "", err
	}
	url := strings.TrimSpace(string(input))
	if url == "" {
		return "", &RequestError{dockerNoServer}
	}
	return url, nil
}

func getDocker(c Call) error {
	url, err := dockerServer(c)
	if err != nil {
		return declineDocker(c, err.Error())
	}
	q, ok := dockerQuestion(url)
	if !ok {
		return declineDocker(c, dockerNotFound)
	}
	names, err := c.Source.Names()
	if err != nil {
		return err
	}
	l, err := find(names, q)
	if err != nil {
		// The equally good names are for people; docker gets the same message as always.
		return errors.Join(err, declineDocker(c, dockerNotFound))
	}
	answer := dockerLogin{ServerURL: url, Username: l.user}
	if answer.Secret, err = reveal(c.Source, l.name); err != nil {
		return err
	}
	return writeJSON(c, answer)
}

// dockerQuestion parses what docker calls a server URL, which is mostly just a host.
func dockerQuestion(url string) (question, bool) {
	protocol, rest, ok := strings.Cut(url, "://")
	if !ok {
		protocol, rest = "https", url
	}
	host, path, _ := strings.Cut(rest, "/")
	return newQuestion(protocol, host, path, "")
}

// storeDocker checks its input as docker's own helpers do, and stores nothing.
func storeDocker(c Call) error {
	input, err := readInput(c.In)
	if err != nil {
		return declineDocker(c, err.Error())
	}
	var l dockerLogin
	switch err := json.Unmarshal(input, &l); {
	case err != nil: // which may quote the input
		return declineDocker(c, "the request is not valid JSON")
	case l.ServerURL == "":
		return declineDocker(c, dockerNoServer)
	case l.Username == "":
		return declineDocker(c, dockerNoUsername)
	}
	return nil
}

// listDocker lists the servers that get would answer for. Docker asks for each of them next.
func listDocker(c Call) error {
	names, err := c.Source.Names()
	if err != nil {
		return err
	}
	// A login is the best answer for its own URL, unless another is as good.
	users, several := map[string]string{}, map[string]bool{}
	for _, name := range names {
		l, ok := parseLogin(name)
		if !ok {
			continue
		}
		url := l.url()
		if _, ok := dockerQuestion(url); !ok {
			continue
		}
		if _, twice := users[url]; twice {
			several[url] = true
		}
		users[url] = l.user
	}
	for url := range several {
		delete(users, url)
	}
	return writeJSON(c, users)
}

func (l login) url() string {
	if l.host == dockerHub && l.port == "" && len(l.path) == 0 {
		return dockerHubURL
	}
	url := "https://" + l.host
	if l.port != "" && l.port != "443" {
		url += ":" + l.port
	}
	if len(l.path) > 0 {
		url += "/" + strings.Join(l.path, "/")
	}
	return url
}
