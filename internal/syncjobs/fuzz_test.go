package syncjobs_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pintail/internal/syncjobs"
)

// FuzzFile reads any file of jobs: it is refused as a whole, or what it says can be asked for and is kept as it is.
func FuzzFile(f *testing.F) {
	f.Add([]byte(`{"version":1,"jobs":[{"name":"a","from":{"local":"/x"},"to":{"connection":"c","bucket":"b","key":"YQ=="},"sync":{"Mirror":true}}]}`))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`{"version":1,"jobs":[{},{"name":"\u0000"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "jobs.json")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s := syncjobs.Open(path)
		jobs, err := s.List()
		if err != nil {
			if !errors.Is(err, syncjobs.ErrFile) {
				t.Fatal(err)
			}
			return
		}
		for _, j := range jobs {
			r := j.Request()
			if got := syncjobs.FromRequest(j.Name, r).Request(); got.Target != r.Target || got.Sources[0] != r.Sources[0] {
				t.Fatalf("%+v comes back as %+v", r, got)
			}
		}
		if err := s.Put(syncjobs.Job{Name: "one more"}); err != nil {
			t.Fatal(err)
		}
		if now, err := s.List(); err != nil || len(now) > len(jobs)+1 || len(now) == 0 {
			t.Fatalf("%d jobs became %d, %v", len(jobs), len(now), err)
		}
	})
}
