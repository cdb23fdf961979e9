package storage

import (
	"errors"
	"fmt"
)

// Kind classes an error by what a caller can do about it.
type Kind int

// The kinds. A new one needs a row in internal/explain.
const (
	KindOther        Kind = iota
	KindAuth              // the credentials are wrong: unknown key, bad signature
	KindExpired           // the token has ended: ask for a new one, go on with the same upload
	KindNeedsMFA          // a code from an MFA device is asked for
	KindPermission        // the credentials may not do this: Error.Permission names what is missing
	KindNotFound          // bucket, key, version or upload does not exist: see Error.Code
	KindConflict          // it exists already, is not empty, or somebody else is changing it
	KindPrecondition      // If-Match or If-None-Match did not hold
	KindArchived          // the object must be restored first
	KindUnsupported       // the server does not offer this
	KindInvalid           // the request cannot be right: bad name, bad range, too large
	KindThrottled         // the server asks to slow down
	KindServer            // the server failed (5xx)
	KindNetwork           // no answer: DNS, connection, timeout, stall
	KindTLS               // the certificate or the handshake is not acceptable
	KindClock             // our clock and the server's differ too much
	KindRedirect          // the bucket is elsewhere and going there was refused
	KindNotS3             // an answer came that is not S3's: a web page, an empty or foreign document
	KindChecksum          // the bytes are not what they should be
	KindTruncated         // fewer or more bytes came than announced
	KindQuota             // the account or server has no room
	KindCancelled         // the context ended
	KindReadOnly          // the connection is read-only: nothing was sent
)

// Error is every error that this package returns.
type Error struct {
	Op         string   // the S3 operation, for example "ListObjectsV2"
	Location   Location // what it was about
	Code       string   // S3's code, for example "NoSuchKey"; "" if the server gave none
	Message    string   // the server's sentence
	HTTPStatus int      // 0 without an answer
	RequestID  string
	Host       string // that answered or was asked
	Kind       Kind
	Permission string // the IAM action that is missing, for KindPermission
	Retryable  bool   // another try may help
	Unknown    bool   // the request may have taken effect: reconcile before telling the user
	RetryAfter int    // seconds that the server asked to wait; 0 = not said
	Err        error
}

// Error is one line for logs; people see what internal/explain makes of it.
func (e *Error) Error() string {
	s := e.Op
	if !e.Location.IsRoot() {
		s += fmt.Sprintf(" %q", e.Location.String())
	}
	if e.Code != "" {
		s += ": " + e.Code
	}
	if e.HTTPStatus != 0 {
		s += fmt.Sprintf(" (%d)", e.HTTPStatus)
	}
	switch {
	case e.Message != "":
		s += ": " + e.Message
	case e.Err != nil:
		s += ": " + e.Err.Error()
	}
	if e.RequestID != "" {
		s += " [request " + e.RequestID + "]"
	}
	return s
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of err, KindOther if it is not from this package.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindOther
}
