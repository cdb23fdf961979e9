package storage

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
)

// brokenBody gives its text, then an error.
type brokenBody struct {
	io.Reader
	err error
}

func (b brokenBody) Read(p []byte) (int, error) {
	if n, err := b.Reader.Read(p); err == nil {
		return n, nil
	}
	return 0, b.err
}

func (b brokenBody) Close() error { return nil }

// A connection that ends while an answer is read is the network's failure, whichever end closed it.
func TestAnswer_BrokenOffIsTheNetworks(t *testing.T) {
	for _, broken := range []error{io.ErrUnexpectedEOF, net.ErrClosed, fmt.Errorf("read tcp: %w", net.ErrClosed),
		&net.OpError{Op: "read", Net: "tcp", Err: net.ErrClosed}, &net.OpError{Op: "read", Net: "tcp", Err: errors.New("something")}} {
		for _, lean := range []bool{true, false} {
			s, err := Open(t.Context(), Config{Endpoint: parse(t, "http://127.0.0.1:9000"), NoLean: !lean,
				Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "")})
			if err != nil {
				t.Fatal(err)
			}
			s.http.rt = roundTripFunc(func(r *http.Request) (*http.Response, error) {
				if r.Body != nil {
					_, _ = io.Copy(io.Discard, r.Body)
				}
				callFrom(r.Context()).status = 200
				return &http.Response{StatusCode: 200, Header: http.Header{"X-Amz-Request-Id": {"R"}}, Request: r,
					Body: brokenBody{strings.NewReader("<DeleteResult><Deleted>"), broken}}, nil
			})
			_, err = s.DeleteMany(t.Context(), "bucket", []Location{{Bucket: "bucket", Key: "k"}})
			if e, ok := err.(*Error); !ok || e.Kind != KindNetwork || !e.Retryable || !e.Unknown {
				t.Errorf("%v: %v", broken, err)
			}
		}
	}
}
