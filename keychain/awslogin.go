package keychain

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ErrNeedsLogin: the session of `aws login` has ended or was never there; the *LoginError names the profile.
var ErrNeedsLogin = errors.New("aws login is needed")

// LoginError says which profile's session of `aws login` has ended.
type LoginError struct {
	Profile string
	Err     error
}

func (e *LoginError) Error() string {
	return fmt.Sprintf("%v for the AWS profile %s: %v", ErrNeedsLogin, e.Profile, e.Err)
}

// Unwrap returns the reason.
func (e *LoginError) Unwrap() error { return e.Err }

// Ended tells storage that a person can give what is missing: work waits instead of failing.
func (e *LoginError) Ended() bool { return true }

// Is makes the error match ErrNeedsLogin.
func (e *LoginError) Is(target error) bool { return target == ErrNeedsLogin }

// login serves a session of `aws login`, whose file the AWS tools share.
func (c *chain) login(s section) (aws.CredentialsProvider, error) {
	dir := c.files.paths.LoginCache
	if dir == "" {
		return nil, fmt.Errorf("%w: %q: there is no folder for its session", ErrBadProfile, s.name)
	}
	file, err := logincreds.StandardCachedTokenFilepath(s.value("login_session"), dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %q: %w", ErrBadProfile, s.name, err)
	}
	h, err := c.client()
	if err != nil {
		return nil, err
	}
	service := signin.New(signin.Options{Region: c.region(), HTTPClient: h, BaseEndpoint: c.endpoint("signin")})
	p := logincreds.New(service, file, func(o *logincreds.Options) { o.RestrictPermissions = true })
	return &loginProvider{inner: p, profile: s.name, file: file}, nil
}

// loginProvider tells a session that has ended from a server that fails.
type loginProvider struct {
	inner         *logincreds.Provider
	profile, file string
}

// Retrieve gives the session's credentials; ended ones are renewed.
func (p *loginProvider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if err := checkLoginFile(p.file); err != nil {
		return aws.Credentials{}, &LoginError{p.profile, err}
	}
	c, err := p.inner.Retrieve(ctx)
	if err == nil {
		return c, nil
	}
	var answer *awshttp.ResponseError
	var sent *smithyhttp.RequestSendError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.As(err, &sent):
		return c, err
	case errors.As(err, &answer):
		if s := answer.HTTPStatusCode(); s >= http.StatusInternalServerError || s == http.StatusTooManyRequests {
			return c, err
		}
	}
	return c, &LoginError{p.profile, err}
}

// checkLoginFile looks at what the SDK takes on trust: the size of the file and the key in it.
func checkLoginFile(file string) error {
	const most = 256 << 10
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return errors.New("there is no session")
	}
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	var kept struct {
		Key string `json:"dpopKey"`
	}
	bad := errors.New("the file of the session is broken")
	if len(data) > most || json.Unmarshal(data, &kept) != nil {
		return bad
	}
	block, _ := pem.Decode([]byte(kept.Key))
	if block == nil {
		return bad
	}
	if _, err := x509.ParseECPrivateKey(block.Bytes); err != nil {
		return bad
	}
	return nil
}
