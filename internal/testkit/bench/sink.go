package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sink is an S3-shaped endpoint that does next to no work, so that the client is what is measured. It drops uploads,
// serves zeros, and lists keys that it makes up from the bucket's name: "syn-100000" has a hundred thousand.
// It checks neither signatures nor checksums: what it measures is repeated on a real server.
type sink struct {
	mu    sync.Mutex
	sizes map[string]int64 // "/bucket/key" → bytes, of objects and of the parts of unfinished uploads
}

// notMD5 is an entity tag that no client takes for the MD5 of the body.
const notMD5 = `"opaque"`

// startSink listens on loopback; closing the server ends it.
func startSink() (endpoint string, server *http.Server, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("sink: %w", err)
	}
	server = &http.Server{Handler: &sink{sizes: map[string]int64{}}, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }() // ends with Close
	return "http://" + l.Addr().String(), server, nil
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("x-amz-request-id", "0")
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodPut:
		s.put(w, r)
	case r.Method == http.MethodPost && q.Has("uploads"):
		s.add(r, 0, true)
		xml(w, `<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>`)
	case r.Method == http.MethodPost && q.Has("uploadId"):
		_, _ = io.Copy(io.Discard, r.Body)
		xml(w, `<CompleteMultipartUploadResult><ETag>`+notMD5+`</ETag></CompleteMultipartUploadResult>`)
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	case key == "" && r.Method == http.MethodGet && q.Has("list-type"):
		list(w, r)
	case key == "" && r.Method == http.MethodGet && q.Has("location"):
		xml(w, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`)
	case key == "" && r.Method == http.MethodHead:
		w.Header().Set("x-amz-bucket-region", "us-east-1")
	case key != "":
		s.get(w, r)
	default:
		w.WriteHeader(http.StatusNotImplemented)
		_, _ = io.WriteString(w, `<Error><Code>NotImplemented</Code><Message>not in the sink</Message></Error>`)
	}
}

func xml(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/xml")
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+body)
}

// add counts bytes towards an object's size, which starts anew with an upload. A part that is sent twice counts twice.
func (s *sink) add(r *http.Request, n int64, anew bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if anew {
		s.sizes[r.URL.Path] = 0
	}
	s.sizes[r.URL.Path] += n
}

// put drops a body and answers with the checksums it was told.
func (s *sink) put(w http.ResponseWriter, r *http.Request) {
	n, err := io.Copy(io.Discard, r.Body)
	if err != nil {
		return
	}
	s.add(r, n, !r.URL.Query().Has("partNumber"))
	for name, v := range r.Header {
		if strings.HasPrefix(name, "X-Amz-Checksum-") {
			w.Header()[name] = v
		}
	}
	tag := notMD5
	if sum, err := base64.StdEncoding.DecodeString(r.Header.Get("Content-MD5")); err == nil && len(sum) == 16 {
		tag = `"` + hex.EncodeToString(sum) + `"`
	}
	w.Header().Set("ETag", tag)
}

// zeros is a file of any size whose reads cost nothing.
type zeros struct{ size, at int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.at >= z.size {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.size-z.at)
	clear(p[:n])
	z.at += n
	return int(n), nil
}

func (z *zeros) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
		z.at = offset
	case io.SeekCurrent:
		z.at += offset
	default:
		z.at = z.size + offset
	}
	return z.at, nil
}

// get serves an object that was put, with ranges.
func (s *sink) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	size, ok := s.sizes[r.URL.Path]
	s.mu.Unlock()
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code><Message>nothing here</Message></Error>`)
		}
		return
	}
	w.Header().Set("ETag", notMD5)
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), &zeros{size: size})
}

// list makes up a page of a thousand keys.
func list(w http.ResponseWriter, r *http.Request) {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	count, _ := strconv.Atoi(strings.TrimPrefix(bucket, "syn-")) // 0 for another bucket: an empty listing
	from, _ := strconv.Atoi(r.URL.Query().Get("continuation-token"))
	to := min(from+1000, count)
	var b strings.Builder
	fmt.Fprintf(&b, `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>%s</Name><Prefix></Prefix>`, bucket)
	fmt.Fprintf(&b, `<MaxKeys>1000</MaxKeys><KeyCount>%d</KeyCount><IsTruncated>%t</IsTruncated>`, to-from, to < count)
	if r.URL.Query().Get("encoding-type") == "url" {
		b.WriteString(`<EncodingType>url</EncodingType>`)
	}
	if to < count {
		fmt.Fprintf(&b, `<NextContinuationToken>%d</NextContinuationToken>`, to)
	}
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `<Contents><Key>folder/object-%09d.bin</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>`, i)
		fmt.Fprintf(&b, `<ETag>&quot;%032x&quot;</ETag><Size>%d</Size><StorageClass>STANDARD</StorageClass></Contents>`, i, i)
	}
	b.WriteString(`</ListBucketResult>`)
	xml(w, b.String())
}
