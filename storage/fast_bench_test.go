package storage_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"pintail/storage"
	"pintail/storage/storagetest"
)

// sinkEnv makes this test's binary the bare server that the benchmarks send to, in a process of its own: the processor time
// of the benchmark is then the client's.
const sinkEnv = "PINTAIL_STORAGE_SINK"

// TestSink is that process. It does nothing in a run of the tests.
func TestSink(t *testing.T) {
	if os.Getenv(sinkEnv) == "" {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("sink http://" + l.Addr().String())
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); os.Exit(0) }()
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go sink(c)
	}
}

// sink answers the requests of one connection: uploads by their checksum, downloads by bytes, listings by a page.
func sink(c net.Conn) {
	defer c.Close()
	r := bufio.NewReaderSize(c, 256<<10)
	object := make([]byte, 10<<20)
	page := sinkPage()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		h := map[string]string{}
		for {
			l, err := r.ReadString('\n')
			if err != nil {
				return
			}
			k, v, ok := strings.Cut(strings.TrimSpace(l), ": ")
			if !ok {
				break
			}
			h[strings.ToLower(k)] = v
		}
		n, _ := strconv.Atoi(h["content-length"])
		var tail []byte
		for left := n; left > 0; {
			k, err := r.Peek(min(left, 4096))
			if err != nil {
				return
			}
			if b := r.Buffered(); b > len(k) {
				k, _ = r.Peek(min(b, left))
			}
			tail = append(tail[:0], k[max(0, len(k)-64):]...)
			left -= len(k)
			_, _ = r.Discard(len(k))
		}
		sum := h["x-amz-checksum-crc64nvme"]
		if _, after, ok := strings.Cut(string(tail), "x-amz-checksum-crc64nvme:"); ok {
			sum = strings.TrimSpace(after)
		}
		head, body := "ETag: \"e\"\r\nx-amz-request-id: R\r\n", []byte(nil)
		if sum != "" {
			head += "x-amz-checksum-crc64nvme: " + sum + "\r\n"
		}
		status := "200 OK"
		switch {
		case strings.HasPrefix(line, "GET /bucket?"):
			body = page
		case strings.HasPrefix(line, "GET"):
			body = object[:4<<10]
			if want := h["range"]; want != "" {
				var from, to int
				_, _ = fmt.Sscanf(want, "bytes=%d-%d", &from, &to)
				body, status = object[:to-from+1], "206 Partial Content"
				head += fmt.Sprintf("Content-Range: bytes %d-%d/%d\r\n", from, to, 1<<40)
			}
		case strings.HasPrefix(line, "DELETE"):
			status = "204 No Content"
		case h["x-amz-copy-source"] != "":
			body = []byte("<CopyObjectResult><ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag></CopyObjectResult>")
		case strings.HasPrefix(line, "POST"):
			body = []byte("<DeleteResult></DeleteResult>")
		}
		if _, err := fmt.Fprintf(c, "HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n", status, head, len(body)); err != nil {
			return
		}
		if _, err := c.Write(body); err != nil {
			return
		}
	}
}

func sinkPage() []byte {
	var doc bytes.Buffer
	doc.WriteString("<ListBucketResult><EncodingType>url</EncodingType>")
	for i := range 1000 {
		fmt.Fprintf(&doc, "<Contents><Key>prefix/of/some/length/file-%06d.jpg</Key><LastModified>2026-11-20T12:00:00.000Z</LastModified><ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag><Size>12345</Size><StorageClass>STANDARD</StorageClass></Contents>", i)
	}
	doc.WriteString("</ListBucketResult>")
	return doc.Bytes()
}

// atSink opens a session to a sink that ends with the benchmark.
func atSink(b *testing.B, change func(*storage.Config)) *storage.Session {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestSink$")
	cmd.Env = append(os.Environ(), sinkEnv+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	u, err := url.Parse(strings.TrimSpace(strings.TrimPrefix(line, "sink ")))
	if err != nil {
		b.Fatal(err)
	}
	yes := true
	c := storage.Config{Endpoint: u, Credentials: credentials.NewStaticCredentialsProvider(testKey, testSecret, ""),
		Known: storage.Known{ChecksumTrailers: &yes}}
	if change != nil {
		change(&c)
	}
	s, err := storage.Open(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// BenchmarkClient is the processor time of the client alone, for one of each operation, on the lean path and through the SDK.
func BenchmarkClient(b *testing.B) {
	small, part := storagetest.Data(1, 4<<10), storagetest.Data(1, 10<<20)
	up := storage.Upload{ID: "u", Algorithm: storage.ChecksumCRC64NVME, FullObject: true}
	src := storage.CopyOptions{SourceIfMatch: "5d41402abc4b2a76b9719d911017c592", Class: "STANDARD"}
	buf := make([]byte, 256<<10)
	read := func(b *testing.B, s *storage.Session, o storage.ReadOptions) error {
		r, err := s.Read(b.Context(), object, o)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r}, buf)
		return err
	}
	for _, c := range []struct {
		name string
		run  func(b *testing.B, s *storage.Session) error
	}{
		{"put 4K", func(b *testing.B, s *storage.Session) error {
			_, err := s.Put(b.Context(), object, storagetest.Body(small), storage.WriteOptions{})
			return err
		}},
		{"part 10M", func(b *testing.B, s *storage.Session) error {
			_, err := s.UploadPart(b.Context(), object, up, 1, storagetest.Body(part))
			return err
		}},
		{"get 4K", func(b *testing.B, s *storage.Session) error { return read(b, s, storage.ReadOptions{Whole: true}) }},
		{"get 10M", func(b *testing.B, s *storage.Session) error { return read(b, s, storage.ReadOptions{Length: 10 << 20}) }},
		{"copy", func(b *testing.B, s *storage.Session) error {
			_, err := s.Copy(b.Context(), object, object, src)
			return err
		}},
		{"delete", func(b *testing.B, s *storage.Session) error { _, err := s.Delete(b.Context(), object); return err }},
		{"head", func(b *testing.B, s *storage.Session) error { _, err := s.Stat(b.Context(), object); return err }},
		{"list 1000", func(b *testing.B, s *storage.Session) error {
			return drain(s.List(b.Context(), "bucket", "", storage.ListOptions{}))
		}},
	} {
		for _, sdk := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/sdk=%v", c.name, sdk), func(b *testing.B) {
				s := atSink(b, func(c *storage.Config) { c.NoLean = sdk })
				b.ReportAllocs()
				start := cpuTime()
				for b.Loop() {
					if err := c.run(b, s); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64((cpuTime()-start).Microseconds())/float64(b.N), "cpu-µs/op")
			})
		}
	}
}
