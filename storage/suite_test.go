package storage_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
)

func TestMain(m *testing.M) {
	storagetest.CopyInParts = storage.CopyInParts
	os.Exit(servers.Main(m))
}

// versitygw keeps objects as files.
var versitygwQuirks = storagetest.Quirks{NoFileAndFolder: true, NoACL: true, KeepsHeaders: true, CopiesInPlace: true, NoClasses: true, NoConditionalBulk: true, VersionsRepeat: true, WholeSeconds: true, ACLsOff: true, NoBucketGrants: true,
	Canned: map[string]bool{"authenticated-read": true, "aws-exec-read": true, "log-delivery-write": true}, Keys: map[string]storagetest.Fate{
		"dbl//slash": storagetest.Changed, "/lead": storagetest.Changed, "//lead2": storagetest.Changed, "trail2//": storagetest.Changed,
		"x/../y": storagetest.Changed, "./dot": storagetest.Changed, "x/./y": storagetest.Changed, "ctrl\x01in": storagetest.Changed,
		"../up": storagetest.Refused, "..": storagetest.Refused, "x/..": storagetest.Refused, strings.Repeat("k", 1024): storagetest.Refused}}

// rgw is Ceph 16: no checksums, no conditional writes.
var rgwQuirks = storagetest.Quirks{Emails: true, Canned: map[string]bool{"aws-exec-read": true, "log-delivery-write": true},
	NoPartNumber: true, NoConditionalDelete: true, NoConditionalBulk: true, Checksums: map[storage.ChecksumAlgorithm]bool{}, NoConditional: true,
	WrongSecret: storage.KindPermission, NoRegion: true}

func target(s *servers.Server, q storagetest.Quirks) storagetest.Target {
	q.NoSettings = noSettings()[s.Name]
	return storagetest.Target{Name: s.Name, Version: s.Version, Endpoint: s.Endpoint, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey, Quirks: q}
}

func TestSuite_Embedded(t *testing.T) {
	t.Parallel()
	d, err := demo.Start(t.Context(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	storagetest.Run(t, storagetest.Target{Name: features.Embedded, Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey(), Quirks: storagetest.Quirks{KMSKey: "key-1"}})
}

// onReal runs a suite on a real server, but not for the race detector, whose run is the short one: other servers only add time to it.
func onReal(t *testing.T, do func()) {
	if !testing.Short() {
		t.Parallel()
		do()
	}
}

func TestSuite_Versitygw(t *testing.T) {
	onReal(t, func() { storagetest.Run(t, target(servers.SharedVersitygw(t), versitygwQuirks)) })
}

func TestSuite_RGW(t *testing.T) {
	onReal(t, func() { storagetest.Run(t, target(servers.SharedRGW(t), rgwQuirks)) })
}

// overTLS puts a TLS front before a target.
func overTLS(t *testing.T, target storagetest.Target) storagetest.Target {
	t.Helper()
	to, err := url.Parse(target.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is part of the signature
	}})
	t.Cleanup(front.Close)
	target.Endpoint = front.URL
	target.TLS = front.Client().Transport.(*http.Transport).TLSClientConfig
	return target
}

func TestSuite_CustomerKeysEmbedded(t *testing.T) {
	t.Parallel()
	cert := httptest.NewUnstartedServer(nil)
	cert.StartTLS()
	t.Cleanup(cert.Close)
	d, err := demo.Start(t.Context(), demo.Options{TLS: cert.TLS})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	storagetest.RunCustomerKeys(t, storagetest.Target{Name: features.Embedded, Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey(),
		TLS: cert.Client().Transport.(*http.Transport).TLSClientConfig})
}

func TestSuite_CustomerKeysRGW(t *testing.T) {
	onReal(t, func() {
		q := rgwQuirks
		q.NoEncryptedCopy = true
		storagetest.RunCustomerKeys(t, overTLS(t, target(servers.SharedRGW(t), q)))
	})
}

func TestSuite_VersitygwOverTLS(t *testing.T) {
	onReal(t, func() { storagetest.RunWrites(t, overTLS(t, target(servers.SharedVersitygw(t), versitygwQuirks))) })
}

func TestSuite_RGWOverTLS(t *testing.T) {
	onReal(t, func() { storagetest.RunWrites(t, overTLS(t, target(servers.SharedRGW(t), rgwQuirks))) })
}
