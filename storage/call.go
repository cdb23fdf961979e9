package storage

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// call is the record of one request: what was asked, and what the wire said. The SDK's own results leave out what proves an
// answer (status, headers of an error, the root of a document), so the transport and the middleware note it here.
// It is used by one goroutine, apart from the atomic fields.
type call struct {
	op     string
	loc    Location
	region string // signed for
	// accelerated: it goes by the edge of Amazon's transfer acceleration.
	accelerated bool
	skew        time.Duration // the clock's offset when it was made, see adjustClock

	wrote   atomic.Bool // the request's headers went out: it may have taken effect
	method  string
	host    string
	status  int
	header  http.Header
	in200   bool // an error document came with status 200
	failure failure
	listing *listing       // filled from a listing's document
	uploads *uploadListing // filled from a listing of uploads

	key       *CustomerKey // that the request brings
	sourceKey bool         // and its source, of a copy

	disputed  []string // items that signature version 2 may sign in two forms, in this one
	otherForm bool

	document []byte // the body of an answer that is a document, unless it is a listing
}

// failure is what an error document says.
type failure struct {
	Code, Message, Region, Endpoint, RequestID, BucketName string
	isXML                                                  bool
	page                                                   bool // the body was something, but not an error of S3
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callFrom is the record of ctx's request, nil if the request is not one of ours.
func callFrom(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

func (c *call) requestID() string {
	if c.header != nil {
		for _, h := range []string{"X-Amz-Request-Id", "X-Amzn-Requestid"} {
			if id := c.header.Get(h); id != "" {
				return id
			}
		}
	}
	return c.failure.RequestID
}

// maxHops bounds how often one call is signed again: a redirect to the bucket's region, a corrected clock.
const maxHops = 2

// do runs one S3 operation: it makes the record, chooses the client of the bucket's region, follows what redirect.go allows
// and turns a failure into an [*Error]. send may be called more than once and must start over each time.
func do[T any](ctx context.Context, s *Session, op string, loc Location,
	send func(ctx context.Context, c *s3.Client, rec *call) (T, error)) (T, *call, error) {
	var none T
	other, direct := false, false
	for hop := 0; ; hop++ {
		rec := &call{op: op, loc: loc, region: s.regionFor(loc.Bucket), skew: s.ClockOffset(), otherForm: other}
		rec.accelerated = !direct && s.accelerated(ctx, op, loc)
		if s.closed.Load() {
			return none, rec, &Error{Op: op, Location: loc, Host: s.Host(), Kind: KindCancelled, Err: errClosed}
		}
		if err := s.reachable(op, loc); err != nil {
			return none, rec, err
		}
		if !looks(op) {
			if err := s.writable(op, loc); err != nil {
				return none, rec, err
			}
		}
		if err := s.bringKey(ctx, rec); err != nil {
			return none, rec, err
		}
		out, err := send(withCall(ctx, rec), s.clientOf(rec), rec)
		s.settleV2(rec)
		if err == nil {
			if direct { // the edge could not be reached, and the region can
				s.rememberAcceleration(loc.Bucket, false)
			}
			return out, rec, nil
		}
		e := s.classify(ctx, rec, err)
		if hop < maxHops {
			again, refused := s.relocate(ctx, rec, e)
			if refused != nil {
				return none, rec, refused
			}
			if s.offEdge(rec, e) {
				direct = true
				continue
			}
			if again || s.adjustClock(rec, e) {
				continue
			}
			if s.tryOtherV2(rec, e) {
				other = true
				continue
			}
		}
		s.learnFrom(rec, e)
		return none, rec, e
	}
}
