package keychain

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	defaultRegion   = "us-east-1"
	roleDuration    = time.Hour
	processTime     = time.Minute
	metadataTime    = time.Second // per request: off the cloud nothing answers there
	containerHost   = "http://169.254.170.2"
	defaultsProfile = "default"
)

// fromAWSProfile lets the SDK's own providers resolve a profile of the AWS files.
func (req *Request) fromAWSProfile(ctx context.Context) (Resolved, error) {
	name, named := req.profileName()
	shared, err := config.LoadSharedConfigProfile(ctx, name, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles, o.CredentialsFiles = req.Files.lists()
	})
	if missing := (config.SharedConfigProfileNotExistError{}); errors.As(err, &missing) {
		if named {
			return Resolved{}, fmt.Errorf("%w: %q", ErrNoProfile, name)
		}
		return Resolved{}, errNotHere
	}
	if err != nil {
		return Resolved{}, fmt.Errorf("aws profile %s: %w", name, err)
	}
	if keys, ok := staticKeys(req.Files, name); ok {
		res, err := req.static(SourceAWSProfile, keys)
		res.Profile, res.File, res.Account = name, req.profileFile(name), shared.Credentials.AccountID
		return res, err
	}
	if !givesCredentials(&shared) {
		if named {
			return Resolved{}, fmt.Errorf("%w: aws profile %q has none", ErrNoCredentials, name)
		}
		return Resolved{}, errNotHere
	}
	if usesMetadata(&shared) && !req.InstanceMetadata {
		return Resolved{}, fmt.Errorf("%w: aws profile %q takes them from the instance metadata, which is off", ErrNoCredentials, name)
	}
	provider, settled, err := req.sdkProvider(ctx, &shared)
	if err != nil {
		return Resolved{}, fmt.Errorf("aws profile %s: %w", name, err)
	}
	res, err := req.settle(ctx, SourceAWSProfile, provider)
	settled.Store(true)
	if err != nil {
		return Resolved{}, fmt.Errorf("aws profile %s: %w", name, err)
	}
	res.Profile, res.File = name, req.profileFile(name)
	return res, nil
}

// profileName is the profile to use and whether someone named it.
func (req *Request) profileName() (name string, named bool) {
	for _, n := range []string{req.AWSProfile, req.Getenv("AWS_PROFILE"), req.Getenv("AWS_DEFAULT_PROFILE")} {
		if n != "" {
			return n, true
		}
	}
	return defaultsProfile, false
}

func (req *Request) profileFile(name string) string {
	list, err := ListAWSProfiles(req.Files)
	if err != nil {
		return req.Files.Config // the SDK could read them: only the name of the file is less exact
	}
	for _, p := range list {
		if p.Name == name {
			return p.File
		}
	}
	return req.Files.Config
}

// lists never returns nil slices: those would mean the SDK's own paths.
func (f AWSFiles) lists() (configs, creds []string) {
	configs, creds = []string{}, []string{}
	if f.Config != "" {
		configs = append(configs, f.Config)
	}
	if f.Credentials != "" {
		creds = append(creds, f.Credentials)
	}
	return configs, creds
}

// givesCredentials is false for a profile that only has settings; the SDK would go on to the metadata service.
func givesCredentials(c *config.SharedConfig) bool {
	return c.Credentials.HasKeys() || c.RoleARN != "" || c.Source != nil || c.CredentialProcess != "" ||
		c.SSOSessionName != "" || c.SSOStartURL != "" || c.SSOAccountID != "" || c.LoginSession != ""
}

func usesMetadata(c *config.SharedConfig) bool {
	for ; c != nil; c = c.Source {
		if c.CredentialSource == "Ec2InstanceMetadata" || (c.Source == nil && !givesCredentials(c)) {
			return true
		}
	}
	return false
}

// mfaSerial is the first device along the chain of roles.
func mfaSerial(c *config.SharedConfig) string {
	for ; c != nil; c = c.Source {
		if c.MFASerial != "" {
			return c.MFASerial
		}
	}
	return ""
}

// sdkProvider builds the provider. Until settled is true a code is asked through req.MFA; later, when a role has to
// be renewed, nobody's context is there to ask in and the caller hears ErrNeedsMFA.
func (req *Request) sdkProvider(ctx context.Context, shared *config.SharedConfig) (aws.CredentialsProvider, *atomic.Bool, error) {
	settled := &atomic.Bool{}
	serial := mfaSerial(shared)
	if serial != "" && req.MFA == nil {
		return nil, nil, &MFAError{Serial: serial}
	}
	configs, creds := req.Files.lists()
	imdsState := imds.ClientDisabled
	if req.InstanceMetadata {
		imdsState = imds.ClientEnabled
	}
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithSharedConfigProfile(shared.Profile),
		config.WithSharedConfigFiles(configs),
		config.WithSharedCredentialsFiles(creds),
		config.WithDefaultRegion(req.region()),
		config.WithHTTPClient(req.client()),
		config.WithCredentialsCacheOptions(renewEarly),
		config.WithEC2IMDSClientEnableState(imdsState),
		config.WithProcessCredentialOptions(func(o *processcreds.Options) { o.Timeout = processTime }),
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			if o.Duration == 0 {
				o.Duration = roleDuration
			}
			o.TokenProvider = func() (string, error) {
				if req.MFA == nil || settled.Load() {
					return "", &MFAError{Serial: serial}
				}
				return req.MFA(ctx, serial)
			}
		}),
	)
	if err != nil {
		return nil, nil, err
	}
	return cfg.Credentials, settled, nil
}

// settle asks a provider once, so that the winner is known to work.
func (req *Request) settle(ctx context.Context, src Source, p aws.CredentialsProvider) (Resolved, error) {
	b := NewBound(p, req.Item)
	c, err := b.Retrieve(ctx)
	if err != nil {
		return Resolved{}, err
	}
	b.item.KeyID = c.AccessKeyID
	res := Resolved{Provider: b, Source: src, KeyID: c.AccessKeyID, Account: c.AccountID}
	if c.CanExpire {
		res.Expires = c.Expires.Add(expiryWindow)
	}
	return res, nil
}

func (req *Request) region() string {
	if req.Region != "" {
		return req.Region
	}
	return defaultRegion
}

// fromWebIdentity serves a token file that the environment names, as EKS does.
func (req *Request) fromWebIdentity(ctx context.Context) (Resolved, error) {
	file, role := req.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), req.Getenv("AWS_ROLE_ARN")
	if file == "" || role == "" {
		return Resolved{}, errNotHere
	}
	client := sts.New(sts.Options{Region: req.region(), HTTPClient: req.client(), Credentials: aws.AnonymousCredentials{},
		BaseEndpoint: nonEmpty(req.Getenv("AWS_ENDPOINT_URL_STS"))})
	return req.settle(ctx, SourceEnvironment, stscreds.NewWebIdentityRoleProvider(client, role, stscreds.IdentityTokenFile(file),
		func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = req.Getenv("AWS_ROLE_SESSION_NAME") }))
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// fromContainer asks the endpoint that ECS and EKS put into the environment.
func (req *Request) fromContainer(ctx context.Context) (Resolved, error) {
	address := req.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if rel := req.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); rel != "" {
		address = containerHost + "/" + strings.TrimPrefix(rel, "/")
	}
	if address == "" {
		return Resolved{}, errNotHere
	}
	if err := checkContainer(address); err != nil {
		return Resolved{}, err
	}
	token := req.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	if file := req.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		data, err := readToken(file)
		if err != nil {
			return Resolved{}, err
		}
		token = data
	}
	p := endpointcreds.New(address, func(o *endpointcreds.Options) {
		o.HTTPClient, o.AuthorizationToken = metadataClient(), token
	})
	return req.settle(ctx, SourceContainer, p)
}

// checkContainer lets plain HTTP go only to this computer and the fixed addresses of ECS and EKS.
func checkContainer(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return errors.New("the container's address is not an address")
	}
	if u.Scheme == "https" {
		return nil
	}
	ip, err := netip.ParseAddr(u.Hostname())
	local := err == nil && (ip.IsLoopback() || ip == netip.MustParseAddr("169.254.170.2") ||
		ip == netip.MustParseAddr("169.254.170.23") || ip == netip.MustParseAddr("fd00:ec2::23"))
	if u.Scheme != "http" || (!local && u.Hostname() != "localhost") {
		return fmt.Errorf("the container's address %s://%s is not one of this computer or ECS", u.Scheme, u.Host)
	}
	return nil
}

// fromInstance asks the EC2 metadata service, version 2 only.
func (req *Request) fromInstance(ctx context.Context) (Resolved, error) {
	if !req.InstanceMetadata || strings.EqualFold(req.Getenv("AWS_EC2_METADATA_DISABLED"), "true") {
		return Resolved{}, errNotHere
	}
	client := imds.New(imds.Options{
		Endpoint:          req.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
		HTTPClient:        metadataClient(),
		ClientEnableState: imds.ClientEnabled,
		EnableFallback:    aws.FalseTernary, // version 1 hands credentials to any page that can make a request
		Retryer:           aws.NopRetryer{},
	})
	return req.settle(ctx, SourceInstance, ec2rolecreds.New(func(o *ec2rolecreds.Options) { o.Client = client }))
}
