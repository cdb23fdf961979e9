package keychain

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
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
	// ErrBadProfile: an AWS profile or a role to assume does not fit together; the text says what is wrong.
	ErrBadProfile = errors.New("the AWS profile cannot be used")
	// ErrProfileLoop: source_profile leads back to a profile of the chain, or through more than five.
	ErrProfileLoop = errors.New("the chain of AWS profiles does not end")
	// ErrOtherHost: credentials were asked for a host they are not bound to.
	ErrOtherHost = errors.New("the credentials belong to another host")
)

// Outcome is how a source fared.
type Outcome string

// The outcomes.
const (
	OutcomeWon         Outcome = "won"
	OutcomeEmpty       Outcome = "empty"       // asked, has nothing for this connection
	OutcomeUnavailable Outcome = "unavailable" // could not be asked: the keychain is locked or missing
	OutcomeLater       Outcome = "later"       // not asked: one before it won
	OutcomeOff         Outcome = "off"         // not asked: switched off
	OutcomeExcluded    Outcome = "excluded"    // not asked: the connection names another way
)

// Tried is a source and how it fared.
type Tried struct {
	Source  Source
	Outcome Outcome
	// Store is the one of SourceKeychain that was asked, "" when none was.
	Store StoreKind
}

// NoCredentialsError lists what was asked, in order. StoreErr tells why the keychain could not be asked, if so.
type NoCredentialsError struct {
	Asked    []Source
	Tried    []Tried
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

// MFAError says which device's code is needed. Err tells why there is none, nil when nobody could be asked.
type MFAError struct {
	Serial string
	Err    error
}

func (e *MFAError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%v: %s: %v", ErrNeedsMFA, e.Serial, e.Err)
	}
	return fmt.Sprintf("%v: %s", ErrNeedsMFA, e.Serial)
}

// Unwrap returns Err.
func (e *MFAError) Unwrap() error { return e.Err }

// Ended tells storage that a person can give what is missing: work waits instead of failing.
func (e *MFAError) Ended() bool { return true }

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
	// InstanceURL is the address of the machine's credentials as a connection profile names it, with or without a role at its end;
	// "" means the service's own. See [MetadataRole].
	InstanceURL string
	// Store is asked for SourceKeychain; nil means none.
	Store Store
	// Files tells where the AWS files are; see [AWSFilesFrom].
	Files AWSFiles
	// Getenv reads the environment; nil means an empty one.
	Getenv func(string) string
	// Assume makes a role's or a session's credentials of the keys that are found, unless an AWS profile gave them; nil = as they are.
	Assume *Assume
	// OpenID is how a person signs in in a browser; where it is set nothing else is asked.
	OpenID *OpenID
	// Run keeps the sessions of this run, so that one code serves all connections of a role; nil means for this request only.
	Run *Memory
	// MFA asks the user for the code of a device, also when a session is renewed; nil turns what needs one into ErrNeedsMFA.
	MFA func(ctx context.Context, q CodeQuestion) (string, error)
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
	// Store tells more of SourceKeychain.
	Store StoreKind
	// Profile, File and Kind tell more of SourceAWSProfile.
	Profile string
	File    string
	Kind    ProfileKind
	KeyID   string
	Account string // AWS account id, "" when not known
	Role    string // ARN of the role that was assumed last, "" when none or not known
	// Expires is the end of the first credentials, zero when they do not end.
	Expires time.Time
	// Tried lists every source, the winner too, and how it fared.
	Tried []Tried
}

// String names the winner for people: "AWS profile work (/home/u/.aws/credentials)".
func (r Resolved) String() string {
	switch {
	case r.Source == SourceKeychain && r.Store == FileStore:
		return "encrypted file"
	case r.Source != SourceAWSProfile:
		return string(r.Source)
	}
	if r.Kind == ProfileLogin {
		return fmt.Sprintf("AWS profile %s, aws login (%s)", r.Profile, r.File)
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
	if req.Run == nil {
		req.Run = NewMemory()
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
	case req.OpenID != nil:
		order = []Source{SourceOpenID}
	case req.Typed.KeyID != "" && !req.Typed.Secret.Empty():
		order = []Source{SourceTyped}
	case req.AWSProfile != "":
		order = []Source{SourceAWSProfile}
	}
	return req.first(ctx, order)
}

// first asks the sources of order.
func (req *Request) first(ctx context.Context, order []Source) (Resolved, error) {
	var storeErr error
	fared := map[Source]Outcome{}
	for _, src := range order {
		res, err := req.ask(ctx, src)
		if err == nil && req.Assume != nil && src != SourceAWSProfile && !res.Anonymous {
			res, err = req.assume(ctx, res)
		}
		switch {
		case errors.Is(err, ErrUnavailable):
			storeErr, fared[src] = err, OutcomeUnavailable
		case errors.Is(err, errNotHere):
			fared[src] = OutcomeEmpty
		case err != nil:
			return Resolved{}, fmt.Errorf("credentials from %s: %w", src, err)
		default:
			fared[src] = OutcomeWon
			res.Tried = req.tried(order, fared)
			return res, nil
		}
	}
	return Resolved{}, &NoCredentialsError{Asked: slices.Clone(order), Tried: req.tried(order, fared), StoreErr: storeErr}
}

// tried says of every source how it fared, in the order in which they are asked when nothing is named.
func (req *Request) tried(order []Source, fared map[Source]Outcome) []Tried {
	var list []Tried
	all := append([]Source{SourceTyped}, CommandLineOrder()...)
	if req.OpenID != nil {
		all = append([]Source{SourceOpenID}, all...)
	}
	for _, src := range all {
		out, asked := fared[src]
		switch {
		case src == SourceInstance && (!asked || out == OutcomeEmpty) && !req.InstanceMetadata:
			out = OutcomeOff
		case asked:
		case slices.Contains(order, src):
			out = OutcomeLater
		case src == SourceTyped && req.Typed.Secret.Empty():
			out = OutcomeEmpty
		default:
			out = OutcomeExcluded
		}
		list = append(list, Tried{src, out, req.storeOf(src, asked)})
	}
	return list
}

// storeOf is which store stood for a source that was asked.
func (req *Request) storeOf(src Source, asked bool) StoreKind {
	if src != SourceKeychain || !asked || req.Store == nil {
		return ""
	}
	return req.Store.Kind()
}
