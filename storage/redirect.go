package storage

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// relocate looks at a failure that says "the bucket is elsewhere". It finds the region, checks that going there is
// allowed, remembers it and returns true: the call is then signed anew for a host that the SDK derives from the region.
// The Location header is never followed. What is allowed is this table:
//
//	connection to            may go on to
//	Amazon S3                the host of another region of the same partition, of the same kind (dual stack, FIPS, accelerated)
//	any other server         its own host only, signed for another region
//	any                      never another host, port or scheme; never from https to http
func (s *Session) relocate(ctx context.Context, rec *call, e *Error) (again bool, refused *Error) {
	if rec.header == nil || !saysElsewhere(rec, e) {
		return false, nil
	}
	region := s.regionIn(rec)
	if region == "" && s.endpoint.aws && rec.loc.Bucket != "" && rec.op != "HeadBucket" && rec.op != "GetBucketLocation" {
		// A HEAD has no body to read it from.
		region, _ = s.askRegion(ctx, rec.loc.Bucket)
	}
	switch {
	case region == "":
		if to := rec.header.Get("Location"); to != "" && isRedirect(rec.status) {
			return false, s.refuseRedirect(rec, e, to)
		}
		return false, nil
	case region == rec.region:
		if isRedirect(rec.status) {
			return false, s.refuseRedirect(rec, e, rec.header.Get("Location"))
		}
		return false, nil
	case s.endpoint.aws && (!awsRegion.MatchString(region) || partition(region) != partition(s.endpoint.region)):
		return false, s.refuseRedirect(rec, e, region)
	case !anyRegion.MatchString(region):
		return false, s.refuseRedirect(rec, e, "")
	}
	s.setRegion(rec.loc.Bucket, region)
	return true, nil
}

func isRedirect(status int) bool {
	return status >= 300 && status < 400 && status != http.StatusNotModified
}

// saysElsewhere tells whether the failure may be one of region. S3 answers a HEAD signed for the wrong one with a bare
// 301 or 400.
func saysElsewhere(rec *call, e *Error) bool {
	switch e.Code {
	case "PermanentRedirect", "TemporaryRedirect", "Redirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		return true
	}
	return isRedirect(rec.status) || rec.method == http.MethodHead && rec.status == http.StatusBadRequest
}

// regionIn reads the region out of an answer: the header, the document, the names of Amazon's hosts.
func (s *Session) regionIn(rec *call) string {
	if r := rec.header.Get("X-Amz-Bucket-Region"); r != "" {
		return r
	}
	if rec.failure.Region != "" {
		return rec.failure.Region
	}
	if !s.endpoint.aws {
		return ""
	}
	if h, ok := parseAWSHost(rec.failure.Endpoint); ok {
		return h.region
	}
	if u, err := url.Parse(rec.header.Get("Location")); err == nil {
		if h, ok := parseAWSHost(u.Host); ok {
			return h.region
		}
	}
	return ""
}

// refuseRedirect is the error for an address that requests may not be sent to. It names the host, never the query.
func (s *Session) refuseRedirect(rec *call, e *Error, to string) *Error {
	r := *e
	r.Kind, r.Retryable, r.Unknown = KindRedirect, false, false
	if r.Code == "" {
		r.Code = "Redirect"
	}
	u, err := url.Parse(to)
	switch {
	case err != nil || u.Host == "":
		r.Message = fmt.Sprintf("%s sends requests elsewhere, which is refused", rec.host)
		if anyRegion.MatchString(to) {
			r.Message = fmt.Sprintf("%s sends requests to the region %s, which is refused", rec.host, to)
		}
	case u.Scheme == "https" && !s.Secure() && strings.EqualFold(u.Hostname(), s.endpoint.base.Hostname()):
		r.Message = fmt.Sprintf("%s wants to be spoken to as https://%s", rec.host, u.Host)
	case u.Scheme == "http" && s.Secure():
		r.Message = fmt.Sprintf("%s sends requests to an unencrypted address at %s, which is refused", rec.host, u.Host)
	default:
		r.Message = fmt.Sprintf("%s sends requests to %s, which is refused", rec.host, u.Host)
	}
	return &r
}

// regionFor is the region to sign for.
func (s *Session) regionFor(bucket string) string {
	if r := s.pointRegion(bucket); r != "" {
		return r
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.regions[bucket]; r != "" && bucket != "" {
		return r
	}
	return s.endpoint.region
}

func (s *Session) setRegion(bucket, region string) {
	if bucket == "" || !anyRegion.MatchString(region) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.regions) > 10_000 {
		clear(s.regions)
	}
	s.regions[bucket] = region
}
