package keychain

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
)

const (
	processTime = time.Minute
	maxChain    = 5 // profiles; real chains have two or three
)

// fromAWSProfile resolves a profile of the AWS files.
func (req *Request) fromAWSProfile(ctx context.Context) (Resolved, error) {
	name, named := req.profileName()
	files, err := readAWSFiles(req.Files)
	if err != nil {
		return Resolved{}, err
	}
	s, ok := files.find(name)
	switch {
	case !ok && named:
		return Resolved{}, fmt.Errorf("%w: %q", ErrNoProfile, name)
	case !ok || s.kind() == ProfileNone && !named:
		return Resolved{}, errNotHere
	}
	p, err := (&chain{settings: settings{req, files, s}}).provider(ctx, s)
	if err != nil {
		return Resolved{}, fmt.Errorf("aws profile %s: %w", name, err)
	}
	res, err := req.settle(ctx, SourceAWSProfile, p)
	if err != nil {
		return Resolved{}, fmt.Errorf("aws profile %s: %w", name, err)
	}
	res.Profile, res.File, res.Kind = name, files.describe(s).File, s.kind()
	if s.kind() != ProfileStatic {
		res.Role = s.value("role_arn")
	}
	if res.Account == "" {
		res.Account = s.value("aws_account_id")
	}
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

// chain builds the provider of a profile and of those it takes its keys from. Region and endpoints are those of the profile that
// was asked for.
type chain struct {
	settings
	seen []string
}

func (c *chain) provider(ctx context.Context, s section) (aws.CredentialsProvider, error) {
	if slices.Contains(c.seen, s.name) || len(c.seen) == maxChain {
		return nil, fmt.Errorf("%w: %s", ErrProfileLoop, strings.Join(append(c.seen, s.name), ", "))
	}
	c.seen = append(c.seen, s.name)
	switch s.kind() {
	case ProfileRole:
		return c.role(ctx, s)
	case ProfileStatic:
		return c.static(s)
	case ProfileWebIdentity:
		return c.webIdentity(s.value("web_identity_token_file"), s.value("role_arn"), s.value("role_session_name"))
	case ProfileSSO:
		return c.sso(s)
	case ProfileLogin:
		return c.login(s)
	case ProfileProcess:
		return process(s.value("credential_process"), c.files.whereIs(s, "credential_process"))
	}
	return nil, fmt.Errorf("%w: aws profile %q has none", ErrNoCredentials, s.name)
}

// static takes both halves of a key from one file.
func (c *chain) static(s section) (aws.CredentialsProvider, error) {
	for _, one := range []section{{credentials: s.credentials}, {config: s.config}} {
		if one.has("aws_access_key_id", "aws_secret_access_key") {
			return credentials.NewStaticCredentialsProvider(one.value("aws_access_key_id"), one.value("aws_secret_access_key"), one.value("aws_session_token")), nil
		}
	}
	return nil, fmt.Errorf("%w: %q has its key id and its secret in two files", ErrBadProfile, s.name)
}

func (c *chain) role(ctx context.Context, s section) (aws.CredentialsProvider, error) {
	a := Assume{RoleARN: s.value("role_arn"), ExternalID: s.value("external_id"), SessionName: s.value("role_session_name"), MFASerial: s.value("mfa_serial")}
	if seconds := s.value("duration_seconds"); seconds != "" {
		n, err := strconv.ParseUint(seconds, 10, 20)
		if err != nil || n == 0 {
			return nil, fmt.Errorf("%w: duration_seconds of %q is not a number of seconds", ErrBadProfile, s.name)
		}
		a.Duration = time.Duration(n) * time.Second
	}
	source, chained, err := c.source(ctx, s)
	if err != nil {
		return nil, err
	}
	if a, err = a.check(chained); err != nil {
		return nil, fmt.Errorf("aws profile %q: %w", s.name, err)
	}
	service, err := c.sts(source)
	if err != nil {
		return nil, err
	}
	return &assumed{Assume: a, client: service, source: source, run: c.req.Run, code: c.req.MFA}, nil
}

// source is what a role is assumed with; chained tells that it is a role's itself.
func (c *chain) source(ctx context.Context, s section) (p aws.CredentialsProvider, chained bool, err error) {
	name, kind := s.value("source_profile"), s.value("credential_source")
	switch {
	case name != "" && kind != "":
		return nil, false, fmt.Errorf("%w: %q has source_profile and credential_source", ErrBadProfile, s.name)
	case name == s.name: // its own keys
		p, err = c.static(s)
		return p, false, err
	case name != "":
		from, ok := c.files.find(name)
		if !ok {
			return nil, false, fmt.Errorf("source_profile: %w: %q", ErrNoProfile, name)
		}
		p, err = c.provider(ctx, from)
		return p, from.kind() == ProfileRole || from.kind() == ProfileWebIdentity, err
	}
	var res Resolved
	switch kind {
	case "Environment":
		res, err = c.req.fromEnvironment()
	case "EcsContainer":
		res, err = c.req.fromContainer(ctx)
	case "Ec2InstanceMetadata":
		if !c.req.InstanceMetadata {
			return nil, false, fmt.Errorf("%w: aws profile %q takes them from the instance metadata, which is off", ErrNoCredentials, s.name)
		}
		res, err = c.req.fromInstance(ctx)
	case "":
		return nil, false, fmt.Errorf("%w: the role of %q needs source_profile or credential_source", ErrBadProfile, s.name)
	default:
		return nil, false, fmt.Errorf("%w: credential_source of %q is none of Environment, EcsContainer, Ec2InstanceMetadata", ErrBadProfile, s.name)
	}
	if errors.Is(err, errNotHere) {
		err = fmt.Errorf("%w: credential_source %s of aws profile %q has none", ErrNoCredentials, kind, s.name)
	}
	return res.Provider, kind != "Environment", err
}

// whereIs is the file that a key of a profile is taken from.
func (f awsFiles) whereIs(s section, key string) string {
	if s.credentials != nil && s.credentials.HasKey(key) {
		return f.paths.Credentials
	}
	return f.paths.Config
}

// process runs the command of a file that only its user can have written. The command gets no input, and what it says besides the
// credentials is dropped: it may name secrets.
func process(command, file string) (aws.CredentialsProvider, error) {
	if err := ownFile(file); err != nil {
		return nil, fmt.Errorf("%w: credential_process: %w", ErrBadProfile, err)
	}
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd.exe", "/C"}
	}
	build := processcreds.NewCommandBuilderFunc(func(ctx context.Context) (*exec.Cmd, error) {
		cmd := exec.CommandContext(ctx, shell[0], append(shell[1:], command)...)
		cmd.WaitDelay = time.Second
		return cmd, nil
	})
	return processcreds.NewProviderCommand(build, func(o *processcreds.Options) { o.Timeout = processTime }), nil
}
