package storage

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// The longest spans that signed addresses may have: what version 4 allows, and what we make with version 2, which has no limit.
const (
	maxPresign   = 7 * 24 * time.Hour
	maxPresignV2 = 10 * 366 * 24 * time.Hour
)

// LongestPresign is the longest span that [Session.Presign] takes.
func (s *Session) LongestPresign() time.Duration {
	if s.SignatureV2() {
		return maxPresignV2
	}
	return maxPresign
}

// Presign makes an address that lets its holder do one thing (GET, HEAD, PUT or DELETE of loc) until it ends. It asks the
// server for nothing but, once, the bucket's region.
func (s *Session) Presign(ctx context.Context, loc Location, method string, span time.Duration) (Presigned, error) {
	return s.PresignWith(ctx, loc, PresignOptions{Method: method, Span: span})
}

// PresignOptions says what a signed address allows.
type PresignOptions struct {
	Method      string // GET, HEAD, PUT or DELETE; "" is GET
	Span        time.Duration
	FileName    string // of a GET: the name under which browsers save it, "" as the object has it
	ContentType string // of a PUT: the sender must send the very same; "" for any
}

// PresignWith is [Session.Presign] with more to say.
func (s *Session) PresignWith(ctx context.Context, loc Location, o PresignOptions) (Presigned, error) {
	method, span := o.Method, o.Span
	switch {
	case o.FileName != "" && method != http.MethodGet && method != "":
		return Presigned{}, invalid("Presign", loc, "InvalidMethod", "a name for the download goes with GET, not %s", method)
	case o.ContentType != "" && method != http.MethodPut:
		return Presigned{}, invalid("Presign", loc, "InvalidMethod", "a content type goes with PUT, not %s", method)
	case loc.Bucket == "" || loc.Key == "":
		return Presigned{}, invalid("Presign", loc, "NoKey", "only an object's address can be signed")
	case s.Anonymous():
		return Presigned{}, invalid("Presign", loc, "Anonymous", "an address cannot be signed without credentials")
	case span < time.Second:
		return Presigned{}, invalid("Presign", loc, "InvalidSpan", "an address must hold for at least one second")
	case !s.SignatureV2() && span > maxPresign:
		return Presigned{}, invalid("Presign", loc, "InvalidSpan", "a signed address holds for 7 days at most: the signature allows no more")
	case span > s.LongestPresign():
		return Presigned{}, invalid("Presign", loc, "InvalidSpan", "a signed address holds for 10 years at most")
	}
	if method == http.MethodPut || method == http.MethodDelete {
		if err := s.writable("Presign", loc); err != nil {
			return Presigned{}, err
		}
	}
	if s.endpoint.aws {
		if _, err := s.BucketRegion(ctx, loc.Bucket); err != nil && KindOf(err) != KindPermission {
			return Presigned{}, err
		}
	}
	if err := s.reachable("Presign", loc); err != nil {
		return Presigned{}, err
	}
	span = span.Truncate(time.Second)
	req, err := s.presign(ctx, loc, o, span)
	if err != nil {
		return Presigned{}, err
	}
	p := Presigned{URL: req.URL, Method: req.Method, Expires: s.now().Add(span)}
	cr, err := s.creds.Retrieve(ctx)
	if err == nil && cr.CanExpire && cr.Expires.Before(p.Expires) {
		p.Expires, p.Sooner = cr.Expires, true
	}
	return p, nil
}

func (s *Session) presign(ctx context.Context, loc Location, o PresignOptions, span time.Duration) (*v4.PresignedHTTPRequest, error) {
	c := s3.NewPresignClient(s.clientOf(&call{region: s.regionFor(loc.Bucket), loc: loc}), s3.WithPresignExpires(span), func(o *s3.PresignOptions) {
		o.Presigner = &clockPresigner{v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }), s.now}
		if s.SignatureV2() {
			o.Presigner = &v2Signer{s}
		}
		if p, ok := parsePoint(loc.Bucket); ok && p.region == "" {
			o.ClientOptions = append(o.ClientOptions, escapedOnce)
		}
	})
	rec := &call{op: "Presign", loc: loc}
	ctx = withCall(ctx, rec)
	var req *v4.PresignedHTTPRequest
	var err error
	version := optional(loc.Version)
	switch o.Method {
	case http.MethodGet, "":
		req, err = c.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: version,
			ResponseContentDisposition: optional(attachment(o.FileName))})
	case http.MethodHead:
		req, err = c.PresignHeadObject(ctx, &s3.HeadObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: version})
	case http.MethodPut:
		req, err = c.PresignPutObject(ctx, &s3.PutObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, ContentType: optional(o.ContentType)})
	case http.MethodDelete:
		req, err = c.PresignDeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: version})
	default:
		return nil, invalid("Presign", loc, "InvalidMethod", "an address can be signed for GET, HEAD, PUT or DELETE, not %q", o.Method)
	}
	if err != nil {
		return nil, s.classify(ctx, rec, err)
	}
	if s.SignatureV2() && !strings.Contains(req.URL, "&Signature=") {
		return nil, s.classify(ctx, rec, &v2Error{"this address"})
	}
	return req, nil
}

// attachment is the header that makes browsers save a file under a name, in the form of RFC 6266 and RFC 8187.
func attachment(name string) string {
	if name == "" {
		return ""
	}
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, name)
	h := `attachment; filename="` + plain + `"`
	if plain != name {
		h += "; filename*=UTF-8''" + strings.ReplaceAll(escapeKey(name), "/", "%2F")
	}
	return h
}

// clockPresigner presigns with the session's clock.
type clockPresigner struct {
	v4  *v4.Signer
	now func() time.Time
}

// PresignHTTP signs the address of r as of the session's time.
func (c *clockPresigner) PresignHTTP(ctx context.Context, cr aws.Credentials, r *http.Request, hash, service, region string,
	_ time.Time, opts ...func(*v4.SignerOptions)) (string, http.Header, error) {
	return c.v4.PresignHTTP(ctx, cr, r, hash, service, region, c.now(), opts...)
}

// URLKind is a form of address.
type URLKind string

// The forms of address.
const (
	URLHTTPS URLKind = "https"
	URLHTTP  URLKind = "http"
	URLS3    URLKind = "s3"
	URLARN   URLKind = "arn"
	// URLWebsite is where Amazon serves a bucket as a website; other servers have no such address that could be known.
	URLWebsite URLKind = "website"
	// URLTorrent asks for a description of the object for BitTorrent, over http.
	URLTorrent URLKind = "torrent"
	// URLConsole is the page of an object, folder or bucket in Amazon's console; other servers have none that could be known.
	URLConsole URLKind = "console"
)

// URL is the address of loc in the given form. It is not signed and is no promise that the object may be read.
func (s *Session) URL(loc Location, kind URLKind) (string, error) {
	if loc.Bucket == "" {
		return "", invalid("URL", loc, "NoBucket", "there is no bucket to give the address of")
	}
	if isPoint(loc.Bucket) {
		return s.pointURL(loc, kind)
	}
	switch kind {
	case URLS3:
		return "s3://" + loc.Bucket + "/" + escapeKey(loc.Key), nil
	case URLARN:
		part := "aws"
		if s.endpoint.aws {
			part = partition(s.regionFor(loc.Bucket))
		}
		arn := "arn:" + part + ":s3:::" + loc.Bucket
		if loc.Key != "" {
			arn += "/" + loc.Key
		}
		return arn, nil
	case URLHTTPS, URLHTTP:
		return s.webURL(loc, string(kind)), nil
	}
	switch {
	case kind == URLTorrent && loc.Key == "":
		return "", invalid("URL", loc, "NoKey", "only an object has such an address")
	case kind == URLTorrent:
		return s.webURL(Location{Bucket: loc.Bucket, Key: loc.Key}, "http") + "?torrent", nil
	case kind == URLConsole && s.Amazon():
		return consoleURL(loc, s.regionFor(loc.Bucket)), nil
	case kind == URLConsole:
		return "", invalid("URL", loc, "NoConsole", "%s has no console whose address is known", s.Host())
	case kind == URLWebsite && !s.Amazon():
		return "", invalid("URL", loc, "NoWebsite", "the address at which %s serves websites is not known", s.Host())
	case kind == URLWebsite:
		return "http://" + loc.Bucket + "." + websiteHost(s.regionFor(loc.Bucket)) + "/" + escapeKey(loc.Key), nil
	}
	return "", invalid("URL", loc, "InvalidKind", "there is no form of address called %q", string(kind))
}

// websiteHost is Amazon's host for websites; the oldest regions have a hyphen before their names.
func websiteHost(region string) string {
	sep, domain := ".", ".amazonaws.com"
	switch region {
	case "us-east-1", "us-west-1", "us-west-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-west-1", "sa-east-1", "us-gov-west-1":
		sep = "-"
	}
	if strings.HasPrefix(region, "cn-") {
		domain += ".cn"
	}
	return "s3-website" + sep + region + domain
}

// consoleURL is the page of Amazon's console. A key that ends in / is a folder there, as it is here.
func consoleURL(loc Location, region string) string {
	host := map[string]string{"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}[partition(region)]
	if host == "" {
		host = "console.aws.amazon.com"
	}
	page := "object"
	if loc.Key == "" || strings.HasSuffix(loc.Key, "/") {
		page = "buckets"
	}
	q := url.Values{"region": {region}}
	if loc.Key != "" {
		q.Set("prefix", loc.Key)
	}
	if loc.Version != "" {
		q.Set("versionId", loc.Version)
	}
	return "https://" + host + "/s3/" + page + "/" + loc.Bucket + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

func (s *Session) webURL(loc Location, scheme string) string {
	host := s.endpoint.base.Host
	if s.Amazon() {
		host = s.endpoint.hostIn(s.regionFor(loc.Bucket))
	}
	prefix := (&url.URL{Path: s.endpoint.base.Path}).EscapedPath()
	if s.endpoint.pathStyle || strings.Contains(loc.Bucket, ".") && scheme == "https" || CheckBucketName(loc.Bucket) != nil {
		prefix += "/" + loc.Bucket
	} else {
		host = loc.Bucket + "." + host
	}
	u := fmt.Sprintf("%s://%s%s/%s", scheme, host, prefix, escapeKey(loc.Key))
	if loc.Version != "" {
		u += "?versionId=" + url.QueryEscape(loc.Version)
	}
	return u
}
