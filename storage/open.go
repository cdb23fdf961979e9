package storage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

var errClosed = errors.New("the session is closed")

// Open checks c and prepares a session. It sends nothing. Close must be called.
func Open(_ context.Context, c Config) (*Session, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.StallAfter <= 0 {
		c.StallAfter = 30 * time.Second
	}
	if c.MaxConns <= 0 {
		c.MaxConns = 320
	}
	if c.PageSize <= 0 || c.PageSize > 1000 {
		c.PageSize = 1000
	}
	if c.UserAgent == "" {
		c.UserAgent = "pintail"
	}
	ep, err := parseEndpoint(c.Endpoint, c.Region, c.Addressing)
	if err != nil {
		return nil, &Error{Op: "Open", Kind: KindInvalid, Code: "InvalidEndpoint", Message: err.Error(), Err: err}
	}
	if c.DualStack && !ep.custom {
		ep.dualStack = true
		ep.base.Host = ep.hostIn(ep.region)
	}
	s := &Session{cfg: c, endpoint: ep, clients: map[clientKey]*s3.Client{}, regions: map[string]string{}, speeds: map[string]*acceleration{}, keeps: map[string]*keeping{}}
	s.creds = cachedCredentials(c.Credentials)
	s.known = newLearnt(c.Known, ep.aws)
	if ep.aws && s.Secure() && c.Known.ChecksumTrailers == nil {
		s.known.set(featureChecksumTrailers, "", true)
	}
	s.http = newHTTPStack(c, s.cfg.Now)
	s.http.allow = c.guard()
	return s, nil
}

// Close ends the session's idle connections. Requests under way go on to their end; new ones fail.
func (s *Session) Close() error {
	if !s.closed.Swap(true) {
		s.http.close()
	}
	return nil
}

// Endpoint is the address that requests without a bucket go to. The caller may change the copy.
func (s *Session) Endpoint() *url.URL {
	u := *s.endpoint.base
	return &u
}

// Region is the region that is signed for when a bucket's own is not known.
func (s *Session) Region() string { return s.endpoint.region }

// Host is the name of the server, with the port if it is not the scheme's own.
func (s *Session) Host() string { return s.endpoint.base.Host }

// Anonymous tells whether requests go out unsigned.
func (s *Session) Anonymous() bool { return s.creds == nil }

// Secure tells whether the connection is encrypted.
func (s *Session) Secure() bool { return s.endpoint.base.Scheme == "https" }

// Amazon tells whether the server is Amazon's own, at an address that it is known by.
func (s *Session) Amazon() bool { return s.endpoint.aws && !s.endpoint.custom }

// WebKind is the form of a web address that works at this server: http where the connection is not encrypted.
func (s *Session) WebKind() URLKind {
	if s.Secure() {
		return URLHTTPS
	}
	return URLHTTP
}

// client is the SDK's client for a region. One for each, since the region decides the host and the signature.
func (s *Session) client(region string) *s3.Client {
	return s.clientOf(&call{region: region})
}

// clientOf is the client of a request's region, or of the edge in front of it.
func (s *Session) clientOf(rec *call) *s3.Client {
	k := clientKey{rec.region, rec.accelerated, isPoint(rec.loc.Bucket)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[k]; c != nil {
		return c
	}
	c := s3.New(s.optionsOf(k))
	s.clients[k] = c
	return c
}

type clientKey struct {
	region      string
	accelerated bool
	point       bool // access points are always in the host's name, and no edge leads to them
}

func (s *Session) optionsOf(k clientKey) s3.Options {
	o := s.options(k.region)
	o.UseAccelerate = o.UseAccelerate || k.accelerated
	if k.point {
		o.UsePathStyle, o.UseAccelerate = false, false
	}
	return o
}

func (s *Session) options(region string) s3.Options {
	o := s3.Options{
		Region:       region,
		Credentials:  aws.AnonymousCredentials{},
		HTTPClient:   s.http,
		HTTPSignerV4: &clockSigner{v4.NewSigner(), s.now},
		// The engine decides about tries: the SDK makes one, and holds no bucket of tokens that an outage could drain.
		Retryer: aws.NopRetryer{},
		// Checksums are computed by us in the pass that reads the bytes, and compared by us.
		RequestChecksumCalculation:   aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation:   aws.ResponseChecksumValidationWhenRequired,
		ContinueHeaderThresholdBytes: -1,
		DisableClockSkewCorrection:   true, // clock.go does it, so that it also holds for a single try and for presigning
		UsePathStyle:                 s.endpoint.pathStyle,
		UseAccelerate:                s.endpoint.accelerate,
	}
	if s.creds != nil {
		o.Credentials = s.creds
	}
	if s.SignatureV2() {
		o.HTTPSignerV4 = &v2Signer{s}
		o.DisableS3ExpressSessionAuth = aws.Bool(true)
	}
	o.APIOptions = append(o.APIOptions, s.middleware)
	if sums := s.cfg.Known.ChecksumHeaders; sums != nil && !*sums {
		o.APIOptions = append(o.APIOptions, noChecksums)
	}
	sendKeys(&o)
	if s.endpoint.custom {
		o.BaseEndpoint = aws.String(s.endpoint.base.String())
		return o
	}
	o.EndpointOptions.DisableHTTPS = s.endpoint.base.Scheme == "http"
	if s.endpoint.dualStack {
		o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
	}
	if s.endpoint.fips {
		o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	}
	return o
}

// now is the server's time as far as it is known.
func (s *Session) now() time.Time {
	return s.cfg.Now().Add(time.Duration(s.skew.Load()))
}

// clockSigner signs with the session's clock instead of the machine's.
type clockSigner struct {
	v4  *v4.Signer
	now func() time.Time
}

// SignHTTP signs r as of the session's time.
func (c *clockSigner) SignHTTP(ctx context.Context, cr aws.Credentials, r *http.Request, hash, service, region string,
	_ time.Time, opts ...func(*v4.SignerOptions)) error {
	return c.v4.SignHTTP(ctx, cr, r, hash, service, region, c.now(), opts...)
}

// The least difference of the clocks that is worth signing again, where the server says that it is the clock, and where a
// refusal does not say why: servers allow 5 to 15 minutes.
const (
	saidSkew   = time.Minute
	silentSkew = 4 * time.Minute
)

// adjustClock takes the server's time after an answer that says the clocks differ, or that may mean so: the refusal of a HEAD has
// no document. It returns true when signing again with the new time makes sense. The request was signed with the offset
// of its own record: another one may have corrected the session's meanwhile.
func (s *Session) adjustClock(rec *call, e *Error) bool {
	if rec.header == nil {
		return false
	}
	least := saidSkew
	if e.Kind != KindClock {
		if rec.method != http.MethodHead || rec.status != http.StatusForbidden || !hasMark(rec.header) {
			return false
		}
		least = silentSkew
	}
	at, err := http.ParseTime(rec.header.Get("Date"))
	if err != nil {
		return false
	}
	off := at.Sub(s.cfg.Now())
	if d := off - rec.skew; d > -least && d < least {
		return false
	}
	s.skew.Store(int64(off))
	return true
}

// ClockOffset is how far the server's clock was found to be ahead of ours; 0 if they agree or nothing is known.
func (s *Session) ClockOffset() time.Duration { return time.Duration(s.skew.Load()) }

// ahead is how far the server's clock is ahead of ours by its answer: where they differ by less than it refuses, nothing else tells.
func (s *Session) ahead(rec *call) time.Duration {
	at, err := http.ParseTime(rec.header.Get("Date"))
	if err != nil {
		return s.ClockOffset()
	}
	return at.Sub(s.cfg.Now())
}

func invalid(op string, loc Location, code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Op: op, Location: loc, Kind: KindInvalid, Code: code, Message: err.Error(), Err: err}
}
