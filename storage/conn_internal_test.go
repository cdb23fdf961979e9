package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
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

// countedConn counts the calls that reach the network.
type countedConn struct {
	net.Conn
	writes atomic.Int32
	fail   atomic.Bool
}

func (c *countedConn) Write(p []byte) (int, error) {
	if c.fail.Load() {
		return 0, io.ErrClosedPipe
	}
	c.writes.Add(1)
	return c.Conn.Write(p)
}

// TLS makes five records of a piece; the network is called once for them, and all bytes arrive. What is lost is said, for good.
func TestSecureConn_SendsAPieceInOneCall(t *testing.T) {
	const pieces = 20
	data := make([]byte, pieces*sendPiece)
	for i := range data {
		data[i] = byte(i * i >> 5)
	}
	got := make(chan []byte, 1)
	srv := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got <- b
	}))
	defer srv.Close()
	var counted *countedConn
	dial := func(_ context.Context, network, addr string) (*watchedConn, error) {
		raw, err := net.Dial(network, addr)
		counted = &countedConn{Conn: raw}
		return &watchedConn{Conn: counted}, err
	}
	addr := srv.Listener.Addr().String()
	conn, err := secureDialer(dial, tlsConfig(srv.Client().Transport.(*http.Transport).TLSClientConfig), time.Minute)(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	before := counted.writes.Load()
	if _, err := fmt.Fprintf(conn, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", len(data)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.(io.ReaderFrom).ReadFrom(bytes.NewReader(data)); n != int64(len(data)) || err != nil {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if n := counted.writes.Load() - before; n > 1+pieces {
		t.Errorf("%d calls for the head and %d pieces", n, pieces)
	}
	if b := <-got; !bytes.Equal(b, data) {
		t.Errorf("%d other bytes came", len(b))
	}
	counted.fail.Store(true)
	if _, err := conn.(io.ReaderFrom).ReadFrom(bytes.NewReader(data)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a piece that was lost: %v", err)
	}
	counted.fail.Store(false)
	if _, err := conn.Write(data[:10]); err == nil {
		t.Error("bytes followed those that were lost")
	}
}
