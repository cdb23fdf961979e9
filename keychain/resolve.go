package keychain

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Source is where credentials came from.
type Source string

// The sources. See [BookmarkOrder] and [CommandLineOrder] for the order in which they are asked.
const (
	SourceTyped       Source = "typed"       // given by the caller: fields of a window, standard input
	SourceKeychain    Source = "keychain"    // a [Store]
	SourceEnvironment Source = "environment" // AWS_ACCESS_KEY_ID and its like
	SourceAWSProfile  Source = "aws-profile" // ~/.aws/config and ~/.aws/credentials
	SourceContainer   Source = "container"   // the endpoint that AWS_CONTAINER_CREDENTIALS_* names
	SourceInstance    Source = "instance"    // EC2 instance metadata, version 2 only
	SourceAnonymous   Source = "anonymous"   // no signature
)

// Why no credentials were found; check with errors.Is and errors.As.
var (
	// ErrNoCredentials: no source that was asked has any. The *NoCredentialsError lists them.
	ErrNoCredentials = errors.New("no credentials")
	// ErrNeedsMFA: a role asks for a code and the request has no MFA function. The *MFAError names the device.
	ErrNeedsMFA = errors.New("a code of a multi-factor device is needed")
	// ErrNoProfile: the AWS files have no profile of that name.
	ErrNoProfile = errors.New("no such AWS profile")
	// ErrOtherHost: credentials were asked for a host they are not bound to.
	ErrOtherHost = errors.New("the credentials belong to another host")
)

// NoCredentialsError lists what was asked, in order. StoreErr tells why the keychain could not be asked, if so.
type NoCredentialsError struct {
	Asked    []Source
	StoreErr error
}

func (e *NoCredentialsError) Error() string {
	if e.StoreErr != nil {
		return fmt.Sprintf("%v: asked %v; %v", ErrNoCredentials, e.Asked, e.StoreErr)
	}
	return fmt.Sprintf("%v: asked %v", ErrNoCredentials, e.Asked)
}

// Unwrap returns StoreErr.
func (e *NoCredentialsError) Unwrap() error { return e.StoreErr }

// Is makes the error match ErrNoCredentials.
func (e *NoCredentialsError) Is(target error) bool { return target == ErrNoCredentials }

// MFAError says which device's code is needed.
type MFAError struct{ Serial string }

func (e *MFAError) Error() string { return fmt.Sprintf("%v: %s", ErrNeedsMFA, e.Serial) }

// Is makes the error match ErrNeedsMFA.
func (e *MFAError) Is(target error) bool { return target == ErrNeedsMFA }

// Typed are credentials that the caller has in hand.
type Typed struct {
	KeyID  string
	Secret Secret
	Token  Secret // session token; never stored
}

// BookmarkOrder is asked for a connection with a bookmark or profile of its own: the environment cannot silently
// take its place.
func BookmarkOrder() []Source { return []Source{SourceKeychain} }

// CommandLineOrder is asked when a command line names no credentials: environment, keychain, AWS files, container.
// Instance metadata comes last and only where Request.InstanceMetadata says so.
func CommandLineOrder() []Source {
	return []Source{SourceEnvironment, SourceKeychain, SourceAWSProfile, SourceContainer, SourceInstance}
}

// Request says for what and where [Resolve] looks. Item with scheme and host is required; its KeyID may be empty
// when the source brings one.
type Request struct {
	Item Item
	// Order lists the sources to ask; nil means CommandLineOrder. Anonymous, Typed and AWSProfile come before it.
	Order []Source
	// Anonymous asks for no signature at all.
	Anonymous bool
	// Typed wins over all others when it has a key id and a secret. With a key id alone it names the item to look up.
	Typed Typed
	// AWSProfile names a profile of the AWS files; only that one is asked.
	AWSProfile string
	// InstanceMetadata allows SourceInstance; it is off unless asked for.
	InstanceMetadata bool
	// Store is asked for SourceKeychain; nil means none.
	Store Store
	// Files tells where the AWS files are; see [AWSFilesFrom].
	Files AWSFiles
	// Getenv reads the environment; nil means an empty one.
	Getenv func(string) string
	// MFA asks the user for the code of a device; nil turns a role that needs one into ErrNeedsMFA.
	MFA func(ctx context.Context, serial string) (string, error)
	// HTTPClient is used for STS, SSO and metadata calls; nil means the SDK's own.
	HTTPClient *http.Client
	// Region is used for STS and SSO where the profile names none; empty means us-east-1.
	Region string
}

// Resolved are the credentials that won and where they came from. It prints without secrets.
type Resolved struct {
	// Provider gives the credentials, refreshed when they end; nil when Anonymous.
	Provider *Bound
	// Anonymous: send requests unsigned.
	Anonymous bool
	Source    Source
	// Profile and File tell more of SourceAWSProfile.
	Profile string
	File    string
	KeyID   string
	Account string // AWS account id, "" when not known
	// Expires is the end of the first credentials, zero when they do not end.
	Expires time.Time
}

// String names the winner for people: "AWS profile work (/home/u/.aws/credentials)".
func (r Resolved) String() string {
	if r.Source != SourceAWSProfile {
		return string(r.Source)
	}
	return fmt.Sprintf("AWS profile %s (%s)", r.Profile, r.File)
}

// Resolve asks the sources in order and returns the first credentials that are there. A source that has some but
// cannot use them (a wrong role, an expired session) ends the search with its error: another identity must not step
// in silently. It may call STS, SSO or metadata services, a credential process of the user's own AWS files, or wait
// for the user's keychain.
func Resolve(ctx context.Context, req Request) (Resolved, error) {
	if req.Getenv == nil {
		req.Getenv = func(string) string { return "" }
	}
	if req.Order == nil {
		req.Order = CommandLineOrder()
	}
	if req.Item.KeyID == "" {
		req.Item.KeyID = req.Typed.KeyID
	}
	if req.Anonymous {
		return Resolved{Anonymous: true, Source: SourceAnonymous}, nil
	}
	order := req.Order
	switch {
	case req.Typed.KeyID != "" && !req.Typed.Secret.Empty():
		order = []Source{SourceTyped}
	case req.AWSProfile != "":
		order = []Source{SourceAWSProfile}
	}
	var storeErr error
	for _, src := range order {
		res, err := req.ask(ctx, src)
		if errors.Is(err, ErrUnavailable) {
			storeErr = err
			continue
		}
		if errors.Is(err, errNotHere) {
			continue
		}
		if err != nil {
			return Resolved{}, fmt.Errorf("credentials from %s: %w", src, err)
		}
		return res, nil
	}
	return Resolved{}, &NoCredentialsError{Asked: slices.Clone(order), StoreErr: storeErr}
}

// Bound is an [aws.CredentialsProvider] that knows which server its credentials are for.
type Bound struct {
	inner aws.CredentialsProvider
	item  Item
}

// NewBound binds p to the server of it. Retrieve is cached.
func NewBound(p aws.CredentialsProvider, it Item) *Bound {
	if _, cached := p.(*aws.CredentialsCache); !cached {
		p = aws.NewCredentialsCache(p, renewEarly)
	}
	return &Bound{inner: p, item: it}
}

// expiryWindow is how long before their end credentials are renewed; the cache reports the end that much early.
const expiryWindow = 5 * time.Minute

func renewEarly(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = expiryWindow }

// Retrieve implements [aws.CredentialsProvider].
func (b *Bound) Retrieve(ctx context.Context) (aws.Credentials, error) { return b.inner.Retrieve(ctx) }

// Item is what the credentials are bound to.
func (b *Bound) Item() Item { return b.item }

// RetrieveFor returns the credentials when the endpoint URL is the server they are bound to, else ErrOtherHost.
func (b *Bound) RetrieveFor(ctx context.Context, endpoint string) (aws.Credentials, error) {
	it, err := NewItem(endpoint, b.item.Vendor, "any")
	if err != nil {
		return aws.Credentials{}, err
	}
	if it.Endpoint() != b.item.Endpoint() {
		return aws.Credentials{}, fmt.Errorf("%w: they are for %s, not %s", ErrOtherHost, b.item.Endpoint(), it.Endpoint())
	}
	return b.Retrieve(ctx)
}
