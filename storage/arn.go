package storage

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// An access point stands where a bucket's name does: Location.Bucket is its ARN, with ":" before its name, which Amazon takes as well as
// "/", so that the first "/" of an address still ends the bucket. The host of its requests is the one that the SDK derives.

// The codes of errors for ARNs. Nothing was sent.
const (
	CodeARN     = "UnusableARN" // it names neither a bucket nor an access point
	CodeARNHost = "ARNHost"     // the connection does not go to where access points are
)

var (
	bucketARN = regexp.MustCompile(`^arn:aws[a-z-]*:s3:::([^/:]+)(?:/((?s:.*)))?$`)
	pointARN  = regexp.MustCompile(`^arn:(aws[a-z-]*):s3:([a-z0-9-]*):([0-9]{12}):accesspoint[:/]([a-z0-9][a-z0-9.-]{1,62})(?:/((?s:.*)))?$`)
)

// point is what the ARN of an access point says.
type point struct{ partition, region, account, name, rest string }

// parsePoint reads the ARN of an access point and what follows it; false for another text. A multi-Region one has no region.
func parsePoint(s string) (point, bool) {
	m := pointARN.FindStringSubmatch(s)
	if m == nil {
		return point{}, false
	}
	p := point{m[1], m[2], m[3], m[4], m[5]}
	if strings.HasSuffix(p.name, ".mrap") {
		return p, p.region == ""
	}
	return p, awsRegion.MatchString(p.region) && partition(p.region) == p.partition && !strings.Contains(p.name, ".")
}

// bucket is the access point as [Location] has it.
func (p point) bucket() string {
	return "arn:" + p.partition + ":s3:" + p.region + ":" + p.account + ":accesspoint:" + p.name
}

// arn is the access point, or an object reached by it, as Amazon writes it.
func (p point) arn(key string) string {
	s := "arn:" + p.partition + ":s3:" + p.region + ":" + p.account + ":accesspoint/" + p.name
	if key != "" {
		s += "/object/" + key
	}
	return s
}

// IsARN tells a text that only an ARN of Amazon begins as.
func IsARN(s string) bool { return strings.HasPrefix(s, "arn:aws") }

// ParseARN reads the ARN of a bucket, of an access point, or of an object in either. The error is an [*Error] of KindInvalid.
func ParseARN(s string) (Location, error) {
	if m := bucketARN.FindStringSubmatch(s); m != nil {
		return Location{Bucket: m[1], Key: m[2]}, nil
	}
	p, ok := parsePoint(s)
	key, isObject := strings.CutPrefix(p.rest, "object/")
	if !ok || p.rest != "" && !isObject {
		return Location{}, &Error{Op: "Parse", Location: Location{Bucket: s}, Kind: KindInvalid, Code: CodeARN, Err: errARN}
	}
	return Location{Bucket: p.bucket(), Key: key}, nil
}

var errARN = errorString("an ARN names a bucket (arn:aws:s3:::BUCKET/KEY) or an access point (arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/object/KEY)")

// ParsePath reads BUCKET/KEY as it stands behind "s3://". The bucket may be the ARN of an access point, its key right behind it. An ARN
// that cannot be used stands for a bucket, and each request for it is refused.
func ParsePath(s string) Location {
	if IsARN(s) {
		if p, ok := parsePoint(s); ok {
			return Location{Bucket: p.bucket(), Key: p.rest}
		}
		if m := bucketARN.FindStringSubmatch(s); m != nil {
			return Location{Bucket: m[1], Key: m[2]}
		}
	}
	bucket, key, _ := strings.Cut(s, "/")
	return Location{Bucket: bucket, Key: key}
}

// isPoint tells whether a bucket's name is an ARN, good or not.
func isPoint(bucket string) bool { return strings.HasPrefix(bucket, "arn:") }

// pointRegion is the region that requests for an access point are signed for; "" for a bucket.
func (s *Session) pointRegion(bucket string) string {
	if !isPoint(bucket) {
		return ""
	}
	if p, ok := parsePoint(bucket); ok && p.region != "" {
		return p.region
	}
	return s.endpoint.region
}

// reachable refuses an ARN that no request can go to. Nothing is sent.
func (s *Session) reachable(op string, loc Location) error {
	if !isPoint(loc.Bucket) {
		return nil
	}
	p, ok := parsePoint(loc.Bucket)
	refuse := func(kind Kind, code string, err error) error {
		return &Error{Op: op, Location: loc, Host: s.Host(), Kind: kind, Code: code, Err: err}
	}
	switch {
	case !ok || p.rest != "":
		return refuse(KindInvalid, CodeARN, errARN)
	case s.SignatureV2():
		return refuse(KindUnsupported, CodeSignatureV2, &v2Error{"requests to access points"})
	case s.endpoint.custom || partition(s.endpoint.region) != p.partition:
		return refuse(KindUnsupported, CodeARNHost, fmt.Errorf("%s does not lead to the access points of the partition %s", s.Host(), p.partition))
	}
	return nil
}

// pointHost is the host of an access point.
func (s *Session) pointHost(ctx context.Context, bucket string) (string, error) {
	region := s.pointRegion(bucket)
	o := s.optionsOf(clientKey{region: region, point: true})
	ep, err := s3.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, s3.EndpointParameters{Bucket: &bucket, Region: &region,
		UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled)}.WithDefaults())
	if err != nil {
		return "", err
	}
	return ep.URI.Host, nil
}

// pointURL is the address of what is reached by an access point, in the given form.
func (s *Session) pointURL(loc Location, kind URLKind) (string, error) {
	if err := s.reachable("URL", loc); err != nil {
		return "", err
	}
	p, _ := parsePoint(loc.Bucket)
	switch kind {
	case URLS3:
		return "s3://" + p.arn("") + "/" + escapeKey(loc.Key), nil
	case URLARN:
		return p.arn(loc.Key), nil
	case URLHTTPS, URLHTTP:
		host, err := s.pointHost(context.Background(), loc.Bucket)
		return string(kind) + "://" + host + "/" + escapeKey(loc.Key), err
	}
	return "", invalid("URL", loc, "NoAddress", "an access point has no such address")
}
