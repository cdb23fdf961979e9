package storage

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "-1", "120", "86401", "9223372036854775808", "1e3", "Fri, 20 Nov 2026 10:00:30 GMT", "Fri, 20 Nov 9999 10:00:30 GMT", "Friday, 20-Nov-26 10:00:30 GMT"} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		got := retryAfter(s, now)
		if got < 0 || got > 24*60*60 {
			t.Fatalf("%q: %d seconds", s, got)
		}
		if n, err := strconv.Atoi(s); err == nil && got != max(0, min(n, 24*60*60)) {
			t.Fatalf("%q: %d seconds", s, got)
		}
	})
}

// FuzzTrailer reads what is sent with a checksum behind it, as a server does that shares no code with it.
func FuzzTrailer(f *testing.F) {
	f.Add([]byte(nil), 1)
	f.Add([]byte("hello"), 3)
	f.Add(bytes.Repeat([]byte("\r\n0\r\n"), 5000), 4096)
	f.Fuzz(func(t *testing.T, b []byte, piece int) {
		if len(b) == 0 {
			return // sent without a trailer
		}
		tb := newTrailerBody(newSendBody(Body{R: bytes.NewReader(b), Size: int64(len(b))}, nil), ChecksumCRC64NVME)
		r := &leanRequest{header: http.Header{}}
		tb.announce(r, int64(len(b)))
		var reader io.Reader = tb
		if piece%2 == 0 {
			reader = iotest.OneByteReader(tb)
		}
		wire, err := io.ReadAll(bufio.NewReaderSize(reader, max(16, min(piece, 1<<20))))
		if err != nil || int64(len(wire)) != r.length {
			t.Fatalf("%d bytes are sent, %d announced, %v", len(wire), r.length, err)
		}
		head, rest, _ := strings.Cut(string(wire), "\r\n")
		n, err := strconv.ParseInt(head, 16, 64)
		if err != nil || n != int64(len(b)) || rest[:n] != string(b) {
			t.Fatalf("a chunk of %q for %d bytes, %v", head, len(b), err)
		}
		sum := newHash(ChecksumCRC64NVME)
		_, _ = sum.Write(b) // never fails
		if want := "\r\n0\r\nx-amz-checksum-crc64nvme:" + tb.value() + "\r\n\r\n"; rest[n:] != want || tb.value() != base64.StdEncoding.EncodeToString(sum.Sum(nil)) {
			t.Fatalf("the end is %q", rest[n:])
		}
	})
}
