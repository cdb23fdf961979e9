package storage_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"pintail/storage"
	"pintail/storage/storagetest"
)

// withoutLean tells whether this is the run with the lean path switched off.
func withoutLean() bool { return os.Getenv(storagetest.SDKOnly) != "" }

// The tables of faults, lies and redirects and the suite hold both ways.
func TestSDKOnly_PassesTheSameTables(t *testing.T) {
	if withoutLean() || testing.Short() { // the race detector has seen this code without the lean path's tables, too
		return
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^Test(Suite_Embedded|Faults?_|Impostors_|Redirect_|Operations_|Put_|List_|Read_|Complete_|Errors_|Wire_|DeleteMany_|Credentials_)", "-test.short")
	cmd.Env = append(os.Environ(), storagetest.SDKOnly+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("PASS")) {
		t.Errorf("%v\n%s", err, out)
	}
}

// The memory of one request of each kind: the collector's work is the second largest cost of a small object.
func TestLean_Allocations(t *testing.T) {
	if withoutLean() {
		return
	}
	s := connect(t, record(t, func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("X-Amz-Request-Id", "R")
		w.Header().Set("ETag", `"5d41402abc4b2a76b9719d911017c592"`)
		if v := q.Header.Get("X-Amz-Checksum-Crc64nvme"); v != "" {
			w.Header().Set("X-Amz-Checksum-Crc64nvme", v)
		}
	}).URL, nil)
	for _, c := range []struct {
		name string
		most float64
		run  func(s *storage.Session) error
	}{
		{"put", 75, func(s *storage.Session) error {
			_, err := s.Put(t.Context(), object, storagetest.Body([]byte("data")), storage.WriteOptions{})
			return err
		}},
		{"head", 55, func(s *storage.Session) error { _, err := s.Stat(t.Context(), object); return err }},
		{"delete", 50, func(s *storage.Session) error { _, err := s.Delete(t.Context(), object); return err }},
	} {
		wire := storage.Unplugged(s, http.Header{"X-Amz-Request-Id": {"R"}, "Etag": {`"5d41402abc4b2a76b9719d911017c592"`}, "Content-Length": {"4"}})
		if err := c.run(wire); err != nil && !strings.Contains(err.Error(), "Unproved") {
			t.Fatal(c.name, err)
		}
		if got := testing.AllocsPerRun(100, func() { _ = c.run(wire) }); got > c.most {
			t.Errorf("%s: %v allocations, at most %v", c.name, got, c.most)
		}
	}
}
