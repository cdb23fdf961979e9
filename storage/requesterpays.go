package storage

import "net/http"

// payFor puts into a request for objects that this account pays for it, where the session is told to
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html). It comes before the signature. In an
// address it is a part of the query: whoever opens that sends no headers of ours.
func (s *Session) payFor(rec *call, r *http.Request) {
	if !s.cfg.RequesterPays || rec == nil || rec.loc.Key == "" && !answers[rec.op].listing && rec.op != "DeleteObjects" {
		return
	}
	const name, value = "X-Amz-Request-Payer", "requester"
	if rec.op == "Presign" {
		q := r.URL.Query()
		q.Set("x-amz-request-payer", value)
		r.URL.RawQuery = q.Encode()
		return
	}
	r.Header.Set(name, value)
}
