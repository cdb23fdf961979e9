package keychain

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	defaultRegion   = "us-east-1"
	defaultsProfile = "default"
)

// settings are what calls to AWS services besides S3 need: those of the profile that was asked for, else of the environment.
type settings struct {
	req     *Request
	files   awsFiles
	section section // the zero value has nothing
}

// region is for the token services.
func (s settings) region() string {
	for _, r := range []string{s.section.value("region"), s.req.Getenv("AWS_REGION"), s.req.Getenv("AWS_DEFAULT_REGION"), s.req.Region} {
		if r != "" {
			return r
		}
	}
	return defaultRegion
}

// endpoint is the URL for a service where one is configured: environment before files, the service's own before the general one.
func (s settings) endpoint(service string) *string {
	if strings.EqualFold(s.req.Getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") || strings.EqualFold(s.section.value("ignore_configured_endpoint_urls"), "true") {
		return nil
	}
	own := ""
	if block := s.section.value("services"); block != "" {
		own = s.files.serviceEndpoint(block, service)
	}
	name := "AWS_ENDPOINT_URL_" + strings.ToUpper(service)
	for _, u := range []string{s.req.Getenv(name), s.req.Getenv("AWS_ENDPOINT_URL"), own, s.section.value("endpoint_url")} {
		if u != "" {
			return &u
		}
	}
	return nil
}

// client is an HTTP client that knows the authorities of ca_bundle.
func (s settings) client() (client, error) {
	c := s.req.client()
	bundle := s.req.Getenv("AWS_CA_BUNDLE")
	if bundle == "" {
		bundle = s.section.value("ca_bundle")
	}
	if bundle == "" {
		return c, nil
	}
	pem, err := os.ReadFile(bundle)
	if err != nil {
		return client{}, fmt.Errorf("%w: ca_bundle: %w", ErrBadProfile, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return client{}, fmt.Errorf("%w: ca_bundle %s has no certificate", ErrBadProfile, bundle)
	}
	with, ok := c.WithTransportOptions(func(t *http.Transport) {
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}).(client)
	if !ok { // it returns what it was called on
		return client{}, errors.New("no client")
	}
	return with, nil
}

// sts is a client of the token service that signs with creds.
func (s settings) sts(creds aws.CredentialsProvider) (*sts.Client, error) {
	c, err := s.client()
	if err != nil {
		return nil, err
	}
	return sts.New(sts.Options{Region: s.region(), HTTPClient: c, Credentials: creds, BaseEndpoint: s.endpoint("sts")}), nil
}

// Become makes the session that req.Assume asks for of the credentials that were found for req.
func Become(ctx context.Context, req Request, found Resolved) (Resolved, error) {
	if req.Run == nil {
		req.Run = NewMemory()
	}
	return req.assume(ctx, found)
}

func (req *Request) assume(ctx context.Context, found Resolved) (Resolved, error) {
	a, err := req.Assume.check(false)
	if err != nil {
		return Resolved{}, err
	}
	c := req.client()
	region := a.Region
	if region == "" {
		region = defaultRegion
	}
	service := sts.New(sts.Options{Region: region, HTTPClient: c, Credentials: found.Provider, BaseEndpoint: nonEmpty(a.STSEndpoint)})
	res, err := req.settle(ctx, found.Source, &assumed{Assume: a, client: service, source: found.Provider, run: req.Run, code: req.MFA})
	res.Role, res.Tried = a.RoleARN, found.Tried
	return res, err
}

// settle asks a provider once, so that the winner is known to work.
func (req *Request) settle(ctx context.Context, src Source, p aws.CredentialsProvider) (Resolved, error) {
	b := NewBound(p, req.Item)
	c, err := b.Retrieve(ctx)
	if err != nil {
		return Resolved{}, err
	}
	b.item.KeyID = c.AccessKeyID
	return Resolved{Provider: b, Source: src, KeyID: c.AccessKeyID, Account: c.AccountID, Expires: b.Expires()}, nil
}

// fromWebIdentity serves a token file that the environment names, as EKS does.
func (req *Request) fromWebIdentity(ctx context.Context) (Resolved, error) {
	file, role := req.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), req.Getenv("AWS_ROLE_ARN")
	if file == "" || role == "" {
		return Resolved{}, errNotHere
	}
	p, err := settings{req: req}.webIdentity(file, role, req.Getenv("AWS_ROLE_SESSION_NAME"))
	if err != nil {
		return Resolved{}, err
	}
	res, err := req.settle(ctx, SourceEnvironment, p)
	res.Role = role
	return res, err
}

// tokenFile is a file with a token of an identity provider; it is read anew for each session.
type tokenFile string

func (f tokenFile) GetIdentityToken() ([]byte, error) {
	token, err := readToken(string(f))
	if err != nil {
		return nil, fmt.Errorf("web identity token: %w", err)
	}
	if token == "" {
		return nil, errors.New("web identity token: the file is empty")
	}
	return []byte(token), nil
}

// webIdentity exchanges the token of an identity provider for a role's credentials.
func (s settings) webIdentity(file, role, session string) (aws.CredentialsProvider, error) {
	service, err := s.sts(aws.AnonymousCredentials{})
	if err != nil {
		return nil, err
	}
	return stscreds.NewWebIdentityRoleProvider(service, role, tokenFile(file), func(o *stscreds.WebIdentityRoleOptions) {
		o.RoleSessionName = session
	}), nil
}
