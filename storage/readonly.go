package storage

import (
	"errors"
	"net/http"
	"strings"
)

// A read-only session refuses what would change something before anything is sent: at the beginning of each method that would look
// first, in do for every operation that is not known to look only, and once more at the door to the network.

// errReadOnly is the cause of an error of KindReadOnly.
var errReadOnly = errors.New("the connection is read-only")

// ReadOnly tells whether everything that would change something is refused with [KindReadOnly].
func (s *Session) ReadOnly() bool { return s.cfg.ReadOnly }

// looks tells whether an operation of S3 only looks: by its name, so that a new one counts as a change.
func looks(op string) bool {
	return strings.HasPrefix(op, "Get") || strings.HasPrefix(op, "Head") || strings.HasPrefix(op, "List")
}

// writable is the refusal of op at loc by a read-only session, nil in another.
func (s *Session) writable(op string, loc Location) error {
	if !s.cfg.ReadOnly {
		return nil
	}
	return &Error{Op: op, Location: loc, Host: s.Host(), Kind: KindReadOnly, Code: "ReadOnly", Err: errReadOnly}
}

// refuseChanges stops what another method than those that look would send. The token service is asked with POST.
func refuseChanges(r *http.Request) error {
	if rec := callFrom(r.Context()); rec != nil && rec.op == "GetCallerIdentity" {
		return nil
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return errReadOnly
	}
	return nil
}

// guard is what a session lets through to the network; nil = everything.
func (c Config) guard() func(*http.Request) error {
	switch v2 := c.Signature == SignatureV2; {
	case v2 && c.ReadOnly:
		return func(r *http.Request) error { return errors.Join(refuseV4(r), refuseChanges(r)) }
	case v2:
		return refuseV4
	case c.ReadOnly:
		return refuseChanges
	}
	return nil
}
