package connect_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/testkit/features"
	"pintail/profiles"
	"pintail/storage"
)

// provider is the embedded server behaving as a profile says: what the profile denies is refused, and counted.
type provider struct {
	profile profiles.Profile
	refused atomic.Int64
	last    atomic.Value // string: the last refused request
	seen    atomic.Int64
}

func isNo(p *bool) bool { return p != nil && !*p }

// denies tells why a provider with these quirks refuses a request, "" if it does not.
func (v *provider) denies(r *http.Request) (status int, code string) {
	q, t := v.profile.Quirks, demo.ParseTarget(r)
	sum := slices.ContainsFunc([]string{"X-Amz-Sdk-Checksum-Algorithm", "X-Amz-Trailer", "X-Amz-Checksum-Algorithm", "X-Amz-Checksum-Crc64nvme",
		"X-Amz-Checksum-Crc32", "X-Amz-Checksum-Crc32c", "X-Amz-Checksum-Sha1", "X-Amz-Checksum-Sha256"}, func(h string) bool { return r.Header.Get(h) != "" })
	virtual := !strings.HasPrefix(r.Host, "s3.localhost") // see demo.Options.Hosts
	number, _ := strconv.ParseInt(t.Query.Get("partNumber"), 10, 64)
	class := r.Header.Get("X-Amz-Storage-Class")
	switch {
	case v.profile.SignatureV2() != strings.HasPrefix(r.Header.Get("Authorization"), "AWS ") && !t.Query.Has("AWSAccessKeyId"):
		return http.StatusBadRequest, "InvalidRequest"
	case isNo(q.ChecksumHeader) && sum:
		return http.StatusBadRequest, "InvalidArgument"
	case q.PathStyle != nil && *q.PathStyle && virtual:
		return http.StatusNotFound, "NoSuchBucket"
	case isNo(q.PathStyle) && !virtual && t.Bucket != "":
		return http.StatusForbidden, "SecondLevelDomainForbidden"
	case isNo(q.MultipartCopy) && t.Op == "UploadPartCopy",
		isNo(q.Versioning) && (t.Op == "ListObjectVersions" || t.Op == "GetBucketVersioning"),
		q.DeletePartition != nil && *q.DeletePartition == 1 && t.Op == "DeleteObjects",
		q.ListVersion != nil && *q.ListVersion == 1 && t.Op == "ListObjectsV2":
		return http.StatusNotImplemented, "NotImplemented"
	case q.MaxParts != nil && number > *q.MaxParts:
		return http.StatusBadRequest, "InvalidArgument"
	case class != "" && q.StorageClasses != nil && !slices.Contains(q.StorageClasses, class):
		return http.StatusBadRequest, "InvalidStorageClass"
	}
	return 0, ""
}

func (v *provider) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.seen.Add(1)
		status, code := v.denies(r)
		if status == 0 {
			next.ServeHTTP(w, r)
			return
		}
		v.refused.Add(1)
		v.last.Store(r.Method + " " + r.Host + r.RequestURI + ": " + code)
		w.Header().Set("Content-Type", "application/xml")
		w.Header().Set("X-Amz-Request-Id", "refused")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>not with this provider</Message></Error>")
	})
}

// hosts are where the provider answers: its own host, that of a second region, or one that a person would type.
func hosts(p profiles.Profile) []string {
	if p.DefaultHostname == "" {
		return []string{"s3.provider.example"}
	}
	out := []string{p.DefaultHostname}
	if n := len(p.Regions); n > 1 && p.HostIn(p.Regions[n-1]) != p.DefaultHostname {
		out = append(out, p.HostIn(p.Regions[n-1]))
	}
	return out
}

// TestBundled_WorkWithTheirProvider connects with each bundled profile, at its own address, over its own scheme, to the embedded server
// behaving as the profile says, and does the daily work. The server must not have had to refuse anything: what a profile says is
// known before the first request. A profile whose way to sign in is not there sends nothing.
func TestBundled_WorkWithTheirProvider(t *testing.T) {
	list, err := profiles.Bundled()
	if err != nil {
		t.Fatal(err)
	}
	features.Proved(t, "profile.bundled", features.Embedded, "")
	out := newOutside(t)
	single, err := profiles.Parse(strings.NewReader(`<plist><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>one-by-one</string>
		<key>Default Hostname</key><string>one.example.com</string><key>Properties</key><array><string>s3.delete.multiple.partition=1</string></array></dict></plist>`), "one")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(list, single) {
		if p.Vendor == profiles.VendorDemo || p.UsesAWSFiles() || p.UsesInstanceMetadata() {
			continue // the demo has no provider; the other two take their key elsewhere
		}
		t.Run(p.Vendor, func(t *testing.T) { out.tryProvider(t, p) })
	}
}

func (out *outside) tryProvider(t *testing.T, p profiles.Profile) {
	v := &provider{profile: p}
	region := p.Region
	if region == "" {
		region = "us-east-1"
	}
	all := hosts(p)
	served := make([]string, len(all))
	for i, h := range all {
		served[i] = h + p.PathPrefix()
		if h == "s3.amazonaws.com" {
			served = append(served, "s3."+region+".amazonaws.com")
		}
	}
	const key, secret = "PROVIDERKEY", "a secret of the provider"
	srv, err := demo.Start(t.Context(), demo.Options{AccessKey: key, SecretKey: secret, Region: region, Hosts: served, Middleware: v.wrap})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	out.to(t, srv.URL())
	s := newSetup(t).key(key, secret)
	s.vars["HTTPS_PROXY"], s.vars["HTTP_PROXY"], s.vars["AWS_CA_BUNDLE"] = out.url, out.url, out.ca
	s.script.Confirms = []bool{true, true}
	spec := connect.Spec{Profile: p.Vendor, KeyID: key}
	if p.DefaultHostname == "" {
		spec.Endpoint = all[0]
	}
	if !p.Bundled {
		spec = connect.Spec{Profile: writeProfile(t, p), KeyID: key}
	}
	con, err := connect.Open(t.Context(), s.Env, spec)
	if p.Supported() != nil {
		if !errors.Is(err, profiles.ErrUnsupported) || v.seen.Load() != 0 {
			t.Errorf("%v after %d requests", err, v.seen.Load())
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer con.Close()
	dailyWork(t, con.Session, out.client)
	if n := v.refused.Load(); n != 0 {
		t.Errorf("%d requests refused, the last: %v", n, v.last.Load())
	}
	if v.seen.Load() < 12 {
		t.Errorf("only %d requests came", v.seen.Load())
	}
	if m := p.Quirks.MaxParts; m != nil && con.Session.Capabilities("b").MaxParts != int32(*m) {
		t.Errorf("%d parts at most", con.Session.Capabilities("b").MaxParts)
	}
	if len(all) > 1 { // the host of another region
		spec.Region = p.Regions[len(p.Regions)-1]
		far, err := connect.Open(t.Context(), s.Env, spec)
		if err != nil {
			t.Fatal(err)
		}
		defer far.Close()
		if far.Host != all[1] || far.Session.Region() != spec.Region {
			t.Errorf("in %s: %s, %s", spec.Region, far.Host, far.Session.Region())
		}
	}
}

// dailyWork makes a bucket and in it uploads, small and in parts, lists, copies, deletes and pre-signs; each end is looked at.
func dailyWork(t *testing.T, s *storage.Session, client *http.Client) {
	t.Helper()
	const bucket = "daily-work"
	at := func(key string) storage.Location { return storage.Location{Bucket: bucket, Key: key} }
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	body := func(b []byte) storage.Body { return storage.Body{R: bytes.NewReader(b), Size: int64(len(b))} }
	ctx := t.Context()
	must("make bucket", s.MakeBucket(ctx, bucket, storage.MakeBucketOptions{}))
	small := []byte("hello")
	_, err := s.Put(ctx, at("a/small + ü.txt"), body(small), storage.WriteOptions{})
	must("put", err)
	const part = 5 << 20
	big := bytes.Repeat([]byte("0123456789abcdef"), part/16)
	big = append(big, "the end"...)
	u, err := s.CreateUpload(ctx, at("a/big"), storage.WriteOptions{})
	must("create upload", err)
	p1, err := s.UploadPart(ctx, at("a/big"), u, 1, body(big[:part]))
	must("part 1", err)
	p2, err := s.UploadPart(ctx, at("a/big"), u, 2, body(big[part:]))
	must("part 2", err)
	w, err := s.CompleteUpload(ctx, at("a/big"), u, []storage.Part{p1, p2}, storage.WriteOptions{})
	must("complete", err)
	if w.Size != int64(len(big)) || w.Proof < storage.ProofMD5 {
		t.Errorf("complete: %+v", w)
	}
	_, err = s.Copy(ctx, at("a/small + ü.txt"), at("a/copy"), storage.CopyOptions{})
	must("copy", err)
	must("tag", s.SetTags(ctx, at("a/copy"), map[string]string{"k": "v"})) // the one here whose checksum is the SDK's
	if got, want := keysOf(t, s, bucket), []string{"a/big", "a/copy", "a/small + ü.txt"}; !slices.Equal(got, want) {
		t.Errorf("listed %q", got)
	}
	link, err := s.Presign(ctx, at("a/copy"), http.MethodGet, time.Hour)
	must("presign", err)
	res, err := client.Get(link.URL)
	must("get the link", err)
	got, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK || !bytes.Equal(got, small) {
		t.Errorf("link: %d %q %v", res.StatusCode, got, err)
	}
	done, err := s.DeleteMany(ctx, bucket, []storage.Location{at("a/big"), at("a/copy"), at("a/small + ü.txt")})
	must("delete", err)
	for _, d := range done {
		must("delete "+d.Location.Key, d.Err)
	}
	if left := keysOf(t, s, bucket); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
	must("remove bucket", s.RemoveBucket(ctx, bucket))
}

func keysOf(t *testing.T, s *storage.Session, bucket string) []string {
	t.Helper()
	var keys []string
	for page, err := range s.List(t.Context(), bucket, "a/", storage.ListOptions{Delimiter: "/"}) {
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		for _, e := range page.Entries {
			keys = append(keys, e.Key)
		}
	}
	return keys
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
