package storage_test

import (
	"io"
	"net/http"
	"testing"

	"pintail/internal/testkit"
	"pintail/storage"
)

// A body that is not read to its end, one that is, and an error: after Close nothing is left running.
func TestSession_LeavesNothingBehind(t *testing.T) {
	testkit.CheckLeaks(t)
	r := record(t, func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodDelete {
			refuse(w, q)
			return
		}
		w.Header().Set("ETag", "e")
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(make([]byte, 1_000_000))
	})
	s := connect(t, r.URL, nil)
	for _, n := range []int64{10, 1_000_000} {
		rd, err := s.Read(t.Context(), object, storage.ReadOptions{Whole: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, rd, n); err != nil {
			t.Error(err)
		}
		if err := rd.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Delete(t.Context(), object); err == nil {
		t.Error("no error")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
