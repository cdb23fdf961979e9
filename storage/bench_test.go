package storage_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	"net/http/httptest"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"pintail/storage"
	"pintail/storage/storagetest"
)

func benchSession(b *testing.B, h http.HandlerFunc) *storage.Session {
	b.Helper()
	srv := httptest.NewServer(h)
	b.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	if err != nil {
		b.Fatal(err)
	}
	s, err := storage.Open(b.Context(), storage.Config{Endpoint: u, Credentials: credentials.NewStaticCredentialsProvider(testKey, testSecret, "")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// BenchmarkListPage is one page of 1,000 keys, the request and the server's writing included.
func BenchmarkListPage(b *testing.B) {
	var doc bytes.Buffer
	doc.WriteString("<ListBucketResult><EncodingType>url</EncodingType>")
	for i := range 1000 {
		fmt.Fprintf(&doc, "<Contents><Key>prefix/of/some/length/file-%06d.jpg</Key><LastModified>2026-11-20T12:00:00.000Z</LastModified><ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag><Size>12345</Size><StorageClass>STANDARD</StorageClass></Contents>", i)
	}
	doc.WriteString("</ListBucketResult>")
	s := benchSession(b, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Request-Id", "R")
		_, _ = w.Write(doc.Bytes())
	})
	b.ReportAllocs()
	for b.Loop() {
		for p, err := range s.List(b.Context(), "bucket", "", storage.ListOptions{}) {
			if err != nil || len(p.Entries) != 1000 {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkPut is one small object, and one part of 10 MiB with the checksum that a good server keeps.
func BenchmarkPut(b *testing.B) {
	s := benchSession(b, func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		w.Header().Set("ETag", "e")
		w.Header().Set("X-Amz-Request-Id", "R")
		w.Header().Set("X-Amz-Checksum-Crc64nvme", q.Header.Get("X-Amz-Checksum-Crc64nvme"))
	})
	for _, n := range []int{4 << 10, 10 << 20} {
		data := storagetest.Data(1, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(n))
			for b.Loop() {
				if _, err := s.Put(b.Context(), object, storagetest.Body(data), storage.WriteOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
