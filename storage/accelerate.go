package storage

import (
	"context"
	"net/http"
	"strings"
)

// Transfer acceleration: the bytes of an object go by Amazon's nearest edge, where the bucket has that switched on. Only requests
// that carry an object's bytes take that way; everything else goes to the region as ever.

// byEdge are the operations that carry an object's bytes.
func byEdge(op string) bool { return op == "PutObject" || op == "UploadPart" || op == "GetObject" }

// acceleration is what is known of one bucket in this session.
type acceleration struct {
	done chan struct{} // closed when the answer is there
	on   bool
}

// accelerated tells whether op on loc takes the accelerated endpoint. The bucket's setting is asked for once; those who come
// meanwhile wait for the answer.
func (s *Session) accelerated(ctx context.Context, op string, loc Location) bool {
	if !byEdge(op) || isPoint(loc.Bucket) || s.cfg.Accelerate == nil || !s.canAccelerate(loc.Bucket) || !s.cfg.Accelerate() {
		return false
	}
	s.mu.Lock()
	a := s.speeds[loc.Bucket]
	ask := a == nil
	if ask {
		a = &acceleration{done: make(chan struct{})}
		s.speeds[loc.Bucket] = a
	}
	s.mu.Unlock()
	if ask {
		s.askAcceleration(ctx, loc.Bucket, a)
	}
	select {
	case <-a.done:
		return a.on
	case <-ctx.Done():
		return false
	}
}

// askAcceleration reads the setting. A refusal is an answer: without the permission to look the bucket is used as ever. What
// another try may answer is asked again the next time.
func (s *Session) askAcceleration(ctx context.Context, bucket string, a *acceleration) {
	defer close(a.done)
	status, err := s.Acceleration(ctx, Location{Bucket: bucket})
	a.on = err == nil && status == "Enabled"
	switch KindOf(err) {
	case KindNetwork, KindServer, KindThrottled, KindCancelled, KindExpired, KindClock, KindTruncated:
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.speeds[bucket] == a {
			delete(s.speeds, bucket)
		}
	}
}

// canAccelerate tells whether a bucket can have acceleration at all: at Amazon itself, in the group of regions that has it, with the
// bucket in the host name. A dot in the name would break the certificate, so Amazon refuses it.
func (s *Session) canAccelerate(bucket string) bool {
	e := s.endpoint
	return e.aws && !e.custom && !e.fips && !e.accelerate && !e.pathStyle && s.creds != nil && !s.SignatureV2() &&
		partition(s.regionFor(bucket)) == "aws" && CheckBucketName(bucket) == nil && !strings.Contains(bucket, ".") &&
		!strings.HasSuffix(bucket, "--x-s3") && !strings.HasSuffix(bucket, "-s3alias")
}

// rememberAcceleration notes what a bucket's acceleration is now.
func (s *Session) rememberAcceleration(bucket string, on bool) {
	a := &acceleration{done: make(chan struct{}), on: on}
	close(a.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.speeds[bucket] = a
}

// offEdge tells whether a failed request is to be sent again to the region: the bucket's acceleration has ended, which is remembered,
// or the edge cannot be reached from here. Nothing of such a request has taken effect.
func (s *Session) offEdge(rec *call, e *Error) bool {
	switch {
	case !rec.accelerated:
		return false
	case e.HTTPStatus == http.StatusBadRequest && e.Code == "InvalidRequest" && strings.Contains(e.Message, "Transfer Acceleration"):
		s.rememberAcceleration(rec.loc.Bucket, false)
		return true
	}
	return e.Kind == KindNetwork && !rec.wrote.Load()
}
