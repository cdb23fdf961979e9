package storage_test

import (
	"io"
	"net/http"
	"testing"

	"pintail/internal/testkit/servers"
	"pintail/storage"
)

// noSettings is the settings of buckets that servers do not have; false: they answer as if there were none.
func noSettings() map[servers.Kind]map[string]bool {
	return map[servers.Kind]map[string]bool{
		servers.KindVersitygw: {"publicaccess": true, "encryption": true, "requesterpays": true, "accelerate": true, "logging": true, "notification": true, "replication": true,
			"lifecycle": true, "inventory": true, "analytics": true, "metrics": true, "tiering": true},
		servers.KindRGW: {"ownership": true, "encryption": true, "accelerate": true, "logging": false, "notification": true, "replication": false, "inventory": true,
			"analytics": true, "metrics": true, "tiering": true},
	}
}

// A document that is named for its operation answers it, and one that is named for another does not.
func TestSettings_ADocumentNamedForItsOperation(t *testing.T) {
	f := startFront(t, nil)
	loc := storage.Location{Bucket: "bucket"}
	answer := func(root string) (storage.Versioning, error) {
		f.set(func(w http.ResponseWriter, op string) bool {
			if op == "GetBucketVersioning" {
				w.Header().Set("X-Amz-Request-Id", "R")
				_, _ = io.WriteString(w, "<"+root+"><Status>Enabled</Status></"+root+">")
			}
			return op == "GetBucketVersioning"
		})
		return f.s.Versioning(t.Context(), loc)
	}
	if v, err := answer("GetBucketVersioningResponse"); err != nil || v.Status != "Enabled" {
		t.Errorf("%+v, %v", v, err)
	}
	for _, root := range []string{"GetBucketAccelerateConfigurationResponse", "Response", "PutBucketVersioningResponse"} {
		if v, err := answer(root); storage.KindOf(err) != storage.KindNotS3 {
			t.Errorf("<%s> is taken for %+v, %v", root, v, err)
		}
	}
}
