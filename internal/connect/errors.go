package connect

import (
	"errors"
	"fmt"

	"pintail/internal/prompt"
	"pintail/storage"
)

// ErrNoBookmark says that there is no bookmark of that name, or that several have it.
var ErrNoBookmark = errors.New("no such bookmark")

// ErrNoProfile says that there is no connection profile of that name.
var ErrNoProfile = errors.New("no such connection profile")

// ErrEndpoint says that an endpoint is not a URL with a host, or lacks where it is needed.
var ErrEndpoint = errors.New("not a server address")

// ErrCABundle says that the file named by AWS_CA_BUNDLE or ca_bundle cannot be used.
var ErrCABundle = errors.New("no usable certificate bundle")

// NotTrustedError says that a person declined, or nobody was there to agree, to send a key to a server. Nothing was sent.
type NotTrustedError struct {
	Topic prompt.Topic // TopicPlainHTTP or TopicNewHost
	Host  string
	Err   error // why there is no answer; nil = declined
}

func (e *NotTrustedError) Error() string {
	return fmt.Sprintf("%s for %s not agreed to", e.Topic, e.Host)
}

// Unwrap is why there was no answer.
func (e *NotTrustedError) Unwrap() error { return e.Err }

// Refused tells whether err means that the server does not accept the credentials, so that [Again] may help.
func Refused(err error) bool { return storage.KindOf(err) == storage.KindAuth }
