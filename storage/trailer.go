package storage

import (
	"context"
	"encoding/base64"
	"hash"
	"io"
	"strconv"
	"strings"
	"sync"
)

// A checksum that follows the bytes needs no pass over the file before they are sent. S3 has a form for it: the body is one
// chunk with its length in front (aws-chunked), an empty chunk, and a line with the checksum. The signature covers the
// headers and says that the payload is not covered; the server's echo of the checksum is the proof, and the only one.

// trailing tells whether the checksum of plan p may go behind size bytes: the server keeps it, takes the form or has not
// been asked yet, and the bytes are too many to have been read into memory anyway.
func (s *Session) trailing(ctx context.Context, bucket string, p digestPlan, size int64) bool {
	return size > smallBody && p.algorithm == ChecksumCRC64NVME && !p.learning && !p.md5 && !p.sign && !s.SignatureV2() &&
		s.known.ok(featureChecksumTrailers, bucket) && s.leanTarget(ctx, bucket, s.regionFor(bucket), false) != nil
}

// trailerBody is a body in that form.
type trailerBody struct {
	body *sendBody
	name string // of the header that carries the checksum, lower case

	mu   sync.Mutex // guards what follows: the transport may read on while the answer is judged
	head []byte
	sum  hash.Hash
	tail []byte
	sent string // the checksum, once all bytes were read
}

func newTrailerBody(body *sendBody, a ChecksumAlgorithm) *trailerBody {
	return &trailerBody{body: body, name: strings.ToLower(checksumHeader(a)), sum: newHash(a),
		head: append(strconv.AppendInt(nil, body.size, 16), "\r\n"...)}
}

// announce gives r the body and the headers that describe it.
func (t *trailerBody) announce(r *leanRequest, size int64) {
	const frame = len("\r\n0\r\n") + len(":") + len("\r\n\r\n")
	r.body, r.hash = t, trailedPayload
	r.length = int64(len(t.head)) + size + int64(frame+len(t.name)+base64.StdEncoding.EncodedLen(t.sum.Size()))
	encoding := "aws-chunked"
	if have := r.header["Content-Encoding"]; have != nil {
		encoding = have[0] + "," + encoding
	}
	r.set("Content-Encoding", encoding)
	r.set("X-Amz-Decoded-Content-Length", itoa(size))
	r.set("X-Amz-Trailer", t.name)
}

// Read gives the next bytes of the form.
func (t *trailerBody) Read(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.head) > 0 {
		n := copy(p, t.head)
		t.head = t.head[n:]
		return n, nil
	}
	if t.sent == "" {
		n, err := t.body.Read(p)
		_, _ = t.sum.Write(p[:n])
		if err != io.EOF {
			return n, err
		}
		t.sent = base64.StdEncoding.EncodeToString(t.sum.Sum(nil))
		t.tail = []byte("\r\n0\r\n" + t.name + ":" + t.sent + "\r\n\r\n")
		if n > 0 {
			return n, nil
		}
	}
	if len(t.tail) == 0 {
		return 0, io.EOF
	}
	n := copy(p, t.tail)
	t.tail = t.tail[n:]
	return n, nil
}

// value is the checksum of the bytes, "" if not all of them were sent.
func (t *trailerBody) value() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sent
}
