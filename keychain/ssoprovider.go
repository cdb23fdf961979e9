package keychain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// SSOError says which profile's sign-in has ended or was never done.
type SSOError struct {
	Profile string
	Err     error
}

func (e *SSOError) Error() string {
	return fmt.Sprintf("%v for the AWS profile %s", ErrNeedsSSO, e.Profile)
}

// Unwrap returns the reason.
func (e *SSOError) Unwrap() error { return e.Err }

// Ended tells storage that a person can give what is missing: work waits instead of failing.
func (e *SSOError) Ended() bool { return true }

// Is makes the error match ErrNeedsSSO.
func (e *SSOError) Is(target error) bool { return target == ErrNeedsSSO }

// ssoProvider tells a sign-in that has ended from a server that fails.
type ssoProvider struct {
	inner   *ssocreds.Provider
	profile string
}

// Retrieve exchanges the kept token.
func (p *ssoProvider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := p.inner.Retrieve(ctx)
	if err == nil {
		return c, nil
	}
	var answer *awshttp.ResponseError
	var token *ssocreds.InvalidTokenError
	switch {
	case errors.As(err, &token), errors.Is(err, fs.ErrNotExist):
		return c, &SSOError{p.profile, err}
	case errors.As(err, &answer):
		if s := answer.HTTPStatusCode(); s != http.StatusUnauthorized && s != http.StatusBadRequest {
			return c, err // 403 is a role that the person does not have
		}
		return c, &SSOError{p.profile, err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return c, err
	}
	var sent *smithyhttp.RequestSendError
	if errors.As(err, &sent) { // the network's
		return c, err
	}
	return c, &SSOError{p.profile, err}
}
