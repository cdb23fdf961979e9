//go:build !race

package transfer_test

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/crc64nvme"

	"pintail/internal/testkit/reliability"
	"pintail/storage"
	"pintail/transfer"
)

// hashingSink takes one upload in parts and keeps of each part its size and its checksum, which it computes itself.
type hashingSink struct {
	t       *testing.T
	mu      sync.Mutex // guards below
	parts   map[int]sunkPart
	whole   string // the checksum that the client claims for all
	size    int64  // once completed
	strange []string
}

type sunkPart struct {
	size int64
	sum  uint64
}

const sumHeader = "X-Amz-Checksum-Crc64nvme"

func sumText(sum uint64) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, sum))
}

func (s *hashingSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	w.Header().Set("X-Amz-Request-Id", "sink")
	s.mu.Lock()
	done := s.size
	s.mu.Unlock()
	switch {
	case r.Method == "POST" && q.Has("uploads"):
		w.Header().Set("X-Amz-Checksum-Algorithm", r.Header.Get("X-Amz-Checksum-Algorithm"))
		w.Header().Set("X-Amz-Checksum-Type", r.Header.Get("X-Amz-Checksum-Type"))
		fmt.Fprint(w, `<InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>b</Bucket><Key>sparse</Key><UploadId>one</UploadId></InitiateMultipartUploadResult>`)
	case r.Method == "PUT" && q.Get("uploadId") == "one":
		s.part(w, r, q.Get("partNumber"))
	case r.Method == "POST" && q.Get("uploadId") == "one":
		s.complete(w, r)
	case r.Method == "HEAD" && done > 0:
		w.Header().Set("Content-Length", strconv.FormatInt(done, 10))
		w.Header().Set("Etag", `"whole-1"`)
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		w.Header().Set(sumHeader, s.whole)
		w.Header().Set("X-Amz-Checksum-Type", "FULL_OBJECT")
	case r.Method == "GET" && q.Has("uploads"):
		fmt.Fprint(w, `<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>b</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>`)
	case r.Method == "HEAD":
		w.WriteHeader(http.StatusNotFound)
	default:
		s.mu.Lock()
		s.strange = append(s.strange, r.Method+" "+r.URL.String())
		s.mu.Unlock()
		w.WriteHeader(http.StatusNotImplemented)
	}
}

// part hashes the bytes of a part and holds the sum against the one that came with them, in front or behind.
func (s *hashingSink) part(w http.ResponseWriter, r *http.Request, number string) {
	body, n := bufio.NewReaderSize(r.Body, 256<<10), r.ContentLength
	chunked := r.Header.Get("X-Amz-Trailer") != ""
	if chunked {
		line, _ := body.ReadString('\n') // what is cut off is no number
		var err error
		if n, err = strconv.ParseInt(strings.TrimSpace(line), 16, 64); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	}
	h := crc64nvme.New()
	if _, err := io.CopyN(h, body, n); err != nil {
		return // broke off
	}
	rest, err := io.ReadAll(body)
	given := r.Header.Get(sumHeader)
	if _, after, ok := strings.Cut(string(rest), strings.ToLower(sumHeader)+":"); ok && chunked {
		given = strings.TrimSpace(after)
	}
	i, nerr := strconv.Atoi(number)
	if err != nil || nerr != nil || given != sumText(h.Sum64()) {
		s.t.Errorf("part %q of %d bytes: the checksum is %s, and came as %q (%v)", number, n, sumText(h.Sum64()), given, err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.parts[i] = sunkPart{n, h.Sum64()}
	s.mu.Unlock()
	w.Header().Set("Etag", `"part-`+number+`"`)
	w.Header().Set(sumHeader, given)
}

func (s *hashingSink) complete(w http.ResponseWriter, r *http.Request) {
	var list struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := xml.NewDecoder(r.Body).Decode(&list); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var size int64
	for i, p := range list.Part {
		if p.PartNumber != i+1 || strings.Trim(p.ETag, `"`) != fmt.Sprintf("part-%d", i+1) {
			s.t.Errorf("part %d of the list is %+v", i+1, p)
		}
		size += s.parts[p.PartNumber].size
	}
	s.size, s.whole = size, r.Header.Get(sumHeader)
	fmt.Fprintf(w, `<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>b</Bucket><Key>sparse</Key><ETag>"whole-1"</ETag>`+
		`<ChecksumCRC64NVME>%s</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>`, s.whole)
}

// sparseFile makes a file of holes with a mark in it every so often, each another.
func sparseFile(t *testing.T, path string, size, every int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(0); err == nil && at < size-8; at += every {
		_, err = f.WriteAt(binary.BigEndian.AppendUint64(nil, uint64(at)+1), at)
	}
	if err == nil {
		err = f.Truncate(size)
	}
	if cerr := f.Close(); err != nil || cerr != nil {
		t.Fatal(err, cerr)
	}
}

// TestUpload_SparseFileIsHashedAsAWhole sends a file of 1 GiB, in the long run of 110 GB, from an engine in a process of its own. Each part
// and the whole have the checksum that the test computes by reading the file, and the engine stays small.
func TestUpload_SparseFileIsHashedAsAWhole(t *testing.T) {
	size, most := int64(1<<30), int64(96)
	if reliability.Long() {
		size, most = 110_000_000_000, 200
	}
	if n, err := strconv.ParseInt(os.Getenv("PINTAIL_SPARSE"), 10, 64); err == nil {
		size = n
	}
	size += 12_345
	path := filepath.Join(t.TempDir(), "sparse")
	sparseFile(t, path, size, 37<<20)
	s := &hashingSink{t: t, parts: map[int]sunkPart{}}
	server := httptest.NewServer(s)
	defer server.Close()
	spec, err := json.Marshal(child{Journal: filepath.Join(t.TempDir(), "j.db"), Endpoint: server.URL, Access: "a", Secret: "s", Add: []transfer.Request{{
		Kind: transfer.Upload, Connection: "x", Sources: []transfer.Source{{Local: path}},
		Target: transfer.Target{Remote: storage.Location{Bucket: "b", Key: "sparse"}, Exact: true}, Options: transfer.Options{Existing: "overwrite"}}}})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env, cmd.Stderr = append(os.Environ(), childEnv+"="+string(spec)), t.Output()
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	peak := watchMemory(t, cmd.Process.Pid)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v; not known to the sink: %q", err, s.strange)
	}
	took, cpu, rss := time.Since(began), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), peak()>>10
	t.Logf("%d bytes in %d parts: %v, %v of CPU, %d MiB", size, len(s.parts), took, cpu, rss)
	if s.size != size {
		t.Errorf("%d bytes came", s.size)
	}
	if rss > most {
		t.Errorf("the engine took %d MiB, at most %d are right", rss, most)
	}
	checkSunk(t, s, path)
	reliability.Record(t, reliability.Table{ID: "40-sparse", Title: "A very large file",
		Note:    "A file of holes with marks in it goes to a server that keeps nothing but the checksums, which the test compares with what it reads in the file: of each part, and of the whole.",
		Columns: []string{"counted", "number"}, Rows: [][]string{{"bytes", strconv.FormatInt(size, 10)}, {"parts", strconv.Itoa(len(s.parts))}, {"most memory of the engine", fmt.Sprintf("%d MiB", rss)}}})
}

// checkSunk reads the file as the parts cut it and compares all sums.
func checkSunk(t *testing.T, s *hashingSink, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() // only read
	whole := crc64nvme.New()
	for i := 1; i <= len(s.parts); i++ {
		h := crc64nvme.New()
		if _, err := io.CopyN(io.MultiWriter(h, whole), f, s.parts[i].size); err != nil || h.Sum64() != s.parts[i].sum {
			t.Fatalf("part %d has other bytes than the file (%v)", i, err)
		}
	}
	if want := sumText(whole.Sum64()); s.whole != want {
		t.Errorf("the checksum of the whole is %q, want %q", s.whole, want)
	}
}

// watchMemory looks at a process's memory until the function it gives is called, which tells the most that was seen, in KiB. What wait4
// tells would not do: it counts the memory of the process that started it, too.
func watchMemory(t *testing.T, pid int) (peak func() int64) {
	stop, most := make(chan struct{}), make(chan int64)
	go func() {
		var kib int64
		for {
			select {
			case <-stop:
				most <- kib
				return
			case <-time.After(5 * time.Millisecond):
				kib = max(kib, memoryOf(pid))
			}
		}
	}()
	return func() int64 {
		close(stop)
		kib := <-most
		if kib == 0 {
			t.Error("its memory was never seen")
		}
		return kib
	}
}
