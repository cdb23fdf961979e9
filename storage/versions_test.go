package storage_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"pintail/storage"
)

// versionOperations are those of versions, restoring and locks, for the table of all.
func versionOperations(s *storage.Session) map[string]func(context.Context) error {
	loc := opLoc
	old := loc
	old.Version = "v1"
	return map[string]func(context.Context) error{
		"Versions":      func(ctx context.Context) error { return drain(s.Versions(ctx, loc, storage.ListOptions{})) },
		"Versioned":     func(ctx context.Context) error { _, err := s.Versioned(ctx, loc.Bucket); return err },
		"DeleteVersion": func(ctx context.Context) error { _, err := s.DeleteVersion(ctx, old, ""); return err },
		"Undelete":      func(ctx context.Context) error { _, err := s.Undelete(ctx, loc, ""); return err },
		"SetHold":       func(ctx context.Context) error { return s.SetHold(ctx, loc, true) },
		"SetRetention": func(ctx context.Context) error {
			return s.SetRetention(ctx, loc, "GOVERNANCE", time.Now().Add(time.Hour), false)
		},
		"AsOf": func(ctx context.Context) error {
			return drain(s.AsOf(ctx, loc, time.Now(), storage.ListOptions{}))
		},
		"Rewind": func(ctx context.Context) error {
			_, err := s.Rewind(ctx, loc.Bucket, storage.Then{Key: loc.Key, Action: storage.RewindCopy, Was: storage.Entry{Version: "v1"}})
			return err
		},
		"Alike": func(ctx context.Context) error {
			_, err := s.Alike(ctx, loc.Bucket, storage.Then{Key: loc.Key, Was: storage.Entry{Version: "v1"}, Now: storage.Entry{Version: "v2"}})
			return err
		},
		"Restore": func(ctx context.Context) error {
			_, err := s.Restore(ctx, loc, storage.RestoreOptions{Days: 1})
			return err
		},
		"Revert": func(ctx context.Context) error {
			_, err := s.Revert(ctx, old, storage.RevertOptions{})
			return err
		},
	}
}

// A listing that comes back to an earlier page ends, however long the way round is.
func TestVersions_OfAServerThatGoesInCirclesEnd(t *testing.T) {
	for _, round := range []int{1, 2, 3, 7} {
		asked := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			at := asked % round
			asked++
			w.Header().Set("Content-Type", "application/xml")
			_, _ = io.WriteString(w, fmt.Sprintf(`<?xml version="1.0"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>`+
				`<IsTruncated>true</IsTruncated><NextKeyMarker>dir/key</NextKeyMarker><NextVersionIdMarker>v%d</NextVersionIdMarker>`+
				`<Version><Key>dir/key</Key><VersionId>v%d</VersionId><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified><ETag>"e"</ETag></Version></ListVersionsResult>`, at, at))
		}))
		s := connect(t, srv.URL, nil)
		err := drain(s.Versions(t.Context(), opLoc, storage.ListOptions{}))
		srv.Close()
		if storage.KindOf(err) != storage.KindNotS3 || asked > 4*round+4 {
			t.Errorf("a round of %d: %d pages, %v", round, asked, err)
		}
	}
}
