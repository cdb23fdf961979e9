// Package storagetest holds the cases that a session must pass against every S3 server, and what each server cannot do.
// It must never weaken a case for one server without a row in [Quirks] that says what that server does instead.
// Start reading at [Run].
package storagetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"pintail/internal/testkit/features"
	"pintail/storage"
)

// Target is a server to run the cases against.
type Target struct {
	Name, Version        string // as package features names servers
	Endpoint, Region     string
	AccessKey, SecretKey string
	TLS                  *tls.Config // for an https endpoint with an authority of the test's own
	Signature            storage.Signature
	Addressing           storage.Addressing
	Proxy                *url.URL // what leads to a host name that only the test knows; nil = none
	Quirks               Quirks
}

// Quirks are what a server does otherwise than S3. The zero value: everything as Amazon documents it.
type Quirks struct {
	Checksums       map[storage.ChecksumAlgorithm]bool // kept and enforced; nil = all
	Keys            map[string]Fate                    // keys that do not survive; the others do
	NoFileAndFolder bool                               // "a" and "a/b" cannot both exist
	NoConditional   bool                               // If-None-Match on writes is ignored
	NoACL           bool                               // objects have no ACLs
	NoClasses       bool                               // storage classes are ignored
	NoSettings      map[string]bool                    // settings of buckets that the server does not have; false: it answers as if there were none
	WrongSecret     storage.Kind
	NoRegion        bool // a bucket's region is not told
	NoPartNumber    bool // how an object was cut is not told
	WholeSeconds    bool // times are told in whole seconds
	VersionsRepeat  bool // a page of versions begins with the one that the page before ended with
	// NoConditionalDelete: If-Match on a deletion is ignored; NoConditionalBulk: so are the ETags of a bulk deletion
	NoConditionalDelete, NoConditionalBulk bool
	ACLsOff                                bool            // new buckets have no ACLs until they are switched on
	NoBucketGrants                         bool            // a list of grants for a bucket is refused
	Emails                                 bool            // grants by e-mail address are still taken
	Canned                                 map[string]bool // canned ACLs that are refused
	NoEncryptedCopy                        bool            // encrypted objects are not copied
	NoRedirect                             bool            // an object's website redirect is not told
	CopiesInPlace                          bool            // a copy of a version onto itself makes no new one
	KeepsHeaders                           bool            // a header that a copy does not name stays as it was
	KMSKey                                 string          // a key that objects can be encrypted with; "" = none
}

// Fate is what becomes of a key that a server does not keep.
type Fate string

// The fates: refused with an error, or stored under another key, which must be noticed.
const (
	Refused Fate = "refused"
	Changed Fate = "changed"
)

func (q Quirks) has(a storage.ChecksumAlgorithm) bool { return q.Checksums == nil || q.Checksums[a] }

// Config is the configuration that connects to the target.
func (t Target) Config() storage.Config {
	u, err := url.Parse(t.Endpoint)
	if err != nil {
		panic(err) // a server of the testkit's
	}
	c := storage.Config{Endpoint: u, Region: t.Region, TLS: t.TLS, Signature: t.Signature, Addressing: t.Addressing,
		Credentials: credentials.NewStaticCredentialsProvider(t.AccessKey, t.SecretKey, "")}
	if t.Proxy != nil {
		c.Proxy = http.ProxyURL(t.Proxy)
	}
	return c
}

// Env is what a case works with: a session and a bucket of its own.
type Env struct {
	*testing.T
	S      *storage.Session
	Bucket string
	Target Target
}

type testCase struct {
	name     string
	features []string
	run      func(e *Env)
}

// Run runs every case against a target, each in a bucket of its own.
func Run(t *testing.T, target Target) {
	runGroups(t, target, accessCases, bucketCases, objectCases, listCases, multipartCases, checksumCases, failureCases, carryCases, versionCases, rewindCases, lockCases,
		rewriteCases, settingCases)
}

// RunCustomerKeys runs the cases with keys of the customer's (SSE-C), which are for targets over TLS.
func RunCustomerKeys(t *testing.T, target Target) { runGroups(t, target, customerKeyCases) }

// RunWrites runs the cases whose requests differ over TLS: there payloads are not signed.
func RunWrites(t *testing.T, target Target) {
	runGroups(t, target, multipartCases[:1], checksumCases, failureCases)
}

// RunVirtualHosts runs the cases whose requests are signed otherwise where the host names the bucket, on a target that is addressed so.
func RunVirtualHosts(t *testing.T, target Target) {
	runGroups(t, target, accessCases, bucketCases, objectCases, listCases, multipartCases, versionCases)
}

func runGroups(t *testing.T, target Target, groups ...[]testCase) {
	for _, group := range groups {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				for _, f := range c.features {
					features.Proved(t, f, target.Name, target.Version)
				}
				c.run(newEnv(t, target))
			})
		}
	}
}

func newEnv(t *testing.T, target Target) *Env {
	t.Helper()
	e := &Env{T: t, S: Open(t, target.Config()), Bucket: fmt.Sprintf("pintail-%016x", rand.Uint64()), Target: target}
	if err := e.S.MakeBucket(t.Context(), e.Bucket, storage.MakeBucketOptions{}); err != nil {
		t.Fatalf("make bucket: %v", err)
	}
	own := *e // a case may change to another session
	t.Cleanup(func() { own.empty() })
	return e
}

// SDKOnly is the variable that makes every session of [Open] send all requests through the SDK, for a second run of the tests.
const SDKOnly = "PINTAIL_TEST_SDK_ONLY"

// Open opens a session that ends with the test.
func Open(t *testing.T, c storage.Config) *storage.Session {
	t.Helper()
	c.NoLean = c.NoLean || os.Getenv(SDKOnly) != ""
	s, err := storage.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// empty removes the bucket and what is in it. A test server's rubbish is no failure of the case.
func (e *Env) empty() {
	ctx := context.WithoutCancel(e.Context())
	for p, err := range e.S.ListUploads(ctx, e.Bucket, "", storage.ListOptions{}) {
		if err != nil {
			break
		}
		for _, u := range p.Uploads {
			_ = e.S.AbortUpload(ctx, storage.Location{Bucket: e.Bucket, Key: u.Key}, u.ID)
		}
	}
	for p, err := range e.S.ListVersions(ctx, e.Bucket, "", storage.ListOptions{}) {
		if err != nil {
			break
		}
		for _, v := range p.Entries {
			_, _ = e.S.Delete(ctx, storage.Location{Bucket: e.Bucket, Key: v.Key, Version: v.Version})
		}
	}
	for p, err := range e.S.List(ctx, e.Bucket, "", storage.ListOptions{}) {
		if err != nil {
			break
		}
		for _, o := range p.Entries {
			_, _ = e.S.Delete(ctx, storage.Location{Bucket: e.Bucket, Key: o.Key})
		}
	}
	_ = e.S.RemoveBucket(ctx, e.Bucket)
}

// Loc is a key in the case's bucket.
func (e *Env) Loc(key string) storage.Location { return storage.Location{Bucket: e.Bucket, Key: key} }

// Data is n bytes that look random and are the same for the same seed.
func Data(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// Body is b to be sent.
func Body(b []byte) storage.Body {
	return storage.Body{R: bytes.NewReader(b), Size: int64(len(b))}
}

// MustPut stores b and fails the case if that is not proved.
func (e *Env) MustPut(key string, b []byte, o storage.WriteOptions) storage.Written {
	e.Helper()
	w, err := e.S.Put(e.Context(), e.Loc(key), Body(b), o)
	if err != nil {
		e.Fatalf("put %q: %v", key, err)
	}
	if w.Proof < storage.ProofStored || w.Size != int64(len(b)) || w.ETag == "" {
		e.Fatalf("put %q: proved only %v, size %d, ETag %q", key, w.Proof, w.Size, w.ETag)
	}
	return w
}

// MustHave reads a key whole and compares it with b.
func (e *Env) MustHave(loc storage.Location, b []byte) {
	e.Helper()
	r, err := e.S.Read(e.Context(), loc, storage.ReadOptions{Whole: true})
	if err != nil {
		e.Fatalf("read %s: %v", loc, err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		e.Fatalf("read %s: %v", loc, err)
	}
	if sha256.Sum256(got) != sha256.Sum256(b) {
		e.Fatalf("read %s: %d bytes that are not the %d sent", loc, len(got), len(b))
	}
}

// Entries lists everything below a prefix.
func (e *Env) Entries(prefix string, o storage.ListOptions) (entries []storage.Entry, prefixes []string, pages int) {
	e.Helper()
	for p, err := range e.S.List(e.Context(), e.Bucket, prefix, o) {
		if err != nil {
			e.Fatalf("list %q: %v", prefix, err)
		}
		pages++
		entries = append(entries, p.Entries...)
		prefixes = append(prefixes, p.Prefixes...)
	}
	return entries, prefixes, pages
}

// wantKind fails the case unless err is of the kind.
func (e *Env) wantKind(err error, kinds ...storage.Kind) {
	e.Helper()
	for _, k := range kinds {
		if err != nil && storage.KindOf(err) == k {
			return
		}
	}
	e.Errorf("kind %d, want one of %v: %v", storage.KindOf(err), kinds, err)
}

func proveFeature(e *Env, id string) {
	features.Proved(e.T, id, e.Target.Name, e.Target.Version)
}
