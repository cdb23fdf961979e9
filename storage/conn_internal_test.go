package storage

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/iotest"
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/credentials"
)

// alignedAt is a file that looks where its bytes are wanted: at a place in memory like that in the file.
type alignedAt struct {
	data []byte
	odd  int
}

func (a *alignedAt) ReadAt(p []byte, off int64) (int, error) {
	if uintptr(unsafe.Pointer(&p[0]))%64 != uintptr(off)%64 {
		a.odd++
	}
	return bytesAt(a.data).ReadAt(p, off)
}

// Whatever stands before and behind them, all bytes go out in their order, and the file's stay where the processor copies them fast.
func TestCopyPieces(t *testing.T) {
	data := make([]byte, 3*sendPiece+100)
	for i := range data {
		data[i] = byte(i * i >> 3)
	}
	for _, n := range []int{0, 1, 2, sendRoom - 1, sendRoom, sendRoom + 1, sendPiece - 1, sendPiece, sendPiece + 1, 2 * sendPiece, 3*sendPiece + 100} {
		for _, trailer := range []bool{false, true} {
			file := &alignedAt{data: data[:n]}
			b := newSendBody(Body{R: file, Size: int64(n)}, nil)
			var r, want io.Reader = b, bytes.NewReader(data[:n])
			if trailer {
				r = newTrailerBody(b, ChecksumCRC64NVME)
				want = newTrailerBody(newSendBody(Body{R: bytesAt(data[:n]), Size: int64(n)}, nil), ChecksumCRC64NVME)
			}
			var got bytes.Buffer
			writes := 0
			total, err := copyPieces(func(p []byte) (int, error) { writes++; return got.Write(p) }, r)
			all, _ := io.ReadAll(want)
			if err != nil || total != int64(len(all)) || !bytes.Equal(got.Bytes(), all) {
				t.Errorf("%d bytes, trailer %v: %d came, %v", n, trailer, total, err)
			}
			if file.odd > 0 || writes > n/sendPiece+2 {
				t.Errorf("%d bytes, trailer %v: %d reads to odd places, %d writes", n, trailer, file.odd, writes)
			}
		}
	}
	var got bytes.Buffer
	if _, err := copyPieces(got.Write, iotest.OneByteReader(bytes.NewReader(data))); err != nil || !bytes.Equal(got.Bytes(), data) {
		t.Errorf("byte by byte: %v", err)
	}
	broken := errors.New("broken")
	if n, err := copyPieces(got.Write, io.MultiReader(bytes.NewReader(data[:10]), iotest.ErrReader(broken))); n != 10 || err != broken {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := copyPieces(func([]byte) (int, error) { return 0, broken }, bytes.NewReader(data)); err != broken {
		t.Error(err)
	}
}

// A server that stops in the middle is noticed under TLS as well, and its certificate is looked at.
func TestSecureConn(t *testing.T) {
	stop := make(chan struct{})
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { <-stop }))
	defer srv.Close()
	defer close(stop)
	c := Config{Endpoint: parse(t, srv.URL), Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "")}
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	loc := Location{Bucket: "bucket", Key: "k"}
	if _, err := s.Stat(t.Context(), loc); KindOf(err) != KindTLS {
		t.Errorf("an unknown authority: %v", err)
	}
	c.StallAfter = 200 * time.Millisecond
	c.TLS = srv.Client().Transport.(*http.Transport).TLSClientConfig
	if s, err = Open(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	_, err = s.Stat(context.Background(), loc)
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindNetwork || e.Code != "Stalled" && e.Code != "Timeout" {
		t.Errorf("a server that says nothing: %v", err)
	}
}
