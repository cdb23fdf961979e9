package storage

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The lean path sends the requests that come by the thousand without the SDK's stack, which costs four times as much as
// the request itself. Only the making of the request differs: the transport, the table of answers, the judging of errors,
// redirects and the clock are those of every request. Where a bucket's requests go is asked of the SDK's own rules, and what
// they say in any but the plainest words is left to the SDK: access points, directory buckets, anonymous requests.
// The requests are the SDK's to the byte: lean_internal_test.go compares them.

// leanTarget is where a bucket's requests go.
type leanTarget struct {
	scheme, host string
	path         string // of the bucket, without "/" at its end; needs no escaping
	region       string // to sign for
	key          atomic.Pointer[dayKey]
}

type leanKey struct {
	bucket, region string
	accelerated    bool
}

// leanTarget is the bucket's target, nil where the SDK must send.
func (s *Session) leanTarget(ctx context.Context, bucket, region string, accelerated bool) *leanTarget {
	if s.cfg.NoLean || s.creds == nil {
		return nil
	}
	k := leanKey{bucket, region, accelerated}
	if t, ok := s.targets.Load(k); ok {
		return t.(*leanTarget)
	}
	t, _ := s.targets.LoadOrStore(k, s.resolveLean(ctx, k))
	return t.(*leanTarget)
}

func (s *Session) resolveLean(ctx context.Context, k leanKey) *leanTarget {
	bucket, region := k.bucket, k.region
	if bucket == "" || escapeKey(bucket) != bucket || strings.Contains(bucket, "/") || strings.HasSuffix(bucket, "-s3") {
		return nil
	}
	o := s.options(region)
	o.UseAccelerate = o.UseAccelerate || k.accelerated
	ep, err := s3.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, s3.EndpointParameters{Bucket: &bucket, Region: &region,
		UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
		Endpoint:     o.BaseEndpoint, ForcePathStyle: &o.UsePathStyle, Accelerate: &o.UseAccelerate,
		DisableMultiRegionAccessPoints: aws.Bool(false), UseArnRegion: aws.Bool(false)}.WithDefaults())
	if err != nil || len(ep.Headers) > 0 || ep.URI.RawPath != "" || ep.URI.RawQuery != "" || escapeKey(ep.URI.Path) != ep.URI.Path {
		return nil
	}
	auth, _ := smithyauth.GetAuthOptions(&ep.Properties)
	if len(auth) != 1 || auth[0].SchemeID != "sigv4" {
		return nil
	}
	t := &leanTarget{scheme: ep.URI.Scheme, host: ep.URI.Host, path: strings.TrimRight(ep.URI.Path, "/"), region: region}
	if name, ok := smithyhttp.GetSigV4SigningName(&auth[0].SignerProperties); ok && name != "s3" {
		return nil
	}
	if r, ok := smithyhttp.GetSigV4SigningRegion(&auth[0].SignerProperties); ok {
		t.region = r
	}
	if o.EndpointOptions.DisableHTTPS {
		t.scheme = "http"
	}
	if port := portOf(t.host); t.scheme == "http" && port == "80" || t.scheme == "https" && port == "443" {
		return nil // the SDK signs for another spelling of the host
	}
	return t
}

func portOf(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		return host[i+1:]
	}
	return ""
}

// leanRequest is a request on its way. The fields are filled by leanops.go.
type leanRequest struct {
	s      *Session
	t      *leanTarget
	rec    *call
	method string
	key    string
	query  string // in the form that is signed: names in order, everything escaped
	header http.Header
	values []string // behind the header's slices
	hash   string   // of the payload
	body   io.Reader
	length int64
}

// lean begins a request on the lean path, nil where the SDK must send it.
func (s *Session) lean(ctx context.Context, rec *call) *leanRequest {
	t := s.leanTarget(ctx, rec.loc.Bucket, rec.region, rec.accelerated)
	if t == nil {
		return nil
	}
	return &leanRequest{s: s, t: t, rec: rec, key: rec.loc.Key, header: make(http.Header, 16), values: make([]string, 0, 24), hash: emptyPayload}
}

func (r *leanRequest) set(name, value string) {
	r.values = append(r.values, value)
	n := len(r.values)
	r.header[name] = r.values[n-1 : n : n]
}

// send signs the request, sends it and holds the answer against the table. A document of the answer is in the record; of
// an object the body is open, and the caller's to close.
func (r *leanRequest) send(ctx context.Context) (*http.Response, error) {
	cr, err := r.s.creds.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	q := &http.Request{Method: r.method, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: r.header, Host: r.t.host, ContentLength: r.length}
	path := r.url(q)
	if r.length > 0 {
		q.Body = io.NopCloser(r.body)
	}
	r.set("Accept-Encoding", "identity")
	r.set("User-Agent", r.s.cfg.UserAgent)
	r.rec.keyHeaders(r.set)
	r.s.payFor(r.rec, q)
	if r.s.SignatureV2() {
		if err := r.s.signV2(q, cr, r.rec); err != nil {
			return nil, err
		}
	} else {
		r.sign(q, cr, path)
	}
	resp, err := r.s.http.Do(q.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if err := r.rec.judge(resp); err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 { // an error of the server's, or one that came with status 200
		return nil, errAnswered
	}
	return resp, nil
}

// sign puts the signature of version 4 into q, and the headers that it needs.
func (r *leanRequest) sign(q *http.Request, cr aws.Credentials, path string) {
	at := r.s.now().UTC().Format(signTime)
	r.set("X-Amz-Date", at)
	r.set("X-Amz-Content-Sha256", r.hash)
	if cr.SessionToken != "" {
		r.set("X-Amz-Security-Token", cr.SessionToken)
	}
	k := r.t.key.Load()
	if k == nil || k.day != at[:8] || k.access != cr.AccessKeyID || k.secret != cr.SecretAccessKey {
		k = newDayKey(cr, at[:8], r.t.region)
		r.t.key.Store(k)
	}
	r.set("Authorization", k.sign(q, path, r.query, r.hash, at))
}

// url puts the address into q and gives its path as it is signed.
func (r *leanRequest) url(q *http.Request) string {
	u := &url.URL{Scheme: r.t.scheme, Host: r.t.host, Path: r.t.path, RawQuery: r.query}
	path := r.t.path
	if r.key != "" {
		u.Path += "/" + r.key
		path += "/" + escapeKey(r.key)
	}
	if path == "" {
		u.Path, path = "/", "/"
	}
	u.RawPath = path
	q.URL = u
	return path
}

// errAnswered stands for an error that the server sent; the record has what it says.
var errAnswered = errorString("the server answered with an error")

type errorString string

func (e errorString) Error() string { return string(e) }

// queryOf is the canonical query of names and values, the names in order. A pair with an empty value is left out unless
// its name ends in "=".
func queryOf(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		name, keep := strings.CutSuffix(pairs[i], "=")
		if pairs[i+1] == "" && !keep {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name)
		b.WriteByte('=')
		b.WriteString(strings.ReplaceAll(escapeKey(pairs[i+1]), "/", "%2F"))
	}
	return b.String()
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
