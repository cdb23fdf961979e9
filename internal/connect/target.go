package connect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
)

// chosen says what named the host; a host out of an imported file gets a key of the environment only after a question.
type chosen int

const (
	byAWS      chosen = iota // nothing was given: AWS configuration or Amazon itself
	byEndpoint               // the user named it
	byFile                   // a bookmark or a connection profile did
)

// target is the server to connect to and how, before credentials are known.
type target struct {
	name, bookmark string
	chosen         chosen
	profile        profiles.Profile
	endpoint       *url.URL // nil = Amazon S3
	region         string
	addressing     storage.Addressing
	known          storage.Known
	pageSize       int32
	start          storage.Location
	caBundle       string
	cloudFront     *url.URL // nil = Amazon's
	kms            *url.URL // the same
	s3Control, sts *url.URL // the same

	keyID      string
	awsProfile string // explicitly asked for
	awsFiles   keychain.AWSFiles
	anonymous  bool
	readOnly   bool
	production bool
	network    Network
	buckets    []string
	typed      keychain.Typed
	save       bool
	from       keychain.Source
	custom     map[string]string // the bookmark's properties
	assume     *keychain.Assume  // what the key is exchanged for; nil = used as it is
	openID     *keychain.OpenID  // the sign-in in a browser that takes the place of a key; nil = none
}

// target finds the server by the precedence of the manual.
func (env Env) target(ctx context.Context, spec Spec) (target, error) {
	t := target{
		region: spec.Region, addressing: spec.Addressing, keyID: spec.KeyID, awsProfile: spec.AWSProfile, anonymous: spec.Anonymous, readOnly: spec.ReadOnly,
		typed: spec.Typed, save: spec.Save, from: spec.From, awsFiles: keychain.AWSFilesFrom(env.Getenv, env.Home),
		start: startOf(spec.Path), caBundle: env.Getenv("AWS_CA_BUNDLE"), custom: map[string]string{},
		production: spec.Production, network: spec.Network, buckets: spec.Buckets,
	}
	var err error
	switch {
	case spec.Bookmark != "":
		err = env.fromBookmark(ctx, &t, spec)
	case spec.Profile != "":
		err = env.fromProfile(ctx, &t, spec)
	case spec.Endpoint != "":
		err = env.fromEndpoint(&t, spec.Endpoint)
	case spec.Amazon && spec.From == "" && spec.AWSProfile == "":
		t.chosen = byEndpoint
		err = env.generic(&t)
	default:
		err = env.fromAWS(&t, spec)
	}
	if err != nil {
		return target{}, err
	}
	t.ofAWSProfile()
	if spec.RoleARN != "" {
		t.custom["role_arn"] = spec.RoleARN
	}
	if spec.Signature != "" {
		t.custom[signatureName] = spec.Signature
	}
	if spec.MFASerial != "" {
		t.custom["mfa_serial"] = spec.MFASerial
	}
	if t.assume, err = t.assumes(); err == nil {
		err = t.signsIn()
	}
	if err != nil {
		return target{}, err
	}
	if err := t.supported(); err != nil {
		return target{}, err
	}
	env.settle(&t)
	return t, nil
}

func (env Env) fromProfile(ctx context.Context, t *target, spec Spec) error {
	p, err := env.findProfile(spec.Profile, spec.Endpoint)
	if err != nil {
		return err
	}
	t.chosen, t.profile = byFile, p
	if p.Vendor == profiles.VendorDemo && p.Bundled && env.Demo != nil {
		return env.fromDemo(ctx, t)
	}
	address := p.EndpointIn(t.region)
	if spec.Endpoint != "" && !ownHost(p, t.region, spec.Endpoint) {
		if !p.Fields.Hostname {
			return fmt.Errorf("%w: the connection profile %q has its own host", ErrEndpoint, p.Title())
		}
		address = spec.Endpoint
		if !strings.Contains(address, "://") {
			address = p.EndpointAt(address)
		}
		t.chosen = byEndpoint
	}
	if address == "" {
		return fmt.Errorf("%w: the connection profile %q names no host, give an endpoint", ErrEndpoint, p.Title())
	}
	if t.start.IsRoot() {
		t.start = startOf(p.DefaultPath)
	}
	return t.at(address)
}

// ownHost tells whether an address is that of the profile, general or of a region, as a name or a URL. The host of another region than
// asked for is none: the bookmark has it.
func ownHost(p profiles.Profile, region, address string) bool {
	return slices.ContainsFunc([]string{p.DefaultHostname, p.Endpoint(), p.HostIn(region), p.EndpointIn(region)},
		func(own string) bool { return strings.EqualFold(address, own) })
}

func (env Env) fromDemo(ctx context.Context, t *target) error {
	d, err := env.Demo(ctx)
	if err != nil {
		return fmt.Errorf("embedded server: %w", err)
	}
	t.typed, t.region = d.Typed, d.Region
	if err := t.at(d.Endpoint); err != nil {
		return err
	}
	t.cloudFront, t.kms, t.s3Control, t.sts = t.endpoint, t.endpoint, t.endpoint, t.endpoint // it is all of them
	return nil
}

func (env Env) fromEndpoint(t *target, endpoint string) error {
	t.chosen = byEndpoint
	if err := t.at(endpoint); err != nil {
		return err
	}
	return env.generic(t)
}

// fromAWS takes endpoint, region and addressing from the AWS environment and files, in the SDK's order.
func (env Env) fromAWS(t *target, spec Spec) error {
	name := firstOf(spec.AWSProfile, env.Getenv("AWS_PROFILE"), env.Getenv("AWS_DEFAULT_PROFILE"))
	c, err := keychain.ReadAWSConfig(t.awsFiles, name)
	if err != nil {
		return fmt.Errorf("AWS configuration: %w", err)
	}
	t.region = firstOf(t.region, env.Getenv("AWS_REGION"), env.Getenv("AWS_DEFAULT_REGION"), c.Region)
	t.caBundle = firstOf(t.caBundle, c.CABundle)
	if t.addressing == storage.AddressingAuto {
		t.addressing = addressingStyle(c.AddressingStyle)
	}
	endpoint := ""
	if !spec.Amazon && !strings.EqualFold(env.Getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		endpoint = firstOf(env.Getenv("AWS_ENDPOINT_URL_S3"), env.Getenv("AWS_ENDPOINT_URL"), c.Endpoint())
		if err := env.servicesAside(t); err != nil {
			return err
		}
	}
	if endpoint != "" {
		if err := t.at(endpoint); err != nil {
			return err
		}
	}
	return env.generic(t)
}

// servicesAside takes the addresses of services beside S3 from the environment.
func (env Env) servicesAside(t *target) (err error) {
	for _, one := range []struct {
		name, variable string
		to             **url.URL
	}{{"CloudFront", "AWS_ENDPOINT_URL_CLOUDFRONT", &t.cloudFront}, {"KMS", "AWS_ENDPOINT_URL_KMS", &t.kms},
		{"S3 Control", "AWS_ENDPOINT_URL_S3_CONTROL", &t.s3Control}, {"STS", "AWS_ENDPOINT_URL_STS", &t.sts}} {
		if beside := firstOf(env.Getenv(one.variable), env.Getenv("AWS_ENDPOINT_URL")); beside != "" {
			if *one.to, err = parseEndpoint(beside); err != nil {
				return fmt.Errorf("endpoint of %s: %w", one.name, err)
			}
		}
	}
	return nil
}

// ofAWSProfile takes what an AWS profile says of the connection besides its key, for Amazon and for a server that the person named.
func (t *target) ofAWSProfile() {
	if t.awsProfile == "" || t.endpoint != nil && t.chosen != byEndpoint {
		return
	}
	c, err := keychain.ReadAWSConfig(t.awsFiles, t.awsProfile)
	if err != nil {
		return // the search for credentials says so
	}
	t.region, t.caBundle = firstOf(t.region, c.Region), firstOf(t.caBundle, c.CABundle)
	if t.addressing == storage.AddressingAuto {
		t.addressing = addressingStyle(c.AddressingStyle)
	}
}

// addressingStyle reads addressing_style of the AWS files.
func addressingStyle(s string) storage.Addressing {
	switch s {
	case "path":
		return storage.AddressingPath
	case "virtual":
		return storage.AddressingVirtualHost
	}
	return storage.AddressingAuto
}

// generic takes the bundled profile that fits a server without one.
func (env Env) generic(t *target) error {
	vendor := profiles.VendorAmazon
	switch {
	case t.endpoint == nil || isAmazon(t.endpoint.Hostname()):
	case t.endpoint.Scheme == "http":
		vendor = profiles.VendorHTTP
	default:
		vendor = profiles.VendorHTTPS
	}
	p, err := env.Profiles.ForBookmark(profiles.S3, vendor, t.host())
	if err != nil {
		return fmt.Errorf("connection profile: %w", err)
	}
	t.profile = p
	return nil
}

// at sets the server's address. Amazon's global address means "by region".
func (t *target) at(address string) error {
	u, err := parseEndpoint(address)
	if err != nil {
		return fmt.Errorf("endpoint: %w", err)
	}
	t.endpoint = u
	if u.Scheme == "https" && strings.EqualFold(u.Hostname(), amazonHost) && (u.Port() == "" || u.Port() == "443") && u.Path == "" {
		t.endpoint = nil
	}
	if t.name == "" {
		t.name = t.host()
	}
	return nil
}

// settle fills in what the profile and the preferences say where nothing stronger did.
func (env Env) settle(t *target) {
	q := t.profile.Quirks
	if t.region == "" && !namesRegion(t.endpoint) {
		t.region = firstOf(t.profile.RegionOf(t.url().Hostname()), env.profileRegion(t.profile), deref(q.Location))
	}
	t.known = known(q)
	if q.ListChunk != nil && *q.ListChunk <= 1000 {
		t.pageSize = int32(*q.ListChunk)
	}
	if t.pageSize == 0 && env.Preferences != nil {
		t.pageSize = int32(preferences.S3ListChunk.Get(env.Preferences))
	}
	if t.addressing == storage.AddressingAuto {
		switch {
		case q.PathStyle != nil && *q.PathStyle, env.Preferences != nil && preferences.S3PathStyle.Get(env.Preferences):
			t.addressing = storage.AddressingPath
		case q.PathStyle != nil && !isLocal(t.endpoint):
			t.addressing = storage.AddressingVirtualHost
		}
	}
	if t.name == "" {
		t.name = t.host()
	}
}

// known is what a profile says about its server.
func known(q profiles.Quirks) storage.Known {
	no := false
	k := storage.Known{Multipart: q.Multipart, MultipartCopy: q.MultipartCopy, ChecksumHeaders: q.ChecksumHeader, Versioning: q.Versioning}
	if q.DeletePartition != nil && *q.DeletePartition == 1 {
		k.MultiDelete = &no
	}
	if q.ListVersion != nil && *q.ListVersion == 1 {
		k.ListV2 = &no
	}
	if q.MaxParts != nil {
		k.MaxParts = int32(min(*q.MaxParts, 10_000))
	}
	return k
}

// profileRegion is the region that a profile asks for. That of a bundled one for all of Amazon's is a default, for which the
// preferences stand.
func (env Env) profileRegion(p profiles.Profile) string {
	if p.Bundled && p.DefaultHostname == amazonHost && env.Preferences != nil {
		return ""
	}
	return p.Region
}

var regionLabel = regexp.MustCompile(`(?i)[.-][a-z]{2,5}(-[a-z]+){1,2}-\d{1,2}\.`)

// namesRegion tells hosts of Amazon that say their region, such as s3.eu-west-1.amazonaws.com: nothing weaker than what the person
// asked for may send a request elsewhere.
func namesRegion(u *url.URL) bool {
	return u != nil && isAmazon(u.Hostname()) && regionLabel.MatchString(u.Hostname())
}

// findProfile takes a file for a file, else looks the name up.
func (env Env) findProfile(name, host string) (profiles.Profile, error) {
	if strings.HasSuffix(name, profiles.Ext) || strings.ContainsAny(name, `/\`) {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			p, err := profiles.ReadFile(name)
			if err != nil {
				return profiles.Profile{}, fmt.Errorf("connection profile: %w", err)
			}
			return p, nil
		}
	}
	p, err := env.Profiles.Find(name)
	if err != nil { // vendors repeat in real files, then the host decides; those of elsewhere are answered by ours
		if q, err := env.Profiles.ForBookmark(profiles.S3, name, host); err == nil {
			return q, nil
		}
	}
	return p, err
}

// signatureName is the property that names the version of signatures.
const signatureName = "s3.signature.version"

// startOf reads "/bucket/folder" as bookmarks and profiles write it, or an ARN.
func startOf(path string) storage.Location {
	at, err := storage.ParseARN(path)
	if err != nil {
		at = storage.ParsePath(strings.TrimPrefix(path, "/"))
	}
	if at.Bucket == "" {
		return storage.Location{}
	}
	if at.Key != "" && !at.IsFolder() {
		at.Key += "/"
	}
	return at
}

func isLocal(u *url.URL) bool { return u != nil && isLoopback(u.Hostname()) }

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
