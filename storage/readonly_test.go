package storage_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pintail/storage"
)

// looking are the operations of the table that change nothing.
const looking = " Identity Buckets BucketRegion List ListVersions ListUploads FindUpload Stat Read LockOf Tags ACL EffectiveAccess Probe Parts StoredParts ProveUpload AsOf Versioning" +
	" Versioned Versions Alike Notifications PublicAccessBlock BucketDocument BucketDocuments RequesterPays ObjectLockDefault Website Logging" +
	" BucketTags Replication PolicyIsPublic BucketEncryption Ownership Lifecycle BucketPolicy Acceleration BucketLocation CORS "

// TestReadOnly_RefusesEveryChange: nothing that changes something sends anything, not even a look before; what looks goes out. An
// operation that is not in the list above counts as a change; TestOperations_AreAll sees to it that none is missing.
func TestReadOnly_RefusesEveryChange(t *testing.T) {
	t.Parallel()
	var requests, changes atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			changes.Add(1)
		}
		w.Header().Set("X-Amz-Request-Id", "r")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("<Error><Code>NoSuchKey</Code></Error>"))
	}))
	t.Cleanup(srv.Close)
	for _, signature := range []storage.Signature{storage.SignatureV4, storage.SignatureV2} {
		s := connect(t, srv.URL, func(c *storage.Config) { c.ReadOnly, c.Signature = true, signature })
		refused := 0
		for op, run := range operations(s) {
			before := requests.Load()
			err := run(t.Context())
			name, _, _ := strings.Cut(op, " ")
			if strings.Contains(looking, " "+name+" ") {
				if storage.KindOf(err) == storage.KindReadOnly || requests.Load() == before {
					t.Errorf("%s does not look: %v", op, err)
				}
				continue
			}
			refused++
			if storage.KindOf(err) != storage.KindReadOnly || requests.Load() != before {
				t.Errorf("%s: %v after %d requests", op, err, requests.Load()-before)
			}
		}
		if refused < 40 {
			t.Errorf("only %d operations were refused", refused)
		}
	}
	if n := changes.Load(); n != 0 {
		t.Errorf("%d requests that change something went out", n)
	}
}

func TestReadOnly_SignsNoAddressThatChanges(t *testing.T) {
	t.Parallel()
	s := connect(t, "http://127.0.0.1:1", func(c *storage.Config) { c.ReadOnly = true })
	for method, want := range map[string]storage.Kind{http.MethodGet: -1, http.MethodHead: -1, http.MethodPut: storage.KindReadOnly, http.MethodDelete: storage.KindReadOnly} {
		_, err := s.Presign(t.Context(), storage.Location{Bucket: "b", Key: "k"}, method, time.Hour)
		if want < 0 && err != nil || want >= 0 && storage.KindOf(err) != want {
			t.Errorf("%s: %v", method, err)
		}
	}
	if _, err := s.PresignForm(t.Context(), storage.Location{Bucket: "b", Key: "k"}, storage.FormOptions{Span: time.Hour}); storage.KindOf(err) != storage.KindReadOnly {
		t.Errorf("form: %v", err)
	}
	if !s.ReadOnly() {
		t.Error("the session does not say so")
	}
}

// TestReadOnly_HoldsForDistributionsToo: they are another service's, behind the same session.
func TestReadOnly_HoldsForDistributionsToo(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	t.Cleanup(srv.Close)
	s := connect(t, srv.URL, func(c *storage.Config) { c.ReadOnly, c.CloudFront = true, c.Endpoint })
	_, makes := s.MakeDistribution(t.Context(), "bucket", storage.DistributionEdit{})
	_, sets := s.SetDistribution(t.Context(), "bucket", "id", storage.DistributionEdit{})
	_, invalidates := s.Invalidate(t.Context(), "bucket", "id", []string{"/*"})
	for name, err := range map[string]error{"make": makes, "set": sets, "invalidate": invalidates} {
		if storage.KindOf(err) != storage.KindReadOnly {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests", n)
	}
}
