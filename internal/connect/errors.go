package connect

import (
	"errors"
	"fmt"

	"pintail/internal/prompt"
	"pintail/storage"
)

// ErrEndpoint says that an endpoint is not a URL with a host, or lacks where it is needed.
var ErrEndpoint = errors.New("not a server address")

// ErrClientCert says that the certificate to show to the server, or its key, cannot be used.
var ErrClientCert = errors.New("no usable client certificate")

// ErrCABundle says that the file named by the connection, AWS_CA_BUNDLE or ca_bundle cannot be used.
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
