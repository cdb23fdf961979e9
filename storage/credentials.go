package storage

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// credentialsError is a failure to get credentials at all: nothing was sent.
type credentialsError struct{ err error }

func (e *credentialsError) Error() string { return "get credentials: " + e.err.Error() }
func (e *credentialsError) Unwrap() error { return e.err }

// credentialsSource tells its failures apart from those of the network.
type credentialsSource struct{ from aws.CredentialsProvider }

// Retrieve asks the source.
func (c credentialsSource) Retrieve(ctx context.Context) (aws.Credentials, error) {
	cr, err := c.from.Retrieve(ctx)
	if err != nil {
		return cr, &credentialsError{err}
	}
	return cr, nil
}

// cachedCredentials keeps what a source gave until it ends or the server refuses it. A cache inside of the source is
// emptied with ours.
func cachedCredentials(from aws.CredentialsProvider) *sessionCredentials {
	if from == nil {
		return nil
	}
	inner, _ := from.(interface{ Invalidate() })
	return &sessionCredentials{CredentialsCache: aws.NewCredentialsCache(credentialsSource{from}), inner: inner}
}

type sessionCredentials struct {
	*aws.CredentialsCache
	inner interface{ Invalidate() }
}

// Invalidate makes the next request ask the source again.
func (c *sessionCredentials) Invalidate() {
	if c.inner != nil {
		c.inner.Invalidate()
	}
	c.CredentialsCache.Invalidate()
}
