package keychain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

const (
	metadataTime  = time.Second // per request: off the cloud nothing answers there
	containerHost = "http://169.254.170.2"
	instanceHost  = "http://169.254.169.254"
	rolesPath     = "/iam/security-credentials/"
)

// ErrMetadataHost says that credentials of this machine were to be asked from an address that is not its metadata service.
var ErrMetadataHost = errors.New("not an address of the metadata service")

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
	file, token := req.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"), req.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	p := endpointcreds.New(address, func(o *endpointcreds.Options) {
		o.HTTPClient, o.AuthorizationToken = metadataClient(), token
		if file != "" { // the agent replaces it: read it each time
			o.AuthorizationTokenProvider = endpointcreds.TokenProviderFunc(func() (string, error) { return readToken(file) })
		}
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
	if u.Scheme != "http" || !isHere(u.Hostname(), "169.254.170.2", "169.254.170.23", "fd00:ec2::23") {
		return fmt.Errorf("%w: the container's address %s://%s is not one of this computer or ECS", ErrMetadataHost, u.Scheme, u.Host)
	}
	return nil
}

// isHere tells loopback and some fixed addresses.
func isHere(host string, fixed ...string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, f := range fixed {
		if ip == netip.MustParseAddr(f) {
			return true
		}
	}
	return ip.IsLoopback()
}

var roleName = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)

// MetadataRole reads the address of an instance's credentials as connection profiles write it, such as
// http://169.254.169.254/latest/meta-data/iam/security-credentials/ROLE. role is "" when the address names none; any other host
// or path is an [ErrMetadataHost].
func MetadataRole(address string) (host, role string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.User != nil || u.RawQuery != "" || !isHere(u.Hostname(), "169.254.169.254", "fd00:ec2::254") {
		return "", "", fmt.Errorf("%w: %q", ErrMetadataHost, address)
	}
	host = "http://" + u.Host
	path := strings.TrimSuffix(u.Path, "/")
	if path == "" {
		return host, "", nil
	}
	role, ok := strings.CutPrefix(path+"/", "/latest/meta-data"+rolesPath)
	role = strings.TrimSuffix(role, "/")
	if !ok || role != "" && !roleName.MatchString(role) {
		return "", "", fmt.Errorf("%w: the path of %q", ErrMetadataHost, address)
	}
	return host, role, nil
}

// fromInstance asks the EC2 metadata service. Version 1, which hands credentials to any page that can make a request, only when
// AWS_EC2_METADATA_V1_DISABLED says false.
func (req *Request) fromInstance(ctx context.Context) (Resolved, error) {
	if !req.InstanceMetadata || strings.EqualFold(req.Getenv("AWS_EC2_METADATA_DISABLED"), "true") {
		return Resolved{}, errNotHere
	}
	address := instanceHost
	if req.InstanceURL != "" {
		address = req.InstanceURL
	} else if strings.EqualFold(req.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"), "IPv6") {
		address = "http://[fd00:ec2::254]"
	}
	host, role, err := MetadataRole(address)
	if err != nil {
		return Resolved{}, err
	}
	if own := req.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"); own != "" {
		if host, _, err = MetadataRole(own); err != nil {
			return Resolved{}, err
		}
	}
	fallback := aws.FalseTernary
	if strings.EqualFold(req.Getenv("AWS_EC2_METADATA_V1_DISABLED"), "false") {
		fallback = aws.TrueTernary
	}
	p := &instance{role: role, client: imds.New(imds.Options{
		Endpoint: host, HTTPClient: metadataClient(), ClientEnableState: imds.ClientEnabled, EnableFallback: fallback, Retryer: aws.NopRetryer{},
	})}
	res, err := req.settle(ctx, SourceInstance, p)
	res.Role = p.role
	return res, err
}

// instance gives the credentials of the role that a machine runs with.
type instance struct {
	role   string // "" until the service named it
	client *imds.Client
}

// Retrieve asks the metadata service.
func (i *instance) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if i.role == "" {
		list, err := i.get(ctx, rolesPath)
		if err != nil {
			return aws.Credentials{}, err
		}
		role, _, _ := strings.Cut(strings.TrimSpace(string(list)), "\n")
		if role = strings.TrimSpace(role); !roleName.MatchString(role) {
			return aws.Credentials{}, errors.New("instance metadata: this machine runs with no role")
		}
		i.role = role
	}
	body, err := i.get(ctx, rolesPath+i.role)
	if err != nil {
		return aws.Credentials{}, err
	}
	var out struct {
		Code, Message, AccessKeyId, SecretAccessKey, Token, AccountId string
		Expiration                                                    time.Time
	}
	if err := json.Unmarshal(body, &out); err != nil {
		return aws.Credentials{}, errors.New("instance metadata: the answer is not of the form of credentials")
	}
	if out.Code != "Success" || out.AccessKeyId == "" || out.SecretAccessKey == "" || out.Expiration.IsZero() {
		return aws.Credentials{}, fmt.Errorf("instance metadata: no credentials for the role %s: %q %q", i.role, out.Code, out.Message)
	}
	return aws.Credentials{
		AccessKeyID: out.AccessKeyId, SecretAccessKey: out.SecretAccessKey, SessionToken: out.Token, AccountID: out.AccountId,
		CanExpire: true, Expires: out.Expiration, Source: "EC2",
	}, nil
}

func (i *instance) get(ctx context.Context, path string) ([]byte, error) {
	const most = 64 << 10
	out, err := i.client.GetMetadata(ctx, &imds.GetMetadataInput{Path: path})
	if err != nil {
		return nil, fmt.Errorf("instance metadata: %w", err)
	}
	defer out.Content.Close()
	body, err := io.ReadAll(io.LimitReader(out.Content, most))
	if err != nil {
		return nil, fmt.Errorf("instance metadata: %w", err)
	}
	return body, nil
}
