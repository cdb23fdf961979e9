package sink_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/minio/crc64nvme"

	"pintail/internal/testkit/bench/sink"
)

func start(t *testing.T, o sink.Options) *sink.Sink {
	t.Helper()
	s, err := sink.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// ask sends one request; headers are NAME, VALUE, …
func ask(t *testing.T, c *http.Client, method, url string, body []byte, headers ...string) (*http.Response, []byte) {
	t.Helper()
	resp, b, err := try(c, method, url, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return resp, b
}

func try(c *http.Client, method, url string, body []byte, headers ...string) (*http.Response, []byte, error) {
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, b, err
}

func TestSink_EchoesChecksumsAndCountsBytes(t *testing.T) {
	s := start(t, sink.Options{})
	body := bytes.Repeat([]byte("x"), 3<<20)
	resp, _ := ask(t, http.DefaultClient, "PUT", s.URL+"/b/k", body, "x-amz-checksum-crc64nvme", "AAAAAAAAAAA=", "x-amz-content-sha256", "UNSIGNED-PAYLOAD")
	if got := resp.Header.Get("x-amz-checksum-crc64nvme"); got != "AAAAAAAAAAA=" {
		t.Errorf("the checksum is answered as %q", got)
	}
	resp, _ = ask(t, http.DefaultClient, "HEAD", s.URL+"/b/k", nil, "x-amz-checksum-mode", "ENABLED")
	if resp.ContentLength != int64(len(body)) || resp.Header.Get("x-amz-checksum-crc64nvme") == "" {
		t.Errorf("the head tells %d bytes and %v", resp.ContentLength, resp.Header)
	}
	n := s.Counts()
	if n.In != int64(len(body)) || n.Ops["PutObject"] != 1 || n.ObjectsSeen != 1 || n.Headers["PutObject"] != "checksum-crc64nvme, payload UNSIGNED-PAYLOAD" {
		t.Errorf("counts: %+v", n)
	}
	s.Reset()
	if n := s.Counts(); n.Requests != 0 || n.ObjectsSeen != 0 {
		t.Errorf("after a reset: %+v", n)
	}
}

func TestSink_EchoesTrailers(t *testing.T) {
	s := start(t, sink.Options{})
	data := strings.Repeat("y", 100_000)
	body := fmt.Sprintf("%x\r\n%s\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", len(data), data)
	resp, _ := ask(t, http.DefaultClient, "PUT", s.URL+"/b/k", []byte(body), "x-amz-trailer", "x-amz-checksum-crc32",
		"x-amz-decoded-content-length", fmt.Sprint(len(data)), "Content-Encoding", "aws-chunked")
	if got := resp.Header.Get("x-amz-checksum-crc32"); got != "AAAAAA==" {
		t.Errorf("the trailer is answered as %q", got)
	}
	resp, _ = ask(t, http.DefaultClient, "HEAD", s.URL+"/b/k", nil)
	if resp.ContentLength != int64(len(data)) {
		t.Errorf("the object has %d bytes, want those without the framing, %d", resp.ContentLength, len(data))
	}
}

func TestSink_Multipart(t *testing.T) {
	s := start(t, sink.Options{})
	resp, b := ask(t, http.DefaultClient, "POST", s.URL+"/b/k?uploads", nil, "x-amz-checksum-algorithm", "CRC64NVME")
	id := regexp.MustCompile(`<UploadId>(\w+)<`).FindSubmatch(b)
	if id == nil || resp.Header.Get("x-amz-checksum-type") != "FULL_OBJECT" {
		t.Fatalf("%s %v", b, resp.Header)
	}
	at := s.URL + "/b/k?uploadId=" + string(id[1])
	for _, part := range []string{"1", "2", "2"} {
		ask(t, http.DefaultClient, "PUT", at+"&partNumber="+part, make([]byte, 1000))
	}
	if _, b := ask(t, http.DefaultClient, "GET", at, nil); strings.Count(string(b), "<Part>") != 2 {
		t.Errorf("parts: %s", b)
	}
	ask(t, http.DefaultClient, "POST", at, []byte("<CompleteMultipartUpload/>"), "x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")
	resp, _ = ask(t, http.DefaultClient, "HEAD", s.URL+"/b/k", nil, "x-amz-checksum-mode", "ENABLED")
	if resp.ContentLength != 2000 || resp.Header.Get("x-amz-checksum-crc64nvme") == "" {
		t.Errorf("the object: %d bytes, %v", resp.ContentLength, resp.Header)
	}
	if resp, _ := ask(t, http.DefaultClient, "POST", at, nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an upload that is gone is answered %d", resp.StatusCode)
	}
}

func TestSink_ServesWhatItsChecksumSays(t *testing.T) {
	s := start(t, sink.Options{TLS: true})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.CertPEM)
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	const size = 33 << 20 // more than two of its periods
	bucket := sink.Bucket(2, size, 1)
	at := s.URL + "/" + bucket + "/" + sink.Key(bucket, 1)
	resp, whole := ask(t, c, "GET", at, nil, "x-amz-checksum-mode", "ENABLED")
	sum := base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, crc64nvme.Checksum(whole)))
	if len(whole) != size || resp.Header.Get("x-amz-checksum-crc64nvme") != sum {
		t.Errorf("%d bytes with %s, told %s", len(whole), sum, resp.Header.Get("x-amz-checksum-crc64nvme"))
	}
	resp, part := ask(t, c, "GET", at, nil, "Range", "bytes=17000000-34000000", "x-amz-checksum-mode", "ENABLED")
	if resp.StatusCode != http.StatusPartialContent || !bytes.Equal(part, whole[17_000_000:34_000_001]) || resp.Header.Get("x-amz-checksum-crc64nvme") != "" {
		t.Errorf("a range is answered %d with %d bytes, %v", resp.StatusCode, len(part), resp.Header)
	}
	if resp, _ := ask(t, c, "GET", s.URL+"/"+bucket+"/none", nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a key that is not there is answered %d", resp.StatusCode)
	}
}

var (
	keyTag   = regexp.MustCompile(`<Contents><Key>([^<]+)</Key>`)
	folderIn = regexp.MustCompile(`<CommonPrefixes><Prefix>([^<]+)</Prefix>`)
	tokenTag = regexp.MustCompile(`<NextContinuationToken>([^<]+)<`)
)

func TestSink_ListsEveryKeyOnce(t *testing.T) {
	s := start(t, sink.Options{})
	bucket := sink.Bucket(2500, 16, 100)
	for query, want := range map[string]int{
		"": 2500, "&prefix=d000003/": 100, "&start-after=" + sink.Key(bucket, 2399): 100, "&prefix=d000024/&start-after=d000024/f000002449": 50, "&prefix=none": 0,
	} {
		seen := map[string]bool{}
		token := ""
		for {
			_, b := ask(t, http.DefaultClient, "GET", s.URL+"/"+bucket+"?list-type=2"+query+token, nil)
			for _, m := range keyTag.FindAllSubmatch(b, -1) {
				if seen[string(m[1])] {
					t.Fatalf("%q: %s comes twice", query, m[1])
				}
				seen[string(m[1])] = true
			}
			m := tokenTag.FindSubmatch(b)
			if m == nil {
				break
			}
			token = "&continuation-token=" + string(m[1])
		}
		if len(seen) != want {
			t.Errorf("%q lists %d keys, want %d", query, len(seen), want)
		}
	}
	_, b := ask(t, http.DefaultClient, "GET", s.URL+"/"+bucket+"?list-type=2&delimiter=/", nil)
	if n := len(folderIn.FindAll(b, -1)); n != 25 || keyTag.Match(b) {
		t.Errorf("%d folders: %.300s", n, b)
	}
}

func TestSink_ListsWhatWasPutAndNotWhatWasDeleted(t *testing.T) {
	s := start(t, sink.Options{})
	for _, k := range []string{"b", "a/1", "a/2"} {
		ask(t, http.DefaultClient, "PUT", s.URL+"/x/"+k, []byte("12"))
	}
	ask(t, http.DefaultClient, "DELETE", s.URL+"/x/a/1", nil)
	_, b := ask(t, http.DefaultClient, "GET", s.URL+"/x?list-type=2", nil)
	if got := fmt.Sprintf("%q", keyTag.FindAllSubmatch(b, -1)); !strings.Contains(got, `"a/2"`) || strings.Contains(got, `"a/1"`) {
		t.Errorf("listed: %s", got)
	}
	ask(t, http.DefaultClient, "POST", s.URL+"/x?delete", []byte("<Delete><Object><Key>a/2</Key></Object><Object><Key>b</Key></Object></Delete>"))
	if n := s.Counts(); n.Ops["DeletedKeys"] != 2 {
		t.Errorf("counts: %+v", n)
	}
}

func TestSink_FailsOneRequestOfSoMany(t *testing.T) {
	slow := start(t, sink.Options{SlowDownOneIn: 10})
	refused := 0
	for range 100 {
		if resp, _ := ask(t, http.DefaultClient, "PUT", slow.URL+"/b/k", []byte("1")); resp.StatusCode == http.StatusServiceUnavailable {
			refused++
		}
	}
	if refused != 10 || slow.Counts().Ops["503"] != 10 {
		t.Errorf("%d of 100 were refused, counted %v", refused, slow.Counts().Ops)
	}
	cut := start(t, sink.Options{ResetOneIn: 10})
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // else the client tries again by itself
	failed := 0
	for range 100 {
		if _, _, err := try(c, "POST", cut.URL+"/b/k?delete", make([]byte, 1000)); err != nil {
			failed++
		}
	}
	if failed != 10 || cut.Counts().Ops["reset"] != 10 {
		t.Errorf("%d of 100 were cut off, counted %v", failed, cut.Counts().Ops)
	}
}

func TestSink_AtARateAllBytesCome(t *testing.T) {
	s := start(t, sink.Options{ConnRate: 100 << 20})
	body := make([]byte, 2<<20+5)
	ask(t, http.DefaultClient, "PUT", s.URL+"/b/k", body)
	if _, got := ask(t, http.DefaultClient, "GET", s.URL+"/b/k", nil); len(got) != len(body) || s.Counts().In != int64(len(body)) {
		t.Errorf("%d bytes went out, %d in, of %d", len(got), s.Counts().In, len(body))
	}
}

// A part is under way, with all of its bytes, from its head until its answer.
func TestSink_SaysWhatIsUnderWay(t *testing.T) {
	s := start(t, sink.Options{})
	_, doc := ask(t, http.DefaultClient, "POST", s.URL+"/b/k?uploads", nil)
	id := regexp.MustCompile(`<UploadId>(.*)</UploadId>`).FindSubmatch(doc)[1]
	body, more := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		req, err := http.NewRequest("PUT", s.URL+"/b/k?partNumber=1&uploadId="+string(id), body)
		if err == nil {
			req.ContentLength = 1000
			var resp *http.Response
			if resp, err = http.DefaultClient.Do(req); err == nil {
				err = resp.Body.Close()
			}
		}
		ended <- err
	}()
	wait := func(want int64) {
		for s.Counts().Sending != want {
			time.Sleep(time.Millisecond)
		}
	}
	if _, err := more.Write(make([]byte, 400)); err != nil {
		t.Fatal(err)
	}
	wait(1000)
	if _, err := more.Write(make([]byte, 600)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	wait(0)
	if n := s.Counts().Parts; n != 1000 {
		t.Errorf("%d bytes of parts", n)
	}
}
