package storage

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/minio/crc64nvme"
)

func TestCRC_CombinesAsIfReadInOnePiece(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	for range 300 {
		data := make([]byte, r.IntN(5000))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		cut := 0
		if len(data) > 0 {
			cut = r.IntN(len(data) + 1)
		}
		a, b := data[:cut], data[cut:]
		n := int64(len(b))
		if got, want := crc64NVMEk.combine(crc64nvme.Checksum(a), crc64nvme.Checksum(b), n), crc64nvme.Checksum(data); got != want {
			t.Fatalf("CRC64NVME of %d+%d: %x, want %x", cut, n, got, want)
		}
		if got, want := crc32IEEE.combine(uint64(crc32.ChecksumIEEE(a)), uint64(crc32.ChecksumIEEE(b)), n), uint64(crc32.ChecksumIEEE(data)); got != want {
			t.Fatalf("CRC32 of %d+%d: %x, want %x", cut, n, got, want)
		}
		if got, want := crc32C.combine(uint64(crc32.Checksum(a, castagnoli)), uint64(crc32.Checksum(b, castagnoli)), n), uint64(crc32.Checksum(data, castagnoli)); got != want {
			t.Fatalf("CRC32C of %d+%d: %x, want %x", cut, n, got, want)
		}
	}
}

// Zeros are the data whose CRC can be checked at any length by doubling.
func TestCRC_CombinesAtTheLengthOfBigParts(t *testing.T) {
	piece := crc64nvme.Checksum(make([]byte, 1<<20))
	sum, n := piece, int64(1<<20)
	for n < 1<<42 {
		sum, n = crc64NVMEk.combine(sum, sum, n), n*2
	}
	other := crc64NVMEk.combine(piece, zeros(n-1<<20), n-1<<20)
	if sum != other {
		t.Errorf("4 TiB of zeros: %x and %x", sum, other)
	}
}

// zeros is the CRC64NVME of n zero bytes, n a multiple of 1 MiB, put together from the largest pieces.
func zeros(n int64) uint64 {
	var sum uint64
	for bit := int64(1 << 41); bit >= 1<<20; bit >>= 1 {
		if n&bit == 0 {
			continue
		}
		p, l := crc64nvme.Checksum(make([]byte, 1<<20)), int64(1<<20)
		for l < bit {
			p, l = crc64NVMEk.combine(p, p, l), l*2
		}
		sum = crc64NVMEk.combine(sum, p, bit)
	}
	return sum
}

func TestFullChecksum_OfParts(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 1000)
	for a, sum := range map[ChecksumAlgorithm]func([]byte) []byte{
		ChecksumCRC64NVME: func(b []byte) []byte { return binary.BigEndian.AppendUint64(nil, crc64nvme.Checksum(b)) },
		ChecksumCRC32:     func(b []byte) []byte { return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b)) },
	} {
		var parts []Part
		for off := 0; off < len(data); off += 3001 {
			p := data[off:min(off+3001, len(data))]
			parts = append(parts, Part{Number: int32(len(parts) + 1), Size: int64(len(p)), Checksum: base64.StdEncoding.EncodeToString(sum(p))})
		}
		if got, want := fullChecksum(a, parts), base64.StdEncoding.EncodeToString(sum(data)); got != want {
			t.Errorf("%s: %s, want %s", a, got, want)
		}
		parts[1].Checksum = ""
		if got := fullChecksum(a, parts); got != "" {
			t.Errorf("%s with a part missing: %s", a, got)
		}
	}
}

func TestMultipartETag_IsWhatS3Computes(t *testing.T) {
	parts := []Part{{Number: 1, ETag: "5d41402abc4b2a76b9719d911017c592"}, {Number: 2, ETag: "7d793037a0760186574b0282f2f435e7"}}
	if got := multipartETag(parts); got != "1a105c35dbf16a5eb4f09935f5e2fc1c-2" && !isMultipartETag(got) {
		t.Error(got)
	}
	parts[0].ETag = "opaque"
	if got := multipartETag(parts); got != "" {
		t.Error(got)
	}
}

func TestEndpoint_OfAmazonsHosts(t *testing.T) {
	for _, c := range []struct {
		host, bucket, region              string
		dual, fips, accel, private, pages bool
	}{
		{host: "s3.amazonaws.com"},
		{host: "s3.eu-west-1.amazonaws.com", region: "eu-west-1"},
		{host: "s3-eu-west-1.amazonaws.com", region: "eu-west-1"},
		{host: "S3.EU-WEST-1.AmazonAWS.com:443", region: "eu-west-1"},
		{host: "bucket.s3.eu-west-1.amazonaws.com", bucket: "bucket", region: "eu-west-1"},
		{host: "my.s3.bucket.s3.us-west-2.amazonaws.com", bucket: "my.s3.bucket", region: "us-west-2"},
		{host: "s3.dualstack.eu-west-1.amazonaws.com", region: "eu-west-1", dual: true},
		{host: "s3-fips.us-gov-west-1.amazonaws.com", region: "us-gov-west-1", fips: true},
		{host: "s3-fips.dualstack.us-east-2.amazonaws.com", region: "us-east-2", fips: true, dual: true},
		{host: "s3.cn-north-1.amazonaws.com.cn", region: "cn-north-1"},
		{host: "s3.eusc-de-east-1.amazonaws.eu", region: "eusc-de-east-1"},
		{host: "s3-accelerate.amazonaws.com", accel: true},
		{host: "bucket.s3-accelerate.dualstack.amazonaws.com", bucket: "bucket", accel: true, dual: true},
		{host: "s3-external-1.amazonaws.com", region: "us-east-1"},
		{host: "bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com", region: "us-east-1", private: true},
		{host: "b.s3-website-eu-west-1.amazonaws.com", bucket: "b", region: "eu-west-1", pages: true},
		{host: "b.s3-website.eu-central-1.amazonaws.com", bucket: "b", region: "eu-central-1", pages: true},
	} {
		h, ok := parseAWSHost(c.host)
		want := awsHost{bucket: c.bucket, region: c.region, dualStack: c.dual, fips: c.fips, accelerate: c.accel, private: c.private, website: c.pages}
		if !ok || h != want {
			t.Errorf("%s: %+v %v", c.host, h, ok)
		}
	}
	for _, host := range []string{"", "amazonaws.com", "ec2.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com.evil.example", "evilamazonaws.com", "127.0.0.1",
		"s3.example.com", "s3.eu-west-1.x.amazonaws.com"} {
		if h, ok := parseAWSHost(host); ok {
			t.Errorf("%s taken for %+v", host, h)
		}
	}
}

func TestEndpoint_Parse(t *testing.T) {
	for _, c := range []struct {
		address, region string
		style           Addressing
		base, got       string
		path, custom    bool
	}{
		{"", "", 0, "https://s3.us-east-1.amazonaws.com", "us-east-1", false, false},
		{"", "eu-west-1", 0, "https://s3.eu-west-1.amazonaws.com", "eu-west-1", false, false},
		{"https://s3.eu-west-1.amazonaws.com", "", 0, "https://s3.eu-west-1.amazonaws.com", "eu-west-1", false, false},
		{"https://s3.amazonaws.com", "ap-south-1", AddressingPath, "https://s3.ap-south-1.amazonaws.com", "ap-south-1", true, false},
		{"http://127.0.0.1:9000", "", 0, "http://127.0.0.1:9000", "us-east-1", true, true},
		{"https://storage.example.com/s3/", "x", AddressingVirtualHost, "https://storage.example.com/s3", "x", false, true},
	} {
		var u *url.URL
		if c.address != "" {
			u, _ = url.Parse(c.address)
		}
		e, err := parseEndpoint(u, c.region, c.style)
		if err != nil || e.base.String() != c.base || e.region != c.got || e.pathStyle != c.path || e.custom != c.custom {
			t.Errorf("%s: %+v %s %v", c.address, e, e.base, err)
		}
	}
	for _, bad := range []string{"ftp://x", "https://", "https://user:pw@host", "https://host?x=1", "https://b.s3-website-eu-west-1.amazonaws.com"} {
		u, _ := url.Parse(bad)
		if _, err := Open(context.Background(), Config{Endpoint: u}); KindOf(err) != KindInvalid || strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestBucketName_Rules(t *testing.T) {
	for _, good := range []string{"abc", "a-b", "my.bucket.2", "1bucket", strings.Repeat("a", 63)} {
		if err := CheckBucketName(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for name, rule := range map[string]string{"ab": "length", strings.Repeat("a", 64): "length", "Abc": "character", "a_b": "character", "äbc": "character",
		"-abc": "edge", "abc-": "edge", ".abc": "edge", "a..b": "dots", "a.-b": "dots", "192.168.1.1": "address", "xn--abc": "prefix", "sthree-x": "prefix",
		"abc-s3alias": "suffix", "abc--x-s3": "suffix", "": "length"} {
		var e *NameError
		if err := CheckBucketName(name); !errors.As(err, &e) || e.Rule != rule || e.Text == "" {
			t.Errorf("%q: %v, want %s", name, err, rule)
		}
	}
}

func TestPermissions_EachOperationHasOne(t *testing.T) {
	for op := range answers {
		p, ok := permissions[op]
		if !ok || !strings.Contains(p.action, ":") {
			t.Errorf("%s has no permission", op)
		}
	}
	for op := range permissions {
		if _, ok := answers[op]; !ok {
			t.Errorf("%s is not an operation that is sent", op)
		}
	}
	for op := range changes {
		if _, ok := answers[op]; !ok {
			t.Errorf("%s is not an operation that is sent", op)
		}
	}
	if got := missingPermission("GetObject", Location{Version: "v"}, ""); got != "s3:GetObjectVersion" {
		t.Error(got)
	}
	message := "User: arn:aws:iam::1:user/x is not authorized to perform: kms:GenerateDataKey on resource: arn"
	if got := missingPermission("PutObject", Location{}, message); got != "kms:GenerateDataKey" {
		t.Error(got)
	}
}

func TestRetryAfter_BothForms(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for v, want := range map[string]int{"": 0, "7": 7, " 30 ": 30, "-5": 0, "999999999": 86400, "x": 0,
		now.Add(90 * time.Second).Format(http.TimeFormat): 90, now.Add(-time.Hour).Format(http.TimeFormat): 0} {
		if got := retryAfter(v, now); got != want {
			t.Errorf("%q: %d, want %d", v, got, want)
		}
	}
}

func TestContentRange_Strict(t *testing.T) {
	if f, l, n, err := parseContentRange("bytes 0-9/10"); err != nil || f != 0 || l != 9 || n != 10 {
		t.Error(f, l, n, err)
	}
	for _, bad := range []string{"", "bytes 0-9/*", "bytes */10", "0-9/10", "bytes 9-0/10", "bytes 0-10/10", "bytes 0-9/10 ", "bytes +0-9/10", "bytes -1-9/10", "bytes 0-9/99999999999999999999", "items 0-9/10"} {
		if _, _, _, err := parseContentRange(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}

func TestRedact_SecretsOfAddresses(t *testing.T) {
	in := `Get "https://h/k?X-Amz-Signature=abc&x=1&X-AMZ-CREDENTIAL=def%2F": dial; x-amz-security-token=ghi İ Signature=jkl`
	out := redact(in)
	for _, secret := range []string{"abc", "def", "ghi", "jkl"} {
		if strings.Contains(out, secret) {
			t.Errorf("%s in %s", secret, out)
		}
	}
	if !strings.Contains(out, "x=1") || redact("plain text") != "plain text" {
		t.Error(out)
	}
}

func TestListing_Decoding(t *testing.T) {
	for _, c := range []struct{ doc, prefix, want string }{
		{"<EncodingType>url</EncodingType><Contents><Key>a+b%2Bc%20d</Key></Contents>", "", "a b+c d"},
		{"<EncodingType>url</EncodingType><Contents><Key>a+b%20c</Key></Contents>", "", "a+b c"},
		{"<EncodingType>url</EncodingType><Prefix>a+b/</Prefix><Contents><Key>a+b/x</Key></Contents>", "a+b/", "a+b/x"},
		{"<EncodingType>url</EncodingType><Prefix>a+b/</Prefix><Contents><Key>a+b/x</Key></Contents>", "a b/", "a b/x"},
		{"<Contents><Key>a+b%20c</Key></Contents>", "", "a+b%20c"},
		{"<Contents><Key>a&amp;b&#x1;&#10;\x02</Key></Contents>", "", "a&b\x01\n\x02"},
		{"<Contents><Key><![CDATA[<&>]]></Key></Contents>", "", "<&>"},
	} {
		l, err := parseListing([]byte("<?xml version='1.0'?>\n<ListBucketResult>"+c.doc+"</ListBucketResult>"), c.prefix)
		if err != nil || len(l.page.Entries) != 1 || l.page.Entries[0].Key != c.want {
			t.Errorf("%s: %+v, %v", c.doc, l, err)
		}
	}
}

func TestListing_AllFields(t *testing.T) {
	l, err := parseListing([]byte(`<ListVersionsResult xmlns="x"><IsTruncated>true</IsTruncated><NextKeyMarker>n</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>
<Version><Key>k</Key><VersionId>null</VersionId><IsLatest>true</IsLatest><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>7</Size>
<StorageClass>GLACIER</StorageClass><Owner><ID>i</ID><DisplayName>d</DisplayName></Owner><ChecksumAlgorithm>CRC32</ChecksumAlgorithm>
<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2027-01-01T00:00:00Z</RestoreExpiryDate></RestoreStatus></Version>
<DeleteMarker><Key>m</Key><VersionId>2</VersionId></DeleteMarker><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListVersionsResult>`), "")
	if err != nil {
		t.Fatal(err)
	}
	e := l.page.Entries[0]
	if e.Key != "k" || e.Version != "null" || !e.Latest || e.Modified.Year() != 2026 || e.ETag != "e" || e.Size != 7 || e.Class != "GLACIER" ||
		e.Owner != (Owner{"i", "d"}) || len(e.Checksum) != 1 || e.Restore.Until.Year() != 2027 || e.Marker {
		t.Errorf("%+v", e)
	}
	if m := l.page.Entries[1]; !m.Marker || m.Version != "2" || m.Key != "m" {
		t.Errorf("%+v", m)
	}
	if !l.truncated || l.marker != "n" || l.version != "v" || l.page.Prefixes[0] != "p/" {
		t.Errorf("%+v", l)
	}
}

func TestXML_HostileDocuments(t *testing.T) {
	deep := strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40)
	for _, doc := range []string{"", "<", "<a", "<a>", "<a></b>", "</a>", "text", "<a/><b/>", deep, "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>&lt</a", "<![CDATA[", "<?xml", "<!--", "<1/>x", "< a/>"} {
		if err := walkXML([]byte(doc), func([]string, []byte, bool) error { return nil }); err == nil {
			t.Errorf("%.40q accepted", doc)
		}
	}
	for _, doc := range []string{"<a/>", "\xef\xbb\xbf<?xml version='1.0'?><!-- c --><x:a b='>'>t</x:a>\n", "<a>\xff\xfe</a>"} {
		if err := walkXML([]byte(doc), func([]string, []byte, bool) error { return nil }); err != nil {
			t.Errorf("%q: %v", doc, err)
		}
	}
}

func TestPager_ServersThatDoNotMoveOn(t *testing.T) {
	page := func(key, token string) *listing {
		l := &listing{truncated: true, token: token}
		if key != "" {
			l.page.Entries = []Entry{{Key: key}}
		}
		return l
	}
	for name, pages := range map[string][]*listing{
		"no token":    {page("a", "")},
		"same token":  {page("a", "t"), page("b", "t")},
		"same page":   {page("a", "t"), page("a", "u")},
		"empty pages": {page("", "1"), page("", "2"), page("", "3"), page("", "4")},
	} {
		var p pager
		var err error
		for _, l := range pages {
			if _, err = p.advance(l, "", false); err != nil {
				break
			}
		}
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	var p pager
	if more, err := p.advance(&listing{}, "", false); more || err != nil {
		t.Error("the last page is not the last")
	}
}

func TestWaker_DropsConnectionsAfterSleep(t *testing.T) {
	for _, c := range []struct {
		wall, monotonic time.Duration
		want            bool
	}{{time.Minute, time.Minute, false}, {time.Minute + time.Second, time.Minute, false}, {time.Hour, time.Second, true}, {-time.Hour, time.Second, true}} {
		if got := jumped(c.wall, c.monotonic); got != c.want {
			t.Errorf("%v", c)
		}
	}
	if start := time.Now(); slept(start, start.Add(time.Minute)) {
		t.Error("a minute awake taken for sleep")
	}
	dropped := 0
	w := &waker{next: roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, errors.New("x") }), drop: func() { dropped++ },
		now: time.Now, gap: func(last, now time.Time) bool { return true }}
	req, _ := http.NewRequest(http.MethodGet, "http://x/", nil)
	for range 2 {
		_, _ = w.RoundTrip(req)
	}
	if dropped != 1 {
		t.Errorf("dropped %d times", dropped)
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestKeyForm_OfAwkwardKeys(t *testing.T) {
	for key, want := range map[string]string{"a/b": "", "a/": "", "a//b": "double slash", "a//": "double slash", "/a": "leading slash", "a/../b": "dots", "..": "dots", "./a": "dots",
		"a ": "edges", "a./b": "edges", "a\nb": "line ends", "a\x01": "control", "a\\b": "backslash", "a\xff": "bytes", "a b+c%": ""} {
		if got := keyForm(key); got != want {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
}

func TestError_TextHasWhatIsNeeded(t *testing.T) {
	e := &Error{Op: "GetObject", Location: Location{Bucket: "b", Key: "k"}, Code: "NoSuchKey", HTTPStatus: 404, Message: "gone", RequestID: "R"}
	if got := fmt.Sprint(e); got != `GetObject "s3://b/k": NoSuchKey (404): gone [request R]` {
		t.Error(got)
	}
}
